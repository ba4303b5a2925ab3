# SPDX-License-Identifier: Apache-2.0
"""`trapkafka replay`: its events are those that the daemon published; time is that of the file; what differs between two
configurations; and it is no larger for a large file."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lib import ber
from lib.ber import v2c
from lib.pcap import write_pcap
from lib.proc import PATIENCE, wait_until
from lib.rig import COMMUNITY, broker, rigs, shared_rigs  # pylint: disable=unused-import
from lib.send import LINK_DOWN, LINK_UP
from test_66_explain import ACME, MIXED, PACKETS, RULES, USERS, link_of, masked

# pylint: disable=redefined-outer-name
START = 1763790326.5
HOST = ("192.0.2.7", 50063)
RESULT = ("published", "suppressed_duplicate", "suppressed_rule", "dropped")


class Replay:
    """The command, with a configuration of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.persistent = folder / "persistent"
        self.persistent.mkdir()
        self.conf = self.write("one.conf", "authCommunity log public", "kafkaDedup 300")

    def write(self, name, *lines):
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return path

    def run(self, *args, conf=None, wrapper=()):
        command = [*wrapper, str(Path(os.environ["TK_BUILD"]) / "stage" / "bin" / "trapkafka"), "replay", "--config",
                   str(conf or self.conf), "--persistent", str(self.persistent), *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120 * PATIENCE,
                              env=dict(os.environ, MIBS="", TZ="UTC0"))
        assert done.returncode in (0, 1, 2), done.stderr
        return done.returncode, done.stdout, done.stderr

    def json(self, *args, status=0, **options):
        """(differences, figures)"""
        got, out, err = self.run("--json", *args, **options)
        assert (got, err) == (status, ""), (out, err)
        *differences, figures = map(json.loads, out.splitlines())
        assert figures["type"] == "figures" and all(one["type"] == "difference" for one in differences)
        for side in [figures["events"], *([figures["other"]] if "other" in figures else [])]:
            assert figures["notifications"] == figures["refused"] + figures["unfit"] + sum(side[name] for name in RESULT)
            assert sum(side["severities"].values()) == side["published"]
        return differences, figures

    def capture(self, *packets, name="capture"):
        """packets: payloads, one a second, or (seconds, payload)"""
        path = self.folder / name
        write_pcap(path, [(START + (one[0] if isinstance(one, tuple) else i), HOST, one[1] if isinstance(one, tuple) else one)
                          for i, one in enumerate(packets)])
        return path


@pytest.fixture
def replay(folder):
    return Replay(folder)


def test_events_are_those_of_the_daemon(rigs, replay):
    """Of a capture of all that was sent, and of the log that snmptrapd -d wrote meanwhile."""
    rules = replay.write("rules.json", RULES)
    conf = [f"kafkaSeverityRules {rules}", "kafkaTopic events.replay", "kafkaDedup 300",
            *(line for user in USERS for line in user.lines("8000000903001b21a0ff02"))]
    rig = rigs(conf, args=["-d"])
    events, own = rig.also_read("events.replay"), rig.also_read("own.topic")
    sent, packets = {}, []
    for name, make in PACKETS.items():
        uptime = rig.uptime()
        payload = make(uptime)
        packets.append((START + len(packets), rig.send([payload]), payload))
        sent[uptime] = name
    wait_until(lambda: len(events.messages()) + len(own.messages()) == len(PACKETS), 20, "the events")
    wanted = {m.event["snmp"]["uptime"]: masked(m.value.decode()) for m in [*events.messages(), *own.messages()]}
    assert set(wanted) == set(sent)
    write_pcap(replay.folder / "sent", packets)
    for file in (replay.folder / "sent", rig.log.path):
        status, out, err = replay.run("--events", file, conf=rig.daemon.conf)
        assert status == 0 and f"{len(PACKETS)} notifications in" in err, err
        got = {json.loads(line)["snmp"]["uptime"]: masked(line) for line in out.splitlines()}
        assert list(got) == list(sent) and got == wanted
    # and of the events themselves
    status, out, err = replay.run("--events", replay.write("events", *(
        m.value.decode() for m in sorted([*events.messages(), *own.messages()], key=lambda m: m.event["receiver"]["seq"]))),
        conf=rig.daemon.conf)
    assert status == 0 and f"{len(PACKETS)} notifications in" in err, err
    got = {json.loads(line)["snmp"]["uptime"]: masked(line) for line in out.splitlines()}
    assert list(got) == list(sent) and got == wanted


def test_time_is_that_of_the_file(replay):
    down, again = v2c("public", link_of(7), 1), v2c("public", link_of(7), 1)
    figures = replay.json(replay.capture((0, down), (299, again), (301, again), (302, again), (602, again)))[1]
    assert (figures["events"]["published"], figures["events"]["suppressed_duplicate"]) == (3, 2)
    assert figures["events"]["alarms"] == {"raised": 1, "repeated": 2, "cleared": 0, "unmatched": 0}
    assert figures["events"]["alarms_standing"] == 1
    # one sequence, over two files; a capture that goes back in time makes no window last longer than it is
    first, second = replay.capture((0, down), name="first"), replay.capture((100, again), (50, again), (301, again), name="second")
    status, out, _ = replay.run("--events", first, second)
    assert status == 0 and [json.loads(line)["received"] for line in out.splitlines()] == [
        "2025-11-22T05:45:26.500000Z", "2025-11-22T05:50:27.500000Z"]


def test_a_log_has_the_time_of_its_notifications(replay):
    """The time stands behind the packet; a packet that was cut is left out."""
    def dump(payload):
        lines = [f"Received {len(payload)} byte packet from UDP: [192.0.2.7]:50063->[192.0.2.1]:162"]
        lines += [f"{at:04d}: " + " ".join(f"{byte:02X}" for byte in payload[at:at + 16]).ljust(52) + "30 31 02 03"
                  for at in range(0, len(payload), 16)]
        return lines
    down, up = (v2c("public", link_of(7), 5, trap=trap) for trap in (LINK_DOWN, LINK_UP))
    text = ["NET-SNMP version 5.9.3", "", *dump(down), "", "2026-11-27 05:15:19 host [UDP: [192.0.2.7]]:", "IF-MIB = 1", "",
            *dump(down)[:-1], *dump(up), "", *dump(up), "", "2026-11-27 05:15:20 host:", "Received 4 words", "Received 9 byte"]
    status, out, _ = replay.run("--events", replay.write("log", *text))
    events = [json.loads(line) for line in out.splitlines()]
    assert status == 0 and [(event["trap"]["name"], event["received"]) for event in events] == [
        ("linkDown", "2026-11-27T05:15:19.000000Z"), ("linkUp", "2026-11-27T05:15:19.000000Z")]
    assert events[0]["source"] == {"device": "192.0.2.7", "address": "192.0.2.7", "port": 50063, "transport": "udp",
                                   "agent_address": None, "address_from": "peer"}


def test_what_differs(replay):
    rules = replay.write("new.json", json.dumps({"rules": [
        {"name": "core", "severity": "critical", "key": "{device}/core/{IF-MIB::ifIndex}", "state": "raise",
         "match": {"trap": "IF-MIB::linkDown", "varbinds": [{"object": "IF-MIB::ifIndex", "equals": 7}]}},
        {"name": "gone", "drop": True, "match": {"trap": f"{ACME}.7.1"}}]}))
    other = replay.write("two.conf", "nothing of ours", f"includeFile {replay.write('rules.conf', f'kafkaSeverityRules {rules}')}",
                         "kafkaDedup off")
    packets = [v2c("public", link_of(7), 1), v2c("public", link_of(8), 2), v2c("public", MIXED, 3, trap=f"{ACME}.7.1"),
               v2c("public", link_of(8), 2)]
    file = replay.capture(*packets)
    differences, figures = replay.json("--diff", other, file, status=1)
    assert [one["number"] for one in differences] == [1, 3, 4] and figures["different"] == 3
    assert differences[0] | {"differences": None} == {
        "type": "difference", "file": str(file), "number": 1, "received": "2025-11-22T05:45:26.500000Z", "device": "192.0.2.7",
        "trap": "IF-MIB::linkDown", "differences": None}
    changed = {one["member"]: (one["before"], one["after"]) for one in differences[0]["differences"]}
    assert changed.pop("alarm.type") == ("link", None) and changed.pop("alarm.event_type") == ("communicationsAlarm", None)
    assert changed == {"severity": ("major", "critical"), "itil_priority": (2, 1),
                       "severity_rule": ("standard:linkDown", "operator:core"),
                       "alarm.key": ("192.0.2.7/link/7", "192.0.2.7/core/7")}
    assert differences[1]["differences"] == [{"member": "result", "before": "published", "after": "suppressed_rule"}]
    assert differences[1]["trap"] == f"{ACME}.7.1"
    assert differences[2]["differences"] == [{"member": "result", "before": "suppressed_duplicate", "after": "published"}]
    assert (figures["events"]["published"], figures["other"]["published"]) == (3, 3)
    status, out, err = replay.run("--diff", other, file)
    assert (status, err) == (1, "")
    assert '  severity: "major" -> "critical"\n' in out and "3 notifications whose events differ" in out
    assert re.search(r"^  critical +0 +1 +\+1$", out, re.M)
    differences, figures = replay.json("--diff", replay.conf, file)  # the same: the hashes of dedup differ, and count for nothing
    assert differences == [] and figures["different"] == 0 and figures["other"] == figures["events"]


def test_who_may_not_send(replay):
    file = replay.capture(v2c("public", link_of(1), 1), v2c("another", link_of(2), 2), ber.message("public", ber.tlv(0xa7, b"\x02")),
                          b"\x30\x03no SNMP", v2c("public", [], 4, kind=0xa0))
    figures = replay.json(file)[1]
    assert (figures["notifications"], figures["refused"], figures["passed_over"]) == (3, 2, 2)
    assert figures["events"]["published"] == 1
    figures = replay.json("--all", file)[1]
    assert (figures["notifications"], figures["refused"], figures["events"]["published"]) == (3, 1, 2)


def test_lines_that_are_no_event(replay):
    """They are counted and passed over, whatever stands in them."""
    down = json.loads(replay.run("--events", replay.capture(v2c("public", link_of(7), 1)))[1])
    lines = ["{", "{}", "[]", "no JSON", json.dumps(down | {"type": "health"}), json.dumps(down | {"varbinds": None})]
    for name, value in (("received", "now"), ("source", None), ("snmp", {}), ("trap", {"oid": "x"}), ("trap", None),
                        ("source", down["source"] | {"address": "here"}), ("snmp", down["snmp"] | {"version": "4"}),
                        ("snmp", down["snmp"] | {"version": "1", "request_id": None}), ("varbinds", [{}]),
                        ("varbinds", [down["varbinds"][0] | {"oid": "1.2.x"}]),
                        ("varbinds", [down["varbinds"][0] | {"value": "x" * 300000, "type": "octets"}])):
        lines.append(json.dumps(down | {name: value}))
    figures = replay.json(replay.write("events", *lines, json.dumps(down)))[1]
    assert (figures["notifications"], figures["passed_over"], figures["events"]["published"]) == (1, len(lines), 1)


def test_files_that_are_no_use(replay):
    whole = replay.capture(*(v2c("public", link_of(i), i) for i in range(20)))
    cut, empty = replay.folder / "cut", replay.write("empty")
    cut.write_bytes(whole.read_bytes()[:-20])
    status, out, err = replay.run(cut)
    assert status == 1 and "19 notifications" in out and re.search(rf"{cut}: the file is damaged from here on", err)
    for file, said in ((empty, "there is no packet in it; name a capture"), (replay.folder / "none", "No such file")):
        status, out, err = replay.run(whole, file)
        assert (status, out) == (2, "") and f"{file}: {said}" in err, err
    for args, said in ((["--diff", replay.folder / "none"], "none: No such file"),
                       (["--diff", replay.write("bad.conf", "", "kafkaDedup often")], r"bad.conf: line 2: .*often"),
                       (["--diff", replay.conf, "--events"], "write --events or --diff, not both")):
        status, out, err = replay.run(*args, whole)
        assert (status, out) == (2, "") and re.search(said, err), err


def test_a_large_file_takes_no_more_memory(replay):
    """60,000 packets against 600: the same peak of memory, but for the tables that are bounded. The file has 9 MB."""
    conf = replay.write("off.conf", "authCommunity log public", "kafkaDedup off")
    small, large = (replay.capture(*((i / 100, v2c("public", link_of(i % 300 + 1), i)) for i in range(count)), name=str(count))
                    for count in (600, 60000))
    peaks = []
    for file in (small, large):
        # the command's parent is a small one, because what its parent has counts until the command is executed
        look = "import resource, subprocess, sys; status = subprocess.run(sys.argv[2:]).returncode; " \
               "open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)); sys.exit(status)"
        assert replay.run(file, conf=conf, wrapper=[sys.executable, "-S", "-E", "-c", look, replay.folder / "peak"])[0] == 0
        peaks.append(int((replay.folder / "peak").read_text()))
    assert large.stat().st_size > 9e6 and 20000 < peaks[0] and peaks[1] < peaks[0] + 2048, peaks
