# SPDX-License-Identifier: Apache-2.0
"""trapkafka tail: events of a real Kafka, live and from a place of one's choice, filtered, on terminals and in pipes."""

import fnmatch
import json
import os
import re
import subprocess
import time
import unicodedata
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from lib.consume import Collector, produce
from lib.proc import PATIENCE, free_port, wait_until
from lib.snmptrapd import Snmptrapd
from lib.send import NetSnmp
from lib.terminal import Terminal
from test_47_command import call, tool

LINK = {"down": "1.3.6.1.6.3.1.1.5.3", "up": "1.3.6.1.6.3.1.1.5.4"}
COLD_START = "1.3.6.1.6.3.1.1.5.1"
INVENTORY = "address,name,site\n192.0.2.1,pe1.fra,FRA3\n192.0.2.2,pe2.fra,FRA4\n192.0.2.3,cpe1.ber,BER1\n"
IF = "1.3.6.1.2.1.2.2.1"


class World:
    """A Kafka topic with the events of a real daemon: three devices, links that fail and come back, cold starts."""

    def __init__(self, kafka, base):
        self.kafka, self.folder = kafka, base / "tail"
        self.folder.mkdir()
        (self.folder / "inventory.csv").write_text(INVENTORY)
        self.topic = "tail.events"
        lines = [f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {self.topic}", "kafkaHealthTopic tail.health", "kafkaDedup off",
                 f"kafkaInventory {self.folder}/inventory.csv", "authCommunity log public", "kafkaProperty linger.ms 1"]
        self.daemon = Snmptrapd(self.folder / "daemon", lines).start()
        self.sender = NetSnmp(self.folder / "sender", self.daemon.address("udp"))
        self.events = Collector(kafka.bootstrap, self.topic)
        self.numbers = 0

    @property
    def config(self):
        return ["--config", self.daemon.conf]

    def send(self, agent, trap, index=7):
        """A trap of a device; returns its event, which is in the topic."""
        self.numbers += 1
        generic = {LINK["down"]: 2, LINK["up"]: 3, COLD_START: 0}[trap]
        more = [] if trap == COLD_START else [(f"{IF}.1.{index}", "i", index), (f"{IF}.2.{index}", "s", f"M\u00fc-{index}")]
        self.sender.v1(agent=agent, generic=generic, specific=0, varbinds=more)
        return self.events.wait_events(self.numbers)[-1]

    def values(self):
        return [m.value.decode() for m in self.events.drain()]

    def close(self):
        self.events.close()
        self.daemon.stop()


@pytest.fixture(scope="module")
def world(kafka, base_folder):
    made = World(kafka, base_folder)
    try:
        made.daemon.wait_log("in force")
        for agent in ("192.0.2.1", "192.0.2.2", "192.0.2.3"):
            for trap in (COLD_START, LINK["down"], LINK["up"]):
                made.send(agent, trap)
        made.send("192.0.2.99", LINK["down"], 8)
        yield made
    finally:
        made.close()


def tail(world, *words, status=0):
    """(lines of standard output, standard error) of `trapkafka tail --to-end` with the daemon's own configuration."""
    done = call("tail", *world.config, "--to-end", *words)
    assert done[0] == status, done
    return done[1].split("\n")[:-1], done[2]


def test_json_is_what_the_topic_has(world):
    """--json: every event as it was published, each once."""
    lines, err = tail(world, "--from", "beginning", "--json")
    assert sorted(lines) == sorted(world.values())
    assert err == f"trapkafka tail: reading topic {world.topic} of {world.kafka.bootstrap}, partitions: 4\n"


FILTERS = [
    (["--severity", "major+"], lambda e: e["severity"] in ("major", "critical")),
    (["--severity", "cleared"], lambda e: e["severity"] == "cleared"),
    (["--severity", "warning,cleared"], lambda e: e["severity"] in ("warning", "cleared")),
    (["--device", "pe*"], lambda e: e["source"]["device"].startswith("pe")),
    (["--device", "pe1*", "--device", "cpe*"], lambda e: fnmatch.fnmatch(e["source"]["device"], "[pc][ep][1e]*")),
    (["--name", "link*"], lambda e: e["trap"]["name"].startswith("link")),
    (["--name", "SNMPv2-MIB::*"], lambda e: e["trap"]["mib"] == "SNMPv2-MIB"),
    (["--site", "FRA?"], lambda e: e["topology"].get("site", "").startswith("FRA")),
    (["--type", "link"], lambda e: e["alarm"]["type"] == "link"),
    (["--type", "rejected"], lambda e: False),
    (["--name", "linkDown", "--site", "*"], lambda e: e["trap"]["name"] == "linkDown" and "site" in e["topology"]),
]


@pytest.mark.parametrize("words, wanted", FILTERS, ids=lambda x: " ".join(x) if isinstance(x, list) else "")
def test_filters(world, words, wanted):
    lines, _ = tail(world, "--from", "beginning", "--json", *words)
    expected = [value for value in world.values() if wanted(json.loads(value))]
    assert sorted(lines) == sorted(expected)
    assert words == ["--type", "rejected"] or 0 < len(expected) < len(world.values())


def test_page_says_what_the_event_says(world):
    lines, _ = tail(world, "--from", "beginning", "--name", "linkDown", "--device", "pe1.fra")
    event = next(e for e in map(json.loads, world.values()) if e["trap"]["name"] == "linkDown" and e["source"]["device"] == "pe1.fra")
    assert lines[0] == f"{event['severity'].upper()}  linkDown  on pe1.fra"
    assert f"  summary    {event['summary']}" in lines
    assert f"  alarm      raise {event['alarm']['key']}, raised, since {event['alarm']['since']}" in lines
    assert [line for line in lines if re.fullmatch("  topology   .*site FRA3.*", line)], lines
    assert [line for line in lines if re.fullmatch("    ifDescr.7 += M\u00fc-7", line)], lines
    assert "\033" not in "\n".join(lines)


def test_from_end_shows_only_what_comes(world, folder):
    """Live: what is sent after the command has said that it reads, at once; --count ends it."""
    with open(folder / "out", "w+b") as out, open(folder / "err", "w+b") as err:
        process = subprocess.Popen([tool(), "tail", *map(str, world.config), "--json", "--count", "2"], stdout=out, stderr=err)
        try:
            wait_until(lambda: b"Ctrl-C ends" in (folder / "err").read_bytes(), 20, "tail to read")
            first = world.send("192.0.2.1", COLD_START)
            wait_until(lambda: first["event_id"].encode() in (folder / "out").read_bytes(), 20, "the event while tail runs")
            second = world.send("192.0.2.2", COLD_START)
            assert process.wait(20 * PATIENCE) == 0
        finally:
            process.kill()
            process.wait()
    shown = [json.loads(line)["event_id"] for line in (folder / "out").read_text().splitlines()]
    assert shown == [first["event_id"], second["event_id"]]


def test_from_a_time(world):
    before = len(world.values())
    last = time.time()
    wait_until(lambda: time.time() > last + 0.002, 5, "the next millisecond, because Kafka's timestamps have no more")
    moment = time.time()
    mine = world.send("192.0.2.3", COLD_START)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment)) + f".{int(moment * 1000) % 1000:03}Z"
    lines, _ = tail(world, "--from", text, "--json")
    assert [json.loads(line)["event_id"] for line in lines] == [mine["event_id"]]
    assert len(tail(world, "--from", "1d", "--json")[0]) == before + 1
    assert tail(world, "--from", "end")[0] == []


def test_interrupt_ends_in_order(world, folder):
    with open(folder / "err", "w+b") as err:
        process = subprocess.Popen([tool(), "tail", *map(str, world.config)], stdout=subprocess.DEVNULL, stderr=err)
        wait_until(lambda: b"Ctrl-C ends" in (folder / "err").read_bytes(), 20, "tail to read")
        process.terminate()
        assert process.wait(20 * PATIENCE) == 0


def test_no_group_is_used(world):
    tail(world, "--from", "beginning")
    admin = AdminClient({"bootstrap.servers": world.kafka.bootstrap})  # has to outlive its request
    groups = admin.list_consumer_groups(request_timeout=20).result()
    assert not groups.errors and not [group.group_id for group in groups.valid if "trapkafka" in group.group_id]


HOSTILE = [
    b"no JSON", b"[1]", b"\x1b[2J", b"", b'{"type":"trap","severity":["x"],"source":7,"varbinds":"x"}', b"{}",
    '{"type":"trap","severity":"major","source":{"device":"\\u001b[2J\\u001b]0;owned\\u0007"},"trap":{"name":"\u009b31m\u202e"},'
    '"summary":"a\\r\\nb\\u0000","varbinds":[{"name":"x","index":[null,"1\\n2"],"text":"\\u001b[1m"},7,null]}'.encode(),
    b'{\n "type": "health",\n "cause": "x\\u001b"\n}',
    b'{"type":"rejected","reason":"\\u001b","detail":"\\u0090"}', b'{"type":"\\u001b]","summary":"\\u001b[A"}',
    json.dumps({"type": "trap", "summary": "x" * 500000, "varbinds": [{"oid": "1"}] * 1000}).encode(),
]


def test_hostile_messages(kafka, topic):
    """Of what anybody can write to a topic no byte reaches the terminal that it would obey; the rest is counted."""
    produce(kafka.bootstrap, topic, [value for value in HOSTILE if value])
    for words in ([], ["--brief"]):
        status, out, err = call("tail", "--brokers", kafka.bootstrap, "--topic", topic, "--from", "beginning", "--to-end", *words)
        assert status == 0 and "3 messages are left out, because they are no JSON object" in err
        assert not [c for c in out if unicodedata.category(c) in ("Cc", "Cf") and c != "\n"]
        assert max(map(len, out.split("\n"))) < 4200 and "\\x1b[2J" in out
    assert "... and 700 more" in call("tail", "--brokers", kafka.bootstrap, "--topic", topic, "--from", "beginning", "--to-end")[1]
    out = call("tail", "--brokers", kafka.bootstrap, "--topic", topic, "--from", "beginning", "--to-end", "--json")[1]
    assert sorted(json.dumps(json.loads(line)) for line in out.splitlines()) == sorted(
        json.dumps(json.loads(value)) for value in HOSTILE if value.startswith(b"{"))


def test_files_and_standard_input(world, folder):
    """The same events out of a file, as kcat or jq write them."""
    file = folder / "events"
    file.write_text("\n".join(world.values()) + "\nno event\n")
    status, out, err = call("tail", "--json", "--name", "linkUp", file)
    assert status == 0 and "1 messages are left out" in err
    assert out.splitlines() == [value for value in world.values() if json.loads(value)["trap"]["name"] == "linkUp"]
    done = subprocess.run([tool(), "tail", "--brief", "-"], input=file.read_bytes(), capture_output=True, check=True, timeout=60)
    assert done.stdout.count(b"\n") == len(world.values())


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("columns", [80, 200])
def test_in_a_terminal(world, folder, columns):
    """--brief: a line an event, never wider than the terminal; in colour, unless NO_COLOR is set."""
    words = [tool(), "tail", *world.config, "--from", "beginning", "--to-end", "--brief", "--name", "linkDown"]
    with Terminal(folder / "colour", words, columns) as terminal:
        assert terminal.wait_ended() == 0
        lines = [line for line in terminal.screen() if " linkDown " in line]
        assert len(lines) == 4 and all(width(line) <= columns for line in lines)
        assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d major ", line) for line in lines)
        assert ("M\u00fc" in lines[0]) == (columns == 200) or columns == 80
        assert "\033[31m" in "\n".join(terminal.screen(escapes=True))
    with Terminal(folder / "plain", words, columns, env={"NO_COLOR": "1"}) as terminal:
        assert terminal.wait_ended() == 0
        assert "\033[31m" not in "\n".join(terminal.screen(escapes=True))


def test_what_is_wrong_is_said(world, folder):
    """Each row: words, and what standard error says; nothing on standard output, exit status 2."""
    closed = f"127.0.0.1:{free_port('tcp')}"
    wrong = folder / "wrong.conf"
    wrong.write_text("kafkaBrokers x:1\nkafkaProperty security.protocol none\n")
    embedded = folder / "embedded.conf"
    embedded.write_text("authUser log x\nkafkaBrokers embedded\nkafkaInventory /nonexistent\n")
    loop = folder / "loop.conf"
    loop.write_text(f"includeFile {loop}\n")
    brokers = ["--brokers", world.kafka.bootstrap, "--timeout", "5"]
    table = [
        (["--brokers", closed, "--timeout", "1"], rf"no answer from {closed}.*Connection refused.*check the brokers"),
        ([*brokers, "--topic", "tail.none"], "topic 'tail.none' does not exist.*write its name after --topic"),
        ([*brokers, "--topic", "a/b"], "--topic: 'a/b' is no name of a topic"),
        ([*brokers, "--severity", "huge"], "'huge': no such severity; write critical"),
        ([*brokers, "--from", "tomorrow"], "--from: 'tomorrow': write beginning"),
        ([*brokers, "--count", "0"], "--count: '0': write a number"),
        ([*brokers, "--timeout", "0"], "--timeout: '0': write a number of seconds"),
        (["--config", folder / "none"], rf"{folder}/none: No such file"),
        (["--config", wrong], rf"{wrong}: line 2: kafkaProperty: .*security.protocol"),
        (["--config", embedded], "kafkaBrokers embedded: .*write --brokers"),
        (["--config", loop], "include each other"),
        (["--config", os.devnull], "no brokers: .*write --brokers"),
        (["--properties", folder / "none", *brokers], f"{folder}/none"),
    ]
    for words, said in table:
        status, out, err = call("tail", *words)
        assert (status, out) == (2, "") and re.search(said, err), (words, status, out, err)


def test_configuration_that_is_included(world, folder):
    """snmptrapd.conf that includes the module's file, beside it and in a folder."""
    (folder / "parts").mkdir()
    (folder / "snmptrapd.conf").write_text(f"authUser log x\nincludeFile kafka.conf\nincludeDir {folder}/parts\n")
    (folder / "kafka.conf").write_text(f"kafkaBrokers {world.kafka.bootstrap}\nkafkaSeverityRules /nonexistent/rules\n")
    (folder / "parts" / "topic.conf").write_text(f"kafkaTopic {world.topic}\n")
    (folder / "parts" / "not.read").write_text("kafkaTopic other\n")
    status, out, _ = call("tail", "--config", folder / "snmptrapd.conf", "--from", "beginning", "--to-end", "--json")
    assert status == 0 and sorted(out.splitlines()) == sorted(world.values())
    assert Path(world.daemon.conf).exists()
