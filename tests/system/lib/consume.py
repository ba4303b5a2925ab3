# SPDX-License-Identifier: Apache-2.0
"""What arrived in Kafka. Every event that a Collector sees is held against conf/event.schema.json, and may have no member
that the schema does not describe."""

import functools
import itertools
import json
import os
import re
import threading
import time
from pathlib import Path
from typing import NamedTuple

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
import jsonschema_rs
from jsonschema import Draft202012Validator

from lib.need import need_tool
from lib.proc import PATIENCE, run, wait_until
from lib.schema import closed

SCHEMA = Path(os.environ.get("TK_SCHEMA") or Path(__file__).resolve().parents[3] / "conf" / "event.schema.json")


#: Of one message in a topic that a test makes for large ones.
MOST_BYTES = 8 << 20


class Message(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: str
    headers: dict
    value: bytes
    event: dict
    timestamp: int  # milliseconds


@functools.lru_cache(maxsize=None)
def validator():
    """Made once; a missing or wrong schema is a failure, not a reason to look away."""
    with open(SCHEMA, encoding="utf-8") as file:
        schema = closed(json.load(file))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _no_twins(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a name twice in one object: {names}")
    return dict(pairs)


def parse_event(value):
    """bytes -> event, as strictly as a consumer may: UTF-8, one line, no name twice, no NaN."""
    def refuse(word):
        raise ValueError(f"{word} is no JSON")
    text = value.decode("utf-8")
    if "\n" in text:
        raise ValueError("a newline in the event")
    return json.loads(text, object_pairs_hook=_no_twins, parse_constant=refuse)


@functools.lru_cache(maxsize=None)
def quick_validator():
    """A hundred times as fast, so that each event of a storm is validated too; validator() says what is wrong with one."""
    with open(SCHEMA, encoding="utf-8") as file:
        return jsonschema_rs.Draft202012Validator(closed(json.load(file)), validate_formats=True)


def check_event(value):
    """Parse and validate; ValueError says what is wrong."""
    event = parse_event(value)
    if quick_validator().is_valid(event):
        return event
    error = next(validator().iter_errors(event), None)
    if not error:
        raise ValueError("the two validators disagree")
    raise ValueError(f"{error.json_path}: {error.message[:300]}")


_recordings = itertools.count(1)


def record(messages):
    """Put events into a file of the folder TK_EVENTS, one a line, for test_90_consumers.py. Of more than a thousand only
    those that differ from the ones before in more than numbers: a storm is one event many times."""
    folder = os.environ.get("TK_EVENTS")
    lines = {}
    for number, message in enumerate(messages):
        if message.event.get("type") == "trap":
            look = number if number < 1000 else re.sub(rb"[0-9a-f]{8,}|[0-9]+", b"0", message.value)
            lines.setdefault(look, message.value)
    if folder and lines:
        path = Path(folder) / f"{os.getpid()}-{next(_recordings)}.jsonl"
        path.write_bytes(b"".join(line + b"\n" for line in lines.values()))


class Collector:
    """Reads one topic from its beginning, in a thread of its own, and keeps all of it.

    raw=True keeps the bytes only: for topics that hold no events of ours. The topic may come into being later, and may grow
    partitions. No consumer group: nothing is left in the cluster.
    """

    #: Are these events for test_90_consumers.py? Not those of a test that sends thousands of kinds.
    is_recorded = True

    def __init__(self, brokers, topic, raw=False):
        self.brokers = brokers
        self.topic = topic
        self.raw = raw
        if not raw:
            validator()
        self._messages = []
        self._bad = []
        self._changed = threading.Condition()
        self._end = False
        self._thread = threading.Thread(target=self._main, name=f"collect {topic}", daemon=True)
        self._thread.start()

    # -- the thread -----------------------------------------------------------------------------------------------

    def _consumer(self):
        return Consumer({"bootstrap.servers": self.brokers, "group.id": "trapkafka-tests", "enable.auto.commit": False,
                         "auto.offset.reset": "earliest", "fetch.wait.max.ms": 50, "reconnect.backoff.ms": 20,
                         "reconnect.backoff.max.ms": 200, "log_level": 0, "topic.metadata.refresh.interval.ms": 1000,
                         "fetch.error.backoff.ms": 50})

    def _main(self):
        consumer = self._consumer()
        known = set()
        look = 0.0
        try:
            while not self._end:
                if time.monotonic() >= look:
                    new = self._partitions(consumer) - known
                    if new:
                        consumer.incremental_assign([TopicPartition(self.topic, p, OFFSET_BEGINNING) for p in new])
                        known |= new
                    look = time.monotonic() + (2 if known else 0.05)
                if known:
                    for message in consumer.consume(1000, 0.05):
                        self._take(message)
        except Exception as err:  # pylint: disable=broad-except
            self._note_bad(f"collector of {self.topic} ended: {err!r}")
        finally:
            consumer.close()

    def _partitions(self, consumer):
        # Asking for all topics, not for this one: asking by name would create it.
        try:
            topic = consumer.list_topics(timeout=1).topics.get(self.topic)
        except KafkaException:
            time.sleep(0.05)
            return set()
        return set(topic.partitions) if topic and not topic.error else set()

    def _note_bad(self, text):
        with self._changed:
            self._bad.append(text)
            self._changed.notify_all()

    def _take(self, message):
        if message.error():
            # A broker that a test took away comes back; librdkafka goes on by itself.
            if message.error().fatal() or message.error().code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                self._note_bad(str(message.error()))
            return
        event, wrong = None, None
        value = message.value() or b""
        if not self.raw:
            try:
                event = check_event(value)
            except ValueError as err:
                wrong = f"{self.topic}[{message.partition()}]@{message.offset()}: {err}: {value[:2000]!r}"
        key = message.key()
        taken = Message(self.topic, message.partition(), message.offset(),
                        key.decode("utf-8", "backslashreplace") if key is not None else None,
                        {name: (data or b"").decode("utf-8", "backslashreplace")
                         for name, data in message.headers() or ()},
                        value, event if event is not None else {}, message.timestamp()[1])
        with self._changed:
            self._messages.append(taken)
            if wrong:
                self._bad.append(wrong)
            self._changed.notify_all()

    # -- for tests ------------------------------------------------------------------------------------------------

    def messages(self, where=None):
        """What came so far, in order of arrival; `where` chooses by Message. Fails if any event was invalid."""
        with self._changed:
            taken = list(self._messages)
        self.check()
        return [m for m in taken if where is None or where(m)]

    def events(self, where=None):
        """As messages(), but events, chosen by event."""
        return [m.event for m in self.messages() if where is None or where(m.event)]

    def check(self):
        with self._changed:
            assert not self._bad, f"{len(self._bad)} bad events, the first: {self._bad[0]}"

    def wait(self, count=1, where=None, timeout=20):
        """The messages that `where` (by Message) chooses, as soon as there are `count`."""
        timeout *= PATIENCE
        deadline = time.monotonic() + timeout
        seen, found = 0, []
        while True:
            with self._changed:
                while len(self._messages) == seen and not self._bad and time.monotonic() < deadline:
                    self._changed.wait(max(0.0, deadline - time.monotonic()))
                fresh = self._messages[seen:]
                seen += len(fresh)
            self.check()
            found += [m for m in fresh if where is None or where(m)]
            if len(found) >= count:
                return found
            assert fresh or time.monotonic() < deadline, (
                f"{len(found)} of {count} messages in {self.topic} within {timeout} s; {seen} in all, the last: "
                f"{self._messages[-1].value[:1000] if seen else None}")

    def wait_events(self, count=1, where=None, timeout=20):
        """As wait(), but events, chosen by event."""
        return [m.event for m in self.wait(count, where and (lambda m: where(m.event)), timeout)]

    def drain(self, timeout=20):
        """Everything that the topic holds at this moment: what has to be seen to say that something did not come."""
        consumer = self._consumer()
        try:
            ends = {}
            for part in self._partitions(consumer):
                low, high = consumer.get_watermark_offsets(TopicPartition(self.topic, part), timeout=10)
                if high > low:
                    ends[part] = high - 1
        finally:
            consumer.close()

        def reached():
            self.check()
            with self._changed:
                last = {}
                for m in self._messages:
                    last[m.partition] = max(last.get(m.partition, -1), m.offset)
            return all(last.get(part, -1) >= end for part, end in ends.items())
        wait_until(reached, timeout, f"{self.topic} to be read to its end {ends}", step=0.05)
        return self.messages()

    def close(self):
        if self._end:
            return
        self._end = True
        self._thread.join(10 * PATIENCE)
        assert not self._thread.is_alive(), "collector does not end"
        if self.is_recorded:
            record(self._messages)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def kcat_consume(brokers, topic, timeout=30):
    """All that the topic holds now, read by kcat: its JSON envelopes (topic, partition, offset, key, headers, payload)."""
    done = run([need_tool("kcat"), "-C", "-b", brokers, "-t", topic, "-o", "beginning", "-e", "-q", "-J"],
               timeout=timeout)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def kcat_produce(brokers, topic, payload, key="", timeout=30):
    """One message by kcat."""
    run(["sh", "-c", 'printf %s "$4" | "$0" -P -b "$1" -t "$2" -k "$3"', need_tool("kcat"), brokers, topic, key,
         payload], timeout=timeout)


def produce(brokers, topic, values, key=None):
    """Messages by confluent-kafka, acknowledged when this returns."""
    failed = []
    producer = confluent_kafka.Producer({"bootstrap.servers": brokers, "log_level": 0, "linger.ms": 0, "message.max.bytes": MOST_BYTES,
                                         "topic.metadata.propagation.max.ms": 3000, "reconnect.backoff.max.ms": 200})
    for value in values:
        producer.produce(topic, value, key, on_delivery=lambda err, _: err and failed.append(err))
    left = producer.flush(30)
    assert not left and not failed, f"{left} not delivered, {failed[:1]}"
