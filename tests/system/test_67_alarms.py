# SPDX-License-Identifier: Apache-2.0
"""trapkafka alarms: the standing alarms of a real Kafka's topic, on terminals that keep themselves current, and in pipes."""

import json
import re
import shutil
import unicodedata

import pytest

from lib.consume import produce
from lib.kafka import Kafka
from lib.proc import free_port
from lib.send import LINK_DOWN, LINK_UP
from lib.terminal import Terminal
from test_47_command import call, tool

SEVERITIES = ["critical", "major", "minor", "warning", "indeterminate"]


def alarm(number, severity="major", **more):
    """(key, value) of an alarm that stands."""
    key = f"pe{number}.fra/link/{number}"
    event = {"type": "trap", "event_id": f"e{number}/alarm", "severity": severity, "summary": f"Link M\u00fc-{number} is down",
             "source": {"device": f"pe{number}.fra"}, "trap": {"name": "linkDown"}, "topology": {"site": f"FRA{number % 3}"},
             "alarm": {"key": key, "type": "link", "since": f"2026-11-22T05:45:{number:02}.123Z", "count": number}, **more}
    return key, json.dumps(event).encode()


def publish(kafka, topic, alarms):
    for key, value in alarms:
        produce(kafka.bootstrap, topic, [value], key)


def words(kafka, topic, *more):
    return ["alarms", "--brokers", kafka.bootstrap, "--topic", topic, *more]


@pytest.fixture
def five(kafka, topic):
    """Five alarms that stand, a severity each; a sixth was cleared, one was raised twice."""
    publish(kafka, topic, [alarm(4), alarm(6), ("pe6.fra/link/6", None)])
    publish(kafka, topic, [alarm(n, severity) for n, severity in enumerate(SEVERITIES, 1)])
    return [json.loads(alarm(n, severity)[1]) for n, severity in enumerate(SEVERITIES, 1)]


def test_json_is_what_stands(kafka, topic, five):
    status, out, err = call(*words(kafka, topic, "--json"))
    assert (status, err) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == five


FILTERS = [
    (["--severity", "major+"], [1, 2]),
    (["--device", "pe[24].*"], [2, 4]),
    (["--site", "FRA1"], [1, 4]),
    (["--type", "link", "--severity", "minor,warning"], [3, 4]),
    (["--sort", "since"], [5, 4, 3, 2, 1]),
    (["--sort", "device", "--severity", "minor+"], [1, 2, 3]),
    (["--name", "linkUp"], []),
]


@pytest.mark.parametrize("more, expected", FILTERS, ids=lambda x: " ".join(map(str, x)))
def test_filters_and_order(kafka, topic, five, more, expected):
    status, out, _ = call(*words(kafka, topic, "--json", *more))
    assert status == 0
    assert [json.loads(line)["alarm"]["count"] for line in out.splitlines()] == expected


def test_a_page_without_a_terminal(kafka, topic, five):
    status, out, err = call(*words(kafka, topic))
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert re.fullmatch(r"SEVERITY +SINCE \(UTC\) +COUNT +DEVICE +SITE +KEY +SUMMARY", lines[0])
    assert [re.split("  +", line) for line in lines[1:6]] == [
        [e["severity"], e["alarm"]["since"][:19].replace("T", " "), str(e["alarm"]["count"]), e["source"]["device"],
         e["topology"]["site"], e["alarm"]["key"], e["summary"]] for e in five]
    assert lines[6:] == ["", "5 alarms: 1 critical, 1 major, 1 minor, 1 warning, 1 indeterminate"]


def test_alarms_of_a_daemon(snmptrapd, netsnmp, kafka, topic, collect):
    """By the daemon's own configuration; a clear takes the alarm away."""
    daemon = snmptrapd([f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {topic}", f"kafkaAlarmTopic {topic}.alarms",
                        'kafkaHealthTopic ""', "authCommunity log public"])
    sender, events = netsnmp(daemon.address()), collect(kafka.bootstrap, f"{topic}.alarms", raw=True)
    index = "1.3.6.1.2.1.2.2.1.1"
    for port in (7, 8):
        sender.v2c(LINK_DOWN, varbinds=[(f"{index}.{port}", "i", port)])
    events.wait(2)
    sender.v2c(LINK_UP, varbinds=[(f"{index}.7", "i", 7)])
    events.wait(3)
    status, out, _ = call("alarms", "--config", daemon.conf, "--json")
    assert status == 0
    assert [json.loads(line)["alarm"]["key"] for line in out.splitlines()] == ["127.0.0.1/link/8"]


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("columns", [80, 200])
def test_in_a_terminal(kafka, topic, five, folder, columns):
    """The table keeps itself current; it fits; Ctrl-C gives the screen back."""
    with Terminal(folder / "terminal", [tool(), *words(kafka, topic)], columns) as terminal:
        screen = terminal.wait("5 alarms: 1 critical")
        assert all(width(line) <= columns for line in screen)
        assert ("KEY" in "\n".join(screen)) and ("2026-11-22 05:45:01" in "\n".join(screen)) == (columns == 200)
        assert "\033[1;31mcritical" in "\n".join(terminal.screen(escapes=True)).replace("\033[1m\033[31m", "\033[1;31m")
        publish(kafka, topic, [alarm(9, "critical", summary="Power \u6771\u4eac lost")])
        screen = terminal.wait("6 alarms: 2 critical")
        rows = [line for line in screen if line.startswith("critical")]
        assert len(rows) == 2 and "pe9.fra" in rows[0]
        publish(kafka, topic, [(f"pe{n}.fra/link/{n}", None) for n in (1, 2, 3, 4, 5)])
        screen = terminal.wait("1 alarm: 1 critical")
        assert not [line for line in screen if "pe1.fra" in line]
        terminal.keys("C-c")
        assert terminal.wait_ended() == 0
        assert "1 alarm" not in "\n".join(terminal.screen())


def test_more_than_the_screen_has(kafka, topic, folder):
    publish(kafka, topic, [alarm(n) for n in range(1, 41)])
    with Terminal(folder / "terminal", [tool(), *words(kafka, topic)], 100, rows=20) as terminal:
        screen = terminal.wait("... and 24 more")
        assert len([line for line in screen if line.startswith("major")]) == 16
        terminal.resize(100, 30)
        assert len([line for line in terminal.wait("... and 14 more") if line.startswith("major")]) == 26


HOSTILE = [
    ("a", b"no JSON"), ("b", b'{"severity":["x"],"alarm":7}'), (None, b"{}"), ("\x1b[2J", b"{}"), ("n\x00ul", b"{}"),
    ("c", b'{"severity":"major","summary":"\\u001b[2J\\r\\n\\u202e","source":{"device":"\\u001b]0;x\\u0007"}}'),
    ("d", json.dumps({"severity": "major", "summary": "x" * 500000}).encode()),
]


def test_hostile_messages(kafka, topic):
    publish(kafka, topic, HOSTILE)
    status, out, err = call(*words(kafka, topic))
    assert status == 0 and "2 messages are left out, because they are no alarms" in err
    assert not [c for c in out if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
    assert max(map(len, out.split("\n"))) < 4200 and "\\x1b[2J" in out
    assert "5 alarms: 2 major, 3 without a severity" in out


def test_what_is_wrong_is_said(kafka, topic, folder):
    """Each row: words, and what standard error says; nothing on standard output, exit status 2."""
    closed = f"127.0.0.1:{free_port('tcp')}"
    (folder / "without.conf").write_text(f"kafkaBrokers {kafka.bootstrap}\n")
    brokers = ["--brokers", kafka.bootstrap, "--timeout", "5"]
    table = [
        (["--brokers", closed, "--topic", "x", "--timeout", "1"], rf"no answer from {closed}"),
        ([*brokers, "--topic", "alarms.none"], "topic 'alarms.none' does not exist.*write its name after --topic"),
        (["--config", folder / "without.conf"], "no kafkaAlarmTopic; write its name after --topic"),
        ([*brokers, "--topic", "x", "--sort", "age"], "--sort: 'age': write severity, since, device, or key"),
        ([*brokers, "--topic", "x", "file"], "'file'"),
        ([*brokers, "--topic", "x", "--severity", "huge"], "'huge': no such severity"),
    ]
    for more, said in table:
        status, out, err = call("alarms", *more)
        assert (status, out) == (2, "") and re.search(said, err), (more, status, out, err)


@pytest.fixture
def own_kafka(base_folder):
    cluster = Kafka(base_folder / "alarms-own")
    try:
        yield cluster.start()
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


def test_brokers_that_go_and_come_back(own_kafka, folder):
    """It says so, and goes on."""
    topic = "alarms.away"
    publish(own_kafka, topic, [alarm(1)])
    with Terminal(folder / "terminal", [tool(), *words(own_kafka, topic)], 120) as terminal:
        terminal.wait("1 alarm: 1 major")
        own_kafka.kill()
        terminal.wait("waiting for the brokers", 60)
        own_kafka.start()
        publish(own_kafka, topic, [alarm(2)])
        assert "waiting" not in "\n".join(terminal.wait("2 alarms: 2 major", 60))
