# SPDX-License-Identifier: Apache-2.0
"""Messages of every kind that reaches a trap port, good and broken, and under which counter each has to end.

    KINDS       one message of each kind, with its end
    corpus()    good messages, for Mutator
    Mutator     a seeded stream of broken ones
    units()     how many messages a receiver finds in the octets of a connection
    ended()     how many messages the books account for
"""

import random
from typing import NamedTuple

from lib import ber
from lib.rig import COMMUNITY
from lib.v3 import Device, User

SIGNED = User("signed", "SHA-256", "arrivals-password")
PLAIN = User("plain")
STRANGER = User("stranger", "SHA", "arrivals-password")
DENIED = User("denied", "SHA", "arrivals-password")
ENGINE = "80001f880461727276"
ACME = "1.3.6.1.4.1.99999"
LONGEST = ".".join(["1", "3", *("7" * 126)])
GET, GET_NEXT, RESPONSE, SET, GET_BULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5, 0xA8

MOST = 256 * 1024 + 4096  #: octets of the longest message that a connection may bring

#: What the daemon has to have in snmptrapd.conf.
CONF = [f"authCommunity log,execute,net {COMMUNITY}", *SIGNED.lines(), *PLAIN.lines(), DENIED.line()]


class Kind(NamedTuple):
    """end     received, other, a reason of rejected, or dropped.REASON
    detail  pattern of the record that tells of it; "": there is none
    breaks  over tcp it ends the connection, or is not complete
    """
    name: str
    message: bytes
    end: str
    detail: str = ""
    breaks: bool = False


def malformed(name, message, detail, breaks=False):
    return Kind(name, message, "malformed", detail, breaks)


def v2c(pairs=(), **options):
    return ber.v2c(COMMUNITY, pairs, **options)


def with_community(field, version=1):
    """A trap with these octets where the community stands."""
    pdu = ber.tlv(ber.TRAP2, ber.number(1), ber.number(0), ber.number(0), ber.varbinds(_lead()))
    return ber.tlv(0x30, ber.number(version), field, pdu)


def _lead(trap=ber.LINK_DOWN):
    return [(ber.SYS_UPTIME, ber.ticks(1)), (ber.SNMP_TRAP_OID, ber.oid(trap))]


def v3(flags=0, model=3, msg_id=1, most=65507, engine=bytes.fromhex(ENGINE), context=None, name=b"plain", kind=ber.TRAP2,
       head=None, usm=None, pairs=None, digest=b"", salt=b""):
    """A message without authentication, each field at will."""
    pdu = ber.tlv(kind, ber.number(1), ber.number(0), ber.number(0), ber.varbinds(_lead() if pairs is None else pairs))
    if head is None:
        head = ber.tlv(0x30, ber.number(msg_id), ber.number(most), ber.octets(bytes([flags])), ber.number(model))
    if usm is None:
        usm = ber.tlv(0x30, ber.octets(engine), ber.number(0), ber.number(0), ber.octets(name), ber.octets(digest),
                      ber.octets(salt))
    scoped = ber.tlv(0x30, ber.octets(engine if context is None else context), ber.octets(b""), pdu)
    return ber.tlv(0x30, ber.number(3), head, ber.octets(usm), scoped)


def request(kind):
    return ber.bare(COMMUNITY, [(ber.SYS_UPTIME, ber.NULL)], kind)


def _community_kinds():
    pdu = b"\xa7\x04abcd"
    return [
        malformed("community of 257 octets", ber.v2c("c" * 257), r"community has 257 octets.*at most 256"),
        malformed("community of 40,000 octets", ber.v2c("c" * 40000), r"community has 40000 octets"),
        malformed("no community", with_community(b""), r"community can't be read"),
        malformed("nothing behind the version", ber.tlv(0x30, ber.number(1)), r"community can't be read"),
        malformed("community of a wrong type", with_community(ber.number(7)), r"community can't be read"),
        malformed("v1, no community", with_community(b"", version=0), r"community can't be read"),
        malformed("community longer than its message", ber.tlv(0x30, ber.number(1), b"\x04\x7f", pdu), r"community can't be read"),
        malformed("community of indefinite length", ber.tlv(0x30, ber.number(1), b"\x04\x80", pdu), r"community can't be read"),
        malformed("community with nine octets of length", ber.tlv(0x30, ber.number(1), b"\x04\x89" + bytes(9), pdu),
                  r"community can't be read"),
        Kind("unknown community", ber.v2c("guessed"), "unknown_community", r"no authCommunity line permits"),
        Kind("empty community", ber.v2c(""), "unknown_community", r"no authCommunity line permits"),
        Kind("community of 256 octets", ber.v2c("c" * 256), "unknown_community", r"no authCommunity line permits"),
    ]


def _outer_kinds():
    good = v2c()
    return [
        malformed("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", r"begins with 0x47", breaks=True),
        malformed("zeros", bytes(64), r"begins with 0x00", breaks=True),
        malformed("cut in its middle", good[:len(good) // 2], r"cut", breaks=True),
        malformed("cut by one octet", good[:-1], r"cut", breaks=True),
        malformed("one octet", good[:1], r"cut", breaks=True),
        malformed("cut in its length", b"\x30\x82\x01", r"cut", breaks=True),
        malformed("indefinite length", b"\x30\x80" + good[2:], r"length", breaks=True),
        malformed("nine octets of length", b"\x30\x89" + bytes(8) + good[1:], r"length", breaks=True),
        malformed("negative length", b"\x30\x88" + b"\xff" * 8 + good[2:], r"length", breaks=True),
        malformed("nothing inside", b"\x30\x00", r"no readable version"),
        malformed("no version", ber.tlv(0x30, ber.octets("x"), ber.octets("y")), r"no readable version"),
        malformed("version 2 of the first SNMPv2", ber.message(COMMUNITY, b"", version=2), r"SNMP version"),
        malformed("version 77", ber.message(COMMUNITY, b"", version=77), r"SNMP version"),
        malformed("version below 0", ber.message(COMMUNITY, b"", version=-1), r"SNMP version"),
    ]


def _pdu_kinds():
    return [
        malformed("no PDU", ber.tlv(0x30, ber.number(1), ber.octets(COMMUNITY)), r"PDU"),
        malformed("PDU type 0xa9", ber.bare(COMMUNITY, [], 0xA9), r"PDU type 0xa9"),
        malformed("PDU type 0x30", ber.bare(COMMUNITY, [], 0x30), r"PDU type 0x30"),
        malformed("name of 129 numbers", v2c([(LONGEST + ".1", ber.NULL)]), r"PDU can't be read"),
        malformed("value of 129 numbers", v2c([(f"{ACME}.1", ber.oid(LONGEST + ".1"))]), r"PDU can't be read"),
        malformed("unknown type of value", v2c([(f"{ACME}.1", b"\x1e\x01\x01")]), r"PDU can't be read"),
        malformed("IpAddress of three octets", v2c([(f"{ACME}.1", b"\x40\x03abc")]), r"PDU can't be read"),
        malformed("Counter64 of nine bytes", v2c([(f"{ACME}.1", b"\x46\x0a" + b"\1" * 10)]), r"PDU can't be read"),
        malformed("v1 without agent-addr", ber.message(COMMUNITY, ber.tlv(ber.TRAP1, ber.oid(ACME)), version=0),
                  r"PDU can't be read"),
        malformed("name that ends in its middle", v2c([(b"\x06\x01\x80", ber.NULL)]), r"PDU can't be read"),
        Kind("name of 128 numbers", v2c([(LONGEST, ber.NULL)]), "received"),
        Kind("varbinds of none", v2c(), "received"),
        Kind("v1", ber.v1(COMMUNITY), "received"),
        Kind("trap2 in a message of version 1", with_community(ber.octets(COMMUNITY), version=0), "received"),
    ]


def _v1_head():
    """Octets in front of the PDU of ber.v1(COMMUNITY)."""
    return ber.v1(COMMUNITY).index(bytes([ber.TRAP1]), 5 + len(COMMUNITY))


def _trap_oid_kinds():
    at = (ber.SNMP_TRAP_OID, ber.oid(ber.LINK_DOWN))
    up = (ber.SYS_UPTIME, ber.ticks(1))
    wrong = {"an INTEGER": ber.number(7), "text": ber.octets(b"x" * 2000), "NULL": ber.NULL}
    return [
        malformed("no snmpTrapOID.0", ber.bare(COMMUNITY, [up]), r"no snmpTrapOID\.0"),
        malformed("no varbinds", ber.bare(COMMUNITY, []), r"no snmpTrapOID\.0"),
        malformed("INFORM without snmpTrapOID.0", ber.bare(COMMUNITY, [up], ber.INFORM), r"no snmpTrapOID\.0"),
        malformed("v3 without snmpTrapOID.0", v3(pairs=[up]), r"no snmpTrapOID\.0"),
        *(malformed(f"snmpTrapOID.0 is {what}", ber.bare(COMMUNITY, [up, (ber.SNMP_TRAP_OID, value)]),
                    r"snmpTrapOID\.0 is no OBJECT IDENTIFIER") for what, value in wrong.items()),
        malformed("second of two snmpTrapOID.0 is text", ber.bare(COMMUNITY, [at, (ber.SNMP_TRAP_OID, wrong["text"])]),
                  r"snmpTrapOID\.0 is no OBJECT IDENTIFIER"),
        malformed("v1 enterprise of 127 numbers", ber.v1(COMMUNITY, enterprise=LONGEST[:-2]), r"enterprise has 127"),
        malformed("v1 enterprise of 128 numbers", ber.v1(COMMUNITY, enterprise=LONGEST), r"enterprise has 128"),
        Kind("v1 enterprise of 126 numbers", ber.v1(COMMUNITY, enterprise=LONGEST[:-4]), "received"),
        Kind("v1 enterprise of 128 numbers, generic", ber.v1(COMMUNITY, enterprise=LONGEST, generic=2), "received"),
        malformed("v1 PDU in a message of version 2c", ber.message(COMMUNITY, ber.v1(COMMUNITY)[_v1_head():]),
                  r"no snmpTrapOID\.0"),
        Kind("two snmpTrapOID.0", ber.bare(COMMUNITY, [up, at, at]), "received"),
        Kind("third of three snmpTrapOID.0 is a number", ber.bare(COMMUNITY, [up, at, (ber.SNMP_TRAP_OID, ber.number(1))]),
             "received"),
        Kind("v1 with snmpTrapOID.0", ber.v1(COMMUNITY, [at, at]), "received"),
        Kind("v1 generic-trap 7", ber.v1(COMMUNITY, generic=7), "dropped.malformed", r"generic-trap 7\b"),
        Kind("v1 generic-trap -1", ber.v1(COMMUNITY, generic=-1), "dropped.malformed", r"generic-trap -1\b"),
    ]


def _v3_kinds():
    head = [ber.number(1), ber.number(65507), ber.octets(b"\0"), ber.number(3)]
    long = bytes.fromhex("80001f8804") + b"e" * 28
    device = Device(ENGINE, SIGNED)
    return [
        Kind("v3, signed", device.trap(), "received"),
        Kind("v3, not signed", v3(), "received"),
        Kind("v3, unknown user", Device(ENGINE, STRANGER).trap(), "unknown_user", r"'stranger' is unknown"),
        Kind("v3, wrong digest", device.trap(digest=bytes(24)), "wrong_digest", r"does not match"),
        Kind("v3, user without access", Device(ENGINE, DENIED).trap(), "not_authorized", r"no authUser line"),
        Kind("v3, privacy without protocol", v3(flags=3, name=b"signed", digest=bytes(24), salt=bytes(8)),
             "unsupported_level", r"message is authPriv"),
        Kind("probe for the engine ID", v3(flags=4, engine=b"", name=b"", kind=GET, pairs=[]), "other"),
        Kind("v3, trap without an engine ID", v3(flags=4, engine=b"", name=b""), "unknown_engine", r"no engine ID"),
        Kind("probe for the context engine ID", v3(context=bytes.fromhex("8000000006"), kind=GET,
                                                   pairs=[("1.3.6.1.6.3.10.2.1.1.0", ber.NULL)]), "other"),
        malformed("security model 1", v3(model=1), r"security model is 1;"),
        malformed("security model 4", v3(model=4), r"security model is 4;"),
        malformed("security model 99", v3(model=99), r"security model is 99;"),
        malformed("security model 0", v3(model=0), r"header"),
        malformed("no header", v3(head=b""), r"header"),
        malformed("msgID below 0", v3(msg_id=-1), r"header"),
        malformed("msgMaxSize 483", v3(most=483), r"header"),
        malformed("no flags", v3(head=ber.tlv(0x30, *head[:2], ber.octets(b""), head[3])), r"header"),
        malformed("header ends early", v3(head=ber.tlv(0x30, *head[:2])), r"header"),
        malformed("privacy without authentication", v3(flags=2), r"privacy without authentication"),
        malformed("engine ID of 33 octets", v3(engine=long, context=b""), r"engine ID has 33 octets.*at most 32"),
        malformed("engine ID of 65 octets", v3(engine=long + b"e" * 32, context=b""), r"engine ID has 65 octets"),
        malformed("context engine ID of 33 octets", v3(context=long), r"context engine ID has 33 octets.*at most 32"),
        malformed("user name of 33 octets", v3(name=b"u" * 33), r"security parameters"),
        malformed("user name with a NUL", v3(name=b"plain\0tail"), r"security parameters"),
        *(malformed(f"v3, privacy parameters of {size} octets",
                    v3(flags=3, name=b"signed", digest=bytes(24), salt=bytes(size)),
                    rf"msgPrivacyParameters have {size} octets") for size in (0, 7, 9, 16)),
        malformed("no security parameters", v3(usm=b""), r"security parameters"),
        malformed("security parameters are text", v3(usm=b"none"), r"security parameters"),
        malformed("v3, name of 129 numbers", v3(pairs=[*_lead(), (LONGEST + ".1", ber.NULL)]), r"PDU can't be read"),
        malformed("v3, PDU type 0xa9", v3(kind=0xA9), r"PDU type 0xa9"),
    ]


def _other_kinds():
    names = {GET: "Get", GET_NEXT: "GetNext", SET: "Set", GET_BULK: "GetBulk", RESPONSE: "Response", REPORT: "Report"}
    return [
        *(Kind(f"v2c {name}", request(kind), "other") for kind, name in names.items()),
        Kind("v1 Get", ber.message(COMMUNITY, ber.tlv(GET, ber.number(1), ber.number(0), ber.number(0),
                                                      ber.varbinds([])), version=0), "other"),
        Kind("v2c Get, unknown community", ber.bare("guessed", [], GET), "other"),
        *(Kind(f"v3 {name}", v3(kind=kind), "other") for kind, name in names.items()),
        malformed("Response with a broken varbind", ber.bare(COMMUNITY, [(b"\x06\x01\x80", ber.NULL)], RESPONSE),
                  r"PDU can't be read"),
        Kind("INFORM", v2c(kind=ber.INFORM), "received"),
    ]


KINDS = [kind for group in (_community_kinds, _outer_kinds, _pdu_kinds, _trap_oid_kinds, _v3_kinds, _other_kinds)
         for kind in group()]

#: Those that only udp has.
DATAGRAMS = [malformed("empty datagram", b"", r"empty"), Kind("octets behind the message", v2c() + b"more", "received")]


# -- mutations ----------------------------------------------------------------------------------------------------------

def corpus():
    """Good messages: traps and INFORMs of each version, with values of each type, and what is no notification."""
    rich = [(f"{ACME}.1", ber.number(-7)), (f"{ACME}.2", ber.octets("text")), (f"{ACME}.3", ber.counter64(2**63)),
            (f"{ACME}.4", ber.oid(ber.LINK_DOWN)), (f"{ACME}.5", ber.address("192.0.2.1")), (f"{ACME}.6", ber.NULL),
            (f"{ACME}.7", ber.opaque_float(1.5)), (f"{ACME}.8", ber.counter(7)), (f"{ACME}.9", ber.gauge(7))]
    device = Device(ENGINE, SIGNED)
    return [ber.v1(COMMUNITY), ber.v1(COMMUNITY, rich), ber.v1("guessed"), ber.v1(COMMUNITY, generic=3), v2c(), v2c(rich),
            ber.v2c("guessed", rich), v2c(rich, kind=ber.INFORM), v3(), v3(pairs=[*_lead(), *rich]), v3(name=b"stranger"),
            v3(flags=4, engine=b"", name=b"", kind=GET, pairs=[]), device.trap("text"), request(GET), request(RESPONSE),
            v3(kind=REPORT), v2c([(f"{ACME}.{n}", ber.number(n)) for n in range(40)])]


class Mutator:
    """Messages of corpus(), and fewer of KINDS, with octets changed, cut out, doubled; one in five as it was."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        broken = [kind.message for kind in KINDS if len(kind.message) < 2500]
        self._messages = [*corpus() * (3 * len(broken) // len(corpus())), *broken]

    def _change(self, message):
        rng = self._random
        at, what = rng.randrange(len(message)), rng.randrange(-12, 8)
        if what < 3:
            message[at] = rng.choice((rng.randrange(256), message[at] ^ 1 << rng.randrange(8), 0, 0x7F, 0x80, 0xFF))
        elif what == 3:
            del message[at:at + rng.randrange(1, 5)]
        elif what == 4:
            message[at:at] = message[at:at + rng.randrange(1, 9)]
        elif what == 5:
            message[at:at] = rng.randbytes(rng.randrange(1, 5))
        elif what == 6:
            del message[at:]
        else:
            message[at:at] = self._random.choice(self._messages)[:rng.randrange(1, 200)]
        return message

    def next(self):
        message = bytearray(self._random.choice(self._messages))
        if self._random.randrange(5):
            for _ in range(self._random.choice((1, 1, 1, 2, 4, 8))):
                message = self._change(message) if message else message
        return bytes(message)


# -- counting -----------------------------------------------------------------------------------------------------------

def _length(octets, at):
    """(octets of the header, octets of the message) of what begins at `at`; None: not there yet; 0: no message."""
    if len(octets) - at < 2:
        return None
    if octets[at] != 0x30:
        return 0
    first = octets[at + 1]
    if first < 0x80:
        return 2, 2 + first
    size = first & 0x7F
    if not 1 <= size <= 8:
        return 0
    if len(octets) - at < 2 + size:
        return None
    whole = 2 + size + int.from_bytes(octets[at + 2:at + 2 + size], "big")
    return (2 + size, whole) if whole <= 0x7FFFFFFF else 0


def _begins(octets, at):
    """Octets of the message that seems to begin here, else 0."""
    found = _length(octets, at)
    if not found:
        return 0
    head, whole = found
    return whole if whole >= head + 3 and octets[at + head:at + head + 2] == b"\x02\x01" and \
        octets[at + head + 2:at + head + 3] in (b"\0", b"\1", b"\3") else 0


def units(octets):
    """How many ends a connection with these octets has: one for each whole message, one for what breaks the framing, one for
    each message that can be recognized behind that, one for what is not complete when the connection ends."""
    count, at = 0, 0
    while at < len(octets):
        found = _length(octets, at)
        if found is None:
            return count + 1
        if not found:
            return count + 1 + _behind(octets, at + 1)
        if found[1] > MOST:
            return count + 1 + _behind(octets, at + found[1])
        at += found[1]
        count += 1
    return count


def _behind(octets, at):
    count = 0
    while at < len(octets):
        whole = _begins(octets, at)
        count += whole > 0
        at += whole or 1
    return count


def ended(books):
    """Messages that reached the port, as the books tell: each is in one of these and in no other."""
    return books["received"] + sum(books["rejected"].values()) + books["kernel_dropped"] + books.get("other", 0)
