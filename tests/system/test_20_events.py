# SPDX-License-Identifier: Apache-2.0
"""From the packet to the event: what was sent is what stands in Kafka.

One daemon serves most of the tests; each notification is found by an uptime of its own. Every event is held against the
schema, and no daemon may end without balanced books (lib/rig.py)."""

import json
import random
import re
import socket
import struct
import time

import pytest
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import rfc1902

from lib import ber, need, send
from lib.ber import v1, v2c
from lib.books import read_stats
from lib.pcap import read_pcap
from lib.proc import udp_queued, wait_until
from lib.rig import COMMUNITY, broker, rigs, shared_rigs  # pylint: disable=unused-import
from lib.send import LINK_DOWN, pysnmp_notify
from lib.snmptrapd import sanitized

# pylint: disable=redefined-outer-name
ACME = "1.3.6.1.4.1.99999"
IF_INDEX, IF_ADMIN, IF_OPER = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.7", "1.3.6.1.2.1.2.2.1.8"
SNMP_TRAPS = "1.3.6.1.6.3.1.1.5"
TRAP_ADDRESS, TRAP_COMMUNITY = "1.3.6.1.6.3.18.1.3.0", "1.3.6.1.6.3.18.1.4.0"
TRAP_ENTERPRISE = "1.3.6.1.6.3.1.1.4.3.0"
AUTH, PRIV = "authpass1", "privpass1"

# level, its keys; the user is called after them, its traps come from an engine of its own
LEVELS = {
    "none": ("noAuthNoPriv", None, None),
    "md5": ("authNoPriv", "MD5", None),
    "sha": ("authNoPriv", "SHA", None),
    "sha-des": ("authPriv", "SHA", "DES"),
    "sha-aes": ("authPriv", "SHA", "AES"),
    "sha256-aes256": ("authPriv", "SHA-256", "AES-256"),
    "sha512-aes192": ("authPriv", "SHA-512", "AES-192"),
}
ENGINES = {user: f"80000000010203{n:02x}" for n, user in enumerate(LEVELS, 16)}
PYSNMP_ENGINE = "8000000001020505"


def users():
    lines = []
    for user, (_, auth, priv) in LEVELS.items():
        keys = (f" {auth} {AUTH}" if auth else "") + (f" {priv} {PRIV}" if priv else "")
        lines += [f"createUser -e 0x{ENGINES[user]} {user}{keys}", f"createUser {user}{keys}",
                  f"authUser log,execute,net {user}{'' if auth else ' noauth'}"]
    return [*lines, f"createUser -e 0x{PYSNMP_ENGINE} sha-aes SHA {AUTH} AES {PRIV}"]


def keys_of(user):
    _, auth, priv = LEVELS[user]
    return {"auth": (auth, AUTH) if auth else None, "priv": (priv, PRIV) if priv else None}


@pytest.fixture(scope="module")
def main(shared_rigs):
    """The daemon of most tests, with the sanitizers where that build is at hand. No test may end it; at its end nothing of
    the community string may be anywhere."""
    listen = ["udp", "tcp"]
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        listen += ["udp6", "tcp6"]
    except OSError:
        pass  # the tests that need it say so
    rig = shared_rigs(["[snmp] serverRecvBuf 4194304", *users()], name="main", listen=listen,
                      **sanitized())
    yield rig
    rig.stop()
    rig.check_secrecy()


def plain(varbind):
    """(oid, type, value) of a varbind of an event."""
    return varbind["oid"], varbind["type"], varbind["value"]


def numbered(mark):
    """A condition: the last varbind is the number `mark`."""
    return lambda event: event["varbinds"] and event["varbinds"][-1].get("number") == mark


# -- v1 ---------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("generic, name", list(enumerate(["coldStart", "warmStart", "linkDown", "linkUp",
                                                     "authenticationFailure", "egpNeighborLoss"])))
def test_v1_generic(main, generic, name):
    """RFC 3584, 3.1: the trap OID, and the enterprise that would be lost as snmpTrapEnterprise.0."""
    uptime = main.uptime()
    main.netsnmp().v1(f"{ACME}.1", "192.0.2.33", generic, 0, uptime, [(f"{IF_INDEX}.7", "i", 7)], community=COMMUNITY)
    event = main.event(uptime)
    assert event["trap"]["oid"] == f"{SNMP_TRAPS}.{generic + 1}"
    assert event["trap"]["name"] == name
    assert event["snmp"] == {"version": "1", "pdu": "trap", "security_name": None, "security_level": "noAuthNoPriv",
                             "engine_id": None, "context_engine_id": None, "context_name": None, "request_id": None,
                             "uptime": uptime, "clock_checked": False}
    source = event["source"]
    assert source.pop("port") > 0
    assert source == {"device": "192.0.2.33", "address": "127.0.0.1", "transport": "udp",
                      "agent_address": "192.0.2.33", "address_from": "agent"}
    assert [plain(v) for v in event["varbinds"]] == [(f"{IF_INDEX}.7", "integer", "7"),
                                                     (TRAP_ENTERPRISE, "oid", f"{ACME}.1")]


@pytest.mark.parametrize("agent, device", [("192.0.2.34", "192.0.2.34"), ("127.0.0.1", "127.0.0.1"),
                                           ("0.0.0.0", "127.0.0.1"), ("224.0.0.5", "127.0.0.1")])
def test_v1_enterprise(main, agent, device):
    uptime = main.uptime()
    main.netsnmp().v1(f"{ACME}.2", agent, 6, 4711, uptime, community=COMMUNITY)
    event = main.event(uptime)
    assert event["trap"] == {"oid": f"{ACME}.2.0.4711", "name": None, "mib": None}
    assert event["source"]["device"] == device
    assert event["source"]["agent_address"] == (None if agent == "0.0.0.0" else agent)
    assert event["source"]["address_from"] == ("agent" if device == "192.0.2.34" else "peer")
    assert [plain(v) for v in event["varbinds"]] == [(TRAP_ENTERPRISE, "oid", f"{ACME}.2")]


def test_v1_specific_beyond_31_bits(main):
    """A negative specific-trap is a large sub-identifier that somebody encoded badly; and an enterprise is not doubled."""
    event = main.send_event(lambda up: v1(COMMUNITY, [(TRAP_ENTERPRISE, ber.oid(f"{ACME}.8"))], up, f"{ACME}.3",
                                          specific=-1))
    assert event["trap"]["oid"] == f"{ACME}.3.0.4294967295"
    assert [plain(v) for v in event["varbinds"]] == [(TRAP_ENTERPRISE, "oid", f"{ACME}.8")]


# -- v2c and v3, transports -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("inform", [False, True], ids=["trap", "inform"])
@pytest.mark.parametrize("kind", ["udp", "udp6", "tcp", "tcp6"])
def test_v2c_transports(main, kind, inform):
    """snmpinform ends with 0 only when it was answered."""
    if kind.endswith("6"):
        need.need_ipv6()
    uptime = main.uptime()
    main.netsnmp(kind).v2c(uptime=uptime, varbinds=[(f"{IF_INDEX}.7", "i", 7), (f"{IF_ADMIN}.7", "i", 1),
                                                    (f"{IF_OPER}.7", "i", 2)], community=COMMUNITY, inform=inform)
    event = main.event(uptime)
    host = "::1" if kind.endswith("6") else "127.0.0.1"
    port = event["source"].pop("port")
    assert 0 < port < 65536 and port != main.daemon.ports[kind]
    assert event["source"] == {"device": host, "address": host, "transport": kind, "agent_address": None,
                               "address_from": "peer"}
    assert isinstance(event["snmp"].pop("request_id"), int)
    assert event["snmp"] == {"version": "2c", "pdu": "inform" if inform else "trap", "security_name": None,
                             "security_level": "noAuthNoPriv", "engine_id": None, "context_engine_id": None,
                             "context_name": None, "uptime": uptime, "clock_checked": False}
    assert event["trap"] == {"oid": LINK_DOWN, "name": "linkDown", "mib": "IF-MIB"}
    assert event["varbinds"][2] == {"oid": f"{IF_OPER}.7", "name": "ifOperStatus", "mib": "IF-MIB", "index": ["7"],
                                    "index_names": ["ifIndex"], "type": "integer", "value": "2", "number": 2, "text": "down"}
    assert (event["severity"], event["itil_priority"]) == ("major", 2)
    alarm = {name: event["alarm"][name] for name in ("state", "key", "type", "event_type", "clears")}
    assert alarm == {"state": "raise", "key": f"{host}/link/7", "type": "link", "event_type": "communicationsAlarm",
                     "clears": []}


def test_port_request_id_and_time(main):
    """What only a packet made by hand knows beforehand."""
    uptime, before = main.uptime(), time.time()
    host, port = main.send([v2c(COMMUNITY, uptime=uptime, request_id=-2147483648)])
    message = main.events.wait(1, lambda m: m.event["snmp"]["uptime"] == uptime)[0]
    event = message.event
    assert (event["source"]["address"], event["source"]["port"]) == (host, port)
    assert event["snmp"]["request_id"] == -2147483648
    received = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(before)), time.strftime("%Y-%m-%dT%H:%M", time.gmtime())
    assert event["received"][:16] in received
    assert before - 1 <= message.timestamp / 1000 <= time.time() + 1
    assert event["event_id"] == f"{event['receiver']['queue']}-{event['receiver']['seq']}"
    assert event["receiver"]["host"] == socket.gethostname()


@pytest.mark.parametrize("user", LEVELS)
def test_v3_trap(main, user):
    uptime, engine, level = main.uptime(), ENGINES[user], LEVELS[user][0]
    main.netsnmp().v3(user, uptime=uptime, engine=engine, context="ctx-7", varbinds=[(f"{IF_INDEX}.7", "i", 7)],
                      args=["-E", f"0x{engine}"], **keys_of(user))
    event = main.event(uptime)
    assert isinstance(event["snmp"].pop("clock_checked"), bool)
    assert isinstance(event["snmp"].pop("request_id"), int)
    assert event["snmp"] == {"version": "3", "pdu": "trap", "security_name": user, "security_level": level,
                             "engine_id": engine, "context_engine_id": engine, "context_name": "ctx-7",
                             "uptime": uptime}
    assert event["source"]["device"] == engine
    assert event["source"]["address_from"] == "peer"
    assert event["alarm"]["key"] == f"{engine}/link/7"


def test_v3_context_engine_of_its_own(main):
    """A proxy speaks for the engine in the scoped PDU: that is the device."""
    uptime = main.uptime()
    main.netsnmp().v3("sha", uptime=uptime, engine=ENGINES["sha"], args=["-E", "0x80001f8899aabbcc"], **keys_of("sha"))
    event = main.event(uptime)
    assert event["snmp"]["engine_id"] == ENGINES["sha"]
    assert event["snmp"]["context_engine_id"] == event["source"]["device"] == "80001f8899aabbcc"
    assert event["snmp"]["context_name"] == ""


@pytest.mark.parametrize("user, kind", [(user, "udp") for user in LEVELS] + [("sha-aes", "tcp"), ("sha-aes", "udp6")])
def test_v3_inform(main, own_engine, user, kind):
    """Its security engine is the receiver's, and as a rule its context engine too: shown, never taken for the device."""
    if kind.endswith("6"):
        need.need_ipv6()
    uptime, own = main.uptime(), own_engine
    main.netsnmp(kind).v3(user, uptime=uptime, inform=True, context="ctx-8", args=["-E", f"0x{own}"], **keys_of(user))
    event = main.event(uptime)
    assert isinstance(event["snmp"].pop("request_id"), int)
    assert event["snmp"] == {"version": "3", "pdu": "inform", "security_name": user, "security_level": LEVELS[user][0],
                             "engine_id": own, "context_engine_id": own, "context_name": "ctx-8", "uptime": uptime,
                             "clock_checked": LEVELS[user][0] != "noAuthNoPriv"}
    assert event["source"]["device"] == event["source"]["address"] == ("::1" if kind == "udp6" else "127.0.0.1")
    assert event["source"]["transport"] == kind


@pytest.fixture(scope="module")
def own_engine(main):
    """snmptrapd's engine ID: what an inform's sender found out."""
    uptime = main.uptime()
    main.netsnmp().v3("sha", uptime=uptime, inform=True, **keys_of("sha"))
    return main.event(uptime)["snmp"]["engine_id"]


def test_v3_inform_with_a_context_engine_of_its_sender(main, own_engine):
    """net-snmp's own tool puts its engine there: that one identifies the sender."""
    uptime = main.uptime()
    main.netsnmp().v3("sha", uptime=uptime, inform=True, args=["-E", "0x80001f8899aabbcd"], **keys_of("sha"))
    event = main.event(uptime)
    assert event["snmp"]["engine_id"] == own_engine
    assert event["source"]["device"] == event["snmp"]["context_engine_id"] == "80001f8899aabbcd"


@pytest.mark.parametrize("kind", ["trap", "inform"])
@pytest.mark.parametrize("version", ["2c", "3"])
def test_pysnmp(main, version, kind):
    """A second implementation. It sends an uptime of its own, so the mark is a varbind."""
    mark = main.uptime()
    auth = send.community_data(COMMUNITY) if version == "2c" else hlapi.UsmUserData(
        "sha-aes", AUTH, PRIV, authProtocol=hlapi.USM_AUTH_HMAC96_SHA, privProtocol=hlapi.USM_PRIV_CFB128_AES)
    engine = bytes.fromhex(PYSNMP_ENGINE) if version == "3" and kind == "trap" else None
    assert pysnmp_notify(main.daemon.port, auth, varbinds=[(f"{ACME}.1.1.0", rfc1902.Integer32(mark)),
                                                           (f"{ACME}.1.2.0", rfc1902.OctetString("Füße".encode()))],
                         kind=kind, engine=engine) is None
    event = main.events.wait_events(1, lambda e: e["varbinds"] and e["varbinds"][0].get("number") == mark)[0]
    assert (event["snmp"]["version"], event["snmp"]["pdu"]) == (version, kind)
    assert event["trap"]["name"] == "linkDown"
    assert event["varbinds"][1]["text"] == event["varbinds"][1]["value"] == "Füße"
    if version == "3":
        assert event["snmp"]["security_level"] == "authPriv"
        assert event["source"]["device"] == (PYSNMP_ENGINE if kind == "trap" else "127.0.0.1")


# -- values -----------------------------------------------------------------------------------------------------------

LONGEST = ".".join(["1", "3", "6", "1", "4", "1"] + ["4294967295"] * 122)
VALUES = {
    "integer-least": (ber.number(-2147483648), "integer", -2147483648, "-2147483648"),
    "integer-minus-one": (ber.number(-1), "integer", -1, "-1"),
    "integer-most": (ber.number(2147483647), "integer", 2147483647, "2147483647"),
    "integer-padded": (b"\x02\x04\x00\x00\x00\x07", "integer", 7, "7"),
    "counter32": (ber.counter(4294967295), "counter32", 4294967295, "4294967295"),
    "gauge32": (ber.gauge(4294967295), "gauge32", 4294967295, "4294967295"),
    "uinteger32": (ber.number(77, 0x47), "gauge32", 77, "77"),
    "timeticks": (ber.ticks(100), "timeticks", 100, "0d 00:00:01.00"),
    "counter64-most": (ber.counter64(2**64 - 1), "counter64", "18446744073709551615", "18446744073709551615"),
    "counter64-exact": (ber.counter64(2**53), "counter64", 2**53, "9007199254740992"),
    "counter64-beyond": (ber.counter64(2**53 + 1), "counter64", "9007199254740993", "9007199254740993"),
    "ipaddress": (ber.address("203.0.113.9"), "ipaddress", "203.0.113.9", "203.0.113.9"),
    "oid": (ber.oid(f"{ACME}.1"), "oid", f"{ACME}.1", f"{ACME}.1"),
    "oid-zero": (b"\x06\x01\x00", "oid", "0.0", "SNMPv2-SMI::zeroDotZero"),
    "oid-longest": (ber.oid(LONGEST), "oid", LONGEST, None),
    "null": (ber.NULL, "null", None, "null"),
    "no-such-object": (ber.NO_SUCH_OBJECT, "noSuchObject", None, "noSuchObject"),
    "no-such-instance": (ber.NO_SUCH_INSTANCE, "noSuchInstance", None, "noSuchInstance"),
    "end-of-view": (ber.END_OF_MIB_VIEW, "endOfMibView", None, "endOfMibView"),
    "opaque-float": (ber.opaque_float(1.5), "float", 1.5, "1.5"),
    "opaque-double": (ber.opaque_double(-2.25), "double", -2.25, "-2.25"),
    "opaque-nan": (ber.opaque_float(float("nan")), "float", "nan", "nan"),
    "opaque-infinite": (ber.opaque_float(float("-inf")), "float", "-inf", "-inf"),
    "opaque-i64": (ber.opaque(b"\x9f\x7a\x08" + struct.pack(">q", -2**62)), "integer64", str(-2**62), str(-2**62)),
    "opaque-u64": (ber.opaque(b"\x9f\x7b\x08" + struct.pack(">Q", 2**63)), "unsigned64", str(2**63), str(2**63)),
    "opaque-other": (ber.opaque(b"\x01\x02\xff"), "opaque", "0102ff", "0x0102ff"),
    "octets-empty": (ber.octets(b""), "octets", "", ""),
    "octets-utf8": (ber.octets("Größe ☃ 😀"), "octets", "Größe ☃ 😀", "Größe ☃ 😀"),
    "octets-json": (ber.octets('a"b\\c\n\t</script>'), "octets", 'a"b\\c\n\t</script>', 'a"b\\c\n\t</script>'),
    "octets-latin1": (ber.octets(b"Gr\xf6\xdfe 7"), "octets", "4772f6df652037", "Größe 7"),
    "octets-binary": (ber.octets(b"\xff\xfe\x00\x01"), "octets", "fffe0001", "0xfffe0001"),
    "octets-nul-inside": (ber.octets(b"ab\0cd"), "octets", "6162006364", "0x6162006364"),
    "octets-nul-at-end": (ber.octets(b"abcd\0"), "octets", "6162636400", "abcd"),
    "octets-surrogate": (ber.octets(b"\xed\xa0\x80"), "octets", "eda080", "0xeda080"),
    "octets-overlong": (ber.octets(b"\xc0\xaf"), "octets", "c0af", None),
    "octets-windows-1252": (ber.octets(b"Preis 5 \x80"), "octets", "507265697320352080", "Preis 5 €"),
    "octets-latin1-line-end": (ber.octets(b"St\xf6rung\r\n\0"), "octets", "5374f672756e670d0a00", "Störung\r\n"),
    "octets-utf8-cut": (ber.octets("Kühlung 3 ü".encode()[:-1]), "octets", "4bc3bc686c756e672033 20c3".replace(" ", ""),
                        "Kühlung 3 …"),
    "octets-latin1-long": (ber.octets(b"\xe4" * 1500), "octets", "e4" * 1500, "ä" * 1022 + "…"),
    "octets-controls": (ber.octets(b"\x1b[31mred"), "octets", "1b5b33316d726564", "0x1b5b33316d726564"),
}


@pytest.fixture(scope="module")
def carried(main):
    """One notification with all values."""
    uptime = main.uptime()
    main.send([v2c(COMMUNITY, [(f"{ACME}.2.{n}.0", value[0]) for n, value in enumerate(VALUES.values())], uptime)])
    return main.event(uptime)["varbinds"]


@pytest.mark.parametrize("name", VALUES)
def test_value(carried, name):
    at = list(VALUES).index(name)
    _, type_, value, text = VALUES[name]
    varbind = carried[at]
    number = None if isinstance(value, str) else value
    assert plain(varbind) == (f"{ACME}.2.{at}.0", type_, value if value is None else str(value))
    assert varbind.get("number") == number
    assert text is None or varbind["text"] == text
    if type_ == "octets" and name not in ("octets-empty", "octets-utf8", "octets-json"):
        assert varbind["hex"] == value
    assert len(carried) == len(VALUES)


def test_names_are_carried(main):
    """128 sub-identifiers, the shortest OID, one name twice, the order as sent."""
    names = [LONGEST, "0.0", "1.3", "2.999.1", f"{ACME}.3.1", f"{ACME}.3.1"]
    event = main.send_event(lambda up: v2c(COMMUNITY, [(n, ber.number(i)) for i, n in enumerate(names)], up))
    assert [(v["oid"], v["number"]) for v in event["varbinds"]] == list(zip(names, range(len(names))))
    event = main.send_event(lambda up: v2c(COMMUNITY, uptime=up, trap=LONGEST))
    assert event["trap"]["oid"] == LONGEST and event["varbinds"] == []


def test_too_many_sub_identifiers(main):
    """129 of them: net-snmp does not decode that, or it is counted; what follows is published."""
    main.send([v2c(COMMUNITY, [(LONGEST + ".1", ber.NULL)], 1), v2c(COMMUNITY, uptime=2, trap=LONGEST + ".1"),
               v2c(COMMUNITY, [(f"{ACME}.1", ber.oid(LONGEST + ".1"))], 3)])
    main.send_event(lambda up: v2c(COMMUNITY, uptime=up))


def test_snmp_trap_address_and_community(main):
    """RFC 3584, 3.1: a proxy's notification. The community string stands in no event (see also the fixture `main`)."""
    pairs = [(TRAP_ADDRESS, ber.address("198.51.100.7")), (TRAP_COMMUNITY, ber.octets(COMMUNITY)),
             (TRAP_ENTERPRISE, ber.oid(f"{ACME}.5"))]
    event = main.send_event(lambda up: v2c(COMMUNITY, pairs, up, f"{ACME}.5.0.1"))
    assert event["source"]["agent_address"] == event["source"]["device"] == "198.51.100.7"
    assert (event["source"]["address"], event["source"]["address_from"]) == ("127.0.0.1", "agent")
    assert event["varbinds"][1]["oid"] == TRAP_COMMUNITY
    assert (event["varbinds"][1]["value"], event["varbinds"][1]["text"], event["varbinds"][1]["redacted"]) == (None, "",
                                                                                                              True)
    event = main.send_event(lambda up: v2c(COMMUNITY, [(TRAP_ADDRESS, ber.octets(b"\1"))], up))
    assert event["source"]["agent_address"] is None, "a wrong type is a varbind and nothing more"


def test_kafka_publish_community(rigs):
    """Shown when asked for; SIGHUP takes it back."""
    rig = rigs(["kafkaPublishCommunity yes"])
    pairs = [(TRAP_COMMUNITY, ber.octets(COMMUNITY))]
    event = rig.send_event(lambda up: v2c(COMMUNITY, pairs, up))
    assert event["snmp"]["security_name"] == event["varbinds"][0]["value"] == COMMUNITY
    assert "redacted" not in event["varbinds"][0]
    rig.reload(["kafkaPublishCommunity no"])
    event = rig.send_event(lambda up: v2c(COMMUNITY, pairs, up))
    assert event["snmp"]["security_name"] is None and event["varbinds"][0]["redacted"]
    assert COMMUNITY not in rig.log.text()


# -- odd, large and broken packets ------------------------------------------------------------------------------------

def test_odd_notifications(main):
    """Trap OID not in second place, no uptime, uptime of a wrong type, an INFORM without anything else."""
    up = main.uptime()
    lead = [(f"{ACME}.1.1.0", ber.number(up)), (ber.SYS_UPTIME, ber.ticks(up)), (f"{ACME}.1.2.0", ber.number(2)),
            (ber.SNMP_TRAP_OID, ber.oid(f"{ACME}.0.9"))]
    main.send([ber.bare(COMMUNITY, lead)])
    event = main.event(up)
    assert event["trap"]["oid"] == f"{ACME}.0.9"
    assert [v["oid"] for v in event["varbinds"]] == [f"{ACME}.1.1.0", f"{ACME}.1.2.0"]

    mark = main.uptime()
    main.send([ber.bare(COMMUNITY, [(ber.SNMP_TRAP_OID, ber.oid(f"{ACME}.0.10")), (f"{ACME}.1.1.0", ber.number(mark))])])
    event = main.events.wait_events(1, numbered(mark))[0]
    assert event["trap"]["oid"] == f"{ACME}.0.10" and event["snmp"]["uptime"] is None

    mark = main.uptime()
    main.send([ber.bare(COMMUNITY, [(ber.SYS_UPTIME, ber.octets(b"soon")), (ber.SNMP_TRAP_OID, ber.oid(f"{ACME}.0.11")),
                                    (f"{ACME}.1.1.0", ber.number(mark))])])
    event = main.events.wait_events(1, numbered(mark))[0]
    assert event["snmp"]["uptime"] is None and event["varbinds"][0]["value"] == "soon"

    event = main.send_event(lambda up: v2c(COMMUNITY, uptime=up, kind=ber.INFORM))
    assert event["varbinds"] == [] and event["snmp"]["pdu"] == "inform"


def test_what_cannot_be_an_event_is_counted(rigs):
    """A snmpTrapOID.0 that is none, or none at all, which snmptrapd would throw away unseen; a v1 trap with a generic-trap
    that nobody defined: counted, one by one. Without authorization, which would turn most of them away before."""
    rig = rigs(["disableAuthorization yes"])
    wrong = [ber.number(7), ber.octets(b"1.3.6"), ber.NULL, ber.counter64(2**63), ber.address("1.3.6.1")]
    rig.send([ber.bare(COMMUNITY, [(ber.SYS_UPTIME, ber.ticks(1)), (ber.SNMP_TRAP_OID, value)]) for value in wrong])
    rig.send([v1(COMMUNITY, generic=7), v1(COMMUNITY, generic=-1)])
    rig.send([ber.bare(COMMUNITY, [])] * 3)
    rig.send_event(lambda up: v2c(COMMUNITY, uptime=up))
    books = rig.stop()
    assert books["unparsable"] == len(wrong) + 3, books
    assert books["dropped"]["malformed"] == 2 and books["received"] == 3, books
    assert books["published"] == 1


def test_pdu_of_another_version(rigs):
    """net-snmp takes any PDU in a message of any version: what the notification is, its PDU says."""
    rig = rigs(["disableAuthorization yes"])
    link_up = "1.3.6.1.6.3.1.1.5.4"
    up = rig.uptime()
    lead = [(ber.SYS_UPTIME, ber.ticks(up)), (ber.SNMP_TRAP_OID, ber.oid(link_up))]
    pdu = ber.tlv(ber.TRAP2, ber.number(1), ber.number(0), ber.number(0), ber.varbinds(lead))
    rig.send([ber.message(COMMUNITY, pdu, version=0)])
    assert rig.event(up)["trap"]["name"] == "linkUp"
    up = rig.uptime()
    pdu = ber.tlv(ber.TRAP1, ber.oid(ACME), ber.address("192.0.2.1"), ber.number(3), ber.number(0), ber.ticks(up),
                  ber.varbinds([]))
    rig.send([ber.message(COMMUNITY, pdu, version=1)])
    event = rig.event(up)
    assert event["trap"]["name"] == "linkUp" and event["source"]["agent_address"] == "192.0.2.1"


def test_v1_keeps_every_varbind(main):
    """Those that would be a head's in v2 are ordinary ones in v1."""
    event = main.send_event(lambda up: v1(COMMUNITY, [(ber.SYS_UPTIME, ber.ticks(4242)),
                                                      (ber.SNMP_TRAP_OID, ber.oid(LINK_DOWN))], up))
    assert [v["value"] for v in event["varbinds"][:2]] == ["4242", LINK_DOWN]


def test_64_kib(main):
    """The largest datagrams that UDP carries."""
    room = 65507 - len(v2c(COMMUNITY, [(f"{ACME}.4.1.0", ber.octets(bytes(65000)))], main.uptime())) + 65000
    for octets, hexed in ((b"x" * room, False), (b"\xff" * room, True), (b'"' * room, False)):
        event = main.send_event(lambda up, octets=octets: v2c(COMMUNITY, [(f"{ACME}.4.1.0", ber.octets(octets))], up))
        assert event["varbinds"][0]["value"] == (octets.hex() if hexed else octets.decode())


def test_hundreds_of_varbinds(main):
    event = main.send_event(lambda up: v2c(COMMUNITY, [(f"{ACME}.4.2.{n}", ber.number(n)) for n in range(900)], up))
    assert [v["number"] for v in event["varbinds"]] == list(range(900))


def test_more_varbinds_than_an_event_takes(rigs):
    """Nine thousand of the smallest ones: an event over message.max.bytes is counted, and the next is published."""
    rig = rigs()
    rig.send([v2c(COMMUNITY, [("1.3", ber.NULL)] * 8000, 1)])
    rig.send_event(lambda up: v2c(COMMUNITY, uptime=up))
    books = rig.stop()
    assert books["dropped"]["too_large"] + books["published"] == books["received"] == 2, books


SAMPLES = {
    "v1": lambda up: v1("any", [(f"{IF_INDEX}.7", ber.number(7)), (f"{ACME}.1", ber.opaque_float(1.5))], up),
    "v2c": lambda up: v2c("any", [(f"{IF_INDEX}.7", ber.number(7)), (f"{ACME}.1", ber.octets("text")),
                                  (f"{ACME}.2", ber.counter64(2**63)), (f"{ACME}.3", ber.oid(LINK_DOWN)),
                                  (f"{ACME}.4", ber.address("192.0.2.1")), (TRAP_COMMUNITY, ber.octets("any"))], up),
    "v3": lambda up: v3_plain([(ber.SYS_UPTIME, ber.ticks(up)), (ber.SNMP_TRAP_OID, ber.oid(LINK_DOWN)),
                               (f"{IF_INDEX}.7", ber.number(7))]),
}


def v3_plain(pairs, engine=bytes.fromhex("8000000001020399"), user=b"plain", kind=ber.TRAP2):
    """A noAuthNoPriv notification, for an engine that snmptrapd knows the user `plain` of."""
    pdu = ber.tlv(kind, ber.number(1), ber.number(0), ber.number(0), ber.varbinds(pairs))
    usm = ber.tlv(0x30, ber.octets(engine), ber.number(0), ber.number(0), ber.octets(user), ber.octets(b""),
                  ber.octets(b""))
    head = ber.tlv(0x30, ber.number(1), ber.number(65507), ber.octets(b"\0"), ber.number(3))
    return ber.tlv(0x30, ber.number(3), head, ber.octets(usm), ber.tlv(0x30, ber.octets(engine), ber.octets(b""), pdu))


@pytest.fixture(scope="module")
def open_rig(shared_rigs):
    """Authorizes everything, so that what is broken meets our code; with the sanitizers where that build is at hand."""
    return shared_rigs(["disableAuthorization yes", "[snmp] serverRecvBuf 4194304",
                        "createUser -e 0x8000000001020399 plain", "authUser log,execute,net plain noauth"],
                       name="open", **sanitized())


def test_samples_are_good(open_rig):
    for make in SAMPLES.values():
        assert open_rig.send_event(make)["trap"]["oid"]


@pytest.mark.parametrize("version", SAMPLES)
def test_truncated(open_rig, version):
    """Each beginning of a packet is counted as unparsable, or nothing: it never becomes an event, and harms nothing."""
    uptime = open_rig.uptime()
    whole = SAMPLES[version](uptime)
    open_rig.send(whole[:n] for n in range(len(whole)))
    open_rig.send_event(SAMPLES[version])
    assert not open_rig.events.events(lambda e: e["snmp"]["uptime"] == uptime)


def test_broken_ber(open_rig):
    """Lengths that lie, indefinite and endless ones, depth, and no BER at all."""
    good = SAMPLES["v2c"](open_rig.uptime())
    packets = [
        b"\x30\x80" + good[2:] + b"\0\0", b"\x30\x84\xff\xff\xff\xff" + good[2:], b"\x30" * 1400, b"\x30\x7f" * 700,
        bytes(range(256)) * 5, b"\xff" * 1400, b"GET / HTTP/1.1\r\n\r\n", good + b"trailing",
        ber.message("any", ber.tlv(ber.TRAP2, ber.number(1), ber.number(0), ber.number(0),
                                   ber.tlv(0x30, b"\x30\x05\x06\x01"))),
        ber.bare("any", [(b"\x06\x05\x88\x88\x88\x88\x88", ber.NULL)]),
        ber.bare("any", [(b"\x06\x00", ber.NULL), (b"\x06\x01\x80", ber.NULL)]),
        v2c("any", [(f"{ACME}.1", b"\x40\x03abc"), (f"{ACME}.2", b"\x40\x05abcde")]),
        v2c("any", [(f"{ACME}.1", ber.number(2**40)), (f"{ACME}.2", ber.counter(2**40))]),
        v2c("any", [(f"{ACME}.1", ber.opaque(b"\x9f\x78\x02\x01\x02")), (f"{ACME}.2", ber.opaque(b"\x9f"))]),
        v2c("any", [(f"{ACME}.1", b"\x42\x00"), (f"{ACME}.2", b"\x46\x00"), (f"{ACME}.3", b"\x02\x00")]),
        *(v2c("any", [(f"{ACME}.1", bytes([tag, 1, 1]))]) for tag in (0x03, 0x45, 0x48, 0x60, 0xC0, 0x1F))]
    open_rig.send(packets)
    open_rig.send_event(SAMPLES["v2c"])


def test_random_mutations(open_rig):
    """Some thousand packets, each a good one with bytes changed, cut out, doubled: seeded, so a failure comes again."""
    rng = random.Random(20260101)
    samples = [make(7) for make in SAMPLES.values()]

    def mutate():
        packet = bytearray(rng.choice(samples))
        for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
            at, what = rng.randrange(len(packet)), rng.randrange(6)
            if what < 3:
                packet[at] = rng.choice((rng.randrange(256), packet[at] ^ 1 << rng.randrange(8), 0, 0x7F, 0x80, 0xFF))
            elif what == 3:
                del packet[at:at + rng.randrange(1, 5)]
            elif what == 4:
                packet[at:at] = packet[at:at + rng.randrange(1, 9)]
            else:
                packet[at:at] = rng.randbytes(rng.randrange(1, 5))
            packet = packet or bytearray(1)
        return bytes(packet)
    open_rig.send((mutate() for _ in range(6000)), batch=100)
    open_rig.send_event(SAMPLES["v2c"])


def test_captures(open_rig):
    """Packets of real devices, where a folder of captures is at hand (TK_CAPTURES)."""
    payloads = [d.payload for file in need.captures() for d in read_pcap(file)]
    before = len(open_rig.events.messages())
    open_rig.send(payloads)
    open_rig.send_event(SAMPLES["v2c"])
    assert len(open_rig.events.drain()) == before + len(payloads) + 1


def test_broken_packets_are_counted(open_rig):
    """The last of the tests above: the books know of them. The daemon lived through all, and no sanitizer complained."""
    books = open_rig.stop()
    assert books["unparsable"] > 100, books
    assert books["received"] > 500, books


# -- names ------------------------------------------------------------------------------------------------------------

VENDOR_MIB = """ACME-TEST-MIB DEFINITIONS ::= BEGIN
acme OBJECT IDENTIFIER ::= { iso org(3) dod(6) internet(1) private(4) enterprises(1) 99999 }
acmeNotifications OBJECT IDENTIFIER ::= { acme 0 }
acmeFanTable OBJECT-TYPE SYNTAX SEQUENCE OF AcmeFanEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Fans." ::= { acme 7 }
acmeFanEntry OBJECT-TYPE SYNTAX AcmeFanEntry MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "A fan." INDEX { acmeFanSlot } ::= { acmeFanTable 1 }
AcmeFanEntry ::= SEQUENCE { acmeFanSlot INTEGER, acmeFanState INTEGER }
acmeFanSlot OBJECT-TYPE SYNTAX INTEGER (1..64) MAX-ACCESS not-accessible STATUS current
    DESCRIPTION "Where." ::= { acmeFanEntry 1 }
acmeFanState OBJECT-TYPE SYNTAX INTEGER { spinning(1), stopped(2) } MAX-ACCESS read-only STATUS current
    DESCRIPTION "Whether." ::= { acmeFanEntry 2 }
acmeFanFailed NOTIFICATION-TYPE OBJECTS { acmeFanState } STATUS current
    DESCRIPTION "A fan failed." ::= { acmeNotifications 7 }
END
"""
FAN_STATE = f"{ACME}.7.1.2"


def test_names_without_and_with_mib_files(rigs, folder, main):
    """Standard names need no MIB file; a vendor's come from the MIBs that snmptrapd itself has loaded."""
    pairs = [(f"{FAN_STATE}.3", ber.number(2)), (f"{IF_OPER}.3", ber.number(2)),
             ("1.3.6.1.2.1.31.1.1.1.1.3", ber.octets("ge-0/0/3"))]
    event = main.send_event(lambda up: v2c(COMMUNITY, pairs, up, f"{ACME}.0.7"))
    assert event["trap"] == {"oid": f"{ACME}.0.7", "name": None, "mib": None}
    assert [(v["name"], v["mib"], v["index"], v["text"]) for v in event["varbinds"]] == [
        (None, None, [], "2"), ("ifOperStatus", "IF-MIB", ["3"], "down"), ("ifName", "IF-MIB", ["3"], "ge-0/0/3")]

    (folder / "mibs").mkdir()
    (folder / "mibs" / "ACME-TEST-MIB.txt").write_text(VENDOR_MIB)
    rig = rigs(args=["-M", str(folder / "mibs"), "-m", "ACME-TEST-MIB"])
    event = rig.send_event(lambda up: v2c(COMMUNITY, pairs, up, f"{ACME}.0.7"))
    assert event["trap"] == {"oid": f"{ACME}.0.7", "name": "acmeFanFailed", "mib": "ACME-TEST-MIB"}
    assert [(v["name"], v["mib"], v["index"], v["text"]) for v in event["varbinds"]] == [
        ("acmeFanState", "ACME-TEST-MIB", ["3"], "stopped"), ("ifOperStatus", "IF-MIB", ["3"], "down"),
        ("ifName", "IF-MIB", ["3"], "ge-0/0/3")]
    event = rig.send_event(lambda up: v1(COMMUNITY, pairs, up, ACME, specific=7))
    assert event["trap"]["name"] == "acmeFanFailed"


SMIV1_MIB = """ACME-OLD-MIB DEFINITIONS ::= BEGIN
acmeOld OBJECT IDENTIFIER ::= { iso org(3) dod(6) internet(1) private(4) enterprises(1) 99998 }
acmeJob OBJECT-TYPE SYNTAX INTEGER ACCESS read-only STATUS mandatory DESCRIPTION "x" ::= { acmeOld 2 }
acmeJobFailed TRAP-TYPE ENTERPRISE acmeOld VARIABLES { acmeJob } DESCRIPTION "x" ::= 1
acmeJobDone TRAP-TYPE ENTERPRISE acmeOld DESCRIPTION "x" ::= 2
END
"""


@pytest.mark.parametrize("patterns, rules", [(["ACME-OLD-MIB::acmeJobFailed"], ["operator:r0", "default"]),
                                             (["acmeJobFailed", "ACME-OLD-MIB::*"], ["operator:r0", "operator:r1"]),
                                             (["ACME-OLD-MIB::acmeOld.*"], ["operator:r0", "operator:r0"])])
def test_rules_for_the_trap_types_of_smiv1(rigs, folder, patterns, rules):
    """TRAP-TYPEs of a loaded MIB name events, and rules may name them and their module."""
    (folder / "mibs").mkdir()
    (folder / "mibs" / "ACME-OLD-MIB.txt").write_text(SMIV1_MIB)
    (folder / "rules.json").write_text(json.dumps({"rules": [
        {"name": f"r{i}", "match": {"trap": p}, "severity": "critical"} for i, p in enumerate(patterns)]}))
    rig = rigs([f"kafkaSeverityRules {folder}/rules.json"], args=["-M", str(folder / "mibs"), "-m", "ACME-OLD-MIB"])
    old = "1.3.6.1.4.1.99998"
    for specific, (name, rule) in enumerate(zip(["acmeJobFailed", "acmeJobDone"], rules), 1):
        event = rig.send_event(lambda up: v1(COMMUNITY, [], up, old, specific=specific))  # noqa: B023
        assert event["trap"] == {"oid": f"{old}.0.{specific}", "name": name, "mib": "ACME-OLD-MIB"}
        assert event["severity_rule"] == rule
    event = rig.send_event(lambda up: v2c(COMMUNITY, [], up, f"{old}.1"))
    assert (event["trap"]["name"], event["severity_rule"]) == ("acmeJobFailed", "operator:r0")


# -- beside snmptrapd's own work --------------------------------------------------------------------------------------

@pytest.mark.parametrize("word", ["yes", "no"])
def test_kafka_log_traps(rigs, folder, word):
    """With no, snmptrapd formats and logs nothing; its traphandle programs run either way, once a notification."""
    script = folder / "handle"
    script.write_text(f"#!/bin/sh\ncat >>{folder}/handled\necho END >>{folder}/handled\n")
    script.chmod(0o755)
    rig = rigs([f"kafkaLogTraps {word}", f"traphandle default {script}"], args=["-n"])
    assert rig.send_event(lambda up: v2c(COMMUNITY, [(f"{ACME}.1", ber.octets("mark-me"))], up))
    rig.netsnmp().v2c(varbinds=[(f"{ACME}.1", "s", "inform-me")], community=COMMUNITY, inform=True)
    wait_until(lambda: (folder / "handled").exists() and (folder / "handled").read_text().count("END\n") == 2, 10,
               "traphandle's program to run")
    assert "mark-me" in (folder / "handled").read_text() and "inform-me" in (folder / "handled").read_text()
    rig.stop()
    assert rig.log.count("mark-me") == rig.log.count("inform-me") == (1 if word == "yes" else 0)


# -- dedup ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("line, passed", [("kafkaDedup 300", [0, 2, 3, 4, 5]),
                                          ("kafkaDedup 300 contextEngineID,trapOID,sysUpTime,varbinds", [0, 2, 3, 4, 5]),
                                          ("kafkaDedup 300 contextEngineID,trapOID,sysUpTime", [0, 3, 4]),
                                          ("kafkaDedup 300 contextEngineID,requestID", [0, 5]),
                                          ("kafkaDedup off", [0, 1, 2, 3, 4, 5])])
def test_dedup(rigs, line, passed):
    """Notifications without an alarm: the default tells two of the same instant apart, the classic key does not."""
    rig = rigs([line])

    def trap(index, up=111, oid=f"{ACME}.0.1", request_id=1):
        return v2c(COMMUNITY, [(f"{ACME}.{index}", ber.number(index))], up, oid, request_id=request_id)
    rig.send([trap(1), trap(1), trap(2), trap(1, up=112), trap(1, oid=f"{ACME}.0.2"), trap(3, request_id=2)])
    books = rig.stop()
    assert books["suppressed"]["duplicate"] == 6 - len(passed)
    assert sorted(m.event["receiver"]["seq"] - 1 for m in rig.events.messages()) == passed
    for event in rig.events.events():
        assert (event["dedup"]["key"] is None) == (line == "kafkaDedup off")


def test_dedup_window_and_repeats(rigs):
    """The next event that passes tells how many did not; v3 informs of two senders are never one."""
    rig = rigs(["kafkaDedup 5 trapOID"])
    packet = v2c(COMMUNITY, uptime=5)
    rig.send([packet] * 4)
    time.sleep(5.1)
    rig.send([packet])
    assert [e["dedup"]["repeats"] for e in rig.events.wait_events(2)] == [0, 3]
    keys = {e["dedup"]["key"] for e in rig.events.events()}
    assert len(keys) == 1 and keys.pop()


@pytest.mark.parametrize("fields", ["", " contextEngineID,trapOID,sysUpTime", " source"])
@pytest.mark.parametrize("kind", [ber.TRAP2, ber.INFORM], ids=["traps", "informs"])
def test_dedup_merges_no_alarms(rigs, kind, fields):
    """Devices whose uptime is always 0, with interfaces that go down and up: each change is published and nothing else, so
    the last word in Kafka is what was received last. Two alarms are never one, whatever makes up the key."""
    rig = rigs([f"kafkaDedup 300{fields}"])
    dice, state, expected = random.Random(7), {}, []
    for number in range(120):
        alarm, is_down = (f"127.0.0.{dice.randint(1, 2)}", dice.randint(1, 3)), dice.random() < 0.5
        payload = v2c(COMMUNITY, [(f"{IF_INDEX}.{alarm[1]}", ber.number(alarm[1]))], 0,
                      LINK_DOWN if is_down else f"{SNMP_TRAPS}.4", kind, request_id=number)
        send.datagrams(rig.daemon.port, [payload], source=(alarm[0], 0))
        wait_until(lambda: not udp_queued(rig.daemon.port), 20, "snmptrapd to take it", step=0.001)
        if state.get(alarm) != is_down:
            state[alarm] = is_down
            expected.append((f"{alarm[0]}/link/{alarm[1]}", "raise" if is_down else "clear"))
    rig.events.wait_events(len(expected))
    books = rig.stop()
    events = sorted(rig.events.events(), key=lambda e: e["receiver"]["seq"])
    assert [(e["alarm"]["key"], e["alarm"]["state"]) for e in events] == expected
    assert books["suppressed"]["duplicate"] == 120 - len(expected)
    assert books["alarms"] == len(state) and books["alarms_evicted"] == 0


def test_dedup_v3_informs_of_two_devices(rigs):
    """Both carry the receiver's engine ID, so it does not stand for the sender: here 127.0.0.1 and 127.0.0.2 send."""
    engine = "80001f8801020304"
    rig = rigs([f"exactEngineID 0x{engine}", "createUser plain", "authUser log,execute,net plain noauth",
                "kafkaDedup 300 contextEngineID,trapOID,sysUpTime"])
    packet = v3_plain([(ber.SYS_UPTIME, ber.ticks(5)), (ber.SNMP_TRAP_OID, ber.oid(LINK_DOWN))], bytes.fromhex(engine),
                      kind=ber.INFORM)
    for source in ("127.0.0.1", "127.0.0.2", "127.0.0.1"):
        send.datagrams(rig.daemon.port, [packet], source=(source, 0))
    assert {e["source"]["device"] for e in rig.events.wait_events(2)} == {"127.0.0.1", "127.0.0.2"}
    assert rig.stop()["suppressed"]["duplicate"] == 1


# -- topology, rules --------------------------------------------------------------------------------------------------

INVENTORY = f"""address,prefix,engine_id,name,site,rack
192.0.2.7,,,pe1.fra,FRA3,R12
,127.0.0.0/8,,lo,LAB,
,,0x{ENGINES['sha']},pe3.ber,BER1,"R ""1"", left"
,,,olt7.muc,MUC2,
"""
CIRCUITS = """device,ifIndex,ifName,circuit_id,rack
pe1.fra,7,,DE-FRA-00412,
pe1.fra,,xe-0/0/2,DE-FRA-00413,R13
lo,9,,DE-LAB-1,
"""


def test_inventory_and_circuits(rigs, folder):
    (folder / "inventory.csv").write_text(INVENTORY)
    (folder / "circuits.csv").write_text(CIRCUITS)
    conf = [f"kafkaInventory {folder}/inventory.csv", f"kafkaCircuits {folder}/circuits.csv", *users()]
    rig = rigs(conf)
    assert rig.log.find(r"in force: \d+ severity rules \(0 of the operator, .*\), 4 devices, 3 circuits")

    def seen(pairs, proxy="192.0.2.7"):
        uptime = rig.uptime()
        pairs = [*pairs, (TRAP_ADDRESS, ber.address(proxy))] if proxy else pairs
        rig.send([v2c(COMMUNITY, pairs, uptime)])
        message = rig.events.wait(1, lambda m: m.event["snmp"]["uptime"] == uptime)[0]
        assert message.key == message.event["source"]["device"]
        return message.key, message.event["topology"]
    fra = {"site": "FRA3", "rack": "R12"}
    assert seen([(f"{IF_INDEX}.7", ber.number(7))]) == ("pe1.fra", {**fra, "circuit_id": "DE-FRA-00412"})
    assert seen([(f"{IF_OPER}.7", ber.number(2))]) == ("pe1.fra", {**fra, "circuit_id": "DE-FRA-00412"})
    assert seen([("1.3.6.1.2.1.31.1.1.1.1.8", ber.octets("xe-0/0/2"))]) == ("pe1.fra", {
        "site": "FRA3", "rack": "R13", "circuit_id": "DE-FRA-00413"})
    assert seen([("1.3.6.1.2.1.31.1.1.1.1.8", ber.octets(b"xe-0/0/2\0"))]) == ("pe1.fra", {
        "site": "FRA3", "rack": "R13", "circuit_id": "DE-FRA-00413"}), "some devices pad with NULs"
    assert seen([(f"{IF_INDEX}.8", ber.number(8))]) == ("pe1.fra", fra)
    assert seen([(f"{IF_INDEX}.9", ber.number(9))], None) == ("lo", {"site": "LAB", "circuit_id": "DE-LAB-1"})
    assert seen([], "198.51.100.1") == ("lo", {"site": "LAB"}), "an agent that is not in it: the peer is"
    uptime = rig.uptime()
    rig.netsnmp().v3("sha", uptime=uptime, engine=ENGINES["sha"], args=["-E", f"0x{ENGINES['sha']}"], **keys_of("sha"))
    event = rig.event(uptime)
    assert (event["source"]["device"], event["topology"]) == ("pe3.ber", {"site": "BER1", "rack": 'R "1", left'})

    (folder / "inventory.csv").write_text("address,name,site\n192.0.2.7,pe1.fra,NEW\n")
    rig.reload(conf)
    assert seen([(f"{IF_INDEX}.7", ber.number(7))]) == ("pe1.fra", {"site": "NEW", "circuit_id": "DE-FRA-00412"})
    assert seen([], None) == ("127.0.0.1", {})
    assert seen([("1.3.6.1.2.1.1.5.0", ber.octets("olt7.muc"))], None) == ("127.0.0.1", {})
    rig.reload([])
    assert seen([]) == ("192.0.2.7", {})


RULES = """{"names": {"ACME::fan": "1.3.6.1.4.1.99999.0.7"}, "rules": [
 {"name": "core-down", "match": {"trap": "IF-MIB::linkDown",
                                 "varbinds": [{"object": "IF-MIB::ifAdminStatus", "equals": "up"}]},
  "severity": "critical", "state": "raise", "key": "{device}/core/{ifIndex}"},
 {"name": "fan", "match": {"trap": "ACME::fan"}, "severity": "minor", "state": "raise", "key": "{device}/fan"},
 {"name": "module", "match": {"trap": "BGP4-MIB::*"}, "severity": "warning"},
 {"name": "subtree", "match": {"trap": "1.3.6.1.4.1.99999.*"}, "severity": "indeterminate"}]}
"""


def test_severity_rules(rigs, folder):
    """The operator's before the built-in ones, the first that matches; the event tells which."""
    (folder / "rules.json").write_text(RULES)
    conf = [f"kafkaSeverityRules {folder}/rules.json"]
    rig = rigs(conf)

    def judged(trap, pairs=()):
        event = rig.send_event(lambda up: v2c(COMMUNITY, pairs, up, trap))
        return (event["severity"], event["itil_priority"], event["alarm"]["state"], event["alarm"]["key"],
                event["severity_rule"].rpartition(":")[2])
    up, down = (f"{IF_ADMIN}.7", ber.number(1)), (f"{IF_ADMIN}.7", ber.number(2))
    assert judged(LINK_DOWN, [up]) == ("critical", 1, "raise", "127.0.0.1/core/7", "core-down")
    assert judged(LINK_DOWN, [down])[4] not in ("core-down", "none")
    assert judged(f"{SNMP_TRAPS}.4", [(f"{IF_INDEX}.7", ber.number(7))])[:3] == ("cleared", None, "clear")
    assert judged(f"{ACME}.0.7") == ("minor", 3, "raise", "127.0.0.1/fan", "fan")
    assert judged("1.3.6.1.2.1.15.0.1") == ("warning", 4, None, None, "module")
    assert judged(f"{ACME}.0.8") == ("indeterminate", None, None, None, "subtree")
    assert judged("1.3.6.1.4.1.99998.0.1")[:3] == ("indeterminate", None, None)
    (folder / "rules.json").write_text(RULES.replace("minor", "major"))
    rig.reload(conf)
    assert judged(f"{ACME}.0.7")[0] == "major"
    rig.reload([])
    assert judged(f"{ACME}.0.7")[4] not in ("fan", "subtree")


# -- the message ------------------------------------------------------------------------------------------------------

def test_key_and_headers(rigs):
    """CloudEvents in binary mode; kafkaHeaders none: none; a SIGHUP between the two loses nothing."""
    rig = rigs()
    event = rig.send_event(lambda up: v1(COMMUNITY, uptime=up, agent="192.0.2.55"))
    message = rig.events.messages()[0]
    assert message.key == "192.0.2.55"
    assert message.headers == {
        "ce_specversion": "1.0", "ce_id": event["event_id"], "ce_type": "trapkafka.trap",
        "ce_source": f"/trapkafka/{event['receiver']['host']}", "ce_time": event["received"],
        "content-type": "application/json"}
    rig.reload(["kafkaHeaders none"])
    rig.send_event(lambda up: v2c(COMMUNITY, uptime=up))
    rig.send_event(lambda up: v2c(COMMUNITY, uptime=up))
    assert [m.headers for m in rig.events.messages()[1:]] == [{}, {}]
    assert len({m.partition for m in rig.events.messages(lambda m: m.key == "127.0.0.1")}) == 1
    rig.stop()
    assert all(m.headers == {} for m in rig.health.messages(lambda m: m.event["cause"] == "stop"))


def test_embedded_broker(snmptrapd, netsnmp, collect, folder):
    """`kafkaBrokers embedded` and the default topics. The broker ends with the daemon, so the books are in a file."""
    daemon = snmptrapd(["kafkaBrokers embedded", "authCommunity log public", f"kafkaStatsFile {folder}/stats 1"])
    brokers = daemon.embedded_broker()
    events = collect(brokers, "snmp-traps")
    netsnmp(daemon.address()).v2c(uptime=77, varbinds=[(f"{IF_INDEX}.7", "i", 7)])
    event = events.wait_events(1)[0]
    assert event["snmp"]["uptime"] == 77 and event["dedup"]["key"]
    daemon.sighup()
    assert daemon.log.count("embedded broker, .* listens on") == 1, "the same broker after SIGHUP"
    netsnmp(daemon.address()).v2c(uptime=78)
    events.wait(2)
    daemon.stop()
    stats = read_stats(folder / "stats")
    count = {name: n for (name, labels), n in stats.items() if not labels}
    dropped = sum(n for (name, labels), n in stats.items() if re.match("trapkafka_(dropped|suppressed)", name))
    assert count["trapkafka_received_total"] == 2 == count["trapkafka_published_total"] + dropped, stats
