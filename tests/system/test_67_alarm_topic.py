# SPDX-License-Identifier: Apache-2.0
"""kafkaAlarmTopic on a real Kafka: whoever reads the topic from its beginning has exactly the alarms that stand, also after it
was compacted. tests/system/faults/test_25_alarms.py does so while brokers and daemons die."""

import json
import random
import shutil

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from lib import ber
from lib.alarms import check_same, read_all, standing, told_by
from lib.kafka import Kafka
from lib.load import QUIET, books_of, wait_books
from lib.proc import wait_until
from lib.send import LINK_DOWN, LINK_UP, datagrams

IF_INDEX = "1.3.6.1.2.1.2.2.1.1"


@pytest.fixture(scope="module")
def strict(base_folder):
    """A Kafka that creates no topic by itself, and compacts at once."""
    cluster = Kafka(base_folder / "alarms", auto_create=False, props={"log.cleaner.backoff.ms": 100})
    try:
        yield cluster.start()
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


def conf(stats, cluster, topic, *more):
    return [*QUIET, f"kafkaBrokers {cluster.bootstrap}", f"kafkaTopic {topic}", f"kafkaHealthTopic {topic}.health",
            f"kafkaAlarmTopic {topic}.alarms", f"kafkaStatsFile {stats} 1", "kafkaStopTimeout 15", *more]


def link(trap, interface, uptime):
    return ber.v2c("public", [(f"{IF_INDEX}.{interface}", ber.number(interface))], uptime=uptime, trap=trap)


def at_rest(received):
    return lambda b: b["received"] == received and not b["pending"] and not b["derived_pending"]


def policy_of(cluster, topic):
    resource = ConfigResource(ResourceType.TOPIC, topic)
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
    return admin.describe_configs([resource])[resource].result(20)["cleanup.policy"].value


def send_changes(daemon, stats, chance, first, count, interfaces):
    """Raises and clears at random, never faster than the daemon takes them."""
    for begin in range(first, first + count, 250):
        datagrams(daemon.port, [link(chance.choice([LINK_DOWN, LINK_DOWN, LINK_UP]), chance.randint(1, interfaces), number)
                                for number in range(begin, begin + 250)])
        wait_books(stats, lambda b, end=begin + 249: b["received"] == end)


def test_created_compacted(snmptrapd, strict, topic, collect, folder):
    """The module creates the topic for compaction; each message is the event, with its key and headers; a clear is a
    message without a value."""
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, strict, topic))
    events, alarms = collect(strict.bootstrap, topic), collect(strict.bootstrap, f"{topic}.alarms", raw=True)
    datagrams(daemon.port, [link(LINK_DOWN, 7, 1)])
    value = alarms.wait(1)[0]
    datagrams(daemon.port, [link(LINK_UP, 7, 2)])
    tombstone = alarms.wait(2)[1]
    event = events.wait(2)[0]
    assert policy_of(strict, f"{topic}.alarms") == "compact"
    assert policy_of(strict, topic) == "delete"
    assert value.key == tombstone.key == event.event["alarm"]["key"] == "127.0.0.1/link/7"
    assert value.value.replace(b"/alarm\",\"fingerprint", b"\",\"fingerprint") == event.value, "nothing else differs"
    assert value.headers == event.headers | {"ce_id": f"{event.event['event_id']}/alarm"}
    assert tombstone.value == b"" and "content-type" not in tombstone.headers
    books = wait_books(stats, at_rest(2))
    assert (books["derived"], books["derived_published"]) == (2, 2), books
    daemon.wait_log(f"created topic '{topic}.alarms'")


def test_compacted(snmptrapd, strict, topic, collect, folder):
    """2,000 changes of 40 alarms; segments are small, and most messages are compacted away. Then once more after a
    restart, which knows nothing of the alarms that stand."""
    stats, chance = folder / "stats", random.Random(7)
    strict.create_topic(f"{topic}.alarms", 2, cleanup_policy="compact", segment_bytes=20000, segment_ms=500,
                        min_cleanable_dirty_ratio=0.01, delete_retention_ms=100, max_compaction_lag_ms=1000)
    for life in range(2):
        daemon = snmptrapd(conf(stats, strict, topic, "kafkaDedup off"))
        send_changes(daemon, stats, chance, 1, 1000, 40)
        books = wait_books(stats, at_rest(1000))
        assert books["derived"] == books["derived_published"] == 1000, books
        events = [m.event for m in collect(strict.bootstrap, topic).wait(1000 * (life + 1))]
        # The daemon starts a queue of its own, with numbers from 1: the second life's events come after all of the first.
        queues = list(dict.fromkeys(e["receiver"]["queue"] for e in sorted(events, key=lambda e: e["received"])))
        by_events = told_by([{**e, "receiver": {"seq": (queues.index(e["receiver"]["queue"]), e["receiver"]["seq"])}}
                             for e in events])
        assert 5 < len(by_events) < 40, "some stand"
        check_same(standing(read_all(strict.bootstrap, f"{topic}.alarms")), by_events)
        daemon.stop()
    # What was changed last is in a segment that is still written: others push it out.
    daemon = snmptrapd(conf(stats, strict, topic, "kafkaDedup off"))
    state = {"sent": 0}

    def is_compacted():
        state["sent"] += 50
        datagrams(daemon.port, [link(LINK_UP, 1000 + n % 7, state["sent"] + n) for n in range(50)])
        wait_books(stats, at_rest(state["sent"]))
        state["left"] = read_all(strict.bootstrap, f"{topic}.alarms")
        return len(state["left"]) < 500
    wait_until(is_compacted, 60, lambda: f"the topic to be compacted: {len(state['left'])} messages", step=0.2)
    check_same(standing(state["left"]), by_events)


def test_not_compacted(snmptrapd, strict, topic, folder):
    """An existing topic that is not compacted is warned of, with a command that helps."""
    strict.create_topic(f"{topic}.alarms")
    daemon = snmptrapd(conf(folder / "stats", strict, topic))
    daemon.wait_log(f"topic '{topic}.alarms' of kafkaAlarmTopic is not compacted .cleanup.policy=delete.: .*"
                    f"--entity-name {topic}.alarms --add-config cleanup.policy=compact")


def test_topic_missing(snmptrapd, strict, topic, folder):
    """Events go on; what was missed meanwhile is there once the topic is."""
    stats = folder / "stats"
    for name in (topic, f"{topic}.health"):
        strict.create_topic(name)
    daemon = snmptrapd(conf(stats, strict, topic, "kafkaCreateTopics no"))
    datagrams(daemon.port, [link(LINK_DOWN, n, n) for n in range(1, 21)])
    books = wait_books(stats, lambda b: b["published"] == 20)
    assert books["derived_pending"] == 20 and books["pending"] == 0, books
    datagrams(daemon.port, [link(LINK_UP, n, 20 + n) for n in range(1, 11)])
    daemon.wait_log(f"topic '{topic}.alarms' does not exist and was not created .*messages about alarms wait")
    strict.create_topic(f"{topic}.alarms", cleanup_policy="compact")
    wait_books(stats, at_rest(30), 60)
    found = standing(read_all(strict.bootstrap, f"{topic}.alarms"))
    assert sorted(found) == sorted(f"127.0.0.1/link/{n}" for n in range(11, 21))


def test_inform(snmptrapd, strict, topic, netsnmp, folder):
    """It is answered when both messages are acknowledged."""
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, strict, topic))
    netsnmp(daemon.address()).v2c(LINK_DOWN, varbinds=[(f"{IF_INDEX}.7", "i", 7)], inform=True)
    assert list(standing(read_all(strict.bootstrap, f"{topic}.alarms"))) == ["127.0.0.1/link/7"]


def test_embedded(snmptrapd, topic, collect, folder):
    """Where nothing is compacted, and topics come by use."""
    stats = folder / "stats"
    lines = [line for line in conf(stats, Embedded, topic) if "HealthTopic" not in line]
    daemon = snmptrapd([*lines, 'kafkaHealthTopic ""'])
    broker = daemon.wait_log(r"listens on (\S+)").group(1)
    datagrams(daemon.port, [link(LINK_DOWN, 7, 1), link(LINK_UP, 7, 2), link(LINK_DOWN, 8, 3)])
    wait_books(stats, at_rest(3))
    found = collect(broker, f"{topic}.alarms", raw=True).drain()
    last = {m.key: m.value for m in sorted(found, key=lambda m: m.offset)}
    assert last["127.0.0.1/link/7"] == b"" and json.loads(last["127.0.0.1/link/8"])["alarm"]["state"] == "raise"
    assert books_of(stats)["derived_published"] == 3


class Embedded:  # pylint: disable=too-few-public-methods
    bootstrap = "embedded"
