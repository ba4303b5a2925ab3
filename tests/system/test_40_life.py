# SPDX-License-Identifier: Apache-2.0
"""The module's life inside snmptrapd: every way to start it, SIGHUP, stop, and Kafka that is not there."""

import os
import pwd
import re
import socket
import sys
import threading
import time

import pytest

from lib import perl
from lib.books import last_books
from lib.load import ENDLESS, QUIET, arrivals, at_rest, books_of, check_exactly_once, check_order, number_of, wait_books
from lib.need import need_ipv6, need_root, need_tool
from lib.proc import PATIENCE, free_port, send_signal, udp_drops, wait_until
from lib.rig import broker  # noqa: F401, a fixture
from lib.snmptrapd import module_file

IF_INDEX = "1.3.6.1.2.1.2.2.1.1.7"
DAEMON_USER = "Debian-snmp"
#: Threads of ours; librdkafka's come beside them.
OURS = ["trapkafka", "trapkafka-load"]


def conf(stats, *more, brokers="embedded"):
    return [*QUIET, f"kafkaBrokers {brokers}", f"kafkaStatsFile {stats} 1", *more]


def wait_our_threads(daemon):
    """Waits: a thread that librdkafka starts has the name of ours that started it until it gives itself one."""
    def ours():
        return sorted(name for name in daemon.threads() if name.startswith("trapkafka"))
    wait_until(lambda: ours() == OURS, 10, lambda: f"the threads {OURS}, and no others of ours; there are {ours()}")


def wait_in_force(daemon, since, circuits=0, timeout=30):
    return daemon.wait_log(rf"trapkafka: in force: .* {circuits} circuits", timeout, since)


def check_publishes(daemon, sender, collector, value=7):
    """A notification sent now becomes an event, and is one event only."""
    sender.v2c(varbinds=[(IF_INDEX, "i", value)])
    event = collector.wait_events(1, lambda e: e["type"] == "trap" and e["varbinds"][-1]["number"] == value)[0]
    assert event["trap"]["name"] == "linkDown" and event["varbinds"][0]["name"] == "ifIndex"
    found = [m.event for m in collector.drain() if m.event["varbinds"][-1]["number"] == value]
    assert found == [event], "published more than once"
    return event


# -- ways to start ---------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("fork", [False, True], ids=["foreground", "daemon"])
def test_starts_and_stops(snmptrapd, netsnmp, collect, folder, fork):
    daemon = snmptrapd(conf(folder / "stats"), fork=fork)
    events = collect(daemon.embedded_broker(), "snmp-traps")
    health = collect(daemon.embedded_broker(), "snmp-traps-health")
    wait_our_threads(daemon)
    check_publishes(daemon, netsnmp(daemon.address()), events)
    daemon.sighup()
    check_publishes(daemon, netsnmp(daemon.address()), events, 8)
    since = daemon.log.mark()
    daemon.stop()
    assert daemon.log.find("trapkafka: stopped, snmptrapd is stopping", since)
    assert not daemon.log.find("traps are lost", since)
    books = books_of(folder / "stats")
    assert (books["received"], books["published"], books["pending"]) == (2, 2, 0)
    if health.messages():  # the embedded broker goes with the daemon, the last record with it or just before
        last_books(health)


def test_flags_of_debians_unit(snmptrapd, netsnmp, collect):
    """ExecStart=/usr/sbin/snmptrapd -LOw -f udp:162 udp6:162 as User=Debian-snmp, Type=notify. (The log file that the tests
    read is one destination more; -LOw is what snmptrapd has on its standard output.)"""
    need_root()
    need_ipv6()
    user = pwd.getpwnam(DAEMON_USER)
    daemon = snmptrapd(start=False, listen=("udp", "udp6"), args=["-LOw"])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        path = daemon.folder / "notify"
        notify.bind(str(path))
        notify.settimeout(20 * PATIENCE)
        for name in (daemon.folder, daemon.persistent, daemon.log.path, path):
            os.chown(name, user.pw_uid, user.pw_gid)
        daemon.env["NOTIFY_SOCKET"] = path
        daemon.wrapper = ["setpriv", f"--reuid={DAEMON_USER}", f"--regid={user.pw_gid}", "--clear-groups"]
        daemon.write_conf(conf(daemon.folder / "stats"))
        daemon.start()
        assert b"READY=1" in notify.recv(1000)
    events = collect(daemon.embedded_broker(), "snmp-traps")
    check_publishes(daemon, netsnmp(daemon.address()), events)
    assert check_publishes(daemon, netsnmp(daemon.address("udp6")), events, 8)["source"]["transport"] == "udp6"
    assert {uid for ids in thread_users(daemon) for uid in ids} == {user.pw_uid}
    daemon.stop()
    assert books_of(daemon.folder / "stats")["published"] == 2


def thread_users(daemon):
    """(real, effective, saved, file system) user of each thread."""
    found = []
    for tid in os.listdir(f"/proc/{daemon.pid}/task"):
        with open(f"/proc/{daemon.pid}/task/{tid}/status", encoding="utf-8") as status:
            found.append(tuple(int(n) for n in re.search(r"^Uid:\s+(.*)$", status.read(), re.M)[1].split()))
    return found


@pytest.mark.parametrize("fork", [False, True], ids=["foreground", "daemon"])
def test_gives_up_root(snmptrapd, netsnmp, collect, fork):
    need_root()
    user = pwd.getpwnam(DAEMON_USER)
    daemon = snmptrapd(start=False, user=DAEMON_USER, group=DAEMON_USER, fork=fork)
    stats = daemon.folder / "stats"
    if fork:
        daemon.pidfile = daemon.folder.parent / "pid"  # written as root
    daemon.write_conf(conf(stats))
    daemon.start()
    events = collect(daemon.embedded_broker(), "snmp-traps")
    check_publishes(daemon, netsnmp(daemon.address()), events)
    wait_until(stats.exists, 10, "the statistics file")
    wait_our_threads(daemon)
    assert set(thread_users(daemon)) == {(user.pw_uid,) * 4}
    assert stats.stat().st_uid == user.pw_uid
    daemon.sighup()
    check_publishes(daemon, netsnmp(daemon.address()), events, 8)
    assert not daemon.log.find("kafkaStatsFile")


_LISTEN_FDS = """import os, socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", int(sys.argv[1])))
os.dup2(sock.fileno(), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("way", ["systemd-socket-activate", "LISTEN_FDS"])
def test_socket_activation(snmptrapd, netsnmp, collect, way, folder):
    """With systemd-socket-activate the packet that starts the daemon is in the socket before the daemon is."""
    daemon = snmptrapd(conf(folder / "stats"), start=False)
    if way == "LISTEN_FDS":
        daemon.wrapper = [sys.executable, "-c", _LISTEN_FDS, daemon.port]
    else:
        passed = [word for name in ("MIBS", "SNMPCONFPATH", "SNMP_PERSISTENT_DIR", "TZ", "LC_ALL", "PERL5LIB")
                  if name in daemon.environment() for word in ("-E", name)]
        daemon.wrapper = [need_tool("systemd-socket-activate"), "--datagram", "-l", f"127.0.0.1:{daemon.port}", *passed]
    daemon.wrapper = [str(word) for word in daemon.wrapper]
    daemon.start(wait=way == "LISTEN_FDS")
    sender = netsnmp(daemon.address())
    if way == "systemd-socket-activate":
        wait_until(lambda: udp_drops(daemon.port) is not None, 10, "the socket")
        assert not daemon.log.find("NET-SNMP"), "nothing came, so nothing starts"
        sender.v2c(varbinds=[(IF_INDEX, "i", 1)])
    else:
        sender.v2c(varbinds=[(IF_INDEX, "i", 1)])
    events = collect(daemon.embedded_broker(20), "snmp-traps")
    assert events.wait(1)[0].event["varbinds"][0]["number"] == 1
    check_publishes(daemon, sender, events, 2)
    daemon.sighup()
    check_publishes(daemon, sender, events, 3)
    wait_our_threads(daemon)
    daemon.stop()
    assert books_of(folder / "stats")["published"] == 3


@pytest.mark.parametrize("door", ["perl with libsnmp-perl", "perl without libsnmp-perl", "LD_PRELOAD"])
def test_every_door_publishes(snmptrapd, netsnmp, collect, folder, door):
    load = "preload" if door == "LD_PRELOAD" else "perl"
    env = perl.with_perl() if door == "perl with libsnmp-perl" else perl.without_perl(folder)
    daemon = snmptrapd(conf(folder / "stats"), load=load, env=env)
    events = collect(daemon.embedded_broker(), "snmp-traps")
    check_publishes(daemon, netsnmp(daemon.address()), events)
    daemon.sighup()
    check_publishes(daemon, netsnmp(daemon.address()), events, 8)
    assert not daemon.log.find(r"[Ee]rror|Unknown token")


def test_second_dlmod_line_is_refused(snmptrapd, netsnmp, collect, folder):
    again = f"dlmod trapkafka {module_file('TK_MODULE_SO', 'trapkafka.so')}"
    daemon = snmptrapd([again, *conf(folder / "stats")])
    events = collect(daemon.embedded_broker(), "snmp-traps")
    assert daemon.log.count(r"line 4: Error: .*trapkafka.*earlier line.*remove one") == 1
    check_publishes(daemon, netsnmp(daemon.address()), events)
    since = daemon.sighup()
    assert daemon.log.count(r"line 4: Error: ", since) == 1
    check_publishes(daemon, netsnmp(daemon.address()), events, 8)


# -- SIGHUP ----------------------------------------------------------------------------------------------------------

def tables(folder):
    """Directives with a file each, so that a re-read has something to load and to free."""
    (folder / "rules.json").write_text('{"rules":[{"name":"up","match":{"name":"IF-MIB::linkUp"},"severity":"cleared"}]}')
    (folder / "inventory.csv").write_text("name,address,site\n" + "".join(
        f"pe{n},192.0.2.{n},FRA{n}\n" for n in range(1, 250)))
    (folder / "circuits.csv").write_text("device,ifIndex,circuit_id\n" + "".join(
        f"pe{n % 249 + 1},{n + 1},C{n}\n" for n in range(1000)))
    return [f"kafkaSeverityRules {folder}/rules.json", f"kafkaInventory {folder}/inventory.csv",
            f"kafkaCircuits {folder}/circuits.csv"]


def test_hundred_sighups_under_load(snmptrapd, storm, broker, collect, folder):  # noqa: F811
    """Every trap exactly once, the books balanced, and nothing that grows: neither threads nor descriptors nor memory."""
    stats = folder / "stats"
    for name in ("snmp-traps", "snmp-traps-health"):
        broker.create(name)
    # Not the embedded broker: that has its clients' connections in snmptrapd too.
    daemon = snmptrapd(conf(stats, *tables(folder), brokers=broker.bootstrap))
    events = collect(broker.bootstrap, "snmp-traps")
    sender = storm(daemon.port, **ENDLESS, rate=1000, sources=4)
    events.wait(200)
    for _ in range(5):
        wait_in_force(daemon, daemon.sighup(), 1000)

    def holdings():
        return sorted(daemon.threads()), sorted(re.sub(r"\d+", "", name) for name in daemon.fds().values())
    wait_our_threads(daemon)
    before, memory = holdings(), []
    since = daemon.log.mark()
    for number in range(100):
        (folder / "rules.json").touch()  # else what has not changed is not read again
        mark = daemon.sighup(settle=False)
        if number in (*range(15, 20), *range(95, 100)):
            wait_in_force(daemon, mark, 1000)  # the tables before are freed then; all shipped rules take 7 MB
            memory.append(daemon.memory())
    sent = sender.stop()["sent"]
    books = wait_books(stats, at_rest(sent))
    wait_in_force(daemon, since, 1000)
    assert daemon.log.count(r"NET-SNMP version \S+ [Rr]estarted", since) == 100
    assert books["kernel_dropped"] == 0 and books["published"] == books["received"] == sent, books
    found = arrivals(events.wait(sent))
    check_exactly_once(found, range(1, sent + 1))
    check_order(found)
    assert len(events.drain()) == sent
    wait_until(lambda: holdings() == before, 5, lambda: f"as before:\n{before}\n{holdings()}")
    # net-snmp itself leaks a little at each reading; the tables alone are 100 kB, so a leak of one would be 8 MB here.
    # What was freed is given back to the system at the next reading only, so the least of five counts.
    print(f"RssAnon after 16 to 20 and 96 to 100 SIGHUPs: {memory}; {sent} traps")
    assert min(memory[5:]) - min(memory[:5]) < 4 << 20, f"RssAnon after 16 to 20 and 96 to 100 SIGHUPs: {memory}"


def test_nothing_of_ours_leaks(snmptrapd, netsnmp, collect, folder):
    """valgrind: no wrong access, and no block lost whose stack goes through the module. (What Perl and net-snmp themselves
    leak stays theirs.)"""
    valgrind = need_tool("valgrind")
    report = folder / "valgrind"
    lines = conf(folder / "stats", *tables(folder))
    daemon = snmptrapd(lines, start=False)
    daemon.wrapper = [valgrind, "--leak-check=full", "--show-leak-kinds=definite,indirect,possible", "--num-callers=40",
                      f"--log-file={report}"]
    daemon.start(timeout=60)
    events = collect(daemon.embedded_broker(60), "snmp-traps")
    sender = netsnmp(daemon.address())
    for number in range(8):
        daemon.write_conf([*lines, f"kafkaTopic topic-{number}", "kafkaProperty linger.ms 1", "kafkaTopic bad/name"])
        wait_in_force(daemon, daemon.sighup(60), 1000, 60)
        sender.v2c(varbinds=[(IF_INDEX, "i", number)])
    daemon.write_conf(lines)
    wait_in_force(daemon, daemon.sighup(60), 1000, 60)
    sender.v2c(varbinds=[(IF_INDEX, "i", 1000)])
    events.wait(1, lambda m: m.event["varbinds"][0]["number"] == 1000, 60)
    daemon.stop(60)
    text = re.sub(r"^==\d+== ?", "", report.read_text(), flags=re.M)
    assert "HEAP SUMMARY" in text, text[-2000:]
    ours = [block for block in text.split("\n\n")
            if re.search(r"\b(at|by) 0x", block) and re.search(r"trapkafka|\btk_|init_trapkafka", block)]
    assert not ours, f"{len(ours)} blocks, the first:\n{ours[0]}"


def test_dormant_without_a_dlmod_line(snmptrapd, netsnmp, storm, collect, kafka, topic, folder):
    stats = folder / "stats"
    lines = conf(stats, f"kafkaTopic {topic}", brokers=kafka.bootstrap)
    daemon = snmptrapd(lines)
    events = collect(kafka.bootstrap, topic)
    for begin in (1, 1001):
        sent = storm(daemon.port, count=500, first=begin).result()["sent"]
        wait_until(lambda sent=sent: stats.exists() and books_of(stats)["received"] >= sent, 20, "the storm to come in")
        text = daemon.conf.read_text()
        daemon.conf.write_text(re.sub(r"(?m)^dlmod.*\n", "", text))
        since = daemon.sighup()
        daemon.wait_log("trapkafka: stopped, no dlmod line is left", 20, since)
        assert not daemon.log.find("traps are lost", since)
        wait_until(lambda: daemon.threads() == ["snmptrapd"], 10, "all threads but snmptrapd's own to end")
        assert books_of(stats)["published"] == 500
        netsnmp(daemon.address()).v2c(varbinds=[(IF_INDEX, "i", 99)], inform=True)  # nobody publishes that
        daemon.conf.write_text(text)
        since = daemon.sighup()
        daemon.wait_log("trapkafka .*: started", 20, since)
        wait_in_force(daemon, since)
        wait_our_threads(daemon)
    check_publishes(daemon, netsnmp(daemon.address()), events, 7777777)
    found = [m for m in events.drain() if len(m.event["varbinds"]) > 1]
    check_exactly_once(arrivals(found), [*range(1, 501), *range(1001, 1501)])
    assert len(events.messages()) == 1001


def test_another_topic(snmptrapd, storm, collect, folder):
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, "kafkaTopic one"))
    one = collect(daemon.embedded_broker(), "one")
    two = collect(daemon.embedded_broker(), "two")
    sender = storm(daemon.port, **ENDLESS, rate=1000)
    one.wait(500)
    daemon.write_conf(conf(stats, "kafkaTopic two"))
    daemon.sighup()
    two.wait(500)
    sent = sender.stop()["sent"]
    books = wait_books(stats, at_rest(sent))
    assert books["published"] == sent
    first, second = arrivals(one.drain()), arrivals(two.drain())
    check_exactly_once(first + second, range(1, sent + 1))
    assert [a.number for a in first + second] == list(range(1, sent + 1)), "the old producer is drained first"


def test_other_brokers(snmptrapd, storm, collect, kafka, topic, folder):
    """From a Kafka to another one, then to one that is not there, and to one that is: nothing is lost on the way."""
    stats = folder / "stats"

    def lines(brokers):
        return conf(stats, f"kafkaTopic {topic}", "kafkaStopTimeout 1", brokers=brokers)
    daemon = snmptrapd(lines(kafka.bootstrap))
    real = collect(kafka.bootstrap, topic)
    sender = storm(daemon.port, **ENDLESS, rate=1000)
    real.wait(300)
    daemon.write_conf(lines("embedded"))
    daemon.sighup()
    embedded = collect(daemon.embedded_broker(), topic)
    embedded.wait(300)
    sent = sender.stop()["sent"]
    assert wait_books(stats, at_rest(sent))["published"] == sent
    daemon.write_conf(lines(f"127.0.0.1:{free_port('tcp')}"))
    wait_in_force(daemon, daemon.sighup())
    storm(daemon.port, count=500, first=sent + 1).result()
    sent += 500
    books = wait_books(stats, lambda b: b["received"] == sent)
    assert books["pending"] == 500
    daemon.write_conf(lines(kafka.bootstrap))
    daemon.sighup()
    assert wait_books(stats, at_rest(sent))["published"] == sent
    check_exactly_once(arrivals(real.drain() + embedded.drain()), range(1, sent + 1))


def test_queue_of_another_size_asks_for_a_restart(snmptrapd, netsnmp, collect, folder):
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, "kafkaQueue 2M"))
    events = collect(daemon.embedded_broker(), "snmp-traps")
    for lines, is_told in ((["kafkaQueue 2M"], 0), (["kafkaQueue 4M"], 1), (["kafkaQueue 2M"], 0)):
        daemon.write_conf(conf(stats, *lines))
        since = daemon.sighup()
        wait_in_force(daemon, since)
        assert daemon.log.count(r"kafkaQueue: .*takes effect when snmptrapd is restarted", since) == is_told
    check_publishes(daemon, netsnmp(daemon.address()), events)
    assert books_of(stats)["queue_capacity_bytes"] == 2 << 20


def make_circuits(path, count):
    with open(path, "w", encoding="ascii") as file:
        file.write("device,ifIndex,circuit_id,customer\n")
        file.writelines(f"pe{n >> 6}.fra,{(n & 63) + 1},DE-FRA-{n:07},customer {n % 5000}\n" for n in range(count))


def test_a_million_circuits_stall_nothing(snmptrapd, netsnmp, folder):
    """While a million circuits are loaded, snmptrapd answers one INFORM after the other. Loading takes as long as a hundred
    runs of snmpinform, on a busy machine as long as twenty; a load in snmptrapd's own thread would leave room for none."""
    make_circuits(folder / "circuits.csv", 1000000)
    daemon = snmptrapd(conf(folder / "stats", "kafkaInformReply queued"))
    daemon.embedded_broker()
    sender = netsnmp(daemon.address())
    for what in "first load", "again":
        daemon.write_conf(conf(folder / "stats", f"kafkaCircuits {folder}/circuits.csv", "kafkaInformReply queued"))
        since = daemon.sighup(settle=False)  # returns when snmptrapd is back in its main loop
        answered = 0
        while not daemon.log.find(r"trapkafka: in force: .* 1000000 circuits", since):
            sender.v2c(varbinds=[(IF_INDEX, "i", answered)], inform=True)
            answered += 1
        print(f"{what}: {answered} INFORMs were answered")
        # More than one or two: the worker says "in force" a moment after the load has ended.
        assert answered > 5, f"{what}: {answered} INFORMs were answered while a million circuits were loaded"


# -- stop, and Kafka that is not there -------------------------------------------------------------------------------

def test_orderly_stop_hands_over_what_the_queue_holds(snmptrapd, storm, kafka, topic, collect, folder):
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, f"kafkaTopic {topic}", "kafkaStopTimeout 20", brokers=kafka.bootstrap))
    events = collect(kafka.bootstrap, topic)
    storm(daemon.port, count=10).result()
    events.wait(10)
    kafka.pause()
    try:
        storm(daemon.port, count=5000, first=11, rate=20000, sources=4).result()
        books = wait_books(stats, lambda b: b["received"] == 5010)
        assert books["pending"] == 5000
        send_signal(daemon.pid, "SIGTERM")
        daemon.wait_log("Stopped")
    finally:
        kafka.resume()
    assert daemon.wait_exit() == 0
    # It ended because the queue was empty: at the end of kafkaStopTimeout it would say what is lost.
    assert not daemon.log.find("traps are lost")
    books = books_of(stats)
    assert (books["published"], books["pending"]) == (5010, 0)
    check_exactly_once(arrivals(events.drain()), range(1, 5011))


@pytest.mark.parametrize("seconds", [0, 2])
def test_orderly_stop_does_not_wait_for_ever(snmptrapd, storm, folder, seconds):
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, f"kafkaStopTimeout {seconds}", brokers=f"127.0.0.1:{free_port('tcp')}"))
    storm(daemon.port, count=300).result()
    wait_books(stats, lambda b: b["received"] == 300)
    begin = time.monotonic()
    daemon.stop()  # has a deadline of its own, and Kafka never comes
    assert time.monotonic() - begin >= seconds
    assert daemon.log.find(rf"300 traps are lost .* within {seconds} seconds \(kafkaStopTimeout\)")
    books = books_of(stats)
    assert (books["received"], books["published"], books["pending"]) == (300, 0, 300)


def test_overruns_of_the_last_moment_are_counted(snmptrapd, storm, folder):
    """What the kernel dropped shortly before an orderly stop: snmptrapd has closed the socket when the module asks last."""
    stats = folder / "stats"
    daemon = snmptrapd(conf(stats, "kafkaStopTimeout 1", brokers=f"127.0.0.1:{free_port('tcp')}"))
    storm(daemon.port, count=1).result()
    wait_books(stats, lambda b: b["received"] == 1)
    daemon.pause()
    storm(daemon.port, count=60000, queue_max=0).result()
    drops = daemon.udp_drops()
    assert drops > 0
    send_signal(daemon.pid, "SIGTERM")
    daemon.resume()
    assert daemon.wait_exit() == 0
    assert books_of(stats)["kernel_dropped"] == drops


class MuteServer:
    """Takes every connection and never says a word."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", free_port("tcp")))
        self.address = "127.0.0.1:{1}".format(*self.listener.getsockname())
        self.connections = []
        threading.Thread(target=self._main, daemon=True).start()

    def _main(self):
        try:
            while True:
                self.connections.append(self.listener.accept()[0])
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.connections:
            connection.close()


def check_answers_without_kafka(daemon, storm, stats, first=1):
    """Four seconds of INFORMs, each answered although there is no Kafka, with a SIGHUP among them; all of it waits in the
    queue. None is sent again: an answer that had to wait for Kafka would never come."""
    sender = storm(daemon.port, count=800, rate=200, inform="yes", first=first)
    wait_books(stats, lambda b: b["received"] >= first + 199)
    daemon.sighup()
    figures = sender.result()
    assert figures["answered"] == figures["sent"] == 800
    books = wait_books(stats, lambda b: b["received"] == first + 799)
    assert books["dropped"]["queue_full"] == 0
    assert daemon.alive()
    wait_our_threads(daemon)
    return books


@pytest.mark.parametrize("what", ["nobody listens", "it never answers", "no such host"])
def test_no_broker(snmptrapd, storm, folder, what):
    stats = folder / "stats"
    with MuteServer() as mute:
        brokers = {"nobody listens": f"127.0.0.1:{free_port('tcp')}", "it never answers": mute.address,
                   "no such host": "kafka.invalid:9092"}[what]
        daemon = snmptrapd(conf(stats, "kafkaStopTimeout 1", "kafkaInformReply queued", brokers=brokers))
        books = check_answers_without_kafka(daemon, storm, stats)
        assert (books["published"], books["pending"]) == (0, 800)
        if what != "it never answers":
            daemon.wait_log("no Kafka broker can be reached .*holding events in the queue", 20)
        else:
            assert mute.connections, "nobody called"
        daemon.stop()
        assert daemon.log.find("800 traps are lost")


def test_no_broker_configured(snmptrapd, storm, folder):
    stats = folder / "stats"
    daemon = snmptrapd([*QUIET, f"kafkaStatsFile {stats} 1", "kafkaStopTimeout 1", "kafkaInformReply queued"])
    assert daemon.log.find("trapkafka: .*kafkaBrokers HOST:PORT")
    books = check_answers_without_kafka(daemon, storm, stats)
    assert books["pending"] == 800
    daemon.write_conf(conf(stats))
    daemon.sighup()
    assert wait_books(stats, at_rest(800))["published"] == 800


def test_full_queue_is_counted_and_harms_nothing(snmptrapd, storm, netsnmp, collect, kafka, topic, folder):
    """Kafka away for longer than the queue lasts: the newest are dropped and counted, the rest arrives when it is back."""
    stats = folder / "stats"

    def lines(brokers):
        return conf(stats, f"kafkaTopic {topic}", "kafkaQueue 1M", "kafkaStopTimeout 1", brokers=brokers)
    daemon = snmptrapd(lines(f"127.0.0.1:{free_port('tcp')}"))
    sent = storm(daemon.port, count=20000, rate=10000).result()["sent"]
    books = wait_books(stats, lambda b: b["received"] + b["kernel_dropped"] == sent)
    kept, lost = books["pending"], books["dropped"]["queue_full"]
    assert kept > 1000 and lost == books["received"] - kept > 0
    assert netsnmp(daemon.address()).v2c(
        varbinds=[("1.3.6.1.4.1.99999.1", "s", "x" * 1400)], inform=True, timeout=1, retries=0, check=False).returncode, \
        "an INFORM that met a full queue is left unanswered, so that its sender tries again"
    books = wait_books(stats, lambda b: b["dropped"]["queue_full"] == lost + 1)
    lost += 1
    assert 1 <= daemon.log.count(r"the queue is full: \d+ traps dropped") <= 2, "one line in 10 s"
    daemon.write_conf(lines(kafka.bootstrap))
    daemon.sighup()
    books = wait_books(stats, lambda b: not b["pending"])
    assert (books["published"], books["dropped"]["queue_full"]) == (kept, lost)
    events = collect(kafka.bootstrap, topic)
    numbers = [number_of(m.event) for m in events.wait(kept)]
    assert numbers == sorted(set(numbers)) and len(events.drain()) == kept
