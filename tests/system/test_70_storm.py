# SPDX-License-Identifier: Apache-2.0
"""200,000 distinct traps while the broker is away for 60,000 of them: the books balance to the last trap, and what was
accepted is in Kafka."""

import pytest

from lib.load import QUIET, at_rest, books_of, check_exactly_once, check_order, read_topic, wait_books

COUNT = 200000
RATE = 8000
AWAY = 60000  # traps that come meanwhile


@pytest.mark.alone
def test_storm_with_the_broker_away(snmptrapd, storm, new_kafka, topic, folder):
    stats = folder / "stats"
    cluster = new_kafka().start()
    daemon = snmptrapd([*QUIET, f"kafkaBrokers {cluster.bootstrap}", f"kafkaTopic {topic}", f"kafkaStatsFile {stats} 1",
                        "kafkaQueue 256M"])
    sender = storm(daemon.port, count=COUNT, rate=RATE, sources=50)
    wait_books(stats, lambda b: b["published"] > COUNT // 3, 60)
    cluster.stop()
    before = books_of(stats)
    # The storm goes on without the broker, and what comes waits.
    wait_books(stats, lambda b: b["received"] >= before["received"] + AWAY and b["pending"] >= AWAY, 60)
    cluster.start()
    figures = sender.result(120)
    books = wait_books(stats, at_rest(figures["sent"]), 60)
    print(f"sent: {figures}; books: {books}")
    assert figures["sent"] == COUNT == books["received"] + books["kernel_dropped"] + books["unparsable"]
    assert books["published"] == books["received"] - books["dropped"]["queue_full"]
    found = read_topic(cluster.bootstrap, topic)
    assert len(found) == books["published"]
    check_exactly_once(found, {a.number for a in found})
    check_order(found)
    assert len({a.key for a in found}) == 50 and len({a.partition for a in found}) == 4
    daemon.stop()
    assert books_of(stats)["published"] == books["published"]
