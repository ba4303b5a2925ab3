# SPDX-License-Identifier: Apache-2.0
"""Typed consumers of the topic, with the samples of conf/consumers/ as they are shipped: OpenSearch, ClickHouse, DuckDB and
Flink SQL take every event that the tests of this run produced, and give the same answer to the same question."""

import base64
import json
import os
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from lib import samples
from lib.consume import MOST_BYTES, SCHEMA, produce
from lib.load import QUIET
from lib.need import need_consumers
from lib.proc import PATIENCE, run
from lib.send import LINK_DOWN, LINK_UP

HERE = Path(__file__).resolve().parent / "consumers"
SAMPLES = SCHEMA.parent / "consumers"
IF_INDEX, IF_DESCR = "1.3.6.1.2.1.2.2.1.1", "1.3.6.1.2.1.2.2.1.2"
ACME = "1.3.6.1.4.1.99999"


# -- the samples and the schema ----------------------------------------------------------------------------------------

def test_samples_have_every_member():
    schema = samples.of_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert len(schema) > 40
    lists = {path[:at.end()] for path in schema for at in re.finditer(r"\[\]", path)}
    found = {name: samples.of_table((SAMPLES / name).read_text(encoding="utf-8"))
             for name in ("clickhouse.sql", "duckdb.sql", "flink.sql")}
    template = (SAMPLES / "opensearch-template.json").read_text(encoding="utf-8")
    found["opensearch-template.json"] = samples.of_template(template, lists)
    for name, members in found.items():
        assert members == schema, f"{name}: {sorted(set(members.items()) ^ set(schema.items()))}"


# -- loading -----------------------------------------------------------------------------------------------------------

def recorded(folder):
    """{event_id: line} of what all tests of this run have read from Kafka."""
    lines = {}
    for path in sorted(Path(folder).glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            number = json.loads(line)["event_id"]
            assert lines.setdefault(number, line) == line, f"two events with one ID: {line}"
    return lines


def links_down(lines):
    """The alarm keys of links whose last event raised the alarm: the plain way, to compare the engines with."""
    last = {}
    for event in map(json.loads, lines):
        key = event["alarm"]["key"]
        if event["trap"]["name"] in ("linkDown", "linkUp") and key is not None:
            order = (event["received"], event["receiver"]["queue"], event["receiver"]["seq"])
            last[key] = max(last.get(key, ()), (order, event["alarm"]["state"]))
    return sorted(key for key, (_, state) in last.items() if state == "raise")


@pytest.fixture(name="topic_of_the_run")
def _topic_of_the_run(snmptrapd, netsnmp, collect, kafka, topic, folder):
    """Events of this test, and of all tests before it: (topic, file with the same, {event_id: line}). Some come twice, as
    Kafka may deliver them."""
    daemon = snmptrapd([*QUIET, f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {topic}.sent"])
    own = collect(kafka.bootstrap, f"{topic}.sent")
    sender = netsnmp(daemon.address())
    for port in range(1, 5):
        for trap in (LINK_DOWN, LINK_UP, LINK_DOWN)[:port]:
            sender.v2c(trap, varbinds=[(f"{IF_INDEX}.{port}", "i", port), (f"{IF_DESCR}.{port}", "s", f"xe-0/0/{port}")])
    sender.v2c(f"{ACME}.0.1", varbinds=[(f"{ACME}.1", "C", "18446744073709551615"), (f"{ACME}.2", "a", "192.0.2.1"),
                                        (f"{ACME}.3", "x", "00ff"), (f"{ACME}.4", "o", "1.3.6.1"), (f"{ACME}.5", "t", "4"),
                                        (f"{ACME}.6", "n", ""), (f"{ACME}.7", "D", "1.5"), (f"{ACME}.8", "s", "12")])
    lines = {m.event["event_id"]: m.value for m in own.wait(10)}
    if os.environ.get("TK_EVENTS"):
        lines.update(recorded(os.environ["TK_EVENTS"]))
    path = folder / "snmp-traps.jsonl"
    twice = [*lines.values(), *list(lines.values())[:100]]
    path.write_bytes(b"".join(line + b"\n" for line in twice))
    kafka.create_topic(topic, 4, max_message_bytes=MOST_BYTES)
    produce(kafka.bootstrap, topic, twice)
    print(f"{len(lines)} events, {path.stat().st_size} bytes")
    return topic, path, lines


@pytest.mark.alone
def test_every_event_in_each_engine(topic_of_the_run, kafka, folder):
    home = need_consumers()
    topic, path, lines = topic_of_the_run
    expected = {"count": len(lines), "down": links_down(lines.values())}
    assert len(expected["down"]) >= 3
    assert from_python(home, "load_clickhouse.py", "clickhouse.sql", path, folder) == expected
    assert from_python(home, "load_duckdb.py", "duckdb.sql", path, folder) == expected
    assert from_flink(home, kafka, topic, folder) == expected
    assert from_opensearch(home, path, folder) == expected


def sorted_answer(count, down):
    return {"count": count, "down": sorted(down)}


def from_python(home, program, sample, path, folder):
    done = run([home / "python" / "bin" / "python", "-B", HERE / program, SAMPLES / sample, path], 300, cwd=folder)
    return sorted_answer(**json.loads(done.stdout.splitlines()[-1]))


def from_flink(home, kafka, topic, folder):
    text = (SAMPLES / "flink.sql").read_text(encoding="utf-8")
    for old, new in (("'kafka1:9092'", f"'{kafka.bootstrap}'"), ("'topic' = 'snmp-traps'", f"'topic' = '{topic}'"),
                     ("'format' = 'json'", "'format' = 'json', 'scan.bounded.mode' = 'latest-offset'")):
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    script = folder / "flink.sql"
    script.write_text(text + "SELECT COUNT(DISTINCT event_id) FROM snmp_traps;\nSELECT alarm_key FROM snmp_links_down;\n",
                      encoding="utf-8")
    opens = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in ("lang", "util")]
    done = run(["java", "-Xmx1g", *opens, "-cp", f"{home}/flink/*", HERE / "FlinkSql.java", script], 300, cwd=folder)
    rows = [base64.b64decode(line.split()[1]).decode() for line in done.stdout.splitlines() if line.startswith("row ")]
    return sorted_answer(int(rows[0]), rows[1:])


class OpenSearch:
    """A node of one JVM."""

    def __init__(self, home, folder):
        self._log = open(folder / "opensearch.log", "wb")
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "java", "-Xmx1g", "-cp", f"{home}/opensearch/*", HERE / "OpenSearchNode.java",
             folder / "opensearch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log, cwd=folder)

    def __enter__(self):
        for line in self._process.stdout:
            if line.startswith(b"port "):
                self._url = f"http://127.0.0.1:{int(line.split()[1])}"
                return self
        raise AssertionError(f"OpenSearch did not start: {self._log.name}")

    def __exit__(self, *exc):
        self._process.stdin.close()
        self._process.wait(60 * PATIENCE)
        self._log.close()

    def ask(self, method, path, body=b"", kind="application/json"):
        request = urllib.request.Request(self._url + path, body, {"Content-Type": kind}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120 * PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as err:
            raise AssertionError(f"{method} {path}: {err.read()[:2000]}") from err


def from_opensearch(home, path, folder):
    with OpenSearch(home, folder) as node:
        node.ask("PUT", "/_index_template/snmp-traps", (SAMPLES / "opensearch-template.json").read_bytes())
        lines = path.read_bytes().splitlines()
        for at in range(0, len(lines), 1000):
            body = b"".join(json.dumps({"index": {"_id": json.loads(line)["event_id"]}}).encode() + b"\n" + line + b"\n"
                            for line in lines[at:at + 1000])
            answer = node.ask("POST", "/snmp-traps/_bulk", body, "application/x-ndjson")
            refused = [item["index"] for item in answer["items"] if item["index"]["status"] >= 300]
            assert not refused, f"{len(refused)} refused, the first: {refused[0]}"
        node.ask("POST", "/snmp-traps/_refresh")
        count = node.ask("GET", "/snmp-traps/_count")["count"]
        hits = node.ask("POST", "/snmp-traps/_search", (SAMPLES / "opensearch-links-down.json").read_bytes())["hits"]["hits"]
    down = [hit["_source"]["alarm"]["key"] for hit in hits if hit["_source"]["alarm"]["state"] == "raise"]
    return sorted_answer(count, down)
