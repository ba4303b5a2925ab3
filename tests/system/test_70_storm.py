# SPDX-License-Identifier: Apache-2.0
"""200,000 distinct traps while the broker is away for ten seconds in the middle: the books balance to the last trap, and
what was accepted is in Kafka."""

import time

import pytest

from lib.load import QUIET, at_rest, books_of, check_exactly_once, check_order, read_topic, wait_books

COUNT = 200000
RATE = 8000
AWAY = 10


@pytest.mark.alone
def test_storm_with_the_broker_away(snmptrapd, storm, new_kafka, topic, folder):
    stats = folder / "stats"
    cluster = new_kafka().start()
    daemon = snmptrapd([*QUIET, f"kafkaBrokers {cluster.bootstrap}", f"kafkaTopic {topic}", f"kafkaStatsFile {stats} 1",
                        "kafkaQueue 256M"])
    begin = time.monotonic()
    sender = storm(daemon.port, count=COUNT, rate=RATE, sources=50)
    wait_books(stats, lambda b: b["published"] > COUNT // 3, 60)
    cluster.stop()
    away_since = time.monotonic()
    before = books_of(stats)
    time.sleep(AWAY)
    during = books_of(stats)
    cluster.start()
    print(f"the broker was away from {away_since - begin:.1f} s to {time.monotonic() - begin:.1f} s")
    figures = sender.result(120)
    assert during["received"] - before["received"] > RATE * AWAY / 2, "the storm went on without the broker"
    assert during["pending"] > RATE * AWAY / 2, "and what came waited"
    books = wait_books(stats, at_rest(figures["sent"]), 60)
    print(f"sent: {figures}; books: {books}")
    assert figures["sent"] == COUNT == books["received"] + books["kernel_dropped"] + books["unparsable"]
    assert books["published"] == books["received"] - books["dropped"]["queue_full"]
    assert books["received"] > COUNT * 0.9, "the socket's buffer is large enough for most"
    found = read_topic(cluster.bootstrap, topic)
    assert len(found) == books["published"]
    check_exactly_once(found, {a.number for a in found})
    check_order(found)
    assert len({a.key for a in found}) == 50 and len({a.partition for a in found}) == 4
    daemon.stop()
    assert books_of(stats)["published"] == books["published"]
