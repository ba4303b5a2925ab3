# SPDX-License-Identifier: Apache-2.0
"""`trapkafka explain`: its event is the one that the daemon publishes, byte by byte but for identity and time; and what it says
of the way there."""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from lib import ber
from lib.ber import v1, v2c
from lib.pcap import write_pcap
from lib.proc import PATIENCE, wait_until
from lib.rig import COMMUNITY, broker, rigs, shared_rigs  # pylint: disable=unused-import
from lib.send import LINK_DOWN, LINK_UP
from lib.v3 import Device, User

# pylint: disable=redefined-outer-name
IF_INDEX, IF_DESCR, IF_ADMIN, IF_OPER = (f"1.3.6.1.2.1.2.2.1.{n}" for n in (1, 2, 7, 8))
ACME = "1.3.6.1.4.1.99999"
AP_DOWN, AP_MAC, MAC = "1.3.6.1.4.1.14179.2.6.3.6", "1.3.6.1.4.1.14179.2.2.1.1.1", bytes.fromhex("001b21a0ff02")
FAN_FAILURE, FAN_NAME = "1.3.6.1.4.1.2636.4.1.2", "1.3.6.1.4.1.2636.3.1.8.1.6.4.1.1.0"
ENGINE = "8000000903001b21a0ff02"
USERS = [User("noc", "SHA-256", "auth-password", "AES", "priv-password"), User("plain"), User("half", "SHA", "auth-password")]
RULES = """{"rules": [
  {"name": "core", "severity": "critical", "match": {"trap": "IF-MIB::linkDown", "device": "core*"}},
  {"name": "far", "severity": "critical", "match": {"trap": "IF-MIB::linkDown", "source": "192.0.2.0/24"}},
  {"name": "user", "severity": "critical", "match": {"trap": "IF-MIB::linkDown", "security_name": "nobody"}},
  {"name": "oper", "severity": "critical", "match": {"trap": "IF-MIB::linkDown",
     "varbinds": [{"object": "IF-MIB::ifIndex", "min": 1}, {"object": "IF-MIB::ifOperStatus", "equals": "up"}]}},
  {"name": "above", "severity": "critical", "match": {"trap": "IF-MIB::linkUp", "varbinds": [
     {"object": "IF-MIB::ifDescr", "regex": "^ge"}]}},
  {"name": "gone", "drop": true, "match": {"trap": "1.3.6.1.4.1.99999.7.*"}},
  {"name": "own", "severity_from": {"object": "1.3.6.1.4.1.99999.1.1", "map": {"bad": "major", "good": "cleared"}},
   "key": "{device}/own/{1.3.6.1.4.1.99999.1.2}", "topic": "own.topic", "match": {"trap": "1.3.6.1.4.1.99999.5.*"}}
]}
"""
MIXED = [(f"{ACME}.9.1.0", ber.octets(b"\xff\x00raw")), (f"{ACME}.9.2.0", ber.counter64(2**64 - 1)),
         (f"{ACME}.9.3.0", ber.opaque_float(0.1)), (f"{ACME}.9.4.0", ber.opaque_double(1e300)),
         (f"{ACME}.9.5.0", ber.number(-2**31)), (f"{ACME}.9.6.0", ber.address("198.51.100.9")),
         (f"{ACME}.9.7.0", ber.oid(f"{IF_INDEX}.7")), (f"{ACME}.9.8.0", ber.octets("Füße".encode())),
         (f"{ACME}.9.9.0", ber.ticks(2**32 - 1)), (f"{ACME}.9.10.0", ber.tlv(5))]


def link_of(port):
    return [(f"{IF_INDEX}.{port}", ber.number(port)), (f"{IF_ADMIN}.{port}", ber.number(1)), (f"{IF_OPER}.{port}", ber.number(2))]


LINK = link_of(7)


def own(value, port="a/b"):
    return [(f"{ACME}.1.1.0", ber.octets(value)), (f"{ACME}.1.2.0", ber.octets(port))]


def device(user):
    return Device(ENGINE, user, boots=3, time=int(time.time()) % 10**6 + 1000)


def v3(user, context_engine=None):
    return lambda up: device(user).trap(context_engine=context_engine, pairs=[
        (ber.SYS_UPTIME, ber.ticks(up)), (ber.SNMP_TRAP_OID, ber.oid(LINK_DOWN)), *link_of(up)])


#: uptime -> a message. Each has an alarm of its own, because explain does not know what the daemon has seen before.
PACKETS = {
    "v2c-link": lambda up: v2c(COMMUNITY, LINK, up),
    "v2c-inform": lambda up: v2c(COMMUNITY, link_of(up), up, kind=ber.INFORM, request_id=-5),
    "v2c-forwarded": lambda up: v2c(COMMUNITY, [("1.3.6.1.6.3.18.1.3.0", ber.address("198.51.100.77")), *link_of(up)], up),
    "v1-generic": lambda up: v1(COMMUNITY, link_of(up), up, enterprise="1.3.6.1.4.1.9.1.1", generic=2, specific=0),
    "v1-specific": lambda up: v1(COMMUNITY, MIXED[:2], up, agent="198.51.100.5", specific=17),
    "cisco": lambda up: v2c(COMMUNITY, [(f"{AP_MAC}.{'.'.join(map(str, MAC))}", ber.octets(MAC))], up, trap=AP_DOWN),
    "juniper": lambda up: v2c(COMMUNITY, [(FAN_NAME, ber.octets("Fan 1"))], up, trap=FAN_FAILURE),
    "unknown": lambda up: v2c(COMMUNITY, MIXED, up, trap=f"{ACME}.0.77"),
    "own-rule": lambda up: v2c(COMMUNITY, own("bad"), up, trap=f"{ACME}.5.1"),
    "v3-priv": v3(USERS[0]),
    "v3-auth": v3(USERS[2], context_engine=b"\x80\x00\x1f\x88\x04proxied"),
    "v3-plain": v3(USERS[1]),
}


@pytest.fixture(scope="module")
def main(shared_rigs, tmp_path_factory):
    files = tmp_path_factory.mktemp("explain")
    files.chmod(0o755)
    (files / "rules.json").write_text(RULES)
    (files / "inventory.csv").write_text("name,address,site\nfar,192.0.2.9,X\n\npe1.fra,127.0.0.1,\"FRA, 3\"\nproxied,198.51.100.77,Y\n")
    (files / "circuits.csv").write_text("device,ifIndex,circuit_id\npe1.fra,6,DE-6\npe1.fra,7,DE-7\n")
    rig = shared_rigs([f"kafkaSeverityRules {files}/rules.json", f"kafkaInventory {files}/inventory.csv",
                       f"kafkaCircuits {files}/circuits.csv", "kafkaDedup 300",
                       *(line for user in USERS for line in user.lines(ENGINE))], name="explain")
    rig.own = rig.also_read("own.topic")
    yield rig
    rig.stop()


@pytest.fixture(scope="module", autouse=True)
def own_topic(broker):
    broker.create("own.topic")


class Explain:
    """The command with the daemon's configuration."""

    def __init__(self, rig, folder):
        self.rig, self.folder = rig, folder

    def run(self, *args, given=None, config=True, env=None):
        command = [str(Path(os.environ["TK_BUILD"]) / "stage" / "bin" / "trapkafka"), "explain"]
        if config:
            command += ["--config", str(self.rig.daemon.conf), "--persistent", str(self.rig.daemon.persistent)]
        done = subprocess.run([*command, *map(str, args)], capture_output=True, text=True, input=given or "", check=False,
                              timeout=60 * PATIENCE, env=dict(os.environ, MIBS="", TZ="UTC0", **(env or {})))
        assert done.returncode in (0, 1, 2), done.stderr
        return done.returncode, done.stdout, done.stderr

    def json(self, *args, status=0, **options):
        """(facts, the event's bytes)"""
        got, out, err = self.run("--json", *args, **options)
        assert got == status, (out, err)
        facts = json.loads(out)
        assert out.count("\n") == 1 and err == "", (out, err)
        raw = out[out.rindex(',"event":') + 9:-2] if facts["event"] is None else out[out.index(',"event":{"schema"') + 9:-2]
        return facts, raw

    def capture(self, *packets):
        """packets: (seconds since 1970, (address, port), payload)"""
        path = self.folder / "capture"
        write_pcap(path, packets)
        return path


@pytest.fixture
def explain(main, folder):
    return Explain(main, folder)


def masked(raw, *more):
    """The event's bytes without identity and time, of which dedup's key is one: its hash has a seed of the process."""
    for pattern in (r'"event_id":"[^"]*"', r'"received":"[^"]*"', r'"queue":"[^"]*","seq":\d+', r'"since":"[^"]*"',
                    r'"dedup":\{"key":"[^"]*"', *more):
        raw = re.sub(pattern, lambda found: found[0].split(":")[0], raw)
    return raw


def published(rig, uptime):
    """Its message, as soon as it is there."""
    def look():
        found = [m for topic in (rig.events, rig.own) for m in topic.messages(lambda m: m.event["snmp"]["uptime"] == uptime)]
        return found[0] if found else None
    return wait_until(look, 20, lambda: f"the event with uptime {uptime}: {rig.log.tail()}")


@pytest.mark.parametrize("name", PACKETS)
def test_the_event_is_the_daemons(main, explain, name):
    """The whole packet, as a capture has it."""
    uptime = main.uptime()
    payload = PACKETS[name](uptime)
    source = main.send([payload])
    message = published(main, uptime)
    facts, raw = explain.json("--partitions", 4, "--pcap", explain.capture((1763790326.5, source, payload)))
    assert masked(raw) == masked(message.value.decode())
    assert facts["result"] == "published" and facts["reception"]["access"] == {"is_permitted": True}
    assert facts["reception"]["received"] == "2025-11-22T05:45:26.500000Z" == json.loads(raw)["received"]
    assert facts["message"]["bytes"] == len(raw.encode())
    assert facts["message"]["topic"] == message.topic and facts["message"]["key"] == message.key
    assert facts["message"]["partition"] == message.partition
    hexed, again = explain.json("--source", "127.0.0.1", "--hex", payload.hex())
    assert masked(again, r'"port":\d+') == masked(raw, r'"port":\d+') and hexed["rule"] == facts["rule"]


@pytest.mark.parametrize("args", [
    ["-v1", "-c", COMMUNITY, "HOST", f"{ACME}.1", "198.51.100.3", 6, 4, "UPTIME", f"{IF_INDEX}.7", "i", -7],
    ["-v", "1", "-c", COMMUNITY, "HOST", "", "198.51.100.3", 3, 0, "UPTIME"],
    ["-v2c", "-c", COMMUNITY, "HOST", "UPTIME", LINK_DOWN, f"{IF_INDEX}.7", "i", "UPTIME", f"{IF_DESCR}.7", "s", "xe-0/0/1"],
    ["-v2c", "-c", COMMUNITY, "HOST", "UPTIME", f"{ACME}.0.9", f"{ACME}.1.0", "x", "00ff", f"{ACME}.2.0", "u", 4294967295,
     f"{ACME}.3.0", "a", "192.0.2.1", f"{ACME}.4.0", "o", LINK_UP, f"{ACME}.5.0", "C", 2**63, f"{ACME}.6.0", "F", "1.5"],
    ["-v3", "-u", "plain", "-l", "noAuthNoPriv", "-e", f"0x{ENGINE}", "-E", f"0x{ENGINE}", "HOST", "UPTIME", LINK_DOWN, f"{IF_INDEX}.7", "i", "UPTIME"],
    ["-v3", "-u", "noc", "-l", "authPriv", "-a", "SHA-256", "-A", "auth-password", "-x", "AES", "-X", "priv-password",
     "-e", f"0x{ENGINE}", "-E", f"0x{ENGINE}", "-n", "ctx", "-Z", "3,1900000", "HOST", "UPTIME", LINK_UP, f"{IF_INDEX}.7", "i", "UPTIME"],
], ids=["v1", "v1-generic", "v2c", "v2c-types", "v3", "v3-priv"])
def test_the_arguments_are_snmptraps(main, explain, args):
    uptime = main.uptime()
    words = [{"HOST": main.daemon.address(), "UPTIME": uptime}.get(word, word) for word in args]
    env = dict(os.environ, MIBS="", SNMPCONFPATH=str(explain.folder), SNMP_PERSISTENT_DIR=str(explain.folder))
    subprocess.run(["snmptrap", *map(str, words)], check=True, env=env, timeout=60)
    message = published(main, uptime)
    facts, raw = explain.json(*words)
    own_names = [r'"port":\d+', r'"request_id":-?\d+', r'"clock_checked":\w+']
    assert masked(raw, *own_names) == masked(message.value.decode(), *own_names)
    assert facts["result"] == "published" and facts["reception"]["bytes"] is None


def link(*more):
    return ["-v2c", "-c", "x", "localhost", "100", "IF-MIB::linkDown", "IF-MIB::ifIndex.7", "i", "7",
            "IF-MIB::ifAdminStatus.7", "i", "1", "IF-MIB::ifOperStatus.7", "i", "2", *more]


def test_device_names_rule_and_message(explain):
    facts, _ = explain.json(*link())
    assert facts["device"] == {
        "name": "pe1.fra", "found_by": "source_address", "source_address": "127.0.0.1", "agent_address": None, "engine_id": None,
        "is_forwarded": False,
        "inventory": {"file": facts["device"]["inventory"]["file"], "line": 4,
                      "row": {"name": "pe1.fra", "address": "127.0.0.1", "site": "FRA, 3"}}}
    assert facts["circuit"]["line"] == 3 and facts["circuit"]["row"]["circuit_id"] == "DE-7"
    assert facts["trap"] == {"oid": LINK_DOWN, "name": "IF-MIB::linkDown", "dictionary": "built-in facts"}
    assert facts["varbinds"][2] == {"oid": f"{IF_OPER}.7", "name": "IF-MIB::ifOperStatus", "dictionary": "built-in facts",
                                    "index": "7", "text": "down"}
    rule = facts["rule"]
    assert (rule["name"], rule["found_by"], rule["severity"], rule["state"]) == ("standard:linkDown", "name", "major", "raise")
    assert rule["key"] == {"template": "{device}/link/{IF-MIB::ifIndex}", "text": "pe1.fra/link/7",
                           "values": [{"reference": "{device}", "value": "pe1.fra"},
                                      {"reference": "{IF-MIB::ifIndex}", "value": "7"}]}
    near = {miss["name"]: miss for miss in rule["near"]}
    wanted = {
        "operator:core": (2, "device", "core*", "pe1.fra"),
        "operator:far": (3, "source", "192.0.2.0/24", "127.0.0.1"),
        "operator:user": (4, "security_name", "nobody", None),
        "operator:oper": (5, "varbinds", {"object": "IF-MIB::ifOperStatus", "equals": "up"}, "down"),
        "operator:above": (7, "trap", "IF-MIB::linkUp", "IF-MIB::linkDown"),
    }
    for name, (line, condition, want, seen) in wanted.items():
        miss = near.pop(name)
        assert (miss["line"], miss["condition"], miss["wanted"], miss["seen"]) == (line, condition, want, seen)
        assert miss["file"].endswith("/rules.json")
    assert set(near) == {"standard:linkDown-admin", "standard:linkDown-lower-layer"}
    assert rule["near"][0]["name"] == "operator:oper" and rule["failed"] == 6
    assert facts["alarm"]["transition"] == "raised" and facts["alarm"]["stands"] and facts["alarm"]["count"] == 1
    assert facts["dedup"]["fields"] == ["contextEngineID", "trapOID", "sysUpTime", "varbinds"] and facts["dedup"]["window"] == 300


def test_a_second_one_is_a_repeat_or_not(main, explain):
    start = 1763790326.0
    down, other = (v2c(COMMUNITY, LINK, up) for up in (1, 2))
    one = explain.json("--pcap", explain.capture((start, ("127.0.0.1", 1), down)))[0]
    assert one["dedup"]["suppressed_until"] == "2025-11-22T05:50:26.000000Z"
    path = explain.capture((start, ("127.0.0.1", 1), down), (start + 1, ("127.0.0.1", 1), b"no SNMP"),
                           (start + 2, ("127.0.0.1", 1), down), (start + 3, ("127.0.0.1", 1), other))
    facts, raw = explain.json("--pcap", path, "--number", 2, status=1)
    assert facts["result"] == "suppressed_duplicate" and facts["event"] is None and raw == "null"
    facts, raw = explain.json("--pcap", path, "--number", 3)
    assert facts["alarm"]["transition"] == "repeated" and facts["alarm"]["count"] == 3
    assert json.loads(raw)["dedup"]["repeats"] == 0
    status, out, err = explain.run("--pcap", path, "--number", 4)
    assert (status, out) == (2, "") and "it has 3 notifications; write --number with one of them" in err
    assert explain.rig is main


def test_from_an_ipv6_address(explain):
    """Access lines of communities are asked by the transport's kind; the digits may be spaced, and come from standard input."""
    digits = v2c(COMMUNITY, LINK, 1).hex(" ").upper()
    facts, raw = explain.json("--source", "2001:db8::7", "--hex", "-", given=f"0x{digits}\n")
    assert facts["reception"]["access"] == {"is_permitted": True} and facts["device"]["found_by"] == "source_address"
    assert json.loads(raw)["source"] == {"device": "2001:db8::7", "address": "2001:db8::7", "port": 0, "transport": "udp6",
                                         "agent_address": None, "address_from": "peer"}


def test_what_is_not_published(explain):
    dropped, _ = explain.json(*link()[:5], f"{ACME}.7.1", status=1)
    assert dropped["result"] == "suppressed_rule" and dropped["rule"]["name"] == "operator:gone" and dropped["event"] is None
    foreign, raw = explain.json("--hex", v2c("another", LINK, 1).hex(), status=1)
    assert foreign["result"] == "refused" and foreign["reception"]["access"]["reason"] == "unknown_community"
    assert "authCommunity log" in foreign["reception"]["access"]["remedy"]
    assert foreign["rule"]["name"] == "standard:linkDown" and json.loads(raw)["alarm"]["key"] == "pe1.fra/link/7"
    stranger = Device(ENGINE, User("stranger", "SHA", "auth-password")).trap("x")
    unread, _ = explain.json("--hex", stranger.hex(), status=1)
    assert unread["result"] == "refused" and unread["reception"]["access"]["reason"] == "unknown_user"
    assert "device" not in unread and unread["event"] is None
    flaw, _ = explain.json("--hex", v2c(COMMUNITY, LINK, 1)[:-3].hex(), status=1)
    assert flaw["reception"]["access"]["reason"] == "malformed"


def test_for_a_person(explain):
    """Colours on a terminal only; nothing of the text is a control character."""
    status, out, err = explain.run(*link("IF-MIB::ifDescr.7", "s", "\x1b[31mred"))
    assert (status, err) == (0, "") and "\x1b" not in out
    lines = out.splitlines()
    assert any(re.match(r"device +pe1.fra, by the address that it came from$", line) for line in lines)
    assert any(re.search(r"inventory .*inventory.csv, line 4: ", line) for line in lines)
    assert any(re.match(r"rule +standard:linkDown \(.*line \d+\)", line) for line in lines)
    assert any('operator:oper' in line and 'varbinds wants {"object":"IF-MIB::ifOperStatus","equals":"up"}, seen: "down"' in line
               for line in lines)
    assert any("the same again is suppressed until 20" in line for line in lines)
    assert lines[-1].startswith("event ") and json.loads(lines[-1].split(None, 1)[1])["type"] == "trap"
    command = f"'{Path(os.environ['TK_BUILD']) / 'stage/bin/trapkafka'}' explain --config '{explain.rig.daemon.conf}' " + \
        " ".join(f"'{word}'" for word in link())
    for env, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
        shown = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, text=True, check=True, timeout=60,
                               env={**{k: v for k, v in os.environ.items() if k != "NO_COLOR"}, **env}, input="")
        assert ("\x1b[" in shown.stdout) == coloured, env


@pytest.mark.parametrize("name, rule", [("cisco", "vendor:cisco/"), ("juniper", "vendor:juniper/"), ("unknown", "default")])
def test_on_a_machine_without_mibs(explain, name, rule):
    """And without a snmptrapd.conf of any use: the installed dictionary and rules say what it means."""
    conf = explain.folder / "empty.conf"
    conf.write_text("disableAuthorization yes\n")
    facts, raw = explain.json("--config", conf, "--hex", PACKETS[name](5).hex(), config=False)
    event = json.loads(raw)
    assert event["severity_rule"] == facts["rule"]["name"] and facts["rule"]["name"].startswith(rule)
    if name == "unknown":
        assert facts["trap"] == {"oid": f"{ACME}.0.77", "name": None, "dictionary": None} and facts["rule"]["file"] is None
        return
    assert facts["trap"]["name"].endswith(f"::{event['trap']['name']}")
    assert facts["trap"]["dictionary"].endswith("/vendors.dict")
    rules = json.loads(Path(facts["rule"]["file"]).read_text())["rules"]
    text = Path(facts["rule"]["file"]).read_text().splitlines()
    assert facts["rule"]["name"].split("/", 1)[1] in [one["name"] for one in rules]
    assert facts["rule"]["name"].split("/", 1)[1] in text[facts["rule"]["line"] - 1]
    assert facts["rule"]["key"]["text"] == event["alarm"]["key"]


@pytest.mark.parametrize("args, said", [
    ([], "write the arguments of snmptrap, or --hex HEX, or --pcap FILE"),
    (["--hex", "30", "-v2c"], "only one of them"),
    (["--number", "2", "--hex", "30"], "--number belongs to --pcap"),
    (["--number", "0", "--pcap", "x"], "--number '0': write a number from 1 to"),
    (["--partitions", "many", "--hex", "30"], "--partitions 'many': write a number from 1 to"),
    (["--source", "here", "--hex", "30"], "--source 'here': write an IPv4 or IPv6 address"),
    (["--hex", "30 2"], "no pair of hexadecimal digits behind 1 octets"),
    (["--hex", "30xx"], "no pair of hexadecimal digits behind 1 octets"),
    (["--hex", " "], "there are no digits"),
    (["--hex", ber.bare("x", [], kind=0xa0).hex()], "this is no notification"),
    (["--pcap", "/nonexistent/file"], "/nonexistent/file: .*No such file"),
    (["-v2c", "-c", "x", "HOST"], "the uptime is missing; write HOST UPTIME TRAP_OID"),
    (["-v2c", "-c", "x", "HOST", ""], "the trap's OID is missing"),
    (["-v2c", "-c", "x", "HOST", "soon", LINK_DOWN], "the uptime 'soon': "),
    (["-v2c", "-c", "x", "HOST", "", "NO-MIB::such"], "the trap's OID 'NO-MIB::such': "),
    (["-v2c", "-c", "x", "HOST", "", LINK_DOWN, IF_INDEX], f"'{IF_INDEX}': a varbind needs three words: OID TYPE VALUE"),
    (["-v2c", "-c", "x", "HOST", "", LINK_DOWN, "no.such", "i", "1"], "the varbind 'no.such': "),
    (["-v2c", "-c", "x", "HOST", "", LINK_DOWN, IF_INDEX, "i", "one"], f"the varbind {IF_INDEX} i 'one': "),
    (["-v1", "-c", "x", "HOST"], "the enterprise is missing; write HOST ENTERPRISE AGENT GENERIC SPECIFIC UPTIME"),
    (["-v1", "-c", "x", "HOST", ACME, "192.0.2.1", "six", 1, ""], "the generic-trap 'six': not a number"),
    (["-v1", "-c", "x", "HOST", ACME, "192.0.2.1", 7, 1, ""], "it can be no event: its generic-trap is not 0 to 6"),
    (["-v9", "HOST"], "these are no arguments of snmptrap"),
    (["--", "-v9", "HOST"], "these are no arguments of snmptrap"),
])
def test_wrong_use(explain, args, said):
    status, out, err = explain.run(*args)
    assert (status, out) == (2, "") and re.search(said, err), err
    assert "trapkafka explain: " in err and err.endswith("\n")


def test_configuration(explain):
    """Includes, errors with file and line, and a file that is not there."""
    included, conf = explain.folder / "trapkafka.conf", explain.folder / "top.conf"
    included.write_text("kafkaTopic included\n")
    conf.write_text(f"includeFile {included}\n")
    assert explain.json("--config", conf, *link(), config=False)[0]["message"]["topic"] == "included"
    included.write_text("\nkafkaTopic not/good\n")
    status, out, err = explain.run("--config", conf, *link(), config=False)
    assert (status, out) == (2, "") and re.search(rf"{included}: line 2: Error: .*not/good", err), err
    assert "1 errors in the configuration (above); correct them first" in err
    status, out, err = explain.run("--config", explain.folder / "none", *link(), config=False)
    assert (status, out) == (2, "") and "No such file" in err
