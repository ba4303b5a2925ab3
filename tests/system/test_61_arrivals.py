# SPDX-License-Identifier: Apache-2.0
"""Nothing that reaches the trap port is silent: each message ends under exactly one counter, and each that was refused is
told of with its sender and its cause."""

import os
import re
import socket

import pytest

from lib import arrivals, send
from lib.arrivals import CONF, DATAGRAMS, KINDS, Mutator, ended, units
from lib.proc import PATIENCE, wait_until
from lib.rig import broker, rigs, shared_rigs  # noqa: F401, fixtures
from lib.snmptrapd import sanitized
from lib.v3 import Rejects

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
    rejects = Rejects(rig, rig.daemon.folder / "stats")
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
    rig = rigs([*CONF, "doNotRetainNotificationLogs no", "kafkaLogTraps yes"], listen=("udp", "tcp"), start=False, **sanitized())
    stats = rig.daemon.folder / "stats"
    rig.daemon.write_conf([*rig._lines([*CONF, "doNotRetainNotificationLogs no", Rejects.line(stats)])])  # pylint: disable=protected-access
    rig.daemon.start()
    rig.in_force()
    tell(rig, over, kinds)


# -- 100,000 of them ----------------------------------------------------------------------------------------------------

def test_mutations(rigs):  # noqa: F811
    """Sent is the sum of the counters, exactly. A failure comes again with TK_ARRIVALS_SEED."""
    rig = rigs([*CONF, "[snmp] serverRecvBuf 4194304"], listen=("udp", "tcp"))
    mutator, batch, sent = Mutator(SEED), [], 0
    for number in range(COUNT):
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
    assert books["received"] > COUNT / 10 and books["unparsable"] > COUNT / 10 and books["other"] > COUNT / 100, books
