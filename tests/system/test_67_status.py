# SPDX-License-Identifier: Apache-2.0
"""trapkafka status: a real snmptrapd and a real Kafka, on terminals that keep themselves current, and in pipes."""

import json
import os
import re
import shutil
import socket
import unicodedata

import pytest

from lib.books import check_books
from lib.consume import produce
from lib.kafka import Kafka
from lib.proc import free_port, wait_until
from lib.terminal import Terminal
from test_47_command import call, tool


def page(*words):
    status, out, err = call("status", *words)
    assert err == "", err
    return status, out


def facts(*words):
    status, out = page("--json", *words)
    assert out.count("\n") == 1
    return status, json.loads(out)


def figures(out):
    """{name: count} of the funnel."""
    return {name: int(count) for name, count in re.findall(r"^ *([a-z_]+) +(\d+)(?: |$)", out, re.M)}


@pytest.fixture
def run(snmptrapd, folder, topic):
    """A daemon whose three sources all are there: run(kafka)."""
    def start(kafka, *more):
        return snmptrapd([f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {topic}", f"kafkaHealthTopic {topic}.health",
                          f"kafkaAlarmTopic {topic}.alarms", f"kafkaStatsFile {folder}/stats 1", f"kafkaQueue 1M {folder}/queue",
                          "authCommunity log public", "kafkaStopTimeout 1", *more])
    return start


def acknowledged(daemon, count):
    """What --json says as soon as so many are published and nothing waits."""
    found = []

    def look():
        status, seen = facts("--config", daemon.conf)
        found[:] = [status, seen]
        return seen["books"] and seen["books"]["published"] >= count and not seen["books"]["pending"] and status == 0
    wait_until(look, 30, lambda: f"{count} published: {found}", step=0.3)
    return found[1]


def test_a_daemon_that_is_fine(run, netsnmp, kafka, topic, collect):
    """All three sources; the books balance; what was refused is told; the page says the same as the JSON."""
    daemon = run(kafka)
    sender, health = netsnmp(daemon.address()), collect(kafka.bootstrap, f"{topic}.health")
    for n in range(5):
        sender.v2c(uptime=n)
    sender.v2c(uptime=9, community="wrong")
    health.wait_events(1, lambda e: e["type"] == "rejected")
    seen = acknowledged(daemon, 5)
    check_books({"type": "health", "books": seen["books"]})
    assert seen["is_fine"] and seen["findings"] == [] and seen["receiver"] == socket.gethostname()
    assert seen["books"]["received"] == 5 and seen["books"]["rejected"]["unknown_community"] == 1
    assert all(source["is_read"] and source["time"] for source in seen["sources"].values())
    assert seen["kafka"]["is_acknowledging"] and seen["kafka"]["last_acknowledged"] and seen["kafka"]["acknowledging_since"]
    assert seen["queue"]["is_in_use"] and seen["queue"]["pending"] == 0 and seen["queue"]["capacity_bytes"] == 1 << 20
    assert seen["refusals"] == [{"reason": "unknown_community", "address": "127.0.0.1", "count": 1}]
    assert "started" in [change["cause"] for change in seen["changes"]]
    status, out = page("--config", daemon.conf)
    assert status == 0 and out.startswith("fine  ") and "acknowledges, the last event at " in out
    shown = figures(out)
    assert (shown["received"], shown["published"], shown["pending"], shown["rejected"], shown["unknown_community"]) == (5, 5, 0, 1, 1)
    assert "unknown_community  from 127.0.0.1" in out and "authCommunity" in out.split("the last:")[1]


def test_the_books_are_those_of_the_file(run, netsnmp, kafka, folder):
    """Each counter of kafkaStatsFile: none is left out, and none invented."""
    daemon = run(kafka)
    netsnmp(daemon.address()).v2c()
    seen = acknowledged(daemon, 1)
    daemon.pause()  # the file stays as it is
    text = (folder / "stats").read_text()
    seen = facts("--stats", folder / "stats", "--config", daemon.conf)[1]["books"]
    daemon.resume()
    flat = {}
    for name, value in seen.items():
        for label, count in value.items() if isinstance(value, dict) else [("", value)]:
            flat[name, label] = count
    lines = re.findall(r'^trapkafka_(\w+?)(?:_total)?(?:\{reason="(\w+)"\})? (\d+)$', text, re.M)
    in_file = {(name, label): int(count) for name, label, count in lines if not name.startswith("delivery_latency")}
    assert flat == in_file and len(flat) > 50


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("columns", [80, 200])
def test_in_a_terminal(run, netsnmp, kafka, folder, columns):
    """The page keeps itself current, with rates; it fits; Ctrl-C gives the screen back."""
    daemon = run(kafka)
    sender = netsnmp(daemon.address())
    sender.v2c(uptime=1)
    acknowledged(daemon, 1)
    with Terminal(folder / "terminal", [tool(), "status", "--config", daemon.conf], columns, rows=50) as terminal:
        screen = terminal.wait("FROM THE PORT TO KAFKA")
        assert all(width(line) <= columns for line in screen)
        assert ("Events acknowledged by Kafka" in "\n".join(screen)) == (columns == 200)
        assert figures("\n".join(screen))["published"] == 1
        wait_until(lambda: re.search(r"^published +1 +0\.0", "\n".join(terminal.screen()), re.M), 20,
                   lambda: "a rate:\n" + "\n".join(terminal.screen()))
        sender.v2c(uptime=2)
        wait_until(lambda: figures("\n".join(terminal.screen())).get("published") == 2, 20,
                   lambda: "the second event:\n" + "\n".join(terminal.screen()))
        terminal.resize(columns, 12)
        assert "lines more; --once shows all" in "\n".join(terminal.wait("lines more"))
        terminal.keys("C-c")
        assert terminal.wait_ended() == 0
        assert "FROM THE PORT" not in "\n".join(terminal.screen())


@pytest.fixture
def own_kafka(base_folder):
    cluster = Kafka(base_folder / "status-own")
    try:
        yield cluster.start()
    finally:
        cluster.kill()
        shutil.rmtree(cluster.folder)


def test_kafka_goes_and_comes_back(run, netsnmp, own_kafka, folder):
    """Without Kafka: exit status 1, what waits, of whom, and why; the terminal tells too, and its end."""
    daemon = run(own_kafka)
    sender = netsnmp(daemon.address())
    sender.v2c(uptime=1)
    acknowledged(daemon, 1)
    with Terminal(folder / "terminal", [tool(), "status", "--config", daemon.conf, "--timeout", "5"], 150, rows=50) as terminal:
        terminal.wait("Kafka  acknowledges, the last event")
        own_kafka.kill()
        for n in range(3):
            sender.v2c(uptime=2 + n)
        terminal.wait("health topic: no broker can be reached", 60)
        status, seen = facts("--config", daemon.conf, "--timeout", "1")
        assert status == 1 and not seen["is_fine"] and "no answer from" in seen["findings"][-1]["text"]
        assert seen["queue"]["pending"] == 3 and seen["queue"]["senders"] == [{"address": "127.0.0.1", "count": 3}]
        own_kafka.start()
        terminal.wait("broker_regained", 90)
        wait_until(lambda: terminal.screen()[0].startswith("fine"), 60, lambda: "\n".join(terminal.screen()))
    acknowledged(daemon, 4)


def test_after_the_stop(run, netsnmp, kafka):
    daemon = run(kafka)
    netsnmp(daemon.address()).v2c()
    acknowledged(daemon, 1)
    daemon.stop()
    status, out = page("--config", daemon.conf)
    assert status == 1 and "WRONG  health topic: snmptrapd was stopped" in out and "it was closed in order" in out


def test_without_a_file_the_health_topic_has_the_figures(run, netsnmp, kafka, topic, folder, collect):
    daemon = run(kafka)
    netsnmp(daemon.address()).v2c()
    acknowledged(daemon, 1)
    daemon.stop()  # the last record has the books
    status, out = page("--brokers", kafka.bootstrap, "--topic", f"{topic}.health", "--queue", folder / "queue")
    assert status == 1 and figures(out)["published"] == 1
    assert "note   statistics: the configuration has no kafkaStatsFile; write kafkaStatsFile FILE there, or --stats FILE" in out


HOSTILE = [
    b"no JSON", b"{}", b'{"type":"health"}', b'{"type":"health","time":"2026-11-22T05:45:26.000000Z"}',
    json.dumps({"type": "health", "time": "2026-11-22T05:45:26.000000Z", "receiver": {"host": "\x1b[2J\u202e"}, "cause": "x" * 500,
                "detail": "\r\n\x1b]0;x\x07" + "y" * 100000, "books": {"received": -1, "dropped": 7}}).encode(),
    json.dumps({"type": "rejected", "time": "2026-11-22T05:45:26.000000Z", "receiver": {"host": "\x1b[2J\u202e"}, "count": 1 << 62,
                "reason": "\x1b[2J", "remedy": "\x9b2J", "source": {"address": "z" * 100000}}).encode(),
]


def test_hostile_messages_and_files(kafka, topic, folder):
    produce(kafka.bootstrap, topic, HOSTILE)
    (folder / "stats").write_bytes(b"trapkafka_received_total 5\n\x1b[2J\xff\n" + b"trapkafka_suppressed_by_rule_total{rule=\"\x1b[2J\xff\"} 7\n")
    words = ["--brokers", kafka.bootstrap, "--topic", topic, "--stats", folder / "stats", "--from", "beginning", "--receiver", "\x1b[2J\u202e"]
    status, out = page(*words)
    assert status == 1 and not [c for c in out if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
    assert max(map(len, out.split("\n"))) < 4200 and "\\x1b[2J" in out and "3 messages are no records" in out
    seen = facts(*words)[1]
    assert seen["books"]["received"] == 5 and seen["suppressed_by_rule"][0]["count"] == 7


def test_others_write_to_the_topic(kafka, topic, folder):
    """Whose records are shown is never a guess."""
    def record(host):
        return json.dumps({"type": "health", "time": "2026-11-22T05:45:26.000000Z", "receiver": {"host": host}, "cause": "periodic",
                           "is_balanced": True, "books": {"received": len(host)}}).encode()
    produce(kafka.bootstrap, topic, [record("one"), record("three")])
    words = ["--brokers", kafka.bootstrap, "--topic", topic, "--from", "beginning"]
    status, out = page(*words)
    assert status == 1 and re.search("has no record from host .*; write --receiver and one of: (one, three|three, one)", out)
    assert facts(*words, "--receiver", "three")[1]["books"]["received"] == 5


def test_what_is_wrong_is_said(kafka, folder):
    """Each row: words, exit status, and what is said, on the page for 1 and on standard error for 2."""
    closed = f"127.0.0.1:{free_port('tcp')}"
    for name, text in (("off", f'kafkaBrokers {kafka.bootstrap}\nkafkaHealthTopic ""\n'), ("files", f"kafkaStatsFile {folder}/none\nkafkaQueue 1M {folder}/none\n"),
                       ("embedded", f"kafkaBrokers embedded\nkafkaStatsFile {folder}/none\n")):
        (folder / name).write_text(text)
    os.mkfifo(folder / "fifo")
    table = [
        (["--config", folder / "off"], 2, "nothing to look at.*write --config FILE"),
        (["--config", folder / "none"], 2, "none: No such file"),
        (["--config", folder / "files", "--from", "soon"], 2, "--from: 'soon': write beginning"),
        (["--config", folder / "files", "file"], 2, "'file': write options only"),
        (["--config", folder / "files"], 1, f"statistics: {folder}/none: No such file.*is snmptrapd running"),
        (["--config", folder / "files"], 1, f"queue: {folder}/none: .*No such file"),
        (["--config", folder / "files"], 1, "health topic: no brokers are known; write kafkaBrokers"),
        (["--config", folder / "files", "--stats", folder / "fifo"], 1, "fifo: no regular file"),
        (["--config", folder / "embedded"], 1, "write --brokers and the address"),
        (["--config", folder / "off", "--topic", "status.none"], 1, "topic 'status.none' does not exist"),
        (["--brokers", closed, "--topic", "x", "--timeout", "1"], 1, f"no answer from {closed}"),
    ]
    for words, expected, said in table:
        status, out, err = call("status", *words)
        assert status == expected and re.search(said, err if expected == 2 else out), (words, status, out, err)
        assert (out if expected == 2 else err) == "", words
