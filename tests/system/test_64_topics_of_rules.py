# SPDX-License-Identifier: Apache-2.0
"""Rules that send events to topics of their own, or drop them: on a real Kafka and on the embedded broker."""

import json
import shutil

import pytest

from lib.books import read_stats
from lib.kafka import Kafka
from lib.load import QUIET, arrivals, at_rest, books_of, check_exactly_once, check_order, wait_books
from lib.proc import wait_until
from lib.send import LINK_DOWN, LINK_UP

IF_INDEX = "1.3.6.1.2.1.2.2.1.1"
COLD_START = "1.3.6.1.6.3.1.1.5.1"
USER, PASSWORD = "noc", "kafka-pass-1"


@pytest.fixture(scope="module")
def strict(base_folder):
    """A Kafka that creates no topic by itself."""
    cluster = Kafka(base_folder / "strict", auto_create=False)
    try:
        yield cluster.start()
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


@pytest.fixture
def three(base_folder):
    """A Kafka of three brokers, so that one of them can be missing."""
    cluster = Kafka(base_folder / "three", nodes=3, auto_create=False)
    try:
        yield cluster.start()
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


@pytest.fixture(name="rules")
def _rules(folder):
    """Write rules: linkDown to this topic, linkUp to kafkaTopic, coldStart dropped. @returns the directive"""
    def write(topic):
        link = {"state": "raise", "key": "{device}/link/{ifIndex}", "type": "link", "event_type": "communicationsAlarm",
                "set": {"port": "{ifIndex}"}}
        found = [{"name": "down", "match": {"trap": "IF-MIB::linkDown"}, "severity": "major", "topic": topic, **link},
                 {"name": "noise", "match": {"trap": "SNMPv2-MIB::coldStart"}, "drop": True}]
        (folder / "rules.json").write_text(json.dumps({"rules": found}), encoding="utf-8")
        return f"kafkaSeverityRules {folder}/rules.json"
    return write


def conf(stats, cluster, topic, *more):
    return [*QUIET, f"kafkaBrokers {cluster.bootstrap}", f"kafkaTopic {topic}", f"kafkaHealthTopic {topic}.health",
            f"kafkaStatsFile {stats} 1", "kafkaStopTimeout 15", *more]


def links(sender, trap, ports):
    for port in ports:
        sender.v2c(trap, varbinds=[(f"{IF_INDEX}.{port}", "i", port)])


def causes(reader):
    return [e["cause"] for e in reader.events(lambda e: e["type"] == "health") if e["cause"].startswith("topic_")]


def ports(messages):
    return [int(m.event["varbinds"][0]["value"]) for m in messages]


def test_each_event_in_its_topic(snmptrapd, netsnmp, strict, topic, rules, collect, folder):
    """The topic is created as kafkaTopic is; keys, headers and order are the same; the alarm goes on over two topics."""
    stats, own = folder / "stats", f"{topic}.links"
    daemon = snmptrapd(conf(stats, strict, topic, rules(own)))
    sender = netsnmp(daemon.address())
    links(sender, LINK_DOWN, range(1, 21))
    links(sender, LINK_UP, range(1, 21))
    down, up = collect(strict.bootstrap, own).wait(20), collect(strict.bootstrap, topic).wait(20)
    assert ports(down) == ports(up) == [*range(1, 21)]
    for raised, cleared in zip(down, up):
        assert raised.key == cleared.key == "127.0.0.1" and raised.headers["ce_id"] == raised.event["event_id"]
        assert raised.event["alarm"]["key"] == cleared.event["alarm"]["key"]
        assert (raised.event["alarm"]["transition"], cleared.event["alarm"]["transition"]) == ("raised", "cleared")
        assert cleared.event["alarm"]["since"] == raised.event["received"] == raised.event["alarm"]["since"]
        assert raised.event["fields"] == {"port": str(raised.event["varbinds"][0]["number"])}
    daemon.wait_log(rf"created topic '{own}' \(partitions: 4, replication factor: 1\)")
    books = wait_books(stats, at_rest(40))
    assert (books["published"], books["rerouted"]) == (40, 0)


def test_a_topic_that_is_missing(snmptrapd, netsnmp, strict, topic, rules, collect, folder):
    """Its events go to kafkaTopic, nothing waits for it, and it is told once; when the topic is there, it is used."""
    stats, own = folder / "stats", f"{topic}.links"
    for name in (topic, f"{topic}.health"):
        strict.create_topic(name, partitions=1)
    daemon = snmptrapd(conf(stats, strict, topic, rules(own), "kafkaCreateTopics no"))
    main, health = collect(strict.bootstrap, topic), collect(strict.bootstrap, f"{topic}.health")
    sender = netsnmp(daemon.address())
    links(sender, LINK_DOWN, range(1, 6))
    assert ports(main.wait(5)) == [1, 2, 3, 4, 5]
    told = (rf"topic '{own}' does not exist and was not created \(kafkaCreateTopics is no\); create it with: kafka-topics.sh "
            rf"--bootstrap-server {strict.bootstrap} --create --topic {own} .*; its events go to topic '{topic}' until then")
    daemon.wait_log(told)
    links(sender, LINK_UP, range(1, 6))
    assert ports(main.wait(10)[5:]) == [1, 2, 3, 4, 5]
    wait_books(stats, lambda b: b["rerouted"] >= 5)
    strict.create_topic(own, partitions=1)
    there, sent = collect(strict.bootstrap, own), [10]

    def arrives():
        sent[0] += 1
        links(sender, LINK_DOWN, [sent[0]])
        return there.messages()
    wait_until(arrives, 60, "an event in the topic", step=1)
    daemon.wait_log(f"topic '{own}' takes events again")
    health.wait(1, lambda m: m.event.get("cause") == "topic_regained")
    assert causes(health) == ["topic_lost", "topic_regained"]
    assert daemon.log.count(told) == 1
    books = wait_books(stats, at_rest(sent[0]))
    assert books["published"] == books["received"] == sent[0]
    check_return(main, there, [*range(11, sent[0] + 1)])


def check_return(main, there, sent):
    """The events go to kafkaTopic until one of their copies shows that the topic takes events, then there; in order."""
    detoured, own = ports(main.drain()), ports(there.drain())
    detoured = detoured[detoured.index(sent[0]):]
    assert own == sorted(set(own)) and detoured == sorted(set(detoured))
    assert sorted({*own, *detoured}) == sent
    both = {*own} & {*detoured}
    assert both and max(both) == own[len(both) - 1] and own[0] in both, "first copies, then events"


def test_a_topic_that_takes_nothing(snmptrapd, netsnmp, three, topic, rules, collect, folder):
    """Too few replicas are in sync: no error is reported, and the events must not hold the queue for ever."""
    stats, own = folder / "stats", f"{topic}.links"
    for name in (topic, f"{topic}.health"):
        three.create_topic(name, partitions=1, min_insync_replicas=1)
    three.create_topic(own, partitions=1, min_insync_replicas=3)
    leading = {three.leader(topic), three.leader(f"{topic}.health")}
    away = next(node for node in three.nodes if node not in leading)
    daemon = snmptrapd(conf(stats, three, topic, rules(own)))
    main, health = collect(three.bootstrap, topic), collect(three.bootstrap, f"{topic}.health")
    there = collect(three.bootstrap, own)
    sender, sent = netsnmp(daemon.address()), [0]
    links(sender, LINK_DOWN, [99])
    there.wait(1)
    away.kill()
    for name in (topic, f"{topic}.health", own):  # until then no topic takes anything
        three.wait_in_sync(name, replicas=2)
    links(sender, LINK_DOWN, range(1, 6))
    told = (rf"topic '{own}' has taken nothing for 30 s, while other topics take events; .*min.insync.replicas: "
            rf"kafka-topics.sh --bootstrap-server {three.bootstrap} --describe --topic {own}; its events go to topic "
            rf"'{topic}' until then")

    def told_of_it():
        sent[0] += 1
        links(sender, LINK_UP, [1000 + sent[0]])
        return daemon.log.count(told)
    wait_until(told_of_it, 90, "the topic to be given up", step=1)
    assert sent[0] > 20, "so soon it may have been a short failure"
    assert ports(main.wait(5, lambda m: ports([m])[0] <= 5)) == [1, 2, 3, 4, 5]
    books = wait_books(stats, at_rest(6 + sent[0]))
    assert (books["published"], books["rerouted"]) == (6 + sent[0], 5)
    ups = sent[0]
    links(sender, LINK_DOWN, range(6, 11))  # without any wait
    assert ports(main.wait(10, lambda m: ports([m])[0] <= 10)) == [*range(1, 11)]
    assert daemon.log.count("acknowledged nothing") == 0
    assert ports(there.messages()) == [99]
    away.start()
    three.wait_in_sync(own)
    sent[0] = 10

    def arrives():
        sent[0] += 1
        links(sender, LINK_DOWN, [sent[0]])
        return daemon.log.count(f"topic '{own}' takes events again")
    wait_until(arrives, 60, "the topic to be used again", step=1)
    links(sender, LINK_DOWN, [sent[0] + 1])
    there.wait(1, lambda m: ports([m]) == [sent[0] + 1])
    health.wait(1, lambda m: m.event.get("cause") == "topic_regained")
    assert causes(health) == ["topic_lost", "topic_regained"]
    assert daemon.log.count(told) == 1
    books = wait_books(stats, at_rest(1 + ups + sent[0] + 1))
    assert books["published"] == books["received"]


def test_a_topic_that_is_created_meanwhile(snmptrapd, netsnmp, strict, topic, rules, collect, folder):
    """The topic was deleted under way: it is created again, and nobody has to act."""
    stats, own = folder / "stats", f"{topic}.links"
    daemon = snmptrapd(conf(stats, strict, topic, rules(own)))
    sender, sent = netsnmp(daemon.address()), [1]
    links(sender, LINK_DOWN, [1])
    collect(strict.bootstrap, own).wait(1)
    strict.delete_topic(own)

    def arrives():
        sent[0] += 1
        links(sender, LINK_DOWN, [sent[0]])
        return own in strict.topics()
    wait_until(arrives, 90, "the topic to be created again", step=1)
    there, last = collect(strict.bootstrap, own), sent[0]

    def is_used():
        sent[0] += 1
        links(sender, LINK_DOWN, [sent[0]])
        return [n for n in ports(there.messages()) if n > last]
    wait_until(is_used, 60, "the topic to be used", step=1)
    books = wait_books(stats, at_rest(sent[0]))
    assert books["published"] == sent[0]
    assert daemon.log.count("its events go to topic") == 0


def test_a_topic_that_is_forbidden(snmptrapd, netsnmp, topic, rules, collect, folder, base_folder):
    secured = Kafka(base_folder / "forbidding", auto_create=False, outside="SASL_SSL")
    own, stats, properties = f"{topic}.links", folder / "stats", folder / "kafka.properties"
    try:
        secured.start()
        secured.set_user(USER, PASSWORD)
        for name in (topic, own):
            secured.create_topic(name, partitions=1)
        secured.grant(USER, topic, "DESCRIBE", "WRITE")
        secured.grant(USER, own, "DESCRIBE")
        properties.write_text("".join(f"{n}={v}\n" for n, v in secured.client_properties(USER, PASSWORD).items()))
        properties.chmod(0o600)
        lines = [*QUIET, f"kafkaBrokers {secured.outside_bootstrap}", f"kafkaTopic {topic}", 'kafkaHealthTopic ""',
                 f"kafkaPropertyFile {properties}", f"kafkaStatsFile {stats} 1", rules(own)]
        daemon = snmptrapd(lines)
        main = collect(secured.bootstrap, topic)
        sender = netsnmp(daemon.address())
        links(sender, LINK_DOWN, range(1, 6))
        assert ports(main.wait(5, timeout=40)) == [1, 2, 3, 4, 5]
        told = rf"do not allow writing to topic '{own}'.*kafka-acls.sh.*its events go to topic '{topic}'"
        daemon.wait_log(told)
        secured.grant(USER, own, "WRITE")
        daemon.write_conf([*lines, "kafkaHeaders none"])  # a new producer tries again at once
        daemon.sighup()
        there = collect(secured.bootstrap, own)
        links(sender, LINK_DOWN, range(6, 11))
        found = there.wait(1, timeout=40)
        daemon.wait_log(f"topic '{own}' takes events again")
        books = wait_books(stats, at_rest(10), 40)
        assert books["published"] == 10
        assert sorted(ports(main.drain()) + ports(there.drain())) == [*range(1, 11)], found
        assert daemon.log.count(told) == 1
        daemon.stop()
    finally:
        secured.kill()
        shutil.rmtree(secured.folder)


def test_sighup_with_other_topics(snmptrapd, storm, netsnmp, strict, topic, rules, collect, folder):
    """Under load: the old producer is drained, nothing is lost or sent twice; with the same topics nothing is drained."""
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, strict, topic, rules(f"{topic}.one")))
    sender = netsnmp(daemon.address())
    links(sender, LINK_DOWN, [1])
    collect(strict.bootstrap, f"{topic}.one").wait(1)
    load = storm(daemon.port, count=3000, rate=500, sources=4)
    wait_books(stats, lambda b: b["published"] > 100)
    rules(f"{topic}.two")
    daemon.sighup()
    later = collect(strict.bootstrap, f"{topic}.two")
    later.wait(1, timeout=40)
    assert load.result()["sent"] == 3000
    books = wait_books(stats, at_rest(3001), 40)
    assert books["published"] == 3001 and books["sent_again"] == 0, books
    first, second = (arrivals([m for m in read.drain() if len(m.event["varbinds"]) > 1])
                     for read in (collect(strict.bootstrap, f"{topic}.one"), later))
    check_exactly_once(first + second, range(1, 3001))
    check_order(first)
    check_order(second)


@pytest.mark.parametrize("inform", [False, True])
def test_dropped_notifications(snmptrapd, netsnmp, strict, topic, rules, collect, folder, inform):
    """Counted, also by rule, and an INFORM is answered."""
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, strict, topic, rules(f"{topic}.links")))
    sender = netsnmp(daemon.address())
    for uptime in range(3):
        sender.v2c(COLD_START, uptime=uptime, inform=inform)
    links(sender, LINK_UP, [1])
    assert ports(collect(strict.bootstrap, topic).wait(1)) == [1]
    books = wait_books(stats, at_rest(4))
    assert (books["published"], books["suppressed"]["rule"], books["suppressed"]["duplicate"]) == (1, 3, 0)
    assert read_stats(stats)["trapkafka_suppressed_by_rule_total", (("rule", "operator:noise"),)] == 3
    health = collect(strict.bootstrap, f"{topic}.health")
    daemon.stop()
    last = health.wait(1, lambda m: m.event.get("cause") == "stop")[0].event
    assert last["suppressed_by_rule"] == [{"rule": "operator:noise", "count": 3}]


def test_on_the_embedded_broker(snmptrapd, netsnmp, rules, collect, folder):
    daemon = snmptrapd(["kafkaBrokers embedded", "authCommunity log public", rules("links"), f"kafkaStatsFile {folder}/stats 1"])
    sender = netsnmp(daemon.address())
    links(sender, LINK_DOWN, [1, 2])
    links(sender, LINK_UP, [1])
    assert ports(collect(daemon.embedded_broker(), "links").wait(2)) == [1, 2]
    assert ports(collect(daemon.embedded_broker(), "snmp-traps").wait(1)) == [1]
    assert wait_books(folder / "stats", at_rest(3))["published"] == 3
