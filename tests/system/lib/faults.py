# SPDX-License-Identifier: Apache-2.0
"""The proof of what became of each trap under a fault. lib/fault_run.py makes the load, faults/ has the cases.

Three senders share one space of numbers: traps from 1, INFORMs of v2c from 1,000,000,000, of v3 from 2,000,000,000.
Each event carries its number, its ring and its place in that ring (event_id), so that from the topic alone follows:
nothing is missing between the first and the last record of a ring, each answered INFORM is there, the order of each
device held, and a duplicate is the same record once more.
"""

import json
import re
import sys
import time
from pathlib import Path
from typing import NamedTuple

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from lib.consume import check_event
from lib.proc import PATIENCE

SPACE = 1_000_000_000
TRAPS, V2C, V3, BURST = range(4)
COLUMNS = ("fault", "sent", "rate/s", "accepted", "published", "duplicates", "lost", "recovery s", "informs", "note")

_EVENT_ID = re.compile(rb'"event_id":"([0-9a-f]+)-(\d+)"')
_NUMBER = re.compile(rb'"oid":"1\.3\.6\.1\.4\.1\.32473\.1\.1\.0"[^}]*?"number":(\d+)')


class Seen(NamedTuple):
    key: bytes
    partition: int
    number: int
    ring: bytes
    seq: int


def seen(message):
    """What the books need of one message, taken out by patterns: a million have to be read."""
    value = message.value()
    event_id, number = _EVENT_ID.search(value), _NUMBER.search(value)
    assert event_id and number, f"no event of a storm: {value[:2000]}"
    return Seen(message.key(), message.partition(), int(number[1]), event_id[1], int(event_id[2]))


def read(brokers, topic, timeout=120):
    """All that a topic holds now, in the order of each partition; each 50th event is held against the schema."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": "trapkafka-faults",
                                         "enable.auto.commit": False, "log_level": 0, "fetch.wait.max.ms": 50})
    timeout *= PATIENCE
    deadline = time.monotonic() + timeout
    found = []
    try:
        left = {}
        for part in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
            end = consumer.get_watermark_offsets(TopicPartition(topic, part), timeout=10)[1]
            if end:
                left[part] = end
        consumer.assign([TopicPartition(topic, part, OFFSET_BEGINNING) for part in left])
        following = dict.fromkeys(left, 0)
        while left:
            assert time.monotonic() < deadline, f"{topic} could not be read within {timeout} s; left: {left}"
            for message in consumer.consume(5000, 0.2):
                assert not message.error(), message.error()
                part, offset = message.partition(), message.offset()
                assert offset == following[part], f"read {topic} [{part}] at {offset} and not at {following[part]}"
                following[part] += 1
                found.append(seen(message))
                if len(found) % 50 == 1:
                    check_event(message.value())
                if offset + 1 >= left.get(part, sys.maxsize):
                    del left[part]
    finally:
        consumer.close()
    return found


# -- what must hold of it --------------------------------------------------------------------------------------------

def distinct(found):
    """{(ring, seq): number}; fails if one event_id stands for two notifications."""
    records = {}
    for one in found:
        assert records.setdefault((one.ring, one.seq), one.number) == one.number, f"one event_id, two numbers: {one}"
    return records


def check_order(found):
    """The first arrivals of each device are in one partition, in the order of the ring and of the numbers."""
    last, home, known = {}, {}, set()
    for one in found:
        assert home.setdefault(one.key, one.partition) == one.partition, f"moved: {one}"
        if (one.ring, one.seq) in known:
            continue
        known.add((one.ring, one.seq))
        device = one.key, one.number // SPACE
        before = last.get(device)
        if before:
            assert one.number >= before.number, f"{one} came after {before}"
            assert one.ring != before.ring or one.seq > before.seq, f"{one} came after {before}"
        last[device] = one


def gaps(records):
    """How many records of each ring are missing between its first and its last."""
    ends, count = {}, {}
    for ring, seq in records:
        ends[ring] = max(ends.get(ring, 0), seq)
        count[ring] = count.get(ring, 0) + 1
    return sum(ends[ring] - count[ring] for ring in ends)


def missing(records):
    """[(ring, seq)] of what gaps() counts."""
    ends = {}
    for ring, seq in records:
        ends[ring] = max(ends.get(ring, 0), seq)
    return [(ring, seq) for ring, end in ends.items() for seq in range(1, end + 1) if (ring, seq) not in records]


def runs_of_missing(numbers, first, last):
    """The holes in `numbers` between first and last: a list of (from, to)."""
    holes, at = [], first
    for number in sorted(n for n in numbers if first <= n <= last):
        if number > at:
            holes.append((at, number - 1))
        at = max(at, number + 1)
    if at <= last:
        holes.append((at, last))
    return holes


# -- the table -------------------------------------------------------------------------------------------------------

_rows = None


def rows_to(path):
    """Rows are appended to this file from now on."""
    global _rows  # pylint: disable=global-statement
    _rows = Path(path)


def note(row):
    if _rows:
        with open(_rows, "a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")


def table(path):
    """The rows of a file as text."""
    lines = [list(COLUMNS)]
    if Path(path).exists():
        for line in Path(path).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            lines.append(["" if row.get(name) is None else f"{row[name]:,}" if isinstance(row[name], int) else
                          str(row[name]) for name in COLUMNS])
    widths = [max(len(line[i]) for line in lines) for i in range(len(COLUMNS))]
    left = {0, len(COLUMNS) - 1}
    return "\n".join("  ".join(cell.ljust(width) if i in left else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(line, widths))).rstrip() for line in lines)


if __name__ == "__main__":
    print(table(sys.argv[1]))
