# SPDX-License-Identifier: Apache-2.0
"""A queue in a file, as its operator meets it: what survives, what is refused, and `trapkafka queue`. The faults are in
faults/."""

import json
import os
import re
import struct
import subprocess
import time
from pathlib import Path

import pytest

from lib.consume import check_event
from lib.load import QUIET, arrivals, books_of, check_exactly_once, wait_books
from lib.need import need_root
from lib.proc import PATIENCE, free_port, memory, run, wait_until

DATA = 8192  # where the ring begins, behind the two copies of the header
USER = "Debian-snmp"


def tool():
    stage = os.environ.get("TK_BUILD")
    assert stage, "TK_BUILD is not set"
    path = Path(stage) / "stage" / "bin" / "trapkafka"
    assert path.exists(), f"{path}: run make install"
    return str(path)


def look(*args):
    """`trapkafka queue`: (exit status, standard output, standard error)."""
    done = subprocess.run([tool(), "queue", *map(str, args)], capture_output=True, text=True, timeout=60 * PATIENCE,
                          check=False)
    return done.returncode, done.stdout, done.stderr


def conf(stats, queue, brokers, *more, size="4M"):
    return [*QUIET, f"kafkaBrokers {brokers}", f"kafkaStatsFile {stats} 1", f"kafkaQueue {size} {queue}", "kafkaDedup off",
            "kafkaStopTimeout 1", *more]


@pytest.fixture
def nowhere():
    return f"127.0.0.1:{free_port('tcp')}"


@pytest.fixture
def filled(snmptrapd, storm, folder, nowhere):
    """filled(count): a daemon without Kafka whose queue holds traps; returns it, queue and statistics."""
    def make(count, *more, **options):
        queue, stats = folder / "queue", folder / "stats"
        daemon = snmptrapd(conf(stats, queue, nowhere, *more), **options)
        storm(daemon.port, count=count, rate=2000).result()
        wait_books(stats, lambda b: b["received"] == count)
        return daemon, queue, stats
    return make


def to(daemon, *lines):
    """Start again with other lines."""
    daemon.write_conf([*lines])
    return daemon.start()


def test_survives_kill_and_is_published_in_order(filled, collect, kafka, topic):
    """kill -9 with 3,000 traps in the queue: the next life publishes each once, in order, under the same event_id."""
    daemon, queue, stats = filled(3000)
    daemon.kill()
    status, out, err = look("--records", queue)
    waiting = [check_event(line.encode()) for line in out.splitlines()]
    assert (status, err, len(waiting)) == (0, "", 3000)
    stats.unlink()
    to(daemon, *conf(stats, queue, kafka.bootstrap, f"kafkaTopic {topic}"))
    assert daemon.log.find(r"3000 traps of an earlier run are in the queue")
    books = wait_books(stats, lambda b: not b["pending"])
    assert (books["recovered"], books["received"], books["published"]) == (3000, 0, 3000)
    events = collect(kafka.bootstrap, topic)
    events.wait(3000)
    found = events.drain()
    check_exactly_once(arrivals(found), range(1, 3001))
    by_partition = {}
    for m in found:
        by_partition.setdefault(m.partition, []).append(m.event["event_id"])
    order = {e["event_id"]: n for n, e in enumerate(waiting)}
    assert all(ids == sorted(ids, key=order.__getitem__) for ids in by_partition.values())


def test_orderly_stop_leaves_the_rest_in_the_file(filled):
    daemon, queue, _ = filled(500)
    daemon.stop()
    assert daemon.log.find(r"500 traps wait in the queue '.*' for the next start")
    status, out, err = look(queue)
    assert (status, err) == (0, "") and re.search(r"closed in order\n", out) and re.search(r"pending +500 records", out)


def test_tool_beside_a_running_daemon(filled):
    begin = time.time()
    daemon, queue, _ = filled(1000)
    before = queue.read_bytes()
    status, out, err = look(queue)
    assert (status, err) == (0, "")
    assert re.search(r"^\S+: queue [0-9a-f]{8}, format 1, opened 1 times, a daemon has it open$", out, re.M), out
    assert re.search(r"^capacity +4194304 bytes$", out, re.M) and re.search(r"^pending +1000 records, numbers 1 to 1000$", out,
                                                                            re.M)
    age = re.search(r"^oldest +received \S+Z, (\d+) seconds ago$", out, re.M)
    assert age and int(age.group(1)) <= time.time() - begin + 1, out
    status, out, err = look("--records", queue)
    events = [check_event(line.encode()) for line in out.splitlines()]
    assert (status, err, len(events)) == (0, "", 1000)
    assert events[0]["trap"]["name"] == "linkDown" and events[0]["severity"] == "major"
    assert queue.read_bytes()[DATA:] == before[DATA:], "it only reads"
    assert daemon.alive()


def test_tool_uses_the_operators_tables(filled, folder):
    daemon, queue, _ = filled(3)
    daemon.kill()
    rows = folder / "inventory.csv"
    rows.write_text("address,name,site\n127.0.0.1,pe1.lab,FRA3\n")
    config = folder / "trapkafka.conf"
    config.write_text(f"authUser log noc\nkafkaInventory {rows}\nperl 1\n")
    status, out, _ = look("--records", "--config", config, queue)
    event = json.loads(out.splitlines()[0])
    assert status == 0 and event["source"]["device"] == "pe1.lab" and event["topology"]["site"] == "FRA3"
    config.write_text("\nkafkaInventory relative\n")
    status, out, err = look("--records", "--config", config, queue)
    assert (status, out) == (2, "") and f"{config}: line 2: kafkaInventory 'relative': not an absolute path" in err


def damage(queue, number):
    """Flip a byte in the body of the record `number`."""
    data = bytearray(queue.read_bytes())
    at = -1
    for _ in range(number):
        at = data.index(struct.pack("<I", 0x54524B31), at + 1)
    data[at + 100] ^= 0x40
    queue.write_bytes(data)


def test_damaged_record_is_counted_and_its_neighbours_come(filled, collect, kafka, topic):
    daemon, queue, stats = filled(20)
    daemon.kill()
    damage(queue, 7)
    status, out, err = look("--records", queue)
    assert status == 1 and len(out.splitlines()) == 19 and re.search(r"damaged at position \d+: 1 records are lost", err)
    stats.unlink()
    to(daemon, *conf(stats, queue, kafka.bootstrap, f"kafkaTopic {topic}", f"kafkaHealthTopic {topic}.health"))
    books = wait_books(stats, lambda b: not b["pending"])
    assert (books["recovered"], books["published"], books["dropped"]["damaged"]) == (20, 19, 1)
    assert daemon.log.find(r"the queue is damaged at position \d+, records lost: 1")
    health = collect(kafka.bootstrap, f"{topic}.health")
    assert health.wait_events(1, lambda e: e["cause"] == "damaged")


def test_tool_errors(folder):
    foreign = folder / "foreign"
    foreign.write_text("not a queue\n" * 2000)
    for args, status, text in (([], 2, "usage: "), (["--config", foreign, foreign], 2, "usage: "), (["-x", foreign], 2, "usage: "),
                               ([folder / "none"], 2, "No such file"), ([foreign], 2, str(foreign)), ([folder], 2, str(folder))):
        done = look(*args)
        assert done[0] == status and text in done[2] and not done[1], done


def refused(snmptrapd, folder, queue, storm, text, size="4M", **options):
    """The daemon starts, says why the file is not used, and works with a queue in memory."""
    stats = folder / "stats"
    if "user" in options:
        stats = folder / "state" / "stats"
        stats.parent.mkdir()
        run(["chown", options["user"], stats.parent])
    daemon = snmptrapd(conf(stats, queue, "embedded", size=size), **options)
    daemon.wait_log(rf"kafkaQueue: {re.escape(str(queue))}: .*{text}.*until then the queue is \d+ bytes of memory")
    health = daemon.embedded_broker()
    storm(daemon.port, count=50, rate=1000).result()
    assert wait_books(stats, lambda b: b["published"] == 50)
    assert health and daemon.alive()
    return daemon


def test_foreign_file_is_not_touched(snmptrapd, folder, storm):
    queue = folder / "precious"
    queue.write_bytes(b"somebody's data\n" * 100000)
    before = queue.read_bytes()
    queue.chmod(0o600)
    refused(snmptrapd, folder, queue, storm, "not a queue")
    assert queue.read_bytes() == before


def test_shrunk_below_its_content(filled, snmptrapd, folder, storm):
    daemon, queue, _ = filled(4000)
    daemon.kill()
    before = queue.read_bytes()[DATA:]
    (folder / "stats").unlink()
    refused(snmptrapd, folder, queue, storm, "at least", size="1M")
    assert queue.read_bytes()[DATA:] == before


def test_grown_and_shrunk_with_content(filled, collect, kafka, topic):
    daemon, queue, stats = filled(1000)
    daemon.kill()
    to(daemon, *conf(stats, queue, f"127.0.0.1:{free_port('tcp')}", size="8M"))
    assert queue.stat().st_size == DATA + (8 << 20)
    daemon.kill()
    stats.unlink()
    to(daemon, *conf(stats, queue, kafka.bootstrap, f"kafkaTopic {topic}", size="2M"))
    assert queue.stat().st_size == DATA + (2 << 20)
    assert wait_books(stats, lambda b: b["published"] == 1000)
    events = collect(kafka.bootstrap, topic)
    events.wait(1000)
    check_exactly_once(arrivals(events.drain()), range(1, 1001))


def test_folder_of_another_user(snmptrapd, folder, storm):
    need_root()
    closed = folder / "closed"
    closed.mkdir(mode=0o755)
    refused(snmptrapd, folder, closed / "queue", storm, r"may not write in the folder; chown the folder", user=USER)


def test_file_of_another_user(snmptrapd, folder, storm):
    need_root()
    queue = folder / "queue"
    queue.touch(mode=0o644)
    refused(snmptrapd, folder, queue, storm, "belongs to uid 0", user=USER)


def test_file_is_private_and_of_the_daemons_user(snmptrapd, folder):
    need_root()
    state = folder / "state"
    state.mkdir()
    run(["chown", USER, state])
    daemon = snmptrapd(conf(folder / "stats", state / "queue", "embedded"), user=USER)
    daemon.wait_log("trapkafka .*: started, queue of 4194304 bytes in")
    found = (state / "queue").stat()
    assert found.st_mode & 0o777 == 0o600 and (state / "queue").owner() == USER


def test_cut_under_a_running_daemon(filled, storm, collect, kafka, topic):
    """The mapping faults: what the file held is lost and counted, the daemon goes on in memory and says so."""
    daemon, queue, stats = filled(2000)
    os.truncate(queue, DATA + 65536)
    storm(daemon.port, count=2000, rate=2000, first=2001).result()
    wait_books(stats, lambda b: b["received"] == 4000)
    daemon.write_conf(conf(stats, queue, kafka.bootstrap, f"kafkaTopic {topic}", f"kafkaHealthTopic {topic}.health"))
    daemon.sighup()
    books = wait_books(stats, lambda b: not b["pending"])
    assert books["published"] + books["dropped"]["damaged"] == 4000 and books["published"] > 2000, books
    assert books["dropped"]["damaged"] > 0 and books["queue_faults"] > 0
    assert daemon.log.find(r"queue file .* was truncated")
    health = collect(kafka.bootstrap, f"{topic}.health")
    assert health.wait_events(1, lambda e: e["cause"] == "queue_failed")


def test_sync_is_not_on_the_traps_way(snmptrapd, storm, folder):
    """kafkaQueueSync has a thread of its own, can be changed by SIGHUP, and ends."""
    stats, queue = folder / "stats", folder / "queue"
    daemon = snmptrapd(conf(stats, queue, "embedded", "kafkaQueueSync 10"))
    daemon.wait_log("trapkafka: in force")
    wait_until(lambda: "trapkafka-sync" in daemon.threads(), 10, "the thread that writes the queue to its disk")
    storm(daemon.port, count=3000, rate=3000).result()
    wait_books(stats, lambda b: b["published"] == 3000)
    daemon.write_conf(conf(stats, queue, "embedded"))
    daemon.sighup()
    storm(daemon.port, count=1000, rate=3000, first=3001).result()
    wait_books(stats, lambda b: b["published"] == 4000)
    assert books_of(stats)["queue_faults"] == 0 and memory(daemon.pid, "RssAnon")
