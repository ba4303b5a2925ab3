# SPDX-License-Identifier: Apache-2.0
"""Many notifications: trapstorm (tests/bench) sends them numbered, and here is counted what became of each.

A storm's notification carries its running number as its last varbind, so "arrived exactly once" and "in order" can be
said of every single one.
"""

import json
import time
from pathlib import Path
from typing import NamedTuple

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from lib.books import check_books, read_stats
from lib.consume import check_event
from lib.need import need_tool
from lib.proc import PATIENCE, run, spawn, wait_until

NUMBER = "1.3.6.1.4.1.32473.1.1.0"
BENCH = Path(__file__).resolve().parents[2] / "bench"

RECEIVE_BUFFER = 8388608

#: For snmptrapd.conf. Stock snmptrapd keeps and formats every trap, which costs more than all that is tested with load,
#: and its formatting asks the DNS for each sender's name: a storm would wait for that.
QUIET = ["authCommunity log,execute,net public", "doNotRetainNotificationLogs yes", "kafkaLogTraps no",
         f"[snmp] serverRecvBuf {RECEIVE_BUFFER}"]


#: Bytes in the receiver's socket at which a sender waits. With the batch that comes on top (64 messages, of which the kernel
#: counts 1,280 bytes each) it is half of the smallest buffer that Linux gives: nothing is lost, on a slow machine either.
ROOM = 32768

#: Options of a storm that goes on until it is stopped.
ENDLESS = {"count": 20_000_000, "ahead": 16}


def build_trapstorm(out):
    """Compile the sender; its path."""
    run([need_tool("cc"), "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-o", out, BENCH / "trapstorm.c",
         *sorted(BENCH.glob("storm_*.c")), "-lcrypto"])
    return out


def _words(options):
    return [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]


def create_users(binary, **options):
    """The createUser lines that a receiver of such a storm of SNMPv3 traps needs."""
    return run([binary, "--to=127.0.0.1:1", "--print-users=yes", *_words(options)]).stdout.splitlines()


class Storm:
    """trapstorm in the background. Options are its own, with _ for -: count=1000, rate=500, inform="yes". It waits for a
    receiver that is behind, unless queue_max=0."""

    def __init__(self, binary, log, port, **options):
        self.log = log
        self.process = spawn([str(binary), f"--to=127.0.0.1:{port}", "--json=yes",
                              *_words({"queue_max": ROOM, **options})], log)

    def running(self):
        return self.process.poll() is None

    def result(self, timeout=60, all_answered=True):
        """Its figures (sent, seconds, answered, max_ms ...), once it ended; without an answer to each INFORM it fails."""
        code = self.process.wait(timeout * PATIENCE)
        text = self.log.read_text()
        assert code == 0 or (code == 3 and not all_answered), f"trapstorm ended with {code}: {text}"
        figures = json.loads(text.splitlines()[-1])
        assert not figures["failed"], figures
        return figures

    def stop(self):
        """Let it end now; its figures. For traps: of INFORMs the last may lack an answer."""
        assert self.running(), f"the load ended before what it was for: {self.log.read_text()}"
        self.process.terminate()
        return self.result()

    def kill(self):
        if self.running():
            self.process.kill()
        self.process.wait(10)


# -- what came -------------------------------------------------------------------------------------------------------

def number_of(event):
    """The running number of a storm's event."""
    last = event["varbinds"][-1]
    assert last["oid"] == NUMBER, f"no event of a storm: {event}"
    return last["number"]


class Arrival(NamedTuple):
    key: str
    partition: int
    number: int
    event_id: str


def arrivals(messages):
    return [Arrival(m.key, m.partition, number_of(m.event), m.event["event_id"]) for m in messages]


def read_topic(brokers, topic, timeout=60):
    """All that a topic holds now, as Arrivals in the order of each partition. For storms: a Collector would keep 5 kB of
    each event."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": "trapkafka-tests",
                                         "enable.auto.commit": False, "log_level": 0, "fetch.wait.max.ms": 50})
    timeout *= PATIENCE
    deadline = time.monotonic() + timeout
    try:
        ends = {}
        for part in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
            ends[part] = consumer.get_watermark_offsets(TopicPartition(topic, part), timeout=10)[1]
        consumer.assign([TopicPartition(topic, part, OFFSET_BEGINNING) for part in ends])
        found = []
        left = {part: end for part, end in ends.items() if end}
        while left:
            assert time.monotonic() < deadline, f"{topic} could not be read within {timeout} s; left: {left}"
            for m in consumer.consume(2000, 0.2):
                assert not m.error(), m.error()
                event = check_event(m.value())
                found.append(Arrival(m.key().decode(), m.partition(), number_of(event), event["event_id"]))
                if m.offset() + 1 >= ends[m.partition()]:
                    left.pop(m.partition(), None)
        return found
    finally:
        consumer.close()


def check_exactly_once(found, numbers):
    """Each of `numbers` arrived once, under an event_id of its own, and nothing else did."""
    numbers = set(numbers)
    seen = {}
    for arrival in found:
        assert arrival.number not in seen, f"twice: {seen[arrival.number]} and {arrival}"
        seen[arrival.number] = arrival
    missing = sorted(numbers - seen.keys())
    assert not missing, f"{len(missing)} of {len(numbers)} are missing, such as {missing[:5]}"
    assert seen.keys() == numbers, f"nobody sent {sorted(seen.keys() - numbers)[:5]}"
    assert len({arrival.event_id for arrival in found}) == len(found), "an event_id was used twice"


def check_order(found):
    """The events of one device are in one partition, in the order in which they were sent."""
    last, home = {}, {}
    for arrival in found:
        assert home.setdefault(arrival.key, arrival.partition) == arrival.partition, f"moved: {arrival}"
        assert arrival.number > last.get(arrival.key, -1), f"{arrival} came after number {last[arrival.key]}"
        last[arrival.key] = arrival.number
    assert found


# -- what the books say ----------------------------------------------------------------------------------------------

def books_of(path):
    """What kafkaStatsFile says, in the form of a health record's books; asserts that they balance, and that each published
    event is in the histogram of latencies."""
    books, stats = {"suppressed": {}, "dropped": {}, "rejected": {}, "alarm_events": {}, "derived_dropped": {}}, read_stats(path)
    for (name, labels), value in stats.items():
        name = name.removeprefix("trapkafka_").removesuffix("_total")
        if name.startswith("delivery_latency_seconds") or name in ("build_info", "suppressed_by_rule"):
            continue
        if labels:
            books[name][dict(labels)["reason"]] = int(value)
        else:
            books[name] = int(value)
    assert stats["trapkafka_delivery_latency_seconds_count", ()] == books["published"], stats
    return check_books({"type": "health", "books": books})


def wait_books(path, condition, timeout=20):
    """The books, as soon as condition(books) holds."""
    last = {}

    def look():
        if path.exists():
            last.update(books_of(path))
        return last and condition(last)
    wait_until(look, timeout, lambda: f"the books in {path} to say so: {last}", step=0.1)
    return last


def at_rest(sent):
    """A condition for wait_books(): each of `sent` packets was taken, dropped by the kernel or undecodable, and nothing is
    under way any more."""
    return lambda b: b["received"] + b["kernel_dropped"] + b["unparsable"] == sent and not b["pending"]
