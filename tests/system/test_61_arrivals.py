# SPDX-License-Identifier: Apache-2.0
"""Nothing that reaches the trap port is silent: each message ends under exactly one counter, and each that was refused is
told of with its sender and its cause."""

import os
import re
import socket

import pytest

from lib import arrivals, ber, send
from lib.arrivals import CONF, DATAGRAMS, KINDS, Mutator, ended, units
from lib.need import need_root, need_tool
from lib.proc import PATIENCE, memory, tcp_queued, udp_drops, wait_until
from lib.rig import COMMUNITY, broker, rigs  # noqa: F401, fixtures
from lib.snmptrapd import sanitized
from lib.v3 import Device, Rejects

# pylint: disable=redefined-outer-name
COUNT = int(os.environ.get("TK_ARRIVALS", "100000"))
SEED = int(os.environ.get("TK_ARRIVALS_SEED", "20261126"))
OVER_TCP = 10  # one in so many


def connection(port, octets, source="127.0.0.1"):
    """Send these octets over a connection of their own; returns when snmptrapd has read them and closed its side."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.settimeout(20 * PATIENCE)
        sock.bind((source, 0))
        sock.connect(("127.0.0.1", port))
        try:
            sock.sendall(octets)
            sock.shutdown(socket.SHUT_WR)
            while sock.recv(65536):
                pass
        except (ConnectionResetError, BrokenPipeError):
            pass  # the framing was broken


def check_ends(books, sent):
    assert ended(books) == sent, f"{sent} were sent, {ended(books)} are accounted for: {books}"
    assert books["unparsable"] == books["rejected"]["malformed"], books


# -- kind by kind -------------------------------------------------------------------------------------------------------

def tell(rig, over, kinds):
    """Send each kind from an address of its own, and look at what is told of that address."""
    rejects = Rejects(rig, None)
    addresses = {kind.name: f"127.0.61.{n}" for n, kind in enumerate(kinds, 1)}
    for kind in kinds:
        if over == "udp":
            send.datagrams(rig.daemon.ports["udp"], [kind.message], source=(addresses[kind.name], 0))
        else:
            connection(rig.daemon.ports["tcp"], kind.message, addresses[kind.name])
    told = {addresses[kind.name] for kind in kinds if kind.detail}
    wait_until(lambda: told <= {r["source"]["address"] for r in rejects.records()}, 10 + len(told) / 4,
               lambda: f"records of {sorted(told - {r['source']['address'] for r in rejects.records()})}:\n{rig.log.tail()}")
    books = rig.stop()
    wrong = []
    for kind in kinds:
        records = rejects.records(lambda e, address=addresses[kind.name]: e["source"]["address"] == address)
        got = [(r["reason"], r["count"], r["detail"]) for r in records]
        reason = kind.end.replace("dropped.", "")
        detail = "connection" if over == "tcp" and kind.breaks else kind.detail
        if not (not got if not kind.detail else len(got) == 1 and got[0][:2] == (reason, 1) and re.search(detail, got[0][2])):
            wrong.append(f"{kind.name}: {got} instead of {reason}, /{detail}/")
        assert all(r["source"]["transport"] == over for r in records), records
    assert not wrong, "\n".join(wrong)
    check_ends(books, len(kinds) if over == "udp" else sum(units(kind.message) for kind in kinds))
    assert books["other"] == sum(kind.end == "other" for kind in kinds), books
    assert books["dropped"]["malformed"] == sum(kind.end == "dropped.malformed" for kind in kinds), books
    for reason, count in books["rejected"].items():
        assert count == sum(kind.end == reason for kind in kinds), (reason, books)
    assert books["published"] == sum(kind.end == "received" for kind in kinds), books


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_each_kind(rigs, over):  # noqa: F811
    """With the sanitizer where that build is at hand, and with snmptrapd's notification log, which is not safe from all."""
    kinds = KINDS + DATAGRAMS if over == "udp" else KINDS
    rig = rigs([*CONF, "doNotRetainNotificationLogs no", "kafkaLogTraps yes"], listen=("udp", "tcp"), **sanitized())
    tell(rig, over, kinds)


# -- 100,000 of them ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("count, options", [(COUNT, {}), (COUNT // 5, sanitized())], ids=["ordinary", "sanitized"])
def test_mutations(rigs, count, options):  # noqa: F811
    """Sent is the sum of the counters, exactly; and all that snmptrapd does with them, its notification log too, is safe. A
    failure comes again with TK_ARRIVALS_SEED."""
    rig = rigs([*CONF, "[snmp] serverRecvBuf 4194304", *(["doNotRetainNotificationLogs no", "kafkaLogTraps yes"] if options else [])],
               listen=("udp", "tcp"), **options)
    mutator, batch, sent = Mutator(SEED), [], 0
    for number in range(count):
        message = mutator.next()
        if number % OVER_TCP:
            batch.append(message)
            sent += 1
        else:
            connection(rig.daemon.ports["tcp"], message)
            sent += units(message)
        if len(batch) == 100:
            rig.send(batch, batch=100)
            batch = []
    rig.send(batch, batch=100)
    books = rig.stop()
    print(f"seed {SEED}: {sent} messages, {ended(books)} accounted for: {books}")
    check_ends(books, sent)
    assert books["received"] > count / 10 and books["unparsable"] > count / 10 and books["other"] > count / 100, books


# -- connections --------------------------------------------------------------------------------------------------------

def dripping(port, octets, size):
    """The same in pieces; each is read before the next one is sent."""
    with socket.create_connection(("127.0.0.1", port), 20 * PATIENCE) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        mine = sock.getsockname()[1]
        for at in range(0, len(octets), size):
            sock.sendall(octets[at:at + size])
            wait_until(lambda: not tcp_queued(port, mine), 20, "snmptrapd to read the piece", step=0.0005)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass


GOOD, REFUSED, GARBAGE = ber.v2c(COMMUNITY), ber.v2c("guessed"), b"GET / HTTP/1.1\r\n\r\n"
UNREADABLE, REQUEST = ber.v2c("c" * 257), arrivals.request(arrivals.GET)
WIDE = f"{arrivals.ACME}.1"
#: What a connection brings, and what that ends in: received, unknown_community, malformed, other.
STREAMS = {
    "one": (GOOD, (1, 0, 0, 0)),
    "nothing": (b"", (0, 0, 0, 0)),
    "refused ones among good ones": (GOOD + REFUSED + GOOD + REFUSED + GOOD, (3, 2, 0, 0)),
    "an unreadable one among good ones": (GOOD + UNREADABLE + GOOD, (2, 0, 1, 0)),
    "a request among good ones": (GOOD + REQUEST + GOOD, (2, 0, 0, 1)),
    "one that never completes": (GOOD[:-3], (0, 0, 1, 0)),
    "one that never completes, behind good ones": (GOOD + REFUSED + GOOD[:-3], (1, 1, 1, 0)),
    "one octet": (b"\x30", (0, 0, 1, 0)),
}
#: Those whose connection is closed: what is sent afterwards is refused by TCP.
BROKEN_STREAMS = {
    "garbage": (GARBAGE, (0, 0, 1, 0)),
    "garbage behind a good one": (GOOD + GARBAGE, (1, 0, 1, 0)),
    "good ones behind garbage": (GOOD + GARBAGE + GOOD + GOOD + REFUSED, (1, 0, 4, 0)),
    "one that is cut, behind garbage": (GARBAGE + GOOD[:-3], (0, 0, 2, 0)),
    "indefinite length": (b"\x30\x80" + GOOD[2:] + GOOD, (0, 0, 2, 0)),
    "a length over 2^31": (b"\x30\x84\xff\xff\xff\xf0" + GOOD, (0, 0, 2, 0)),
    "one that is too large": (GOOD + b"\x30\x83\x04\x0f\xfc" + b"x" * 1000, (1, 0, 1, 0)),
    "a length of 2^31 - 1, behind a good one": (GOOD + b"\x30\x84\x7f\xff\xff\xf9" + GOOD, (1, 0, 1, 0)),
    "a length that is 5 modulo 2^32": (b"\x30\x85\x01\x00\x00\x00\x05" + GOOD, (0, 0, 2, 0)),
}


def check_stream(rig, ends):
    books = rig.stop()
    assert (books["received"], books["rejected"]["unknown_community"], books["unparsable"], books["other"]) == ends, books
    check_ends(books, sum(ends))


@pytest.mark.parametrize("name", [*STREAMS, *BROKEN_STREAMS])
def test_connection(rigs, name):  # noqa: F811
    octets, ends = {**STREAMS, **BROKEN_STREAMS}[name]
    assert units(octets) == sum(ends), "lib/arrivals.py reads a connection as the module has to"
    rig = rigs(CONF, listen=("udp", "tcp"))
    connection(rig.daemon.ports["tcp"], octets)
    check_stream(rig, ends)


@pytest.mark.parametrize("name", STREAMS)
def test_connection_in_pieces(rigs, name):  # noqa: F811
    octets, ends = STREAMS[name]
    rig = rigs(CONF, listen=("udp", "tcp"))
    for size in (1, 7, 64):
        dripping(rig.daemon.ports["tcp"], octets, size)
    check_stream(rig, tuple(3 * n for n in ends))


def test_large_messages(rigs):  # noqa: F811
    """Of more octets than snmptrapd reads at once, up to what a connection may bring; and with varbinds that are more than a
    record holds. Each is counted, the latter told of."""
    rig = rigs([*CONF, "kafkaProperty message.max.bytes 2000000"], listen=("udp", "tcp"))
    messages = [ber.v2c(COMMUNITY, [(WIDE, ber.octets(bytes(size)))]) for size in (70_000, 200_000, 260_000)]
    messages.append(ber.v2c(COMMUNITY, [(WIDE, ber.number(1))] * 14_000))
    connection(rig.daemon.ports["tcp"], b"".join(messages) + GOOD)
    record = rig.health.wait(1, lambda m: m.event["type"] == "rejected")[0].event
    assert record["reason"] == "malformed" and "larger than a record" in record["detail"], record
    books = rig.stop()
    check_ends(books, 5)
    assert (books["published"], books["dropped"]["too_large"], books["unparsable"]) == (4, 1, 0), books


@pytest.mark.parametrize("announced", [arrivals.MOST + 1, 0x7FFFFFFF])
def test_memory_for_a_message_without_an_end(rigs, announced):  # noqa: F811
    """A stranger's message is collected up to a bound, not as long as it announces; it is told of, and counted once."""
    rig = rigs(CONF, listen=("udp", "tcp"))
    connection(rig.daemon.ports["tcp"], GOOD)
    rig.events.wait_events(1)
    before, sent = memory(rig.daemon.pid, "VmRSS"), 0
    with socket.create_connection(("127.0.0.1", rig.daemon.ports["tcp"]), 20 * PATIENCE) as sock:
        try:
            sock.sendall(b"\x30\x84" + (announced - 6).to_bytes(4, "big"))
            while sent < 64 << 20:
                sent += sock.send(bytes(1 << 20))
        except (ConnectionResetError, BrokenPipeError):
            pass
    record = rig.health.wait(1, lambda m: m.event["type"] == "rejected")[0].event
    assert record["reason"] == "malformed" and f"the message has {announced} octets" in record["detail"], record
    assert memory(rig.daemon.pid, "VmHWM") - before < 16 << 20
    books = rig.stop()
    check_ends(books, 2)
    assert (books["received"], books["unparsable"]) == (1, 1), books


def test_many_behind_what_closes_the_connection(rigs):  # noqa: F811
    """All that wait in the connection are counted, however many. How much can wait there is the kernel's affair."""
    rig = rigs([*CONF, "[snmp] serverRecvBuf 4194304"], listen=("udp", "tcp"))
    port, octets = rig.daemon.ports["tcp"], b"\x31\x00" + GOOD * 20_000
    with socket.create_connection(("127.0.0.1", port), 20 * PATIENCE) as sock:
        def waiting():
            return tcp_queued(port, sock.getsockname()[1])
        sock.sendall(GOOD)
        rig.events.wait_events(1)  # snmptrapd has accepted the connection, and given it a large buffer
        rig.daemon.pause()
        sock.setblocking(False)
        sent = waited = 0
        for end in range(65536, len(octets) + 65536, 65536):
            try:
                sent += sock.send(octets[sent:end])
            except BlockingIOError:
                break
            try:
                wait_until(lambda: waiting() == sent, 1, "the part to wait")  # pylint: disable=cell-var-from-loop
            except AssertionError:
                break  # it takes no more
            waited = sent
        assert waited > 3 * 65536, "more than the parts in which it is searched"
        rig.daemon.resume()
        sock.setblocking(True)
        try:
            while sock.recv(65536):
                pass
        except ConnectionResetError:
            pass
    books = rig.stop()
    assert 1 + (waited - 2) // len(GOOD) <= books["unparsable"] <= 1 + -(-(sent - 2) // len(GOOD)), (waited, sent, books)
    check_ends(books, 1 + books["unparsable"])


def test_connections_that_are_open_at_the_stop(rigs):  # noqa: F811
    """A message that is not complete when snmptrapd stops is counted, too."""
    rig = rigs(CONF, listen=("udp", "tcp"))
    with socket.create_connection(("127.0.0.1", rig.daemon.ports["tcp"]), 20 * PATIENCE) as sock:
        sock.sendall(GOOD + GOOD[:-3])
        rig.events.wait_events(1)
        wait_until(lambda: not tcp_queued(rig.daemon.ports["tcp"], sock.getsockname()[1]), 20, "snmptrapd to read all")
        books = rig.stop()
    check_ends(books, 2)


# -- what snmptrapd's configuration keeps out ---------------------------------------------------------------------------

def told(rig):
    """The one record."""
    record = rig.health.wait(1, lambda m: m.event["type"] == "rejected")[0].event
    return record["reason"], record["detail"], record["remedy"]


def test_disabled_version(rigs):  # noqa: F811
    """And the remedy followed."""
    rig = rigs([*CONF, "[snmp] disableSNMPv2c yes"])
    rig.send([GOOD])
    reason, detail, remedy = told(rig)
    assert (reason, detail) == ("malformed", "net-snmp's configuration disables SNMPv2c")
    assert remedy.startswith("take disableSNMPv2c out of snmp.conf and restart snmptrapd")
    check_ends(rig.stop(), 1)
    mended = rigs(CONF)
    mended.send([GOOD])
    mended.events.wait_events(1)


def test_denied_host(rigs, folder):  # noqa: F811
    """hosts.deny, in a mount namespace of the daemon's own; and the remedy followed."""
    need_root()
    unshare = [need_tool("unshare"), "--mount", "sh", "-c",
               'mount --bind "$1" /etc/hosts.deny && mount --bind "$2" /etc/hosts.allow && shift 2 && exec "$@"', "-"]
    deny, allow = folder / "hosts.deny", folder / "hosts.allow"
    deny.write_text("snmptrapd : ALL\n")
    allow.write_text("")
    rig = rigs(CONF, wrapper=[*unshare, deny, allow])
    rig.send([GOOD, ber.v1(COMMUNITY), Device(arrivals.ENGINE, arrivals.SIGNED).trap()])
    reason, detail, remedy = told(rig)
    assert (reason, detail) == ("not_authorized", "hosts.allow and hosts.deny, or sourceFilterType in snmp.conf, refuse 127.0.0.1")
    with allow.open("a", encoding="ascii") as file:
        file.write(re.search("`(.*?)`", remedy)[1] + "\n")
    rig.send([GOOD])
    rig.events.wait_events(1)
    books = rig.stop()
    check_ends(books, 4)
    assert (books["rejected"]["not_authorized"], books["received"]) == (3, 1), books


# -- the first message --------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("first", [UNREADABLE, REQUEST, REFUSED, ber.bare(COMMUNITY, [])],
                         ids=["unreadable", "request", "refused", "no-trap-oid"])
def test_first_message(rigs, first):  # noqa: F811
    """It is in the socket before the daemon is, so it comes before the module's first alarm."""
    rig = rigs(CONF, start=False)
    passed = [word for name, value in rig.daemon.environment().items() if os.environ.get(name) != value
              for word in ("-E", f"{name}={value}")]
    rig.daemon.wrapper = [need_tool("systemd-socket-activate"), "--datagram", "-l", f"127.0.0.1:{rig.daemon.port}", *passed]
    rig.daemon.start(wait=False)
    wait_until(lambda: udp_drops(rig.daemon.port) is not None, 10, "systemd-socket-activate to listen")
    send.datagrams(rig.daemon.port, [first])
    rig.in_force()
    check_ends(rig.stop(), 1)
