# SPDX-License-Identifier: Apache-2.0
"""Success and trouble as an operator of Debian's own unit sees them: `systemctl status`, and a log of warnings only.

The service manager is a socket of the test's own. What is expected is what README.md says in its table of states.
"""

import os
import pwd
import re
import socket
import time
from pathlib import Path

import pytest

from lib.load import wait_books
from lib.need import need_root
from lib.proc import send_signal, wait_until
from lib.snmptrapd import Snmptrapd

DAEMON_USER = "Debian-snmp"
CONF = ["authCommunity log,execute,net public", "doNotRetainNotificationLogs yes"]
README = Path(__file__).resolve().parents[2] / "README.md"
#: The words that stand for something in README.md.
PLACES = {"BROKERS": r"\S.*", "TOPIC": r"\S+", "TIME": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "REASON": r"\S.*", "N": r"[0-9.]+"}


def states():
    """README.md's table: {what happens: (regex of the status, regex of the log)}, None where it has no such text."""
    part = README.read_text().split("<!-- states -->\n")[1].split("<!-- end of states -->")[0]

    def regex(cell):
        texts = re.findall(r"`([^`]+)`", cell)
        return ".*".join(re.sub("|".join(rf"\b{place}\b" for place in PLACES), lambda m: PLACES[m[0]], re.escape(text))
                         for text in texts) or None
    rows = [[cell.strip() for cell in row.strip("| \n").split(" | ")] for row in part.splitlines()[2:]]
    return {what: (regex(status), regex(log)) for what, status, log in rows}


class Manager:
    """systemd's end of NOTIFY_SOCKET. `address`: a path, or "@name" of an abstract socket."""

    def __init__(self, address):
        self.address = str(address)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(self.address.replace("@", "\0", 1) if self.address[0] == "@" else self.address)
        self.texts = []
        self.senders = set()

    def read(self):
        """All that came until now."""
        while True:
            try:
                data, extra, _, _ = self._socket.recvmsg(8192, 256)
            except BlockingIOError:
                return self.texts
            self.senders |= {int.from_bytes(value[:4], "little") for _, kind, value in extra
                             if kind == socket.SCM_CREDENTIALS}
            self.texts.append(data.decode())

    def status(self):
        """What `systemctl status` shows now."""
        lines = [line for text in self.read() for line in text.splitlines() if line.startswith("STATUS=trapkafka: ")]
        return lines[-1].removeprefix("STATUS=trapkafka: ") if lines else ""

    def wait(self, regex, timeout=30):
        return wait_until(lambda: re.match(regex, self.status()), timeout,
                          lambda: f"/{regex}/ as the status, which is: {self.status()}")

    def close(self):
        self._socket.close()


class Unit(Snmptrapd):
    """ExecStart=/usr/sbin/snmptrapd -LOw -f ..., User=Debian-snmp, Type=notify. Its log is what is on its standard output."""

    def __init__(self, folder, conf, manager):
        user = pwd.getpwnam(DAEMON_USER)
        super().__init__(folder, conf)
        self.manager = manager
        self.env["NOTIFY_SOCKET"] = manager.address
        self.wrapper = ["setpriv", f"--reuid={DAEMON_USER}", f"--regid={user.pw_gid}", "--clear-groups"]
        owned = [self.folder, self.persistent, *([Path(manager.address)] if manager.address[0] == "/" else [])]
        for path in owned:
            os.chown(path, user.pw_uid, user.pw_gid)

    def command(self):
        words = super().command()
        at = words.index("-A")
        return [*words[:at], "-LOw", *words[at + 3:]]

    def start(self, wait=True, timeout=20):
        super().start(wait=False)
        if wait:
            wait_until(lambda: any("READY=1" in text for text in self.manager.read()), timeout, "READY=1")
        return self


@pytest.fixture(params=["path", "abstract"])
def unit(folder, request):
    """unit(*conf): a running unit."""
    need_root()
    made = []

    def make(*conf):
        manager = Manager(folder / "notify" if request.param == "path" else f"@trapkafka-{os.getpid()}-{time.monotonic_ns()}")
        made.append(Unit(folder / "unit", [*CONF, f"kafkaStatsFile {folder}/unit/stats 1", *conf], manager))
        return made[-1].start()
    yield make
    for one in made:
        print(f"--- {one.log.path}\n{one.log.tail(60)}\n--- status\n" + "\n".join(one.manager.read()))
        one.stop()
        one.manager.wait("stopped; ")
        assert one.manager.senders == {one.main}, "NotifyAccess=main"
        one.manager.close()


def test_what_readme_says(unit, netsnmp, new_kafka, topic):
    """Start, first event, Kafka goes away and comes back, SIGHUP: each as README.md's table has it."""
    table = states()
    first = next(log for what, (_, log) in table.items() if what.startswith("Kafka acknowledges"))
    kafka = new_kafka().start()
    for name in (topic, "snmp-traps-health"):
        kafka.create_topic(name)
    daemon = unit(f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {topic}")
    daemon.main = daemon.pid
    sender = netsnmp(daemon.address())
    stats = daemon.folder / "stats"

    def expect(row, since=0):
        status, log = next(texts for what, texts in table.items() if what.startswith(row))
        if status:
            daemon.manager.wait(status, 60)
        if log:
            daemon.wait_log(rf"trapkafka: {log}", since=since)

    def lines():  # a Kafka that was started a moment ago refuses a producer's first request
        return [line for line in daemon.log.text().splitlines() if "librdkafka GETPID" not in line]

    expect("snmptrapd has started")
    assert not lines(), "no alarming line at a healthy start"
    sender.v2c(uptime=1)
    expect("Kafka acknowledges events")
    assert len(lines()) == 1
    daemon.manager.wait(rf"publishing to {kafka.bootstrap} \(1 of 1 brokers connected\); topic {topic}; ")

    since = daemon.log.mark()
    kafka.stop()
    sender.v2c(uptime=2)
    expect("Kafka is away", since)
    daemon.manager.wait(r"KAFKA DOES NOT .*; queue: 1 waiting, ")
    since = daemon.log.mark()
    kafka.start()
    expect("Kafka is back", since)
    books = wait_books(stats, lambda b: b["published"] == 2)
    assert books["received"] == 2
    daemon.manager.wait("publishing to .*; queue: 0 waiting, 0 % full")
    assert daemon.log.count(first) == 1

    # SIGHUP: the status goes on; another topic is another first event, and the same one is none.
    for name, count in ((topic, 1), (f"{topic}.other", 2)):
        daemon.write_conf([*CONF, f"kafkaStatsFile {stats} 1", f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {name}",
                           "kafkaHealthTopic other.health" if count == 2 else ""])
        send_signal(daemon.pid, "SIGHUP")
        daemon.manager.wait(rf".*; topic {re.escape(name)}; ")
        published = wait_books(stats, lambda b: not b["pending"])["published"]
        sender.v2c(uptime=10 + count)
        wait_books(stats, lambda b, n=published: b["published"] == n + 1)
        wait_until(lambda: daemon.log.count(first) == count, 20, f"{count} lines about a first event")
    expect("a topic did not exist")


def test_embedded_broker_is_visible(unit):
    """Its address is in the status and, though the unit logs warnings only, in the log."""
    daemon = unit("kafkaBrokers embedded")
    daemon.main = daemon.pid
    address = daemon.wait_log(r"trapkafka: the embedded broker, .* listens on (\S+)$")[1]
    daemon.manager.wait(rf"ready to publish to the embedded broker {re.escape(address)}\b.*; topic snmp-traps; ")


def test_why_nothing_is_published(unit):
    daemon = unit()
    daemon.main = daemon.pid
    daemon.manager.wait("nothing is published: kafkaBrokers is missing; topic snmp-traps; ")


def test_a_refused_property(unit):
    """What protects was refused, and there is no producer: the status names it."""
    daemon = unit("kafkaBrokers 127.0.0.1:1", "kafkaProperty security.protocol secure")
    daemon.main = daemon.pid
    daemon.manager.wait("nothing is published: .*security.protocol.* was refused; correct .*; topic snmp-traps; ")


def test_nobody_listens(snmptrapd, netsnmp, folder):
    """A manager that has gone, or that reads nothing: snmptrapd goes on."""
    manager = Manager(folder / "notify")
    daemon = snmptrapd([*CONF, "kafkaBrokers embedded", f"kafkaStatsFile {folder}/stats 1"], env={"NOTIFY_SOCKET": manager.address})
    for count in (1, 2):
        netsnmp(daemon.address()).v2c(uptime=count)
        wait_books(folder / "stats", lambda b, n=count: b["published"] == n)
        manager.close()
        Path(manager.address).unlink(missing_ok=True)
    assert daemon.alive()
