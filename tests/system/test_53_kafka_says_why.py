# SPDX-License-Identifier: Apache-2.0
"""What an operator reads when Kafka acknowledges nothing: the cause, at the priority that Debian's unit logs (-LOw), and the end
of it as loudly. And what a topic refuses for its age alone."""

import re
import time

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from lib.load import QUIET, arrivals, at_rest, check_exactly_once, check_order, read_topic, wait_books
from lib.proc import Log, free_port, run, wait_until

STALL = "Kafka has acknowledged nothing for 10 seconds"
END = "Kafka acknowledges events again"


class Watched:
    """snmptrapd with a second log, of warnings and worse only."""

    def __init__(self, snmptrapd, folder, brokers, topic, *more, health='""'):
        self.stats = folder / "stats"
        self.warnings = Log(folder / "warnings.log")
        self.warnings.path.touch()
        self.daemon = snmptrapd([*QUIET, f"kafkaBrokers {brokers}", f"kafkaTopic {topic}", f"kafkaHealthTopic {health}",
                                 f"kafkaStatsFile {self.stats} 1", "kafkaStopTimeout 3", *more],
                                args=["-LF", "w", str(self.warnings.path)])

    def wait_warning(self, regex, timeout=40):
        return self.warnings.wait(regex, timeout, alive=self.daemon.alive)

    def lines(self):
        """Those of the module, without the kernel's buffer, which is the machine's."""
        return [line for line in re.findall(r"^(?:\S+ \S+ )?(trapkafka.*)$", self.warnings.text(), re.M)
                if "receive buffer" not in line]


@pytest.mark.parametrize("what", ["no such host", "nobody listens"])
def test_advertised_address(snmptrapd, storm, new_kafka, topic, folder, what):
    """kafkaBrokers is reached; the address that the brokers give is not."""
    cluster = new_kafka(outside="PLAINTEXT")
    node = cluster.nodes[0]
    good = ("127.0.0.1", node.outside_port)
    node.advertised = ("kafka-0.kafka.internal.invalid", 9092) if what == "no such host" else ("127.0.0.1", free_port("tcp"))
    cluster.start()
    cluster.create_topic(topic)
    it = Watched(snmptrapd, folder, "{}:{}".format(*good), topic)
    storm(it.daemon.port, count=50, rate=500).result()
    address = "{}:{}".format(*node.advertised)
    # The line is written again when more is known than when it was written first.
    line = it.wait_warning(f"Kafka (has acknowledged|still acknowledges) nothing .*{re.escape(address)} came from .*")[0]
    assert f"the address {address} came from the brokers' advertised.listeners, not from kafkaBrokers" in line, line
    assert ("Failed to resolve" if what == "no such host" else "Connection refused") in line, line
    assert wait_books(it.stats, lambda b: b["received"] == 50)["pending"] == 50
    cluster.stop()
    node.advertised = good
    cluster.start()
    wait_books(it.stats, at_rest(50), 60)
    check_exactly_once(read_topic(cluster.bootstrap, topic), range(1, 51))
    it.wait_warning(END)


def test_broker_away_and_back(snmptrapd, storm, new_kafka, topic, folder):
    """The end of the outage is the last word of it in the journal."""
    cluster = new_kafka().start()
    cluster.create_topic(topic)
    it = Watched(snmptrapd, folder, cluster.bootstrap, topic)
    storm(it.daemon.port, count=20, rate=500).result()
    wait_books(it.stats, at_rest(20))
    cluster.stop()
    it.wait_warning("no Kafka broker can be reached .*; holding events in the queue")
    storm(it.daemon.port, count=20, first=21, rate=500).result()
    cluster.start()
    wait_books(it.stats, at_rest(40), 60)
    it.wait_warning(END)
    lines = it.lines()
    assert END in lines[-1] and sum("holding events" in line for line in lines) == sum(END in line for line in lines), lines


def test_quota(snmptrapd, storm, new_kafka, topic, folder):
    """The brokers answer late because of a quota: nobody else would say so."""
    cluster = new_kafka().start()
    cluster.create_topic(topic)

    def quota(*change):
        jars = ":".join(str(jar) for jar in cluster.nodes[0].jars.glob("*.jar"))
        run(["java", "-Xmx128m", "-cp", jars, "kafka.admin.ConfigCommand", "--bootstrap-server", cluster.bootstrap, "--alter",
             "--entity-type", "clients", "--entity-default", *change])
    quota("--add-config", "producer_byte_rate=50")
    it = Watched(snmptrapd, folder, cluster.bootstrap, topic, "kafkaProperty batch.num.messages 10")
    storm(it.daemon.port, count=100, rate=500).result()
    line = it.wait_warning(f"{STALL} .*", 60)[0]
    assert re.search(r"because of a quota, broker \S+ delays its answers to this client by \d+ ms", line), line
    assert "raise the quota: kafka-configs.sh" in line, line
    quota("--delete-config", "producer_byte_rate")
    it.daemon.stop()  # librdkafka still keeps the delay that it was told


def test_healthy_first_start(snmptrapd, storm, new_kafka, topic, folder):
    """Topics that are to be created, the first event: only lines that say that all is well."""
    cluster = new_kafka(auto_create=False).start()
    it = Watched(snmptrapd, folder, cluster.bootstrap, topic, f"kafkaDeadLetterTopic {topic}.dead", health=f"{topic}.health")
    storm(it.daemon.port, count=50, rate=500).result()
    wait_books(it.stats, at_rest(50), 60)
    wait_until(lambda: len(cluster.topics()) == 3, 30, "all three topics")
    good = ("created topic '", "Kafka has acknowledged the first event")
    assert [line for line in it.lines() if not any(word in line for word in good)] == []
    it.daemon.stop()
    assert [line for line in it.lines() if not any(word in line for word in good)] == []
    assert not re.search(r"(?i)\b(error|fail|refus|cannot|can't)", "\n".join(it.lines()))


# -- the age of events ------------------------------------------------------------------------------------------------

def test_events_older_than_the_topic_takes(snmptrapd, storm, new_kafka, topic, collect, folder):
    """Kafka is away for longer than the topic's limit: its backlog arrives all the same, in order, before what is fresh."""
    limit = 3
    cluster = new_kafka().start()
    cluster.create_topic(topic, partitions=2, message_timestamp_before_max_ms=limit * 1000)
    it = Watched(snmptrapd, folder, cluster.bootstrap, topic)
    events = collect(cluster.bootstrap, topic)
    storm(it.daemon.port, count=100, rate=500, sources=4).result()
    events.wait(100)
    cluster.stop()
    storm(it.daemon.port, count=300, first=101, rate=500, sources=4).result()
    received = time.time()
    wait_until(lambda: time.time() > received + limit + 1, limit + 2, "events to be too old")
    cluster.start()
    back = time.time()
    storm(it.daemon.port, count=100, first=401, rate=500, sources=4).result()
    found = events.wait(500, timeout=60)
    check_exactly_once(arrivals(found), range(1, 501))
    check_order(arrivals(found))
    books = wait_books(it.stats, at_rest(500))
    assert books["published"] == 500 and not any(books["dropped"].values()), books
    late = [m for m in found if 101 <= arrivals([m])[0].number <= 400]
    assert all(m.timestamp > (back - limit - 30) * 1000 for m in late)
    assert all(m.event["received"] < time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(received + 1)) for m in late)
    line = it.wait_warning("published again with the moment of sending.*")[0]
    assert "\"received\" in the event" in line
    it.wait_warning(END)


def test_topic_that_takes_no_age_at_all(snmptrapd, storm, new_kafka, topic, collect, folder):
    """Refused though sent just now: the clock, or the limit. It is said, and events are held until it is mended."""
    cluster = new_kafka().start()
    cluster.create_topic(topic, message_timestamp_before_max_ms=0)
    it = Watched(snmptrapd, folder, cluster.bootstrap, topic)
    storm(it.daemon.port, count=50, rate=500).result()
    line = it.wait_warning("refuses the timestamps of events that are sent just now.*")[0]
    assert "clock of this machine or of a broker is wrong" in line and "message.timestamp.before.max.ms" in line, line
    books = wait_books(it.stats, lambda b: b["received"] == 50)
    assert books["pending"] == 50 and not any(books["dropped"].values()), books
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
    resource.add_incremental_config(ConfigEntry("message.timestamp.before.max.ms", "3600000",
                                                incremental_operation=AlterConfigOpType.SET))
    admin = cluster._admin()  # pylint: disable=protected-access
    admin.incremental_alter_configs([resource])[resource].result(30)
    check_exactly_once(arrivals(collect(cluster.bootstrap, topic).wait(50, timeout=60)), range(1, 51))
    books = wait_books(it.stats, at_rest(50))
    assert books["published"] == 50, books
    it.wait_warning(END)
