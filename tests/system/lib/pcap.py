# SPDX-License-Identifier: Apache-2.0
"""UDP payloads out of classic pcap files, and into them."""

import ipaddress
import struct
from typing import NamedTuple

_ETHERNET, _NULL, _RAW, _LINUX_SLL, _LINUX_SLL2 = 1, 0, 101, 113, 276


class Datagram(NamedTuple):
    time: float
    source: str
    source_port: int
    target: str
    target_port: int
    payload: bytes


def _network(linktype, frame):
    """The IP packet in a frame, or None."""
    if linktype == _RAW:
        return frame
    if linktype == _NULL:
        return frame[4:]
    if linktype == _LINUX_SLL2:
        return frame[20:] if frame[:2] in (b"\x08\x00", b"\x86\xdd") else None
    offset = {_ETHERNET: 12, _LINUX_SLL: 14}.get(linktype)
    if offset is None:
        raise ValueError(f"link type {linktype} is not known here")
    kind = frame[offset:offset + 2]
    while kind in (b"\x81\x00", b"\x88\xa8"):  # VLAN tags
        offset += 4
        kind = frame[offset:offset + 2]
    return frame[offset + 2:] if kind in (b"\x08\x00", b"\x86\xdd") else None


def _transport(packet):
    """(source, target, UDP header and payload), or None for other protocols and for fragments."""
    if packet[0] >> 4 == 4:
        header = (packet[0] & 15) * 4
        if packet[9] != 17 or struct.unpack_from(">H", packet, 6)[0] & 0x3FFF:
            return None
        return ipaddress.ip_address(packet[12:16]), ipaddress.ip_address(packet[16:20]), packet[header:]
    if packet[6] != 17:
        return None
    return ipaddress.ip_address(packet[8:24]), ipaddress.ip_address(packet[24:40]), packet[40:]


def read_pcap(path):
    """Yield each whole UDP datagram as a Datagram."""
    with open(path, "rb") as file:
        data = file.read()
    order, unit = {b"\xd4\xc3\xb2\xa1": ("<", 1e-6), b"\xa1\xb2\xc3\xd4": (">", 1e-6),
                   b"\x4d\x3c\xb2\xa1": ("<", 1e-9), b"\xa1\xb2\x3c\x4d": (">", 1e-9)}.get(data[:4], (None, 0))
    if not order:
        raise ValueError(f"{path}: no pcap file")
    linktype = struct.unpack_from(order + "I", data, 20)[0] & 0x0FFFFFFF
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, captured, _ = struct.unpack_from(order + "IIII", data, at)
        packet = _network(linktype, data[at + 16:at + 16 + captured])
        at += 16 + captured
        found = _transport(packet) if packet else None
        if not found or len(found[2]) < 8:
            continue
        source, target, udp = found
        source_port, target_port, length = struct.unpack_from(">HHH", udp)
        if length <= len(udp):
            yield Datagram(seconds + fraction * unit, str(source), source_port, str(target), target_port,
                           udp[8:length])


def write_pcap(path, datagrams, target=("127.0.0.1", 162)):
    """IPv4 packets without a frame around them. datagrams: (seconds since 1970, (address, port), payload)"""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, _RAW))
        for time, source, payload in datagrams:
            udp = struct.pack(">HHHH", source[1], target[1], 8 + len(payload), 0) + payload
            addresses = b"".join(ipaddress.ip_address(address).packed for address in (source[0], target[0]))
            packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0) + addresses + udp
            file.write(struct.pack("<IIII", int(time), int(time % 1 * 1e6), len(packet), len(packet)) + packet)
