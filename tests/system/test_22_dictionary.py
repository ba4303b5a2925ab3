# SPDX-License-Identifier: Apache-2.0
"""Compiled dictionaries: an operator's MIBs by kafkaDictionary, exchanged at SIGHUP, and files that others damage in use."""

import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lib import ber
from lib.ber import v1, v2c
from lib.proc import PATIENCE, wait_until
from lib.rig import COMMUNITY, broker, rigs  # pylint: disable=unused-import

# pylint: disable=redefined-outer-name
ACME = "1.3.6.1.4.1.99999"
FAN_STATE, FAN_FAILED = f"{ACME}.7.1.2", f"{ACME}.0.7"
IF_OPER, LINK_DOWN = "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.6.3.1.1.5.3"

#: %s: what a vendor renames between two versions.
MIB = """ACME-TEST-MIB DEFINITIONS ::= BEGIN
acme OBJECT IDENTIFIER ::= { iso org(3) dod(6) internet(1) private(4) enterprises(1) 99999 }
acmeNotifications OBJECT IDENTIFIER ::= { acme 0 }
acmeFanTable OBJECT-TYPE SYNTAX SEQUENCE OF AcmeFanEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Fans." ::= { acme 7 }
acmeFanEntry OBJECT-TYPE SYNTAX AcmeFanEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "A fan." INDEX { acmeFanSlot } ::= { acmeFanTable 1 }
AcmeFanEntry ::= SEQUENCE { acmeFanSlot INTEGER, %(state)s INTEGER }
acmeFanSlot OBJECT-TYPE SYNTAX INTEGER (1..64) MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Where." ::= { acmeFanEntry 1 }
%(state)s OBJECT-TYPE SYNTAX INTEGER { spinning(1), stopped(2) } MAX-ACCESS read-only STATUS current
    DESCRIPTION "Whether." ::= { acmeFanEntry 2 }
acmeFanFailed NOTIFICATION-TYPE OBJECTS { %(state)s } STATUS current
    DESCRIPTION "A fan failed." ::= { acmeNotifications 7 }
%(spares)s
END
"""
#: So that the file has several pages.
SPARES = "\n".join(f'acmeSpare{n} OBJECT-TYPE SYNTAX INTEGER MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= {{ acme {n} }}'
                   for n in range(100, 500))
BROKEN = "BROKEN-MIB DEFINITIONS ::= BEGIN\nbroken OBJECT-TYPE SYNTAX\n"


def compile_mibs(out, *sources, status=0):
    tool = Path(os.environ["TK_BUILD"]) / "stage" / "bin" / "trapkafka"
    done = subprocess.run([tool, "mibs", "build", "-o", out, *sources], capture_output=True, text=True, check=False,
                          timeout=60 * PATIENCE, env={**os.environ, "MIBS": "", "MIBDIRS": ""})
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def own(folder):
    """A folder of MIBs, one of which is broken, and the dictionary that is compiled from it: a function of the name."""
    path = folder / "own.dict"

    def make(state="acmeFanState", target=path):
        mibs = folder / "mibs"
        mibs.mkdir(exist_ok=True)
        (mibs / "ACME-TEST-MIB.txt").write_text(MIB % {"state": state, "spares": SPARES})
        (mibs / "BROKEN-MIB.txt").write_text(BROKEN)
        assert "BROKEN-MIB" in compile_mibs(target, mibs, status=1)
        return target
    make()
    make.path = path
    return make


def fan(rig, version="2"):
    """The event of a notification of the operator's own MIB."""
    pairs = [(f"{FAN_STATE}.3", ber.number(2))]
    if version == "1":
        return rig.send_event(lambda up: v1(COMMUNITY, pairs, up, ACME, specific=7))
    return rig.send_event(lambda up: v2c(COMMUNITY, pairs, up, FAN_FAILED))


def names(event):
    return (event["trap"]["name"], *((v["name"], v["text"]) for v in event["varbinds"][:1]))


KNOWN, UNKNOWN = ("acmeFanFailed", ("acmeFanState", "stopped")), (None, (None, "2"))


def test_a_folder_of_mibs_serves_the_module_alone(rigs, folder, own):
    """Names, labels and indexes come from the file, also for rules; snmptrapd itself knows nothing of it."""
    (folder / "rules.json").write_text(json.dumps({"rules": [
        {"name": "fan", "match": {"trap": "ACME-TEST-MIB::acmeFanFailed", "varbinds": [{"object": "acmeFanState", "equals": "stopped"}]},
         "severity": "major", "state": "raise", "key": "{device}/fan/{acmeFanSlot}"}]}))
    rig = rigs([f"kafkaDictionary {own.path}", f"kafkaSeverityRules {folder}/rules.json", "kafkaLogTraps yes"])
    for version in "12":
        event = fan(rig, version)
        assert names(event) == KNOWN
        assert event["varbinds"][0]["index"] == ["3"] and event["trap"]["mib"] == "ACME-TEST-MIB"
        assert (event["severity_rule"], event["alarm"]["key"].split("/")[1:]) == ("operator:fan", ["fan", "3"])
    assert not rig.log.find("acmeFan"), "snmptrapd's own log has names out of the file"
    event = rig.send_event(lambda up: v2c(COMMUNITY, [(f"{IF_OPER}.3", ber.number(2))], up, LINK_DOWN))
    assert names(event) == ("linkDown", ("ifOperStatus", "down"))  # of the built-in facts


def test_sighup_exchanges_it(rigs, own, folder):
    """A new file under the old name, and no file: the names of the next event say so. A bad one changes nothing."""
    line = f"kafkaDictionary {own.path}"
    rig = rigs([line])
    assert names(fan(rig)) == KNOWN
    own("acmeFanStatus")
    assert names(fan(rig)) == KNOWN  # until SIGHUP
    rig.reload([line])
    assert names(fan(rig)) == ("acmeFanFailed", ("acmeFanStatus", "stopped"))

    good = own.path.read_bytes()
    for bad in (good[:-1], good[:100], good[:5000] + bytes([good[5000] ^ 1]) + good[5001:], b"", b"\0" * len(good)):
        other = folder / "other"
        other.write_bytes(bad)
        other.rename(own.path)
        since = rig.reload([line])
        assert rig.log.count(f"trapkafka: kafkaDictionary: {own.path}: .*; its contents of before stay in force; correct the file, "
                             "then send SIGHUP$", since) == 1
        assert names(fan(rig)) == ("acmeFanFailed", ("acmeFanStatus", "stopped"))
    own.path.unlink()
    since = rig.reload([line])
    assert rig.log.find(r"kafkaDictionary .*: No such file or directory: .* \(the value before stays in force\)", since)
    assert names(fan(rig)) == ("acmeFanFailed", ("acmeFanStatus", "stopped"))
    rig.reload([])
    assert names(fan(rig)) == UNKNOWN
    own()
    rig.reload([line])
    assert names(fan(rig)) == KNOWN


def test_the_first_one_decides(rigs, own, folder):
    first, second = own("first", folder / "first.dict"), own("second", folder / "second.dict")
    rig = rigs([f"kafkaDictionary {first}", f"kafkaDictionary {second}"])
    assert names(fan(rig))[1][0] == "first"
    rig.reload([f"kafkaDictionary {second}", f"kafkaDictionary {first}"])
    assert names(fan(rig))[1][0] == "second"
    since = rig.reload([f"kafkaDictionary {second}", f"kafkaDictionary {second}",
                        *(f"kafkaDictionary {shutil.copy(first, folder / str(n))}" for n in range(8))])
    assert rig.log.find("this file was named before; remove one of the two lines", since)
    assert rig.log.count("there are 8 dictionaries already; build one of several folders", since) == 1


@pytest.mark.parametrize("how", ["arguments", "environment"])
def test_what_snmptrapd_has_loaded_wins(rigs, folder, own, how):
    """Its MIB names the same OIDs otherwise than the dictionary: name, label and index are those of the daemon, in the
    event and for rules; what only the dictionary knows is still named by it. So it is after SIGHUP."""
    loaded = folder / "loaded"
    loaded.mkdir()
    mib = MIB % {"state": "acmeFanCondition", "spares": ""}
    for old, new in (("ACME-TEST-MIB", "ACME-LOADED-MIB"), ("stopped(2)", "stuck(2)"), ("acmeFanSlot", "acmeFanBay"),
                     ("acmeFanFailed", "acmeFanStuck"), ("spinning(1)", "turning(1)")):
        assert mib.count(old)
        mib = mib.replace(old, new)
    (loaded / "ACME-LOADED-MIB.txt").write_text(mib)
    (folder / "rules.json").write_text(json.dumps({"rules": [
        {"name": "loaded", "match": {"trap": "ACME-LOADED-MIB::acmeFanStuck", "varbinds": [{"object": "acmeFanCondition", "equals": "stuck"}]},
         "severity": "major", "state": "raise", "key": "fan/{acmeFanBay}", "summary": "{acmeFanCondition}, {acmeSpare100}"}]}))
    lines = [f"kafkaDictionary {own.path}", f"kafkaSeverityRules {folder}/rules.json"]
    rig = rigs(lines, **({"args": ["-M", str(loaded), "-m", "ACME-LOADED-MIB"]} if how == "arguments" else
                         {"mibs": "ACME-LOADED-MIB", "env": {"MIBDIRS": str(loaded)}}))
    pairs = [(f"{FAN_STATE}.3", ber.number(2)), (f"{ACME}.100.0", ber.number(5)), (f"{FAN_STATE}.4", ber.number(1))]
    for _ in range(2):
        for send in (lambda up: v2c(COMMUNITY, pairs, up, FAN_FAILED), lambda up: v1(COMMUNITY, pairs, up, ACME, specific=7)):
            event = rig.send_event(send)
            assert (event["trap"]["mib"], event["trap"]["name"]) == ("ACME-LOADED-MIB", "acmeFanStuck")
            assert [(v["mib"], v["name"], v.get("index_names"), v["text"]) for v in event["varbinds"][:3]] == [
                ("ACME-LOADED-MIB", "acmeFanCondition", ["acmeFanBay"], "stuck"), ("ACME-TEST-MIB", "acmeSpare100", None, "5"),
                ("ACME-LOADED-MIB", "acmeFanCondition", ["acmeFanBay"], "turning")]
            assert (event["severity_rule"], event["summary"]) == ("operator:loaded", "stuck, 5")
            assert event["alarm"]["key"] == "fan/3" and event["missing"] == []
        rig.reload(lines)


def cut(path):
    os.truncate(path, 4096)


def overwrite(path):
    """In place, as `cp` does it."""
    size, chance = path.stat().st_size, random.Random(1)
    with open(path, "r+b") as file:
        file.write(chance.randbytes(size))


def empty(path):
    os.truncate(path, 0)


@pytest.mark.parametrize("damage", [cut, overwrite, empty])
def test_a_file_that_is_damaged_in_use(rigs, folder, own, damage):
    """An error and a change of state; its names become numbers, all others stay, no event is lost, the daemon lives.
    Rules match as before."""
    (folder / "rules.json").write_text(json.dumps({"rules": [
        {"name": "fan", "match": {"trap": FAN_FAILED}, "severity": "major", "state": "raise", "key": f"{{device}}/{{{FAN_STATE}.index}}"}]}))
    lines = [f"kafkaDictionary {own.path}", f"kafkaSeverityRules {folder}/rules.json"]
    rig = rigs(lines)
    assert names(before := fan(rig)) == KNOWN
    damage(own.path)
    for _ in range(20):  # whatever is read of it, it is an event that the schema permits
        fan(rig)
    rig.log.wait(f"trapkafka: the dictionary '{own.path}' was cut or overwritten while it was in use, or its disk failed: ", 20)
    assert names(event := fan(rig)) == UNKNOWN
    assert (event["severity_rule"], event["alarm"]["key"]) == ("operator:fan", before["alarm"]["key"])
    event = rig.send_event(lambda up: v2c(COMMUNITY, [(f"{IF_OPER}.3", ber.number(2))], up, LINK_DOWN))
    assert names(event) == ("linkDown", ("ifOperStatus", "down"))
    change = rig.health.wait_events(1, lambda e: e.get("cause") == "dictionary_lost")[0]
    assert str(own.path) in change["detail"]

    since = rig.reload(lines)  # still damaged, and there is no good state of it any more
    assert rig.log.find(f"kafkaDictionary: {own.path}: .*; its names are missing; correct the file, then send SIGHUP", since)
    assert names(fan(rig)) == UNKNOWN
    rig.log.wait("trapkafka: all dictionaries can be read again", 20)
    own()
    rig.reload(lines)
    assert names(fan(rig)) == KNOWN
    assert len(rig.health.events(lambda e: e.get("cause") == "dictionary_lost")) == 1


def test_a_file_that_is_replaced_in_use(rigs, own):
    """By another name's rename, as this project's and all packages' tools do it: nothing happens until SIGHUP."""
    rig = rigs([f"kafkaDictionary {own.path}"])
    maps = f"/proc/{rig.daemon.pid}/maps"
    for n in range(5):
        own(f"renamed{n}")
        assert names(fan(rig)) == KNOWN
    assert Path(maps).read_text().count(" (deleted)") >= 1
    rig.reload([f"kafkaDictionary {own.path}"])
    assert names(fan(rig))[1][0] == "renamed4"
    wait_until(lambda: f"{own.path} (deleted)" not in Path(maps).read_text(), 10, "the old file to be unmapped")


def test_files_are_mapped_and_shared(rigs, own):
    """The operator's and the installed one, read-only, whose pages are the kernel's cache."""
    installed = Path(os.environ["TK_LOADER_PL"]).parent / "vendors.dict"
    rig = rigs([f"kafkaDictionary {own.path}"])
    mapped = Path(f"/proc/{rig.daemon.pid}/maps").read_text()
    assert not rig.log.find("the installed dictionary")
    for path in (installed, own.path):
        assert re.search(rf"^\S+ r--s .* {path}$", mapped, re.M), mapped
