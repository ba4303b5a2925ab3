# SPDX-License-Identifier: Apache-2.0
"""The topic of standing alarms: what a reader makes of it, and what a reader of the events would say."""

import time

import confluent_kafka
from confluent_kafka import OFFSET_BEGINNING, TopicPartition

from lib.consume import check_event
from lib.proc import PATIENCE


def read_all(brokers, topic, timeout=60):
    """[(key, event or None)] of all that the topic holds now, in the order of each partition. Every event is validated."""
    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": "trapkafka-tests", "log_level": 0,
                                         "enable.auto.commit": False, "enable.partition.eof": True,
                                         "fetch.wait.max.ms": 50})
    deadline = time.monotonic() + timeout * PATIENCE
    found = []
    try:
        left = set(consumer.list_topics(topic, timeout=10).topics[topic].partitions)
        consumer.assign([TopicPartition(topic, part, OFFSET_BEGINNING) for part in left])
        while left:  # by the end that Kafka tells: where it has compacted, the last offsets may be gone
            assert time.monotonic() < deadline, f"{topic} could not be read within {timeout} s; left: {left}"
            for m in consumer.consume(1000, 0.2):
                if m.error():
                    assert m.error().code() == confluent_kafka.KafkaError._PARTITION_EOF, m.error()
                    left.discard(m.partition())
                    continue
                found.append((m.key().decode(), check_event(m.value()) if m.value() is not None else None))
        return found
    finally:
        consumer.close()


def standing(messages):
    """{alarm key: event} after a reader has taken these messages of the alarm topic."""
    found = {}
    for key, event in messages:
        found.pop(key, None)
        if event is not None:
            assert event["alarm"]["key"] == key and event["alarm"]["state"] == "raise", event
            found[key] = event
    return found


def told_by(events):
    """{alarm key: event} that stand by these events of kafkaTopic, in the order of reception."""
    found = {}
    for event in sorted(events, key=lambda e: e["receiver"]["seq"]):
        alarm = event["alarm"]
        for key in [*alarm["clears"], *([alarm["key"]] if alarm["key"] else [])]:
            found.pop(key, None)
        if alarm["state"] == "raise":
            found[alarm["key"]] = event
    return found


def check_same(by_topic, by_events):
    """The alarm topic has exactly the alarms that stand, each with the event that changed it last."""
    assert by_topic.keys() == by_events.keys(), (
        f"only in the topic: {sorted(by_topic.keys() - by_events.keys())[:5]}; "
        f"only by events: {sorted(by_events.keys() - by_topic.keys())[:5]}")
    for key, event in by_topic.items():
        other = by_events[key]
        assert event["event_id"] == f"{other['event_id']}/alarm", (key, event["event_id"], other["event_id"])
        assert event["severity"] == other["severity"] and event["varbinds"] == other["varbinds"], key
