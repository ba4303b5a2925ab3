# SPDX-License-Identifier: Apache-2.0
"""What protects fails closed: while a setting is refused that decides where events go or how they are protected, nothing is
published, or all stays as it was before. Each way in which such a setting is refused, at a start and at SIGHUP."""

import re
import shutil

import pytest

from lib.kafka import Kafka
from lib.load import QUIET, arrivals, at_rest, check_exactly_once, wait_books
from lib.snmptrapd import perl_lines

SECRET = "hunter2-the-secret"
HELD = r"was refused: no event is published, .*traps stay in the queue; correct the configuration, then send SIGHUP"
STAYS = r"was refused: brokers, topics and properties all stay as they were before"


@pytest.fixture(scope="module")
def bare(base_folder):
    """A Kafka of which each topic was made by the module."""
    cluster = Kafka(base_folder / "bare", auto_create=False)
    try:
        yield cluster.start()
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


def by_file(text, mode=0o600):
    """A kafkaPropertyFile with this text."""
    def make(folder):
        path = folder / "kafka.properties"
        path.write_text(text)
        path.chmod(mode)
        return [f"kafkaPropertyFile {path}"]
    return make


def by_lines(*lines):
    return lambda folder: list(lines)


CREDENTIALS = f"sasl.mechanism=SCRAM-SHA-512\nsasl.username=noc\nsasl.password={SECRET}\n"
SECURED = f"security.protocol=SASL_SSL\n{CREDENTIALS}"
#: what is wrong: (lines for snmptrapd.conf, what the log says of it)
REFUSED = {
    "file-of-others": (by_file(SECURED, 0o644), "others may read or write it"),
    "file-missing": (by_lines("kafkaPropertyFile /no/such/file"), "No such file or directory"),
    "file-no-file": (by_lines("kafkaPropertyFile /"), "not a regular file"),
    "file-no-word": (by_lines("kafkaPropertyFile"), "Blank line following kafkaPropertyFile token"),
    "file-directive-typo": (by_lines("kafkaPropertiesFile /etc/snmp/kafka.properties"), "Unknown token: kafkaPropertiesFile"),
    "topic-no-word": (by_lines("kafkaTopic"), "Blank line following kafkaTopic token"),
    "topic-directive-typo": (by_lines("kafkaTopics noc"), "Unknown token: kafkaTopics"),
    "file-unknown": (by_file(SECURED + "no.such.property=x\n"), "line 5: .*unknown to librdkafka"),
    "file-bad-value": (by_file("linger.ms=soon\n" + SECURED), "line 1: property .linger.ms.: Invalid value"),
    "file-not-ours": (by_file(SECURED + "acks=1\n"), "line 5: .*'acks' cannot be set"),
    "file-no-value": (by_file("security.protocol\n" + CREDENTIALS), "line 1: .*a line has no value"),
    "file-typo": (by_file("security.protocol=SASL_SLL\n" + CREDENTIALS), "line 1: .*write PLAINTEXT, SSL"),
    "file-no-protocol": (by_file(CREDENTIALS), "is given without security.protocol"),
    "value-typo": (by_lines("kafkaProperty security.protocol SASL_SLL"), "SASL_SLL.*write PLAINTEXT, SSL"),
    "name-typo": (by_lines("kafkaProperty securty.protocol SASL_SSL"), "'securty.protocol' is unknown"),
    "colon": (by_lines("kafkaProperty security.protocol: SASL_SSL"), "cannot be part of a property's name"),
    "no-value": (by_lines("kafkaProperty security.protocol"), "the name or the value is missing"),
    "twice": (by_lines("kafkaProperty security.protocol PLAINTEXT", "kafkaProperty security.protocol SSL"),
              "this property was given before"),
    "no-ca": (by_lines("kafkaProperty security.protocol SSL", "kafkaProperty ssl.ca.location /no/such/ca.pem"),
              "'ssl.ca.location': '/no/such/ca.pem': No such file or directory"),
    "jaas": (by_lines("kafkaProperty sasl.jaas.config x.PlainLoginModule required;"), "set sasl.username and sasl.password"),
    "no-token": (by_lines("kafkaProperty security.protocol SASL_SSL", "kafkaProperty sasl.mechanism OAUTHBEARER"),
                 "OAUTHBEARER needs a token"),
    "no-password": (by_lines("kafkaProperty security.protocol SASL_SSL", "kafkaProperty sasl.mechanism PLAIN",
                             "kafkaProperty sasl.username noc"), "PLAIN needs sasl.username and sasl.password"),
    "topic": (by_lines("kafkaTopic noc/traps"), "not a valid Kafka topic name"),
    "topic-quote": (by_lines('kafkaTopic "noc'), "a quote is not closed"),
    "health-topic": (by_lines("kafkaHealthTopic noc/health"), "not a valid Kafka topic name"),
    "dead-letter-topic": (by_lines("kafkaDeadLetterTopic noc/dead"), "not a valid Kafka topic name"),
    "alarm-topic": (by_lines("kafkaAlarmTopic noc/alarms"), "not a valid Kafka topic name"),
    "alarm-topic-shared": (by_lines("kafkaDeadLetterTopic same", "kafkaAlarmTopic same"),
                           "kafkaAlarmTopic same, which needs a topic of its own"),
    "brokers": (by_lines("kafkaBrokers http://kafka.example.net"), "not a list of brokers"),
}


def config(cluster, folder, topic, bad=()):
    """`bad` takes the place of the lines of its directives."""
    given = {line.split()[0] for line in bad} - {"kafkaProperty", "kafkaPropertyFile"}
    lines = [*QUIET, f"kafkaBrokers {cluster.bootstrap}", f"kafkaTopic {topic}", 'kafkaHealthTopic ""',
             f"kafkaStatsFile {folder / 'stats'} 1", "kafkaStopTimeout 3"]
    return [*(line for line in lines if line.split()[0] not in given), *bad]


def later(stats, condition):
    """The books, written after this call, so that the worker has had more than a second for what it would do."""
    for _ in range(2):
        stats.unlink(missing_ok=True)
        books = wait_books(stats, condition)
    return books


@pytest.mark.parametrize("name", REFUSED)
def test_at_a_start(snmptrapd, storm, bare, topic, collect, folder, name):
    make, reason = REFUSED[name]
    stats, before = folder / "stats", bare.topics()
    daemon = snmptrapd(config(bare, folder, topic, make(folder)))
    daemon.wait_log(reason)
    daemon.wait_log(HELD)
    daemon.wait_log("trapkafka: in force:")
    storm(daemon.port, count=50, rate=1000).result()
    books = later(stats, lambda b: b["received"] == 50)
    assert (books["published"], books["pending"], books["in_flight"]) == (0, 50, 0), books
    assert bare.topics() == before
    daemon.write_conf(config(bare, folder, topic))
    daemon.sighup()
    check_exactly_once(arrivals(collect(bare.bootstrap, topic).wait(50)), range(1, 51))
    assert wait_books(stats, at_rest(50))["published"] == 50
    assert bare.topics().keys() - before.keys() == {topic}
    assert SECRET not in daemon.log.text()


@pytest.mark.parametrize("name", REFUSED)
def test_at_sighup(snmptrapd, storm, bare, topic, collect, folder, name):
    """What was in force stays, and stays also at a second SIGHUP; nothing of what was refused comes into force by halves."""
    make, reason = REFUSED[name]
    stats, other, before = folder / "stats", f"{topic}.b", bare.topics()
    daemon = snmptrapd(config(bare, folder, topic))
    events = collect(bare.bootstrap, topic)
    storm(daemon.port, count=20, rate=1000).result()
    events.wait(20)
    daemon.write_conf(config(bare, folder, other, make(folder)))
    for first in (21, 41):
        since = daemon.sighup()
        daemon.wait_log(reason, since=since)
        daemon.wait_log(STAYS, since=since)
        daemon.wait_log("trapkafka: in force:", since=since)
        storm(daemon.port, count=20, first=first, rate=1000).result()
        events.wait(first + 19)
    books = later(stats, at_rest(60))
    assert books["published"] == 60, books
    check_exactly_once(arrivals(events.messages()), range(1, 61))
    assert bare.topics().keys() - before.keys() == {topic}
    daemon.write_conf(config(bare, folder, other))
    daemon.sighup()
    storm(daemon.port, count=20, first=61, rate=1000).result()
    check_exactly_once(arrivals(collect(bare.bootstrap, other).wait(20)), range(61, 81))
    assert wait_books(stats, at_rest(80))["published"] == 80
    assert len(events.drain()) == 60
    assert SECRET not in daemon.log.text()


#: above the dlmod line: (lines, the words that are named as protective, those that are only warned of)
ABOVE = {
    "topic": (["kafkaTopic noc-only"], ["kafkaTopic"], []),
    "file": (["# kafkaTopic x", "  kafkaPropertyFile\t/etc/kafka.properties"], ["kafkaPropertyFile"], []),
    "property": (["kafkaProperty sasl.mechanism PLAIN"], ["kafkaProperty"], []),
    "no-creation": (["kafkacreatetopics no"], ["kafkacreatetopics"], []),
    "typo": (["kakfaTopic noc-only"], ["kakfaTopic"], []),
    "section": (["[snmptrapd] kafkaTopic noc-only"], ["kafkaTopic"], []),
    "many": (["kafkaLogTraps no"] * 40 + ["kafkaTopic noc-only"], ["kafkaTopic"], ["kafkaLogTraps"] * 31),
    "ordinary": (["kafkaLogTraps no", "kafkaProperty linger.ms 5", "kafkaFuture 5"], [], ["kafkaLogTraps", "kafkaProperty"]),
}


def above(daemon, level):
    """The directives that the log names at this level, in order: (file's name, directive)."""
    end = r" before the next SIGHUP" if level == "ordinary" else ""
    return re.findall(rf"^\S*?([^/\s]+): line \d+: trapkafka: (\S+) stands above the dlmod line, so it is not in force{end}: ",
                      daemon.log.text(), re.M)


def check_above(daemon, storm, bare, topic, stats, protective, ordinary):
    """Nothing is published if a protective line stands there, before SIGHUP, which reads it."""
    daemon.wait_log("trapkafka: in force:")
    assert [word for _, word in above(daemon, "protective")] == protective
    assert [word for _, word in above(daemon, "ordinary")] == ordinary
    storm(daemon.port, count=20, rate=1000).result()
    books = later(stats, lambda b: b["received"] == 20 and (protective or not b["pending"]))
    assert (books["published"], books["pending"]) == ((0, 20) if protective else (20, 0)), books
    if protective:
        daemon.wait_log(HELD)
        assert topic not in bare.topics()


@pytest.mark.parametrize("name", ABOVE)
def test_above_the_dlmod_line(snmptrapd, storm, bare, topic, folder, name):
    lines, protective, ordinary = ABOVE[name]
    daemon = snmptrapd(config(bare, folder, topic), load=[*lines, *perl_lines()])
    check_above(daemon, storm, bare, topic, folder / "stats", protective, ordinary)
    daemon.load = "perl"
    daemon.write_conf(config(bare, folder, topic))
    daemon.sighup()
    wait_books(folder / "stats", at_rest(20))


@pytest.mark.parametrize("line", ["kafkaTopics noc", "kafkaPropertiesFile /etc/kafka", "kafaPropertyFile /etc/kafka"])
def test_mistyped_although_snmp_conf_wants_no_warnings(snmptrapd, storm, bare, topic, collect, folder, line):
    """With noTokenWarnings net-snmp would say nothing of a name that it does not know, at a start or at SIGHUP."""
    daemon = snmptrapd(config(bare, folder, topic, [line]), start=False, persist=True)
    (daemon.folder / "snmp.conf").write_text("noTokenWarnings yes\n")
    daemon.start()
    daemon.wait_log(HELD)
    storm(daemon.port, count=20, rate=1000).result()
    assert later(folder / "stats", lambda b: b["received"] == 20)["published"] == 0
    daemon.write_conf(config(bare, folder, topic))
    daemon.sighup()
    check_exactly_once(arrivals(collect(bare.bootstrap, topic).wait(20)), range(1, 21))
    daemon.write_conf([*config(bare, folder, topic), line])
    since = daemon.sighup()
    daemon.wait_log(STAYS, since=since)
    assert wait_books(folder / "stats", at_rest(20))["published"] == 20


@pytest.mark.parametrize("how", ["includeFile beside.conf", "includeDir {folder}/more", "earlier file"])
def test_above_the_dlmod_line_in_another_file(snmptrapd, storm, bare, topic, folder, how):
    """Files are searched in the order in which net-snmp reads them."""
    beside = folder / "snmptrapd1"
    args, lines = [], [how.format(folder=folder)]
    (folder / "more").mkdir()
    (folder / "more" / "one.conf").write_text("kafkaTopic noc-only\n")
    beside.mkdir(exist_ok=True)
    (beside / "beside.conf").write_text("kafkaTopic noc-only\n")
    if how == "earlier file":
        args, lines = ["-c", f"{beside}/beside.conf,{beside}/snmptrapd.conf"], []
    daemon = snmptrapd(config(bare, folder, topic), load=[*lines, *perl_lines()], args=args)
    check_above(daemon, storm, bare, topic, folder / "stats", ["kafkaTopic"], [])
    (folder / "more" / "one.conf").unlink()
    (beside / "beside.conf").write_text("")
    daemon.sighup()
    wait_books(folder / "stats", at_rest(20))


@pytest.mark.parametrize("lines", [["none"], ["yes", "no"], ["yes no"], ['"no'], [""]], ids=["word", "twice", "words", "quote", "blank"])
def test_creation_of_topics(snmptrapd, storm, bare, topic, folder, lines):
    """A refused kafkaCreateTopics may have been meant to forbid it."""
    bad = [f"kafkaCreateTopics {value}".rstrip() for value in lines]
    daemon = snmptrapd([*config(bare, folder, topic), *bad])
    if lines != [""]:
        daemon.wait_log(r"Error: kafkaCreateTopics .* \(until then, no topic is created\)")
    storm(daemon.port, count=20, rate=1000).result()
    daemon.wait_log(rf"topic '{topic}' does not exist and was not created \(kafkaCreateTopics is no\)")
    assert later(folder / "stats", lambda b: b["received"] == 20)["published"] == 0
    assert topic not in bare.topics()
    daemon.write_conf(config(bare, folder, topic))
    daemon.sighup()
    wait_books(folder / "stats", at_rest(20))


TEMPLATE = """# client settings of the Kafka service
bootstrap.servers=broker.example.net:9092
security.protocol=PLAINTEXT
sasl.mechanisms=PLAIN
sasl.username=KEY
sasl.password={}
# for consumers
session.timeout.ms=45000
group.id=noc
acks=all
enable.idempotence=true
client.id=noc
"""


def test_file_that_other_clients_share(snmptrapd, storm, bare, topic, collect, folder):
    """Properties of consumers, the brokers' addresses and what the module sets anyway are worth a warning each."""
    daemon = snmptrapd(config(bare, folder, topic, by_file(TEMPLATE.format(SECRET))(folder)))
    storm(daemon.port, count=20, rate=1000).result()
    check_exactly_once(arrivals(collect(bare.bootstrap, topic).wait(20)), range(1, 21))
    said = re.findall(rf"Warning: {folder}/kafka.properties: line (\d+): property '(\S+)' is left out",
                      daemon.log.text())
    assert said == [("2", "bootstrap.servers"), ("8", "session.timeout.ms"), ("9", "group.id"), ("10", "acks"),
                    ("11", "enable.idempotence")]
    assert not daemon.log.find("Error")
    assert SECRET not in daemon.log.text()


def test_all_unsuitable_lines_at_once(snmptrapd, storm, bare, topic, collect, folder):
    """One correction of the file suffices, and until then nothing is published in clear."""
    wrong = TEMPLATE.format(SECRET) + "linger.ms=soon\nno.such=1\nretries=3\nsecurity.protocol=SSL\n"
    daemon = snmptrapd(config(bare, folder, topic, by_file(wrong)(folder)))
    said = re.findall(rf"Error: {folder}/kafka.properties: line (\d+): ", daemon.log.text())
    assert said == ["13", "14", "15", "16"]
    daemon.wait_log(HELD)
    storm(daemon.port, count=20, rate=1000).result()
    lines = wrong.splitlines(keepends=True)
    by_file("".join(line for number, line in enumerate(lines, 1) if str(number) not in said))(folder)
    daemon.sighup()
    check_exactly_once(arrivals(collect(bare.bootstrap, topic).wait(20)), range(1, 21))
    assert SECRET not in daemon.log.text()
