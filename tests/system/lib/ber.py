# SPDX-License-Identifier: Apache-2.0
"""Notifications as bytes, made without any SNMP library: nothing stands between a test and what is on the wire."""

import struct

SYS_UPTIME = "1.3.6.1.2.1.1.3.0"
SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
TRAP1, TRAP2, INFORM = 0xA4, 0xA7, 0xA6
GET, RESPONSE, REPORT = 0xA0, 0xA2, 0xA8


def tlv(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 128:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def number(value, tag=2):
    """INTEGER; for the unsigned types give their tag (counter 0x41, gauge 0x42, ticks 0x43, counter64 0x46)."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def counter(value):
    return number(value, 0x41)


def gauge(value):
    return number(value, 0x42)


def ticks(value):
    return number(value, 0x43)


def counter64(value):
    return number(value, 0x46)


def octets(value):
    return tlv(4, value.encode() if isinstance(value, str) else value)


def address(text):
    return tlv(0x40, bytes(int(part) for part in text.split(".")))


def _subid(value):
    out = [value & 0x7F]
    while value > 0x7F:
        value >>= 7
        out.append(0x80 | value & 0x7F)
    return bytes(reversed(out))


def oid(dotted):
    subids = [int(part) for part in dotted.split(".")]
    return tlv(6, *map(_subid, [subids[0] * 40 + subids[1], *subids[2:]]))


def opaque(value):
    return tlv(0x44, value)


def opaque_float(value):
    return opaque(b"\x9f\x78\x04" + struct.pack(">f", value))


def opaque_double(value):
    return opaque(b"\x9f\x79\x08" + struct.pack(">d", value))


NULL = tlv(5)
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = tlv(0x80), tlv(0x81), tlv(0x82)


def varbinds(pairs):
    """(dotted OID or ready bytes, value's bytes) each, as a VarBindList."""
    return tlv(0x30, *(tlv(0x30, name if isinstance(name, bytes) else oid(name), value) for name, value in pairs))


def message(community, pdu, version=1):
    return tlv(0x30, number(version), octets(community), pdu)


def bare(community, pairs, kind=TRAP2, request_id=1):
    """A v2c notification with these varbinds and no others."""
    return message(community, tlv(kind, number(request_id), number(0), number(0), varbinds(pairs)))


def v2c(community, pairs=(), uptime=0, trap=LINK_DOWN, kind=TRAP2, request_id=1):
    lead = [(SYS_UPTIME, ticks(uptime)), (SNMP_TRAP_OID, oid(trap))]
    return bare(community, [*lead, *pairs], kind, request_id)


def v1(community, pairs=(), uptime=0, enterprise="1.3.6.1.4.1.99999", agent="192.0.2.1", generic=6, specific=1):
    return message(community, tlv(TRAP1, oid(enterprise), address(agent), number(generic), number(specific),
                                  ticks(uptime), varbinds(pairs)), version=0)
