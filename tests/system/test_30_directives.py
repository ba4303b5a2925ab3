# SPDX-License-Identifier: Apache-2.0
"""Every directive: a good value works, a bad one gives one error with line, value, reason and remedy, and the daemon goes
on publishing. The table (plugin/config/directives.def) is read here: a directive without its cases is a failure."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest

from lib import ber, need
from lib.ber import v2c
from lib.books import read_stats
from lib.proc import run, wait_until
from lib.rig import COMMUNITY, broker, rigs, shared_rigs  # pylint: disable=unused-import
from lib.send import LINK_DOWN
from lib.snmptrapd import BINARY, module_file

# pylint: disable=redefined-outer-name
TOP = Path(__file__).resolve().parents[2]
TABLE = dict(re.findall(r'^TK_DIRECTIVE\((\w+), "((?:[^"\\]|\\.)*)"', (TOP / "plugin/config/directives.def").read_text(),
                        re.M))
TRAP_ADDRESS, TRAP_COMMUNITY = "1.3.6.1.6.3.18.1.3.0", "1.3.6.1.6.3.18.1.4.0"
IF_INDEX, IF_ADMIN = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.7"
SECRET = "hunter2-the-secret"
NUMBER = "write a whole number from {} to {}"
FILES = [("/no/such/file", "No such file or directory", "name a file that snmptrapd's user can read"),
         ("relative.csv", "not an absolute path", "write a path that begins with /"),
         ("@D@", "not a regular file", "name a file that snmptrapd's user can read"),
         ("@D@/good.csv @D@/good.csv", "too many words", "one value")]
DURATION = "write seconds, or a number with s, m, h or d, from 1m to 3650d"
SIZES = "write a size such as 16M or 2G, from 1M to 64G"
TOPICS = ("not a valid Kafka topic name", "write up to 249 letters, digits, dots, hyphens and underscores")
HOSTS = ("not a list of brokers", "write HOST:PORT")
LEAVE_OUT = "cannot be set: .*; leave it out"

# directive: (arguments, reason, remedy) each; the value of the error is the first word that is wrong. @D@ is a folder.
BAD = {
    "kafkaBrokers": [("http://kafka1:9092", *HOSTS), (":9092", *HOSTS), ("kafka1:9092,,kafka2:9092", *HOSTS),
                     ('""', *HOSTS),
                     ("kafka1:9092;kafka2:9092", *HOSTS), ("kafka1:99999", "out of range", NUMBER.format(1, 65535)),
                     ("kafka1:port", "not a number", NUMBER.format(1, 65535)),
                     ("kafka1:", "not a number", NUMBER.format(1, 65535)),
                     ("kafka1:9092, kafka2:9092", "too many words", "one value")],
    "kafkaTopic": [("sp/ace", *TOPICS), ("..", *TOPICS), (".", *TOPICS), ("x" * 250, *TOPICS), ("größe", *TOPICS),
                   ('""', *TOPICS), ("two words", "too many words", "one value"),
                   ('"open', "a quote is not closed", "add the closing quote")],
    "kafkaHealthTopic": [("sp/ace", *TOPICS), ("two words", "too many words", "one value")],
    "kafkaProperty": [("linger.ms", "the name or the value is missing", "write kafkaProperty NAME VALUE"),
                      ("no.such.property 1", "is unknown to librdkafka", "see CONFIGURATION.md"),
                      ("linger.ms:7 x", "'linger.ms': the next character cannot be part of a property's name",
                       "separate name and value by a blank or ="),
                      ("linger.ms soon", "linger.ms", "see CONFIGURATION.md"),
                      ("linger.ms -7", "linger.ms", "see CONFIGURATION.md"),
                      ("compression.codec fast", "compression.codec", "write lz4 (the default), gzip, snappy, zstd or none"),
                      ("acks 1", "no acknowledged event may be lost", "leave it out"),
                      ("enable.idempotence false", "must stay in order", "leave it out"),
                      ("queue.buffering.max.messages 7", "the queue of kafkaQueue", "set kafkaQueue instead"),
                      ("bootstrap.servers x:1", "kafkaBrokers sets the brokers", "after kafkaBrokers"),
                      ("plugin.library.paths evil", "foreign code", "leave it out"),
                      ("group.id x", "it is for consumers", "leave it out")],
    "kafkaPropertyFile": [("/no/such/file", "No such file or directory", "name a file that snmptrapd's user can read"),
                          ("@D@/open.properties", "others may read", "chmod 0600"),
                          ("@D@", "not a regular file", "chmod 0600"),
                          ("@D@/bad.properties", "bad.properties: line 3: .*is unknown to librdkafka", "CONFIGURATION.md"),
                          ("@D@/owned.properties", "owned.properties: line 2: .*'acks' cannot be set", "leave it out"),
                          ("@D@/novalue.properties", "novalue.properties: line 1: .*a line has no value", "write NAME=VALUE"),
                          ("a b", "too many words", "one value")],
    "kafkaHeaders": [("maybe", "unknown word", "write cloudevents or none"), ("none none", "too many words", "one value")],
    "kafkaQueue": [("0", "out of range", SIZES), ("1023K", "out of range", SIZES), ("65G", "out of range", SIZES),
                   ("99999999999999999999G", "not a size", SIZES), ("18446744073709551615G", "out of range", SIZES),
                   ("-16M", "not a size", SIZES), ("16Q", "not a size", SIZES), ("16MB", "not a size", SIZES),
                   ("lots", "not a size", SIZES),
                   ("16M queue", "not an absolute path", "write a path that begins with /"),
                   ("17T /var/lib/queue", "out of range", SIZES), ("16M /var/lib/queue 2", "too many words", "one value")],
    "kafkaQueueSync": [("0", "out of range", NUMBER.format(10, 60000)), ("60001", "out of range", NUMBER.format(10, 60000)),
                       ("often", "not a number", NUMBER.format(10, 60000)), ("10 20", "too many words", "one value")],
    "kafkaDeadLetterTopic": [("a/b", "not a valid Kafka topic name", "write up to 249"),
                             ("a b", "too many words", "one value")],
    "kafkaAlarmTopic": [("a/b", "not a valid Kafka topic name", "write up to 249"), ("a b", "too many words", "one value")],
    "kafkaInformReply": [("never", "unknown word", "write delivered or queued")],
    "kafkaReplayGuard": [("lenient", "unknown word", "write strict or compatible")],
    "kafkaDictionary": FILES,
    "kafkaSeverityRules": FILES,
    "kafkaVendorRules": [("some", "unknown word", "write all, curated or off"), ("all off", "too many words", "one value")],
    "kafkaDedup": [("soon", "not a number", NUMBER.format(1, 86400)), ("0", "out of range", NUMBER.format(1, 86400)),
                   ("86401", "out of range", NUMBER.format(1, 86400)), ("-5", "not a number", NUMBER.format(1, 86400)),
                   ("5s", "not a number", NUMBER.format(1, 86400)),
                   ("300 colour", "unknown field", "choose from contextEngineID, "),
                   ("300 trapOID,,source", "unknown field", "choose from contextEngineID, "),
                   ("300 trapOID,trapOID", "this field is given twice", "remove one"),
                   ("300 trapOID source", "too many words", "write kafkaDedup SECONDS")],
    "kafkaInventory": FILES,
    "kafkaCircuits": FILES,
    "kafkaEngines": [("0 7d", "out of range", NUMBER.format(1, 10000000)),
                     ("10000001 7d", "out of range", NUMBER.format(1, 10000000)),
                     ("many 7d", "not a number", NUMBER.format(1, 10000000)),
                     ("1000", "MAX or TTL is missing", "write kafkaEngines MAX TTL"),
                     ("1000 7d 8d", "too many words", "write kafkaEngines MAX TTL"),
                     ("1000 59s", "out of range", DURATION), ("1000 3651d", "out of range", DURATION),
                     ("1000 week", "not a duration", DURATION), ("1000 1w", "not a duration", DURATION),
                     ("on", "MAX or TTL is missing", "or kafkaEngines off")],
    "kafkaCreateTopics": [("maybe", "unknown word", "write yes or no"), ("yes no", "too many words", "one value")],
    "kafkaLogTraps": [("1", "unknown word", "write yes or no"), ("yes no", "too many words", "one value")],
    "kafkaPublishCommunity": [("maybe", "unknown word", "write yes or no"),
                              ("yes please", "too many words", "one value")],
    "kafkaStatsFile": [("stats.prom", "not an absolute path", "write a path that begins with /"),
                       ("/no/such/folder/file", "its folder does not exist", "create the folder"),
                       ("@D@/stats 0", "out of range", NUMBER.format(1, 3600)),
                       ("@D@/stats 3601", "out of range", NUMBER.format(1, 3600)),
                       ("@D@/stats often", "not a number", NUMBER.format(1, 3600)),
                       ("@D@/stats 1 2", "too many words", "write kafkaStatsFile FILE")],
    "kafkaStopTimeout": [("61", "out of range", NUMBER.format(0, 60)), ("-1", "not a number", NUMBER.format(0, 60)),
                         ("4294967296", "out of range", NUMBER.format(0, 60)),
                         ("1.5", "not a number", NUMBER.format(0, 60)),
                         ("soon", "not a number", NUMBER.format(0, 60))],
}
# The first words of these are right; this one is wrong.
WRONG = {"kafka1:99999": "99999", "kafka1:port": "port", "kafka1:": "", "16M queue": "queue", "17T /var/lib/queue": "17T",
         "300 colour": "colour", "300 trapOID,,source": "", "300 trapOID,trapOID": "trapOID", "@D@/stats 0": "0",
         "0 7d": "0", "10000001 7d": "10000001", "many 7d": "many", "1000 59s": "59s", "1000 3651d": "3651d",
         "1000 week": "week", "1000 1w": "1w",
         "@D@/stats 3601": "3601", "@D@/stats often": "often"}
CASES = [(directive, *case) for directive, cases in BAD.items() for case in cases]

# directive: arguments that are taken without a word
GOOD = {
    "kafkaBrokers": ["@B@", '"@B@"', "@B@ # a comment", "'@B@,@B@'", "[::1]:1,@B@"],
    "kafkaTopic": ["@T@", '"@T@"'],
    "kafkaHealthTopic": ["@H@"],
    "kafkaProperty": ["client.id some where", "linger.ms=1", "client.rack   = r1", "message.max.bytes 2000000"],
    "kafkaPropertyFile": ["@D@/good.properties", '"@D@/with blank.properties"'],
    "kafkaHeaders": ["cloudevents", "none", "NONE"],
    "kafkaQueue": ["1M", "2m", "1024K", "1048576", "1M @D@/queue"],
    "kafkaQueueSync": ["10", "60000", "off", "OFF"],
    "kafkaDeadLetterTopic": ["dead", '""'],
    "kafkaAlarmTopic": ["standing", '""'],
    "kafkaInformReply": ["delivered", "queued", "QUEUED"],
    "kafkaReplayGuard": ["strict", "compatible", "STRICT"],
    "kafkaDictionary": ["@D@/good.csv"],  # what is in it, the loader thread looks at
    "kafkaSeverityRules": [str(TOP / "conf/severity-rules.json")],
    "kafkaVendorRules": ["all", "curated", "off", "CURATED"],
    "kafkaDedup": ["1", "86400 trapOID", "off", "OFF trapOID",
                   "300 contextengineid,TRAPOID,sysUpTime,varbinds,source,requestID"],
    "kafkaInventory": ["@D@/good.csv", str(TOP / "conf/inventory.csv")],
    "kafkaCircuits": ["@D@/good.csv", str(TOP / "conf/circuits.csv")],
    "kafkaEngines": ["100000 7d", "1 60", "10000000 3650D", "OFF", "5 12h"],
    "kafkaCreateTopics": ["yes", "no", "YES"],
    "kafkaLogTraps": ["yes", "no", "No"],
    "kafkaPublishCommunity": ["yes", "no"],
    "kafkaStatsFile": ["@D@/stats", "@D@/stats 1", "@D@/stats 3600"],
    "kafkaStopTimeout": ["60", " 7 ", "1"],
}


def test_table_is_covered():
    assert len(TABLE) >= 15
    assert set(BAD) == set(TABLE) and set(GOOD) == set(TABLE)
    assert all(BAD.values()) and all(GOOD.values())


def write_files(folder):
    """What the cases above name."""
    def private(name, text):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    (folder / "good.csv").write_text("device,address,name,ifIndex,site\nd,192.0.2.1,d,7,S\n")
    (folder / "open.properties").write_text(f"sasl.password={SECRET}\n")
    (folder / "open.properties").chmod(0o644)
    private("good.properties", "# mine\n\nsocket.keepalive.enable = true\nmetadata.max.age.ms\t60000\n")
    private("with blank.properties", "client.id=x\n")
    private("bad.properties", f"client.id=x\nsasl.password={SECRET}\nno.such.property={SECRET}\n")
    private("owned.properties", f"sasl.password={SECRET}\nacks=1\n")
    private("novalue.properties", "linger.ms\n")
    private("colon.properties", f"sasl.password:{SECRET}=x\n")


@pytest.fixture(scope="module")
def files(base_folder):
    folder = base_folder / "directives"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o755)
    write_files(folder)
    yield folder
    shutil.rmtree(folder)


def published(rig, *pairs):
    return rig.send_event(lambda up: v2c(COMMUNITY, pairs, up))


def conf_line(rig, text):
    """Number of the line of snmptrapd.conf that is this text."""
    lines = rig.daemon.conf.read_text().splitlines()
    assert lines.count(text) == 1, text
    return lines.index(text) + 1


def errors_of(rig, number, since=0):
    """What the log says of that line."""
    return re.findall(rf"^{re.escape(str(rig.daemon.conf))}: line {number}: (.*)$", rig.log.text(since), re.M)


# -- bad values -------------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def refusing(shared_rigs, files):
    """Every bad line at once, read at SIGHUP before the good ones: what was in force goes on, and it publishes all the same.
    (At a start some of them would hold everything: test_52.)"""
    lines = [f"{directive} {args}".replace("@D@", str(files)) for directive, args, _, _ in CASES]
    assert len(set(lines)) == len(lines)
    rig = shared_rigs(name="refusing")
    good = [line for line in rig.daemon.conf.read_text().splitlines() if line not in rig.daemon.loading()]
    rig.daemon.write_conf([*lines, *good])
    rig.in_force(rig.daemon.sighup())
    assert published(rig)
    return rig


@pytest.mark.parametrize("directive, args, reason, remedy", CASES, ids=[f"{c[0]} {c[1][:30]}" for c in CASES])
def test_bad_value(refusing, files, directive, args, reason, remedy):
    found = errors_of(refusing, conf_line(refusing, f"{directive} {args}".replace("@D@", str(files))))
    assert len(found) == 1, found
    assert found[0].startswith("Error: "), found
    assert re.search(reason, found[0]) and re.search(re.escape(remedy), found[0]), found
    if directive not in ("kafkaProperty", "kafkaPropertyFile"):
        value = WRONG.get(args, args).replace("@D@", str(files)).replace('""', "")
        shown = "".join(c if c not in "'\\" else f"\\x{ord(c):02x}" for c in value)
        assert found[0].startswith(f"Error: {directive} '{shown[:60]}"), found
    else:
        assert re.search(r"'[^']+'|line \d+:", found[0]), found
    assert len(found[0]) < 700


def test_one_error_per_directive(refusing):
    """No line but the bad ones has an error, no secret is shown, and the daemon runs on."""
    said = re.findall(r"^.*(?:Error|Warning): .*$", refusing.log.text(), re.M)
    assert len(said) == len(CASES), said[:3]
    assert published(refusing)
    assert SECRET not in refusing.log.text()


def test_duplicates(rigs):
    """The first line holds, each later one is an error; kafkaProperty may be given many times, a property once."""
    again = {"kafkaBrokers": "127.0.0.1:1", "kafkaTopic": "other", "kafkaHealthTopic": "other", "kafkaHeaders": "none",
             "kafkaQueue": "1M", "kafkaQueueSync": "20", "kafkaDeadLetterTopic": "other", "kafkaInformReply": "queued",
             "kafkaCreateTopics": "yes", "kafkaDedup": "9", "kafkaEngines": "off", "kafkaLogTraps": "yes", "kafkaPublishCommunity": "no",
             "kafkaStopTimeout": "1", "KAFKASTOPTIMEOUT": "2"}
    first = ["kafkaHeaders cloudevents", "kafkaQueue 2M", "kafkaQueueSync 10", "kafkaDeadLetterTopic dead",
             "kafkaInformReply delivered", "kafkaCreateTopics no", "kafkaEngines 5 7d", "kafkaPublishCommunity yes", "kafkaStopTimeout 3",
             "kafkaProperty client.id one"]
    rig = rigs([*first, *(f"{name} {value}" for name, value in again.items()), "kafkaProperty client.id two",
                "kafkaProperty linger.ms 1"], defaults="all")
    for name, value in again.items():
        found = errors_of(rig, conf_line(rig, f"{name} {value}"))
        end = " (until then, no topic is created)" if name == "kafkaCreateTopics" else ""
        assert found == [f"Error: {name} '{value}': this directive was given before; remove one of the two lines{end}"]
    assert errors_of(rig, conf_line(rig, "kafkaProperty client.id two")) == [
        "Error: kafkaProperty 'client.id': this property was given before; remove one of the two"]
    assert rig.log.count(r": Error: ") == len(again) + 1
    assert published(rig)["snmp"]["security_name"] == COMMUNITY
    assert rig.log.find("queue of 2097152 bytes")


def test_secrets_are_never_logged(rigs, files):
    """Whatever is wrong about the line that holds one."""
    lines = [f"kafkaProperty sasl.pasword {SECRET}", f"kafkaProperty sasl.password:{SECRET}",
             f"kafkaProperty sasl.password:{SECRET} x", f'kafkaProperty "sasl.password" {SECRET}',
             f"kafkaProperty ssl.key.pem {SECRET}", f"kafkaProperty sasl.oauthbearer.method {SECRET}",
             f"kafkaProperty sasl.password={SECRET}", f"kafkaProperty sasl.password {SECRET}",
             f"kafkaProperty ={SECRET}", f"kafkaPropertyFile {files}/bad.properties",
             f"kafkaPropertyFile {files}/colon.properties"]
    rig = rigs(lines, args=["-Dtrapkafka"])  # events wait: it fails closed
    rig.reload([])
    assert published(rig)
    rig.reload(lines)
    assert published(rig)
    rig.stop()
    assert rig.log.count(": Error: ") >= 2 * 7
    assert SECRET not in rig.log.text()


def test_second_dlmod_line(rigs):
    """Refused, and each notification is one event."""
    line = f"dlmod trapkafka {module_file('TK_MODULE_SO', 'trapkafka.so')} "
    rig = rigs([line])
    numbers = [n for n, text in enumerate(rig.daemon.conf.read_text().splitlines(), 1) if text.startswith("dlmod")]
    assert len(numbers) == 2
    assert len(errors_of(rig, numbers[1])) == 1
    assert re.search(r"^Error: dlmod trapkafka: .*; remove one", errors_of(rig, numbers[1])[0])
    assert published(rig)
    assert len(errors_of(rig, numbers[1], rig.reload([line]))) == 1
    assert published(rig)
    assert rig.stop()["received"] == 2


# -- good values ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("number", range(max(map(len, GOOD.values()))))
def test_good_values(rigs, files, number):
    """The first of each, then the second of each ... Not one word of complaint, and it publishes."""
    rig = rigs(start=False, args=["-n"])
    values = {"@D@": str(files), "@B@": rig.broker.bootstrap, "@T@": rig.topic, "@H@": rig.health_topic}
    lines = []
    for directive, good in GOOD.items():
        line = f"{directive} {good[min(number, len(good) - 1)]}"
        for word, value in values.items():
            line = line.replace(word, value)
        lines.append(line)
    rig.broker.create("standing")
    rig.daemon.write_conf([f"authCommunity log,execute,net {COMMUNITY}", *lines])
    rig.daemon.start()
    rig.in_force()
    assert published(rig, (f"{IF_INDEX}.7", ber.number(7)))
    assert not rig.log.find(r"Error|Warning|Unknown token"), rig.log.tail()


def test_property_and_its_file_reach_librdkafka(rigs, folder):
    """An event over message.max.bytes is counted as too large: from a line, then from a file."""
    (folder / "p").write_text("message.max.bytes = 2000\n")
    (folder / "p").chmod(0o600)
    for lines in (["kafkaProperty message.max.bytes 2000"], [f"kafkaPropertyFile {folder}/p"]):
        rig = rigs(lines)
        rig.send([v2c(COMMUNITY, [(f"{IF_INDEX}.7", ber.octets(b"x" * 3000))], 1)])
        published(rig)
        assert rig.stop()["dropped"]["too_large"] == 1


def test_health_topic_off_and_stats_file(rigs, folder):
    """An empty name: no health record at all. The statistics file serves instead."""
    rig = rigs(['kafkaHealthTopic ""', f"kafkaStatsFile {folder}/stats 1"])
    assert published(rig)
    rig.daemon.stop()
    assert not rig.health.events()
    stats = read_stats(folder / "stats")
    assert stats["trapkafka_received_total", ()] == stats["trapkafka_published_total", ()] == 1
    rig.books = {"published": 1}  # was looked at here


def test_stop_timeout(rigs):
    """No broker answers: an orderly stop takes that long, and says what is lost."""
    for seconds in (0, 2):
        rig = rigs(["kafkaBrokers 127.0.0.1:1", f"kafkaStopTimeout {seconds}"])
        rig.send([v2c(COMMUNITY, uptime=1)])
        begin = time.monotonic()
        rig.daemon.stop()
        assert time.monotonic() - begin >= seconds
        assert rig.log.find(r"1 traps are lost with the queue, .* \(kafkaStopTimeout\)")
        rig.books = {"published": 0}


def test_usage(refusing):
    """snmptrapd -H lists every directive with its arguments."""
    done = run([BINARY, "-C", "-c", refusing.daemon.conf, "-H"], env=refusing.daemon.environment())
    for directive, args in TABLE.items():
        args = args.replace('\\"', '"')
        assert re.findall(rf"^\s+{directive}\s+(.*)$", done.stdout, re.M) == [args], directive


def test_debug_lines(rigs):
    """-Dtrapkafka, and none without it."""
    rig = rigs(args=["-Dtrapkafka"])
    assert published(rig)
    assert rig.log.find(r"^trapkafka: .*notification of PDU type 167: accepted$")
    other = rigs()
    assert published(other)
    assert not other.log.find("queued")


# -- SIGHUP -----------------------------------------------------------------------------------------------------------

RULES = """{"rules": [{"name": "mine", "match": {"trap": "IF-MIB::linkDown"}, "severity": "minor"}]}\n"""


def write_tables(folder, bad=False):
    (folder / "inventory.csv").write_text("address,name,site\n127.0.0.1,pe1,FRA\n" + ("127.0.0.2,pe2\n" if bad else ""))
    (folder / "circuits.csv").write_text("device,ifIndex,circuit\npe1,7,C-7\n" + ("pe1,seven,C-8\n" if bad else ""))
    (folder / "own.dict").write_text("no dictionary: that is not a matter of the line")
    (folder / "rules.json").write_text(RULES.replace('"minor"', '"mienor"') if bad else RULES)


def all_lines(folder):
    return [f"kafkaInventory {folder}/inventory.csv", f"kafkaCircuits {folder}/circuits.csv",
            f"kafkaSeverityRules {folder}/rules.json", "kafkaHeaders none", "kafkaPublishCommunity yes",
            "kafkaDedup 300 trapOID,sysUpTime", f"kafkaStatsFile {folder}/stats 1", "kafkaStopTimeout 7",
            "kafkaProperty message.max.bytes 3000", f"kafkaPropertyFile {folder}/private", "kafkaQueueSync 1000",
            "kafkaDeadLetterTopic dead", "kafkaInformReply queued", "kafkaEngines 5 1d", "kafkaCreateTopics no",
            "kafkaReplayGuard strict", f"kafkaDictionary {folder}/own.dict", "kafkaVendorRules curated", "kafkaAlarmTopic standing"]


def behaves(rig):
    """All of all_lines() shows in what is published."""
    uptime = rig.uptime()
    packet = v2c(COMMUNITY, [(f"{IF_INDEX}.7", ber.number(7))], uptime)
    rig.send([packet, packet, v2c(COMMUNITY, [(f"{IF_INDEX}.7", ber.octets(b"x" * 5000))], uptime + 500_000)])
    message = rig.events.wait(1, lambda m: m.event["snmp"]["uptime"] == uptime)[0]
    event = message.event
    assert message.headers == {}
    assert event["snmp"]["security_name"] == COMMUNITY
    assert event["source"]["device"] == "pe1"
    assert event["topology"] == {"site": "FRA", "circuit": "C-7"}
    assert event["severity"] == "minor" and event["severity_rule"].endswith(":mine")
    return event


def test_sighup_with_bad_values_keeps_the_last_good_ones(rigs, folder):
    """Proved by what is published: topic, tables, headers, dedup, properties ... Then with the files gone."""
    write_files(folder)
    write_tables(folder)
    (folder / "private").write_text("client.id=kept\n")
    (folder / "private").chmod(0o600)
    rig = rigs(all_lines(folder))
    behaves(rig)

    bad = ["kafkaBrokers http://x", "kafkaTopic sp/ace", "kafkaHealthTopic sp/ace", "kafkaInventory relative",
           "kafkaCircuits /no/such/file", "kafkaSeverityRules /no/such/file", "kafkaHeaders maybe",
           "kafkaPublishCommunity maybe", "kafkaDedup soon", "kafkaLogTraps maybe", "kafkaStatsFile relative",
           "kafkaStopTimeout soon", "kafkaProperty message.max.bytes many", "kafkaQueue lots",
           f"kafkaPropertyFile {folder}/bad.properties", "kafkaQueueSync often", "kafkaDeadLetterTopic sp/ace",
           "kafkaInformReply never", "kafkaEngines many 7d", "kafkaReplayGuard never", "kafkaCreateTopics perhaps",
           "kafkaDictionary /no/such/file", "kafkaVendorRules some", "kafkaAlarmTopic sp/ace"]
    assert {line.split()[0] for line in bad} == set(TABLE)
    since = rig.reload(bad)
    for line in bad:
        found = errors_of(rig, conf_line(rig, line), since)
        assert len(found) == 1, (line, found)
        assert found[0].endswith(" (the value before stays in force)") or line == "kafkaQueue lots", found
    behaves(rig)

    for name in ("inventory.csv", "circuits.csv", "rules.json", "private"):
        (folder / name).unlink()
    since = rig.reload(all_lines(folder))
    for line in all_lines(folder):
        if (folder / Path(line.split()[1]).name).suffix in (".csv", ".json") or line.endswith("private"):
            assert len(errors_of(rig, conf_line(rig, line), since)) == 1, line
    behaves(rig)

    # The directives away: back to the defaults.
    rig.reload([])
    event = published(rig, (f"{IF_INDEX}.7", ber.number(7)))
    assert event["snmp"]["security_name"] is None and event["topology"] == {} and event["severity"] == "major"
    books = rig.stop()
    assert books["suppressed"]["duplicate"] == 3 and books["dropped"]["too_large"] == 3, books
    assert SECRET not in rig.log.text()


def test_bad_tables_keep_the_last_good_ones(rigs, folder):
    """The log names the table's own file and line, the value, and that the previous table stays in force; then corrected files are loaded."""
    write_tables(folder)
    (folder / "private").write_text("client.id=kept\n")
    (folder / "private").chmod(0o600)
    rig = rigs(all_lines(folder))
    behaves(rig)
    write_tables(folder, bad=True)
    since = rig.reload(all_lines(folder))
    for directive, name, line, what in (("kafkaInventory", "inventory.csv", 3, "2|field"),
                                        ("kafkaCircuits", "circuits.csv", 3, "'seven'"),
                                        ("kafkaSeverityRules", "rules.json", 1, "'mienor'")):
        found = re.findall(rf"^trapkafka: {directive}: {folder}/{name}: line (\d+): (.*)$", rig.log.text(since), re.M)
        assert len(found) == 1 and found[0][0] == str(line), (directive, found)
        assert re.search(what, found[0][1]) and found[0][1].endswith(" in force; correct the file, then send SIGHUP"), found
    behaves(rig)
    write_tables(folder)
    rig.reload(all_lines(folder))
    behaves(rig)


def test_errors_of_a_table_at_once(rigs, folder):
    """Each error is a line of the log, ten at most; the last one says what follows. So is each warning."""
    path = folder / "circuits.csv"
    path.write_text("device,ifIndex,severity,,\n,,,,\n" + "".join(f"pe1,{'x' if n % 2 else n},,,\n" for n in range(1, 27)))
    rig = rigs([f"kafkaCircuits {path}"])
    found = re.findall(rf"^trapkafka: kafkaCircuits: {path}: line (\d+): (.*)$", rig.log.text(), re.M)
    assert [int(line) for line, _ in found] == [1, *range(3, 23, 2)]
    assert "'severity' is also a member of every event" in found[0][1]
    for _, text in found[1:]:
        assert text.startswith("column 'ifIndex': 'x' is not an ifIndex; write a number from 1 to 2147483647"), text
    assert [text.count("the file is not used") for _, text in found] == [0] * 10 + [1]
    assert " (and 3 further errors); the file is not used; correct it, then send SIGHUP" in found[-1][1]


def test_bad_tables_at_start(rigs, folder):
    """There is no previous table: bad tables are not used, of the rules what is sound, and the built-in rules."""
    write_tables(folder, bad=True)
    (folder / "private").write_text("client.id=kept\n")
    (folder / "private").chmod(0o600)
    rig = rigs(all_lines(folder))
    assert rig.log.count("; the file is not used; correct it, then send SIGHUP$") == 2
    assert rig.log.count("; in force are 0 of its 1 rules, and none that clears alarms; correct the file, then send "
                         "SIGHUP$") == 1
    event = published(rig)
    assert event["topology"] == {} and event["severity"] == "major"
    write_tables(folder)
    rig.reload(all_lines(folder))
    behaves(rig)


def test_unreadable_for_the_daemons_user(rigs, folder):
    """SIGHUP as nobody: a file that only root can read is an error of its line, and what was read stays."""
    need.need_root()
    write_tables(folder)
    conf = [f"kafkaInventory {folder}/inventory.csv"]
    rig = rigs(conf, user="nobody", group="nogroup")
    assert published(rig)["source"]["device"] == "pe1"
    (folder / "inventory.csv").chmod(0o600)
    since = rig.reload(conf)
    found = errors_of(rig, conf_line(rig, conf[0]), since)
    assert len(found) == 1 and re.search(
        rf"kafkaInventory '{folder}/inventory.csv': Permission denied: user 'nobody' may not read it "
        r"\(owner 'root', mode 0600\); name a file that snmptrapd's user can read", found[0])
    assert published(rig)["source"]["device"] == "pe1"


def test_folder_that_refuses_the_daemons_user(rigs, folder):
    """At the start the lines are read as root and the tables as nobody: the log names who may not enter which folder."""
    need.need_root()
    (folder / "secret" / "tables").mkdir(parents=True)
    (folder / "secret").chmod(0o700)
    path = folder / "secret" / "tables" / "inventory.csv"
    path.write_text("address,name\n127.0.0.1,pe1\n")
    rig = rigs([f"kafkaInventory {path}"], user="nobody", group="nogroup")
    rig.log.wait(rf"kafkaInventory: {path}: cannot be opened: Permission denied: user 'nobody' may not enter the folder "
                 rf"'{folder}/secret'; write the path of a file that snmptrapd's user can read; the file is not used")
    assert published(rig)["source"]["device"] == "127.0.0.1"
    (folder / "secret").chmod(0o711)
    rig.reload([f"kafkaInventory {path}"])
    assert published(rig)["source"]["device"] == "pe1"


def test_topic_and_queue_change_at_sighup(rigs):
    """Another topic takes effect at once and nothing is lost; another queue size is announced for the next start."""
    rig = rigs()
    published(rig)
    other = rig.also_read(f"{rig.topic}.b")
    since = rig.reload([f"kafkaTopic {rig.topic}.b", "kafkaQueue 2M"])
    assert rig.log.find(r"kafkaQueue: the new value takes effect when snmptrapd is restarted", since)
    uptime = rig.uptime()
    rig.send([v2c(COMMUNITY, uptime=uptime)])
    assert other.wait_events(1)[0]["snmp"]["uptime"] == uptime
    assert rig.stop()["published"] == 2


def test_no_brokers(rigs):
    """The error says what to write; traps wait in the queue, and come after a SIGHUP with the line."""
    rig = rigs(start=False)
    lines = [line for line in rig.daemon.conf.read_text().splitlines() if line not in rig.daemon.loading()]
    rig.daemon.write_conf([line for line in lines if not line.startswith("kafkaBrokers")])
    rig.daemon.start()
    rig.in_force()
    assert rig.log.count(r"trapkafka: kafkaBrokers is missing: .*; write kafkaBrokers HOST:PORT \(or kafkaBrokers "
                         r"embedded to try it out\)$") == 1
    ups = [rig.uptime() for _ in range(20)]
    rig.send(v2c(COMMUNITY, uptime=up) for up in ups)
    rig.reload([])
    rig.events.wait(20)
    assert {e["snmp"]["uptime"] for e in rig.events.events()} == set(ups)
    # And away again: the error comes again.
    rig.daemon.write_conf([line for line in lines if not line.startswith("kafkaBrokers")])
    since = rig.daemon.sighup()
    rig.in_force(since)
    assert rig.log.count("kafkaBrokers is missing", since) == 1
    rig.reload([])


# -- samples ----------------------------------------------------------------------------------------------------------

def test_sample_tables_and_rules(rigs):
    """conf/inventory.csv, circuits.csv and severity-rules.json work as they are."""
    conf = TOP / "conf"
    rig = rigs([f"kafkaInventory {conf}/inventory.csv", f"kafkaCircuits {conf}/circuits.csv",
                f"kafkaSeverityRules {conf}/severity-rules.json"])
    assert not rig.log.find("Error|is not used"), rig.log.tail()
    event = published(rig, (f"{IF_INDEX}.7", ber.number(7)), (f"{IF_ADMIN}.7", ber.number(1)),
                      (TRAP_ADDRESS, ber.address("192.0.2.7")))
    assert event["source"]["device"] == "pe1.fra"
    assert event["topology"] == {"site": "FRA3", "rack": "R12", "role": "provider edge", "circuit_id": "DE-FRA-00412",
                                 "customer": "Example Bank AG"}
    assert (event["severity"], event["alarm"]["key"]) == ("critical", "pe1.fra/link/7")
    assert event["trap"]["oid"] == LINK_DOWN


def test_sample_configuration(rigs, folder):
    """conf/trapkafka.conf by includeFile, with no word changed but where the module and the tables are."""
    sample = TOP / "conf" / "trapkafka.conf"
    text = sample.read_text()
    for directive in TABLE:
        assert re.search(rf"^#?{directive} \S", text, re.M), f"{directive} is not in the sample"
    # As it is, and with every line that is commented out.
    for opened in (False, True):
        lines = []
        for line in text.splitlines():
            if line.startswith("perlInitFile"):
                line = f"perlInitFile {module_file('TK_LOADER_PL', 'trapkafka.pl')}"
            elif line.startswith("dlmod"):
                line = f"dlmod trapkafka {module_file('TK_MODULE_SO', 'trapkafka.so')}"
            elif opened and re.match(r"#kafka\w+ ", line) and not re.match(
                    r"#kafka(Brokers|Dictionary|Property (security|sasl)|PropertyFile) ?", line):
                line = line[1:].replace("/usr/share/trapkafka/conf", str(TOP / "conf"))
                line = re.sub(r"^(kafkaStatsFile) \S+", rf"\1 {folder}/stats.prom", line)
                line = re.sub(r"^(kafkaQueue \S+) \S+", rf"\1 {folder}/queue", line)
            lines.append(line)
        (folder / "trapkafka.conf").write_text("\n".join(lines) + "\n")
        rig = rigs([f"includeFile {folder}/trapkafka.conf", f"authCommunity log {COMMUNITY}"], defaults=False, load=None,
                   args=["-n"])
        assert not rig.log.find("Error|Warning|Unknown token|is not used"), rig.log.tail()
        events = rig.read_embedded("snmp-traps")
        rig.send([v2c(COMMUNITY, [(f"{IF_INDEX}.7", ber.number(7))], 4711)])
        assert events.wait_events(1)[0]["snmp"]["uptime"] == 4711
        rig.end_embedded()
    assert os.path.exists(folder / "stats.prom") and os.path.getsize(folder / "queue") > 1 << 30
    wait_until(lambda: read_stats(folder / "stats.prom")["trapkafka_published_total", ()] == 1, 5, "the last statistics")
