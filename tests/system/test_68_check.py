# SPDX-License-Identifier: Apache-2.0
"""trapkafka check: one row for each kind of fault, with the finding that it has to give; then the brokers."""

import json
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from lib.kafka import Kafka
from lib.proc import PATIENCE, free_port
from lib.snmptrapd import perl_lines
from test_47_command import call, tool

# pylint: disable=redefined-outer-name
USER, PASSWORD, SECRET = "noc", "kafka-pass-1", "wrong-pass-2"
ACCESS = "authCommunity log public"
BROKERS = "kafkaBrokers 127.0.0.1:9092"
SOUND = [*perl_lines(), BROKERS, ACCESS]
RULE = '{"name":"r","match":{"trap":"1.3.6.1.4.1.9.9.999.0.1"},"severity":"minor"}'

#: What the files of a row are called below @D@, and what is in them.
FILES = {
    "rules.json": '{"rules":[\n {"name":"a","match":{"trap":"noSuchName"},"severity":"minor"},\n'
                  + "".join(f' {{"name":"b{n}","match":{{"trap":"noSuchName{n}"}},"severity":"minor"}},\n' for n in range(11))
                  + f" {RULE}]}}\n",
    "tests.json": '{"rules":[' + RULE + '],\n "tests":[{"trap":{"trap":"1.3.6.1.4.1.9.9.999.0.1"},\n'
                  '  "event":{"severity":"major"}}]}\n',
    "sound.json": '{"rules":[' + RULE + '],\n "tests":[{"trap":{"trap":"1.3.6.1.4.1.9.9.999.0.1"},\n'
                  '  "event":{"severity":"minor"}}]}\n',
    "devices.csv": "address,name,site\n" + "".join(f"192.0.2.{n + 300},n{n},s\n" for n in range(12)),
    "circuits.csv": "device,ifIndex,circuit\npe1,none,c1\n",
    "bad.dict": "no dictionary\n" * 100,
    "more.conf": "kafkaTopic sp/ace\n",
    "circle.conf": "includeFile circle.conf\n",
    "bad.properties": "no.such.property=1\nlinger.ms=1\nacks=1\n",
    "open.properties": "linger.ms=1\n",
    "foreign": "no queue\n" * 1000,
    "empty.conf": "",
}

#: name: (lines of snmptrapd.conf, level, line or FILE:LINE, what the finding says). Line 0: the file as a whole.
ROWS = {
    "a value": ([*SOUND, "kafkaStopTimeout 61"], "error", 6, "'61': out of range; write a whole number from 0 to 60"),
    "a directive without a value": ([*SOUND, "kafkaTopic"], "error", 6, "a value is missing; write"),
    "a directive twice": ([*SOUND, "kafkaTopic a", "kafkaTopic b"], "error", 7, "was given before; remove one"),
    "a mistyped directive": ([*SOUND, "kafkaInventary x"], "error", 6, "no such directive; write kafkaInventory instead"),
    "a mistyped one that protects": ([*SOUND, "kafkaTopics x"], "error", 0, "the unknown directive 'kafkaTopics' was refused"),
    "brokers missing": ([*perl_lines(), ACCESS], "error", 0, "kafkaBrokers is missing.*write kafkaBrokers HOST:PORT"),
    "the test broker": ([*perl_lines(), ACCESS, "kafkaBrokers embedded"], "warning", 5, "test broker.*write kafkaBrokers"),
    "a property": ([*SOUND, "kafkaProperty acks 1"], "error", 6, "'acks' cannot be set: .*; leave it out"),
    "properties that do not suit": ([*SOUND, "kafkaProperty sasl.username x"], "error", 0,
                                    "without security.protocol.*; add security.protocol"),
    "a line of a property file": ([*SOUND, "kafkaPropertyFile @D@/bad.properties"], "error", "@D@/bad.properties:1",
                                  "'no.such.property' is unknown"),
    "a further line of it": ([*SOUND, "kafkaPropertyFile @D@/bad.properties"], "error", "@D@/bad.properties:3",
                             "'acks' cannot be set"),
    "a property file for others": ([*SOUND, "kafkaPropertyFile @D@/open.properties"], "error", 6, "others may read.*chmod 0600"),
    "above the dlmod line": ([BROKERS, *perl_lines(), ACCESS], "error", 1, "stands above the dlmod line.*; move it below"),
    "a harmless one above it": (["kafkaStopTimeout 7", *SOUND], "warning", 1, "stands above the dlmod line.*; move it below"),
    "behind another type": ([*SOUND, "[snmp] kafkaTopic x"], "error", 6, r"stands behind \[snmp\].*; move it"),
    "no module": ([BROKERS, ACCESS], "error", 0, "no dlmod line loads the module; write perlInitFile"),
    "the module twice": ([*SOUND, perl_lines()[-1]], "error", 6, "loaded by an earlier line; remove one"),
    "no perlInitFile": ([perl_lines()[-1], BROKERS, ACCESS], "warning", 1, "does not know dlmod.*write perlInitFile"),
    "no perl line": ([perl_lines()[0], perl_lines()[-1], BROKERS, ACCESS], "error", 2, "starts no Perl.*; write perl 1"),
    "perl too early": (["perl 1", *SOUND], "error", 2, "a perl line stands above.*; move perlInitFile"),
    "a start file that is not there": (["perlInitFile /none/trapkafka.pl", *SOUND[1:]], "error", 1, "'/none' does not exist; name"),
    "a module that is not there": ([*SOUND[:2], "dlmod trapkafka /none/t.so", *SOUND[3:]], "error", 3, "'/none' does not exist; name"),
    "a module without its path": ([*SOUND[:2], "dlmod trapkafka trapkafka.so", *SOUND[3:]], "error", 3, "not an absolute path.*write dlmod"),
    "nobody may send": ([*SOUND[:4]], "warning", 0, "refuses every notification; write authCommunity log"),
    "senders without the right log": ([*SOUND[:4], "authUser execute,net noc"], "warning", 5, "write log,execute,net in place of"),
    "everybody may send": ([*SOUND, "disableAuthorization yes"], "warning", 6, "from everybody; write authCommunity log"),
    "a user without a password": ([*SOUND, "createUser noc SHA"], "error", 6, "'noc': the password is missing.*; write createUser"),
    "a number that is none": ([*SOUND, "doNotLogTraps yes"], "warning", 6, "reads 'yes' as 0; write doNotLogTraps 1"),
    "a buffer": ([*SOUND, "serverRecvBuf 8000000"], "warning", 6, "no effect here; write it into snmp.conf"),
    "a format": ([*SOUND, "kafkaLogTraps no", "format1 x"], "warning", 7, "its formats have no effect; remove"),
    "an embedded handler": ([*SOUND, 'perl do "/usr/sbin/snmptthandler-embedded";'], "warning", 6, "handles each trap twice; restart"),
    "an included file": ([*SOUND, "includeFile @D@/more.conf"], "error", "@D@/more.conf:1", "'sp/ace': not a valid Kafka topic name"),
    "an included file that is not there": ([*SOUND, "includeFile none.conf"], "error", 6, "'@D@/none.conf' does not exist; name one"),
    "an included folder": ([*SOUND, "includeDir /none"], "error", 6, "'/none' does not exist; name one"),
    "files that include each other": ([*SOUND, "includeFile circle.conf"], "error", "@D@/circle.conf:1", "remove the circle"),
    "a search": ([*SOUND, "includeSearch other"], "warning", 6, "does not follow includeSearch; write includeFile"),
    "a rule": ([*SOUND, "kafkaSeverityRules @D@/rules.json"], "error", "@D@/rules.json:2", "noSuchName"),
    "a rule after ten others": ([*SOUND, "kafkaSeverityRules @D@/rules.json"], "error", "@D@/rules.json:13", "noSuchName10"),
    "a test of a rule": ([*SOUND, "kafkaSeverityRules @D@/tests.json"], "error", "@D@/tests.json:2",
                         'test 1 .*severity is "minor", expected "major"; decided by operator:r'),
    "a sound rule": ([*SOUND, "kafkaSeverityRules @D@/sound.json"], "ok", "@D@/sound.json:0", "1 of 1 tests passed"),
    "a file that is not there": ([*SOUND, "kafkaInventory @D@/none"], "error", 6, "'@D@/none' does not exist; name a file"),
    "a device": ([*SOUND, "kafkaInventory @D@/devices.csv"], "error", "@D@/devices.csv:2", "192.0.2.300"),
    "a device after ten others": ([*SOUND, "kafkaInventory @D@/devices.csv"], "error", "@D@/devices.csv:13", "192.0.2.311"),
    "a circuit": ([*SOUND, "kafkaCircuits @D@/circuits.csv"], "error", "@D@/circuits.csv:2", "'none'"),
    "a dictionary": ([*SOUND, "kafkaDictionary @D@/bad.dict"], "error", "@D@/bad.dict:0", "no compiled dictionary"),
    "a queue on a full disk": ([*SOUND, "kafkaQueue 16T @D@/queue"], "error", 6, "no space on the disk|the size is too large"),
    "a queue without a folder": ([*SOUND, "kafkaQueue 1M /none/queue"], "error", 6, "the folder does not exist; create it"),
    "a queue that is another file": ([*SOUND, "kafkaQueue 1M @D@/foreign"], "error", 6, "name another path, or remove"),
    "a queue that others may read": ([*SOUND, "kafkaQueue 1M @D@/open.properties"], "error", 6, "others may use it.*chmod 600"),
    "a queue that can be made": ([*SOUND, "kafkaQueue 1M @D@/queue"], "ok", 6, "can be made"),
}


def write_files(folder):
    for name, text in FILES.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    (folder / "open.properties").chmod(0o644)
    return folder


@pytest.fixture(scope="module")
def files(base_folder):
    folder = base_folder / "check"
    folder.mkdir(mode=0o755)
    yield write_files(folder)
    shutil.rmtree(folder)


def check(folder, lines, *words, user="root"):
    """(exit status, findings, summary), by --json; and the same by lines."""
    conf = folder / "snmptrapd.conf"
    conf.write_text("".join(f"{line}\n" for line in lines).replace("@D@", str(folder)))
    conf.chmod(0o644)
    words = ["--all", *(["--user", user] if user else []), *words, conf]
    status, out, err = call("check", "--json", *words)
    assert err == "", err
    *findings, summary = [json.loads(line) for line in out.splitlines()]
    assert summary["level"] == "summary"
    for level, count in (("error", summary["errors"]), ("warning", summary["warnings"]), ("ok", summary["ok"])):
        assert count == len([one for one in findings if one["level"] == level])
    assert status == (1 if summary["errors"] else 0)
    return status, findings, summary


def as_line(one):
    place = "".join(f"{part}:" for part in (one["file"], one["line"]) if part)
    return f"{place}{' ' if place else ''}{one['level']}: {one['text']}"


def steady(lines):
    """Others write to the disk too."""
    return [re.sub(r"\d+ MiB are free", "N MiB are free", line) for line in lines]


def matching(findings, level, place, text, folder):
    if isinstance(place, int):
        place = f"{folder}/snmptrapd.conf:{place}"
    place = place.replace("@D@", str(folder))
    return [one for one in findings if one["level"] == level and f"{one['file']}:{one['line'] or 0}" == place
            and re.search(text.replace("@D@", str(folder)), one["text"])]


def test_a_sound_configuration_has_no_findings(files):
    status, findings, summary = check(files, SOUND)
    assert (status, summary["errors"], summary["warnings"]) == (0, 0, 0), findings
    status, out, err = call("check", "--user", "root", files / "snmptrapd.conf")
    assert (status, out, err) == (0, f"0 errors, 0 warnings, {summary['ok']} ok, in 1 file\n", "")


@pytest.mark.parametrize("name", ROWS)
def test_a_fault_is_found_on_its_line(files, name):
    lines, level, place, text = ROWS[name]
    status, findings, _ = check(files, lines)
    found = matching(findings, level, place, text, files)
    assert len(found) == 1, "\n".join(map(as_line, findings))
    assert level != "error" or status == 1
    plain = call("check", "--user", "root", "--all", files / "snmptrapd.conf")
    assert steady(plain[1].splitlines()[:-1]) == steady(map(as_line, findings)) and plain[0] == status
    if level != "error":
        assert not [one for one in findings if one["level"] == "error"], "\n".join(map(as_line, findings))


def test_every_finding_of_trouble_says_what_to_do(files):
    """A remedy stands behind a semicolon."""
    for name, (lines, *_) in ROWS.items():
        for one in check(files, lines)[1]:
            assert one["level"] == "ok" or "; " in one["text"] or "expected" in one["text"], (name, one)


def test_all_errors_not_the_first_ten(files):
    _, findings, _ = check(files, [*SOUND, "kafkaInventory @D@/devices.csv", "kafkaSeverityRules @D@/rules.json"])
    for name in ("devices.csv", "rules.json"):
        assert len([one for one in findings if one["file"] == f"{files}/{name}"]) == 12


def test_the_sample_as_it_is_installed(files):
    sample = Path(tool()).parents[1] / "share/trapkafka/conf/trapkafka.conf"
    _, findings, summary = check(files, [f"includeFile {sample}", ACCESS])
    assert (summary["errors"], summary["warnings"], summary["files"]) == (0, 1, 2), findings
    assert [one for one in findings if one["file"] == str(sample) and "test broker" in one["text"]]


# -- as the daemon's user -----------------------------------------------------------------------------------------------

@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take a user's rights")
def test_files_are_opened_as_the_user(files):
    """What root can read and nobody can't: each file that a directive names, and each folder that is written to."""
    user = "nobody"
    (files / "closed").mkdir(mode=0o700, exist_ok=True)
    for name in ("closed.properties", "closed.json", "closed.csv"):
        (files / name).write_text("")
        (files / name).chmod(0o600)
    lines = [*SOUND, "kafkaPropertyFile @D@/closed.properties", "kafkaSeverityRules @D@/closed.json",
             "kafkaInventory @D@/closed.csv", "kafkaQueue 1M @D@/closed/queue", "kafkaStatsFile @D@/closed/stats",
             "includeFile @D@/more.conf"]
    _, findings, _ = check(files, lines, user=user)
    for line, text in ((6, "Permission denied"), (7, "user 'nobody' may not read it"), (8, "user 'nobody' may not read it"),
                       (9, "may not write in the folder; chown|may not enter"), (10, "Permission denied; make"),
                       (11, "user 'nobody' may not read it")):
        assert matching(findings, "error", line, text, files), (line, "\n".join(map(as_line, findings)))
    _, findings, _ = check(files, lines, user=None)
    assert not [one for one in findings if "denied" in one["text"] or "may not" in one["text"]]
    assert matching(findings, "warning", 0, "with root's rights; write --user", files)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take a user's rights")
def test_only_root_can_take_rights(files):
    entry = pwd.getpwnam("nobody")
    done = subprocess.run([tool(), "check", "--user", "root", str(files / "snmptrapd.conf")], capture_output=True, text=True,
                          timeout=60 * PATIENCE, check=False, user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
    assert (done.returncode, done.stdout) == (2, "") and "only root can take a user's rights" in done.stderr


def test_wrong_words():
    for words, text in ((["--user", "no-such-user"], "there is no such user; write"), (["--timeout", "0"], "write 1 to 600"),
                        (["--timeout", "soon"], "write 1 to 600"), (["--timeout", "601"], "write 1 to 600")):
        status, out, err = call("check", *words)
        assert (status, out) == (2, "") and text in err, err


def test_without_a_file_it_reads_what_snmptrapd_reads(files, folder):
    conf = folder / "snmptrapd.conf"
    conf.write_text("".join(f"{line}\n" for line in SOUND))
    (folder / "snmptrapd.local.conf").write_text("kafkaStopTimeout 61\n")

    def run(path):
        done = subprocess.run([tool(), "check"], capture_output=True, text=True, timeout=60 * PATIENCE, check=False,
                              env={**os.environ, "SNMPCONFPATH": str(path)})
        return done.returncode, done.stdout, done.stderr
    status, out, err = run(f"/none:{folder}")
    assert (status, err) == (1, "") and f"{folder}/snmptrapd.local.conf:1: error: kafkaStopTimeout" in out
    assert out.endswith("in 2 files\n")
    status, out, err = run("/none")
    assert (status, out) == (2, "") and "there is no snmptrapd.conf in /none; write the path" in err


def test_it_leaves_the_files_alone(files):
    before = sorted(path.name for path in files.iterdir())
    check(files, [*SOUND, "kafkaQueue 1M @D@/queue", "kafkaStatsFile @D@/stats"])
    assert sorted({*before, "snmptrapd.conf"}) == sorted(path.name for path in files.iterdir())


def test_a_queue_in_use(snmptrapd, folder, files):
    queue = folder / "queue"
    daemon = snmptrapd([f"kafkaQueue 1M {queue}", "kafkaBrokers 127.0.0.1:1", "kafkaStopTimeout 0"])
    daemon.wait_log("in force")
    assert matching(check(files, [*SOUND, f"kafkaQueue 1M {queue}"])[1], "ok", 6, "0 records wait; snmptrapd has it open", files)


# -- brokers ------------------------------------------------------------------------------------------------------------

def test_no_broker_there(files):
    lines = [*perl_lines(), ACCESS, f"kafkaBrokers 127.0.0.1:{free_port('tcp')}"]
    status, findings, _ = check(files, lines, "--brokers")
    assert status == 1 and matching(findings, "error", 5, "Connection refused.*or write their address and port", files)


def test_a_broker_that_says_nothing(files):
    """The limit ends it."""
    lines = [*perl_lines(), ACCESS, "kafkaBrokers 192.0.2.1:9092"]
    status, findings, _ = check(files, lines, "--brokers", "--timeout=1")
    assert status == 1 and matching(findings, "error", 5, "no broker of '192.0.2.1:9092' answers", files)


@pytest.fixture(scope="module")
def secured(base_folder):
    cluster = Kafka(base_folder / "secured-check", auto_create=False, outside="SASL_SSL")
    try:
        cluster.start()
        cluster.set_user(USER, PASSWORD)
        yield cluster
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


def ask(files, cluster, topic, *more, password=PASSWORD, health='""'):
    """Findings about the brokers, asked as USER."""
    properties = files / "kafka.properties"
    lines = cluster.client_properties(USER, password).items()
    properties.write_text("".join(f"{name}={value}\n" for name, value in lines))
    properties.chmod(0o600)
    return check(files, [*perl_lines(), ACCESS, f"kafkaBrokers {cluster.outside_bootstrap}", f"kafkaTopic {topic}",
                         f"kafkaHealthTopic {health}", f"kafkaPropertyFile {properties}", *more],
                 "--brokers", "--timeout=60")


def test_brokers_that_suit(files, secured, topic):
    secured.create_topic(topic, partitions=3)
    secured.grant(USER, topic, "DESCRIBE", "WRITE", "DESCRIBE_CONFIGS")
    status, findings, summary = ask(files, secured, topic)
    assert (status, summary["warnings"]) == (0, 0), "\n".join(map(as_line, findings))
    for line, text in ((5, "broker 1 is "), (6, f"'{topic}' has 3 partitions"), (6, "leads partition 0 .*and answers"),
                       (5, "accept an idempotent producer"), (5, "not checked.*clocks")):
        assert matching(findings, "ok", line, text, files), text


def test_brokers_refuse_the_password(files, secured, topic):
    status, findings, _ = ask(files, secured, topic, password=SECRET)
    found = matching(findings, "error", 5, "[Aa]uthentication failed.*check security.protocol.*write the user", files)
    assert status == 1 and found and SECRET not in json.dumps(findings)


def test_a_topic_without_rights(files, secured, topic):
    secured.create_topic(topic)
    _, findings, _ = ask(files, secured, topic, "kafkaCreateTopics no")
    assert matching(findings, "error", 6, f"do not allow.*kafka-acls.sh .*--topic {topic}", files), findings


def test_settings_that_may_not_be_read(files, secured, topic):
    secured.create_topic(topic)
    secured.grant(USER, topic, "DESCRIBE", "WRITE")
    status, findings, _ = ask(files, secured, topic)
    assert status == 0 and matching(findings, "warning", 5, f"'{topic}' are not known.*grant DescribeConfigs", files), findings


def test_a_producer_without_rights(files, secured, topic):
    """A user who may write nothing gets no producer ID."""
    secured.create_topic(topic)
    secured.set_user("reader", PASSWORD)
    secured.grant("reader", topic, "DESCRIBE", "DESCRIBE_CONFIGS")
    properties = files / "reader.properties"
    lines = secured.client_properties("reader", PASSWORD).items()
    properties.write_text("".join(f"{name}={value}\n" for name, value in lines))
    properties.chmod(0o600)
    _, findings, _ = check(files, [*perl_lines(), ACCESS, f"kafkaBrokers {secured.outside_bootstrap}", f"kafkaTopic {topic}",
                                   'kafkaHealthTopic ""', f"kafkaPropertyFile {properties}"], "--brokers", "--timeout=30")
    assert matching(findings, "error", 5, "grant the principal IdempotentWrite", files), findings


def missing_topic(cluster, topic):
    return topic


def compacted_topic(cluster, topic):
    return cluster.create_topic(topic, cleanup_policy="compact")


def small_topic(cluster, topic):
    return cluster.create_topic(topic, max_message_bytes=6000)


def strict_topic(cluster, topic):
    return cluster.create_topic(topic, min_insync_replicas=2)


#: How the topic is made, further lines, level, and what is found.
TOPICS = {
    "missing": (missing_topic, ["kafkaCreateTopics no"], "error", "does not exist.*kafkaCreateTopics is no.*create it with"),
    "to be created": (missing_topic, [], "ok", "does not exist; the module will create it"),
    "compacted": (compacted_topic, [], "error", "keeps only the newest event of each device; write cleanup.policy=delete"),
    "small": (small_topic, [], "warning", "6000 bytes at most.*write max.message.bytes=1000000"),
    "never acknowledged": (strict_topic, [], "error", "no event is ever acknowledged; write min.insync.replicas=1"),
}


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_that_does_not_suit(files, secured, topic, name):
    make, more, level, text = TOPICS[name]
    make(secured, topic)
    lines = [*perl_lines(), ACCESS, f"kafkaBrokers {secured.bootstrap}", f"kafkaTopic {topic}", 'kafkaHealthTopic ""', *more]
    status, findings, _ = check(files, lines, "--brokers", "--timeout=60")
    assert matching(findings, level, 6, text, files), "\n".join(map(as_line, findings))
    assert status == (level == "error"), "\n".join(map(as_line, findings))
    assert topic in secured.topics() if make is not missing_topic else topic not in secured.topics()


def test_topics_of_health_and_of_rules(files, secured, topic):
    """Each is named on its own directive's line."""
    (files / "topics.json").write_text('{"rules":[' + RULE[:-1] + f',"topic":"{topic}.rule"' + "}]}\n")
    secured.create_topic(topic)
    lines = [*perl_lines(), ACCESS, f"kafkaBrokers {secured.bootstrap}", f"kafkaTopic {topic}", f"kafkaHealthTopic {topic}.health",
             f"kafkaDeadLetterTopic {topic}.dead", "kafkaSeverityRules @D@/topics.json", "kafkaCreateTopics no"]
    _, findings, _ = check(files, lines, "--brokers", "--timeout=60")
    for line, name in ((7, "health"), (8, "dead"), (9, "rule")):
        assert matching(findings, "error", line, rf"topic '{re.escape(topic)}\.{name}' does not exist", files), findings


def test_a_topic_of_alarms_is_compacted(files, secured, topic):
    secured.create_topic(topic)
    secured.create_topic(topic + ".alarms")
    lines = [*perl_lines(), ACCESS, f"kafkaBrokers {secured.bootstrap}", f"kafkaTopic {topic}", 'kafkaHealthTopic ""',
             f"kafkaAlarmTopic {topic}.alarms"]
    _, findings, _ = check(files, lines, "--brokers", "--timeout=60")
    assert matching(findings, "warning", 8, "has cleanup.policy delete.*write cleanup.policy=compact", files), findings
    secured.set_config(topic + ".alarms", cleanup_policy="compact")
    _, findings, _ = check(files, lines, "--brokers", "--timeout=60")
    assert not [f for f in findings if "cleanup.policy" in as_line(f) and not as_line(f).startswith("ok")], findings


def test_a_record_from_the_future(files, secured, topic):
    """Kafka does not tell its clock, but records do."""
    secured.create_topic(topic)
    lines = [*perl_lines(), ACCESS, f"kafkaBrokers {secured.bootstrap}", f"kafkaTopic {topic}", 'kafkaHealthTopic ""']
    assert not matching(check(files, lines, "--brokers", "--timeout=60")[1], "warning", 6, "ahead", files)
    secured.publish(topic, b"{}", seconds_ahead=1800)
    assert matching(check(files, lines, "--brokers", "--timeout=60")[1], "warning", 6, "ahead of this machine's clock.*set the clocks", files)
