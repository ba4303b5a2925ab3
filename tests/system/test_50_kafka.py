# SPDX-License-Identifier: Apache-2.0
"""A real Apache Kafka: what consumers see, and what happens when it goes away, comes back, or says no."""

import re
import shutil
import time

import pytest

from lib import consume
from lib.books import read_stats
from lib.kafka import Kafka
from lib.load import (ENDLESS, QUIET, arrivals, at_rest, books_of, check_exactly_once, check_order, number_of, read_topic,
                      wait_books)
from lib.need import need_tool
from lib.proc import PATIENCE, run

ENGINE = "8000000001020304"
V3 = [f"createUser -e 0x{ENGINE} noc SHA authpass1 AES privpass1", "authUser log,execute,net noc authPriv"]
KEYS = {"auth": ("SHA", "authpass1"), "priv": ("AES", "privpass1")}
IF_ALIAS = "1.3.6.1.2.1.31.1.1.1.18.7"


@pytest.fixture(scope="module")
def rough(base_folder):
    """A Kafka to be stopped, killed and frozen; it creates no topic by itself."""
    cluster = Kafka(base_folder / "rough", auto_create=False)
    try:
        yield cluster.start()
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


@pytest.fixture
def daemon(snmptrapd, rough, topic, folder):
    """snmptrapd that publishes to the rough Kafka, with `stats` beside it."""
    made = snmptrapd(conf(folder / "stats", rough, topic, "kafkaInformReply queued"))
    made.stats = folder / "stats"
    return made


def conf(stats, cluster, topic, *more):
    return [*QUIET, f"kafkaBrokers {cluster.bootstrap}", f"kafkaTopic {topic}", f"kafkaStatsFile {stats} 1",
            "kafkaStopTimeout 15", *more]


def murmur2(data):
    """As org.apache.kafka.common.utils.Utils.murmur2() computes it: what a Java producer partitions by."""
    mask = 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    whole = len(data) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * 0x5BD1E995 & mask
        k = (k ^ k >> 24) * 0x5BD1E995 & mask
        h = (h * 0x5BD1E995 & mask) ^ k
    if len(data) > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * 0x5BD1E995 & mask
    h = (h ^ h >> 13) * 0x5BD1E995 & mask
    return h ^ h >> 15


def partition_in_java(key, partitions):
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def test_murmur2_is_javas():
    """Pairs of Kafka's own UtilsTest."""
    for text, value in (("21", -973932308), ("foobar", -790332482), ("a-little-bit-long-string", -985981536),
                        ("a-little-bit-longer-string", -1486304829), ("abc", 479470107)):
        assert murmur2(text.encode()) == value & 0xFFFFFFFF


def test_two_consumers_see_the_same(snmptrapd, netsnmp, storm, kafka, topic, collect, folder):
    daemon = snmptrapd([*conf(folder / "stats", kafka, topic), *V3])
    events = collect(kafka.bootstrap, topic)
    netsnmp(daemon.address()).v2c(varbinds=[(IF_ALIAS, "s", "to pe2 öäü")])
    netsnmp(daemon.address()).v3("noc", engine=ENGINE, context="vrf-a", varbinds=[(IF_ALIAS, "s", "x")],
                                 args=["-E", f"0x{ENGINE}"], **KEYS)
    v2c, v3 = events.wait(2)
    if v2c.event["snmp"]["version"] == "3":
        v2c, v3 = v3, v2c
    assert (v2c.key, v3.key) == ("127.0.0.1", ENGINE)
    assert v2c.event["snmp"]["version"] == "2c" and v3.event["snmp"]["context_name"] == "vrf-a"
    storm(daemon.port, count=400, sources=40).result()
    found = events.wait(402) and events.drain()
    partitions = kafka.topics()[topic]
    assert partitions > 1 and len({m.partition for m in found}) > 1
    for m in found:
        assert m.key == m.event["source"]["device"]
        assert m.partition == partition_in_java(m.key, partitions)
        assert m.headers == {
            "ce_specversion": "1.0", "ce_id": m.event["event_id"], "ce_type": "trapkafka.trap",
            "ce_source": f"/trapkafka/{m.event['receiver']['host']}", "ce_time": m.event["received"],
            "content-type": "application/json"}
    check_order(arrivals([m for m in found if len(m.event["varbinds"]) > 1]))
    by_kcat = {(m["partition"], m["offset"]): m for m in consume.kcat_consume(kafka.bootstrap, topic)}
    assert len(by_kcat) == 402
    for m in found:
        other = by_kcat[m.partition, m.offset]
        names = dict(zip(other["headers"][::2], other["headers"][1::2]))
        assert (other["key"], other["payload"].encode(), names) == (m.key, m.value, m.headers)


def test_properties_and_statistics(snmptrapd, netsnmp, kafka, topic, collect, folder):
    promtool = need_tool("promtool")
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, kafka, topic, "kafkaProperty compression.codec zstd", "kafkaProperty linger.ms 50",
                            "kafkaHeaders none"))
    netsnmp(daemon.address()).v2c()
    message = collect(kafka.bootstrap, topic).wait(1)[0]
    assert message.headers == {}
    assert not daemon.log.find("[Ee]rror")
    wait_books(stats, at_rest(1))
    now = wait_books(stats, lambda b: b["brokers_up"])  # the producer's statistics come every 5 s
    assert now["brokers"] == now["brokers_up"] == 1
    metrics = read_stats(stats)
    assert 0 <= metrics["trapkafka_last_acknowledged_timestamp_seconds", ()] - int(message.timestamp / 1000) < 60 * PATIENCE
    build = [dict(labels) for (name, labels), value in metrics.items() if name == "trapkafka_build_info" and value == 1]
    assert len(build) == 1 and build[0]["librdkafka"] and re.fullmatch(r"\d+\.\d+\.\d+.*", build[0]["version"])
    assert metrics["trapkafka_delivery_latency_seconds_bucket", (("le", "+Inf"),)] == 1
    assert metrics["trapkafka_delivery_latency_seconds_sum", ()] >= 0.05, "linger.ms 50"
    done = run(["sh", "-c", '"$0" check metrics <"$1"', promtool, stats], check=False)
    assert (done.returncode, done.stdout) == (0, "")


# -- topics ----------------------------------------------------------------------------------------------------------

def test_topics_are_created_where_the_cluster_allows_it(daemon, netsnmp, rough, topic, collect):
    """The brokers create none by use; the module asks."""
    netsnmp(daemon.address()).v2c()
    collect(rough.bootstrap, topic).wait(1)
    assert rough.topics()[topic] == 4, "the brokers' own default"
    assert "snmp-traps-health" in rough.topics()
    for name in (topic, "snmp-traps-health"):
        assert daemon.log.find(rf"created topic '{name}' \(partitions: 4, replication factor: 1\), because it did not exist")
    assert not daemon.log.find("kafka-topics.sh --")


def test_a_wrong_name_is_seen(snmptrapd, netsnmp, kafka, topic, folder):
    """Brokers that create topics by use would hide it: the module tells all the same, as a warning, and once."""
    stats = folder / "stats"
    daemon = snmptrapd([*conf(stats, kafka, topic), f"kafkaHealthTopic {topic}.health"])
    netsnmp(daemon.address()).v2c()
    wait_books(stats, at_rest(1))
    created = rf"created topic '{topic}' \(partitions: 4, replication factor: 1\), because"
    daemon.wait_log(created)
    daemon.restart()
    netsnmp(daemon.address()).v2c()
    wait_books(stats, lambda b: b["received"] == 1 and not b["pending"])
    assert daemon.log.count(created) == 1, "it exists now"


def test_topics_are_not_created(snmptrapd, netsnmp, kafka, topic, collect, folder):
    """kafkaCreateTopics no, on brokers that create topics by use: it is told how to create it, and events wait. SIGHUP with
    yes creates it."""
    stats = folder / "stats"
    lines = [*conf(stats, kafka, topic), f"kafkaHealthTopic {topic}.health"]
    daemon = snmptrapd([*lines, "kafkaCreateTopics no"])
    netsnmp(daemon.address()).v2c(uptime=5)
    daemon.wait_log(rf"topic '{topic}' does not exist and was not created \(kafkaCreateTopics is no\); create it with: "
                    rf"kafka-topics.sh --bootstrap-server {kafka.bootstrap} --create --topic {topic} .*wait in the queue", 40)
    books = wait_books(stats, lambda b: b["pending"])
    assert (books["published"], books["pending"]) == (0, 1)
    assert topic not in kafka.topics()
    assert not daemon.log.find("consumer property")
    daemon.write_conf(lines)
    daemon.sighup()
    events = collect(kafka.bootstrap, topic)
    assert events.wait(1, timeout=40)[0].event["snmp"]["uptime"] == 5
    assert daemon.wait_log(f"created topic '{topic}' ")
    wait_books(stats, at_rest(1))


def test_refused_topic_waits_for_a_hand(snmptrapd, storm, new_kafka, topic, collect, folder):
    """A cluster that can't follow its own default (three copies on one broker) refuses every creation by default."""
    cluster = new_kafka(auto_create=False, props={"default.replication.factor": 3}).start()
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, cluster, topic))
    events = collect(cluster.bootstrap, topic)
    storm(daemon.port, count=100, sources=4).result()
    line = daemon.wait_log(f"trapkafka: topic '{topic}' does not exist and .*", 30)[0]
    assert f"kafka-topics.sh --bootstrap-server {cluster.bootstrap} --create --topic {topic}" in line
    assert "eplicat" in line and "wait in the queue" in line, "it gives the brokers' reason"
    books = wait_books(stats, lambda b: b["received"] == 100)
    assert (books["published"], books["pending"]) == (0, 100)
    cluster.create_topic(topic, partitions=2)
    events.wait(100, timeout=40)
    found = arrivals(events.drain())
    check_exactly_once(found, range(1, 101))
    check_order(found)
    assert wait_books(stats, at_rest(100))["published"] == 100


# -- brokers that go and come ----------------------------------------------------------------------------------------

def check_outage(daemon, storm, rough, topic, away, back, collect):
    """Load before, during and after an outage; INFORMs during it. Everything arrives, once, in order."""
    events = collect(rough.bootstrap, topic)
    load = storm(daemon.port, **ENDLESS, rate=1500, sources=8)
    events.wait(1000)
    away()
    informs = storm(daemon.port, count=500, rate=100, inform="yes", first=1000001, sources=3)
    figures = informs.result()
    assert figures["answered"] == figures["sent"] == 500, "one that waits for the brokers is never answered here"
    pending = wait_books(daemon.stats, lambda b: b["pending"] > 1000)["pending"]
    published = books_of(daemon.stats)["published"]
    back()
    wait_books(daemon.stats, lambda b: b["published"] > published + pending, 40)
    sent = load.stop()["sent"]
    books = wait_books(daemon.stats, at_rest(sent + 500), 40)
    assert books["published"] == books["received"] == sent + 500 and books["kernel_dropped"] == 0, books
    found = read_topic(rough.bootstrap, topic)
    check_exactly_once(found, [*range(1, sent + 1), *range(1000001, 1000501)])
    check_order([a for a in found if a.number < 1000000])
    check_order([a for a in found if a.number > 1000000])
    assert daemon.alive()


@pytest.mark.parametrize("way", ["SIGTERM", "SIGKILL"])
def test_broker_away_and_back(daemon, storm, rough, topic, way, collect):
    check_outage(daemon, storm, rough, topic, rough.stop if way == "SIGTERM" else rough.kill, rough.start, collect)
    assert daemon.log.find("no Kafka broker can be reached .*holding events in the queue")
    assert daemon.log.find("Kafka acknowledges events again")


def test_broker_frozen(daemon, storm, rough, topic, collect):
    frozen = []

    def freeze():
        rough.pause()
        frozen.append(time.monotonic())

    def thaw():
        time.sleep(max(0.0, frozen[0] + 10 - time.monotonic()))
        rough.resume()
    try:
        check_outage(daemon, storm, rough, topic, freeze, thaw, collect)
    finally:
        rough.resume()


# -- what Kafka refuses permanently -------------------------------------------------------------------------------------

def test_event_too_large_for_the_topic(snmptrapd, netsnmp, storm, rough, topic, collect, folder):
    """The broker refuses whole batches: the one event is found and counted, and its neighbours arrive."""
    stats = folder / "stats"
    rough.create_topic(topic, max_message_bytes=6000)
    daemon = snmptrapd(conf(stats, rough, topic))
    rough.pause()  # so that all of it meets the broker in one batch
    try:
        storm(daemon.port, count=50).result()
        noise = "".join(f"{n * 2654435761 % 2 ** 32:08x}" for n in range(1, 1500))
        netsnmp(daemon.address()).v2c(varbinds=[(IF_ALIAS, "x", noise)])
        storm(daemon.port, count=50, first=51).result()
        wait_books(stats, lambda b: b["received"] == 101)
    finally:
        rough.resume()
    events = collect(rough.bootstrap, topic)
    found = arrivals(events.wait(100, timeout=40))
    books = wait_books(stats, at_rest(101))
    check_exactly_once(found, range(1, 101))
    check_order(found)
    assert len(events.drain()) == 100
    assert books["published"] == 100 and books["dropped"]["undeliverable"] == 1, books
    assert daemon.log.find("event .* is lost: Kafka refuses it permanently")


def test_event_too_large_for_the_producer(snmptrapd, netsnmp, storm, kafka, topic, collect, folder):
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, kafka, topic, "kafkaProperty message.max.bytes 5000"))
    events = collect(kafka.bootstrap, topic)
    netsnmp(daemon.address()).v2c(varbinds=[(IF_ALIAS, "x", "a5" * 4000)])
    storm(daemon.port, count=10).result()
    found = events.wait(10)
    books = wait_books(stats, at_rest(11))
    assert [number_of(m.event) for m in found] == list(range(1, 11))
    assert books["published"] == 10 and books["dropped"]["too_large"] == 1, books
    daemon.stop()
    assert books_of(stats)["published"] == 10
