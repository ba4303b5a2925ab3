# SPDX-License-Identifier: Apache-2.0
"""A secured Apache Kafka (SCRAM over TLS, rights), brokers behind faults, and what Kafka refuses permanently."""

import json
import shutil
import socket
import threading
import time

import pytest

from lib.kafka import Kafka, SmallDisk
from lib.load import (ENDLESS, QUIET, arrivals, at_rest, books_of, check_exactly_once, check_order, read_topic, wait_books)
from lib.netns import Namespace
from lib.relay import Relay, Relays

USER, PASSWORD, SECRET = "noc", "kafka-pass-1", "wrong-pass-2"
IF_ALIAS = "1.3.6.1.2.1.31.1.1.1.18.7"
RIGHTS = ("DESCRIBE", "WRITE")


@pytest.fixture(scope="module")
def secured(base_folder):
    cluster = Kafka(base_folder / "secured", auto_create=False, outside="SASL_SSL")
    try:
        cluster.start()
        cluster.set_user(USER, PASSWORD)
        yield cluster
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


class Secured:
    """snmptrapd whose kafkaPropertyFile has credentials; it sends no health records, to which the user has no right."""

    def __init__(self, snmptrapd, cluster, topic, folder, *more, password=PASSWORD):
        self.cluster = cluster
        self.stats = folder / "stats"
        self.properties = folder / "kafka.properties"
        self.write_password(password)
        self.daemon = snmptrapd([*QUIET, f"kafkaBrokers {cluster.outside_bootstrap}", f"kafkaTopic {topic}",
                                 'kafkaHealthTopic ""', f"kafkaPropertyFile {self.properties}", "kafkaStopTimeout 3",
                                 f"kafkaStatsFile {self.stats} 1", "kafkaProperty topic.metadata.refresh.interval.ms 1000",
                                 *more])

    def write_password(self, password):
        lines = self.cluster.client_properties(USER, password).items()
        self.properties.write_text("".join(f"{name}={value}\n" for name, value in lines))
        self.properties.chmod(0o600)


def test_it_publishes_over_tls_with_scram(snmptrapd, storm, secured, topic, collect, folder):
    secured.create_topic(topic)
    secured.grant(USER, topic, *RIGHTS)
    it = Secured(snmptrapd, secured, topic, folder)
    storm(it.daemon.port, count=500, rate=1000, sources=4).result()
    found = arrivals(collect(secured.bootstrap, topic).wait(500))
    check_exactly_once(found, range(1, 501))
    check_order(found)
    wait_books(it.stats, at_rest(500))
    assert PASSWORD not in it.daemon.log.text()
    it.daemon.stop()


def test_wrong_password_then_the_right_one(snmptrapd, storm, secured, topic, collect, folder):
    """Nothing is lost meanwhile, and the log says what to do, without the password."""
    secured.create_topic(topic)
    secured.grant(USER, topic, *RIGHTS)
    it = Secured(snmptrapd, secured, topic, folder, password=SECRET)
    storm(it.daemon.port, count=300, rate=1000, sources=4).result()
    line = it.daemon.wait_log("trapkafka: Kafka: .*[Aa]uthentication.*", 30)[0]
    assert "sasl.*" in line and "holding events" in line, line
    it.daemon.wait_log("no Kafka broker can be reached", 30)
    books = wait_books(it.stats, lambda b: b["received"] == 300)
    assert (books["published"], books["pending"]) == (0, 300), books
    it.write_password(PASSWORD)
    it.daemon.sighup()
    storm(it.daemon.port, count=100, first=301, rate=1000, sources=4).result()
    found = arrivals(collect(secured.bootstrap, topic).wait(400, timeout=40))
    check_exactly_once(found, range(1, 401))
    check_order(found)
    wait_books(it.stats, at_rest(400))
    assert not it.daemon.log.find(SECRET) and not it.daemon.log.find(PASSWORD)


def test_password_changed_under_a_running_daemon(snmptrapd, storm, secured, topic, collect, folder):
    """The brokers close connections only at their leisure: a restart of theirs makes the old password count no more."""
    secured.create_topic(topic)
    secured.grant(USER, topic, *RIGHTS)
    it = Secured(snmptrapd, secured, topic, folder)
    events = collect(secured.bootstrap, topic)
    storm(it.daemon.port, count=100, rate=1000).result()
    events.wait(100)
    secured.set_user(USER, SECRET)
    try:
        secured.restart()
        storm(it.daemon.port, count=100, first=101, rate=1000).result()
        it.daemon.wait_log("trapkafka: Kafka: .*[Aa]uthentication.*sasl", 60)
        secured.set_user(USER, PASSWORD)
        found = arrivals(events.wait(200, timeout=60))
        check_exactly_once(found, range(1, 201))
        check_order(found)
    finally:
        secured.set_user(USER, PASSWORD)


def test_right_missing_then_granted(snmptrapd, storm, secured, topic, collect, folder):
    secured.create_topic(topic)
    it = Secured(snmptrapd, secured, topic, folder)
    storm(it.daemon.port, count=300, rate=1000, sources=4).result()
    it.daemon.wait_log(rf"kafka-acls.sh --bootstrap-server .*--topic {topic}|grant the principal IdempotentWrite", 30)
    books = wait_books(it.stats, lambda b: b["received"] == 300)
    assert (books["published"], books["pending"]) == (0, 300), books
    secured.grant(USER, topic, *RIGHTS)
    found = arrivals(collect(secured.bootstrap, topic).wait(300, timeout=60))
    check_exactly_once(found, range(1, 301))
    check_order(found)
    it.daemon.wait_log("Kafka acknowledges events again", 20)
    wait_books(it.stats, at_rest(300))


def test_right_taken_away_under_load(snmptrapd, storm, secured, topic, folder):
    secured.create_topic(topic)
    secured.grant(USER, topic, *RIGHTS)
    it = Secured(snmptrapd, secured, topic, folder)
    load = storm(it.daemon.port, **ENDLESS, rate=1000, sources=8)
    wait_books(it.stats, lambda b: b["published"] > 1000)
    secured.revoke(USER, topic, "WRITE")
    it.daemon.wait_log(rf"do not allow writing to topic '{topic}'.*kafka-acls.sh", 30)
    published = wait_books(it.stats, lambda b: b["pending"] > 2000)["published"]
    secured.grant(USER, topic, "WRITE")
    wait_books(it.stats, lambda b: b["published"] > published + 2000, 40)
    sent = load.stop()["sent"]
    books = wait_books(it.stats, at_rest(sent), 40)
    assert books["published"] == sent, books
    found = read_topic(secured.bootstrap, topic)
    check_exactly_once(found, range(1, sent + 1))
    check_order(found)


# -- what Kafka refuses permanently -------------------------------------------------------------------------------------

def noise(length):
    """Hexadecimal digits that do not compress."""
    return "".join(f"{n * 2654435761 % 2 ** 32:08x}" for n in range(1, length // 8 + 1))


def small_topic(cluster, topic, dead):
    cluster.create_topic(topic, max_message_bytes=6000)
    cluster.create_topic(dead)


def test_dead_letter(snmptrapd, netsnmp, storm, kafka, topic, collect, folder):
    """Too large for its topic: it goes to the other one with the reason, while others flow."""
    dead, stats = f"{topic}.dead", folder / "stats"
    small_topic(kafka, topic, dead)
    daemon = snmptrapd([*QUIET, f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {topic}", f"kafkaStatsFile {stats} 1",
                        f"kafkaDeadLetterTopic {dead}"])
    events, letters = collect(kafka.bootstrap, topic), collect(kafka.bootstrap, dead)
    storm(daemon.port, count=200, rate=500).result()
    netsnmp(daemon.address()).v2c(varbinds=[(IF_ALIAS, "x", noise(12000))])
    storm(daemon.port, count=200, first=201, rate=500).result()
    found = arrivals(events.wait(400, timeout=40))
    check_exactly_once(found, range(1, 401))
    check_order(found)
    letter = letters.wait(1, timeout=40)[0]
    assert "too large" in letter.headers["trapkafka_reason"]
    assert letter.headers["trapkafka_topic"] == topic
    assert letter.headers["ce_id"] == letter.event["event_id"] and letter.key == letter.event["source"]["device"]
    assert len(letter.event["varbinds"][-1]["value"]) > 6000
    books = wait_books(stats, at_rest(401))
    assert books["dropped"]["undeliverable"] == 1 and books["dead_lettered"] == 1, books
    assert len(letters.drain()) == 1 and len(events.drain()) == 400


def test_dead_letters_flow_beside_load(snmptrapd, netsnmp, storm, kafka, topic, folder):
    """One event in a hundred is refused: all others go on, and every refused one is found."""
    dead, stats = f"{topic}.dead", folder / "stats"
    small_topic(kafka, topic, dead)
    daemon = snmptrapd([*QUIET, f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {topic}", f"kafkaStatsFile {stats} 1",
                        f"kafkaDeadLetterTopic {dead}", "kafkaQueue 64M"])
    sender = netsnmp(daemon.address())
    load = storm(daemon.port, count=5000, rate=500, sources=8)
    bad = 0
    while load.running():
        sender.v2c(varbinds=[(IF_ALIAS, "x", noise(12000))])
        bad += 1
        time.sleep(0.2)
    sent = load.result()["sent"]
    begin = time.monotonic()
    books = wait_books(stats, at_rest(sent + bad), 60)
    print(f"{bad} of {sent + bad} refused; the queue was empty {time.monotonic() - begin:.1f} s after the last")
    assert (books["published"], books["dropped"]["undeliverable"]) == (sent, bad), books
    found = read_topic(kafka.bootstrap, topic)
    check_exactly_once(found, range(1, sent + 1))
    check_order(found)


def test_dead_letter_topic_that_nobody_may_write(snmptrapd, netsnmp, storm, secured, topic, collect, folder):
    """It must not hold up events: the letter is counted as undeliverable."""
    dead = f"{topic}.dead"
    small_topic(secured, topic, dead)
    secured.grant(USER, topic, *RIGHTS)
    it = Secured(snmptrapd, secured, topic, folder, f"kafkaDeadLetterTopic {dead}")
    netsnmp(it.daemon.address()).v2c(varbinds=[(IF_ALIAS, "x", noise(12000))])
    storm(it.daemon.port, count=100, rate=500).result()
    check_exactly_once(arrivals(collect(secured.bootstrap, topic).wait(100, timeout=60)), range(1, 101))
    books = wait_books(it.stats, at_rest(101))
    assert books["dropped"]["undeliverable"] == 1 and books["dead_lettered"] == 0, books
    assert it.daemon.log.find(f"do not allow writing to topic '{dead}'")


# -- three brokers ---------------------------------------------------------------------------------------------------

@pytest.fixture
def three(new_kafka):
    """Three brokers, not started; make(**options)."""
    def make(**options):
        return new_kafka(nodes=3, auto_create=False, **options)
    return make


def run_through(daemon, storm, cluster, topic, stats, fault, mend, pending=1000):
    """Load; a fault while events wait; mended; everything arrived once and in order. Seconds from mend to empty."""
    load = storm(daemon.port, **ENDLESS, rate=1000, sources=8)
    wait_books(stats, lambda b: b["published"] > 1000, 30)
    fault()
    if pending:
        wait_books(stats, lambda b: b["pending"] > pending, 30)
    published = books_of(stats)["published"]
    mend()
    begin = time.monotonic()
    wait_books(stats, lambda b: b["published"] > published + max(pending, 2000), 60)
    sent = load.stop()["sent"]
    books = wait_books(stats, at_rest(sent), 60)
    took = time.monotonic() - begin
    assert books["published"] == sent, books
    found = read_topic(cluster.bootstrap, topic)
    check_exactly_once(found, range(1, sent + 1))
    check_order(found)
    return took


def test_leader_killed_among_three(snmptrapd, storm, three, topic, folder):
    cluster = three().start()
    print(f"three brokers started in {cluster.start_seconds:.1f} s, resident "
          f"{[node.memory() >> 20 for node in cluster.nodes]} MiB")
    cluster.create_topic(topic, partitions=4, min_insync_replicas=2)
    daemon = snmptrapd([*QUIET, f"kafkaBrokers {cluster.bootstrap}", f"kafkaTopic {topic}",
                        f"kafkaStatsFile {folder / 'stats'} 1"])
    leader = cluster.leader(topic)
    took = run_through(daemon, storm, cluster, topic, folder / "stats", leader.kill, cluster.start, pending=0)
    cluster.wait_in_sync(topic)
    print(f"everything in Kafka {took:.1f} s after the broker was started again")


def test_slow_frozen_and_cut_network(snmptrapd, storm, new_kafka, topic, folder):
    cluster = new_kafka(auto_create=False, outside="PLAINTEXT")
    with Relays(cluster, delay=0.3) as relays:
        cluster.start()
        cluster.create_topic(topic)
        daemon = snmptrapd([*QUIET, f"kafkaBrokers {cluster.outside_bootstrap}", f"kafkaTopic {topic}",
                            f"kafkaStatsFile {folder / 'stats'} 1"])
        stats = folder / "stats"
        sent = storm(daemon.port, count=4000, rate=2000, sources=8).result()["sent"]
        wait_books(stats, at_rest(sent), 30)
        relays.delay(0)
        relays.freeze()
        storm(daemon.port, count=500, first=4001, rate=500).result()
        assert wait_books(stats, lambda b: b["received"] == 4500)["pending"] == 500
        relays.thaw()
        wait_books(stats, at_rest(4500), 30)
        relays.cut()
        daemon.wait_log("no Kafka broker can be reached", 30)
        storm(daemon.port, count=500, first=4501, rate=500).result()
        assert wait_books(stats, lambda b: b["received"] == 5000)["pending"] == 500
        relays.mend()
        assert wait_books(stats, at_rest(5000), 30)["published"] == 5000
        assert relays.each[0].connections > 2
        found = read_topic(cluster.bootstrap, topic)
        check_exactly_once(found, range(1, 5001))
        check_order(found)


def test_partition_and_packet_loss(snmptrapd, storm, new_kafka, topic, folder):
    stats = folder / "stats"
    with Namespace() as space:
        cluster = new_kafka(auto_create=False, outside="PLAINTEXT", host=space.outer).start()
        cluster.create_topic(topic)
        ports = [node.outside_port for node in cluster.nodes]
        with space.inside():
            daemon = snmptrapd([*QUIET, f"kafkaBrokers {cluster.outside_bootstrap}", f"kafkaTopic {topic}",
                                f"kafkaStatsFile {stats} 1"])
            space.drop(ports, 5)
            sent = storm(daemon.port, count=4000, rate=1000, sources=8).result()["sent"]
            wait_books(stats, at_rest(sent), 60)
            space.drop(ports)
            storm(daemon.port, count=1000, first=4001, rate=1000, sources=8).result()
            assert wait_books(stats, lambda b: b["received"] == 5000)["pending"] == 1000
            space.mend()
            assert wait_books(stats, at_rest(5000), 90)["published"] == 5000
            daemon.stop()
        found = read_topic(cluster.bootstrap, topic)
        check_exactly_once(found, range(1, 5001))
        check_order(found)


def test_disk_of_a_broker_full(snmptrapd, storm, three, topic, folder):
    """One of three can write no more: the others go on, nothing is lost."""
    cluster = three()
    with SmallDisk(folder / "disk", 64) as disk:
        cluster.nodes[0].data = disk.path / "data"
        try:
            cluster.start()
            cluster.create_topic(topic, partitions=3, min_insync_replicas=2)
            daemon = snmptrapd([*QUIET, f"kafkaBrokers {cluster.bootstrap}", f"kafkaTopic {topic}",
                                f"kafkaStatsFile {folder / 'stats'} 1"])
            took = run_through(daemon, storm, cluster, topic, folder / "stats", disk.fill,
                               lambda: cluster.nodes[0].kill() or disk.free(), pending=0)
            print(f"everything in Kafka after {took:.1f} s")
            cluster.start()
            cluster.wait_in_sync(topic)
        finally:
            cluster.kill()


# -- the relay itself ------------------------------------------------------------------------------------------------

def test_relay_keeps_bytes_and_order():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with Relay(server.getsockname(), delay=0.05) as relay:
            with socket.create_connection(("127.0.0.1", relay.port), 5) as near:
                far = server.accept()[0]
                payload = json.dumps(list(range(200000))).encode()
                sender = threading.Thread(target=near.sendall, args=(payload,))
                begin = time.monotonic()
                sender.start()
                got = b""
                while len(got) < len(payload):
                    got += far.recv(65536)
                sender.join()
                assert got == payload and time.monotonic() - begin >= 0.05
                relay.freeze()
                far.sendall(b"late")
                near.settimeout(0.3)
                with pytest.raises(TimeoutError):
                    near.recv(4)
                relay.thaw()
                assert near.recv(4) == b"late"
                relay.cut()
                with pytest.raises(ConnectionError):
                    if not near.recv(1):
                        raise ConnectionError
                far.close()
