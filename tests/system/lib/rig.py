# SPDX-License-Identifier: Apache-2.0
"""A snmptrapd with the module, a broker and readers of both topics; it cannot end without balanced books.

The broker is librdkafka's built-in one, the same that `kafkaBrokers embedded` starts, but it lives in the tests' process:
so it outlives each daemon, and the last health record can be read.

    from lib.rig import broker, rigs, shared_rigs  # fixtures
"""

import itertools
import re
import shutil

import pytest
from confluent_kafka import Producer

from lib import proc
from lib.books import check_books
from lib.consume import Collector
from lib.proc import wait_until
from lib.send import NetSnmp, datagrams
from lib.snmptrapd import Snmptrapd

#: Of a shape that no other text has, so that a leak is found by looking for it.
COMMUNITY = "c0mmun1ty-leak"
_numbers = itertools.count(1)
_uptimes = itertools.count(10_000_001)


class Broker:
    """librdkafka's mock cluster. It can create topics by use only, which the module does not do; so create() does it."""

    def __init__(self):
        self._handle = Producer({"test.mock.num.brokers": 1, "log_level": 0})
        member = next(iter(self._handle.list_topics(timeout=10).brokers.values()))
        self.bootstrap = f"{member.host}:{member.port}"

    def create(self, name):
        """With four partitions, if it does not exist."""
        self._handle.list_topics(name, timeout=10)


class Rig:
    """conf: lines after the ones that name broker, topics and community; options as for Snmptrapd.

    defaults  False: only the lines that load the module, then conf; "all": conf takes no default line away
    """

    def __init__(self, broker, folder, conf=(), defaults=True, start=True, **options):
        number = next(_numbers)
        self.broker = broker
        self.topic = f"events.{number}"
        self.health_topic = f"health.{number}"
        self.defaults = defaults
        self.daemon = Snmptrapd(folder, self._lines(conf), **options)
        self.events = Collector(broker.bootstrap, self.topic)
        self.health = Collector(broker.bootstrap, self.health_topic)
        self._others = []
        self.senders = {}
        self.books = None
        if start:
            self.daemon.start()
            self.in_force()

    def also_read(self, topic):
        """A Collector of one more topic that this daemon writes to."""
        self._others.append(Collector(self.broker.bootstrap, topic))
        return self._others[-1]

    def read_embedded(self, topic):
        """A Collector of a topic of the daemon's own broker, which ends with it: see end_embedded()."""
        self._others.append(Collector(self.daemon.embedded_broker(), topic))
        return self._others[-1]

    def end_embedded(self):
        """stop() where the last health record goes down with the broker."""
        self._close()
        self.daemon.stop()
        self.books = {}

    def _close(self):
        for reader in (self.events, self.health, *self._others):
            reader.close()
        for reader in (self.events, self.health, *self._others):
            reader.check()

    def _lines(self, conf):
        """`conf` may override one of the default lines by naming its directive."""
        lines = [f"kafkaBrokers {self.broker.bootstrap}", f"kafkaTopic {self.topic}",
                 f"kafkaHealthTopic {self.health_topic}", "kafkaLogTraps no", "kafkaDedup off",
                 f"authCommunity log,execute,net {COMMUNITY}", "doNotRetainNotificationLogs yes"]
        for name in [self.topic, self.health_topic, *re.findall(r"^kafka\w*Topic (\w[^\s\"'/]*)$", "\n".join(conf), re.M)]:
            self.broker.create(name)
        given = {line.split()[0].lower() for line in conf if line.strip() and self.defaults != "all"}
        return [*(line for line in lines if self.defaults and line.split()[0].lower() not in given), *conf]

    @property
    def log(self):
        return self.daemon.log

    def in_force(self, since=0, timeout=20):
        """Wait until the configuration has reached the worker."""
        try:
            self.log.wait(r"trapkafka: in force:", timeout, since, self.daemon.alive)
        except AssertionError:
            self.abandon()
            raise

    def reload(self, conf, timeout=20):
        """Other lines, SIGHUP, and wait until they are in force. Returns where in the log that began."""
        self.daemon.write_conf(self._lines(conf))
        since = self.daemon.sighup(timeout)
        self.in_force(since, timeout)
        return since

    # -- sending --------------------------------------------------------------------------------------------------

    @staticmethod
    def uptime():
        """A sysUpTime that no other notification carries: the mark by which its event is found."""
        return next(_uptimes)

    def netsnmp(self, kind="udp"):
        if kind not in self.senders:
            self.senders[kind] = NetSnmp(self.daemon.folder / f"sender-{kind}", self.daemon.address(kind))
        return self.senders[kind]

    def send(self, payloads, batch=50):
        """Datagrams, none of which may be lost on the way: a batch goes out when the daemon has taken the last one."""
        payloads = list(payloads)
        source = None
        for at in range(0, len(payloads), batch):
            source = datagrams(self.daemon.port, payloads[at:at + batch])
            wait_until(lambda: not proc.udp_queued(self.daemon.port), 20,
                       lambda: f"snmptrapd to take what was sent:\n{self.log.tail()}", step=0.001)
        return source

    def event(self, uptime, timeout=20):
        """The one event with that uptime."""
        found = self.events.wait_events(1, lambda e: e["snmp"]["uptime"] == uptime, timeout)
        assert len(found) == 1, found
        return found[0]

    def send_event(self, payload_of, timeout=20):
        """Send payload_of(uptime), return its event."""
        uptime = self.uptime()
        self.send([payload_of(uptime)])
        return self.event(uptime, timeout)

    # -- the end --------------------------------------------------------------------------------------------------

    def stop(self, pending=0):
        """End the daemon and look at what it leaves: balanced books, every event that they count, no secret."""
        if self.books is not None:
            self._close()
            return self.books
        alive, lives = self.daemon.alive(), len(self.health.events(lambda e: e.get("cause") == "stop"))
        try:
            self.daemon.stop()
            assert alive, f"snmptrapd was dead before it was stopped:\n{self.log.tail()}"
            record = self.health.wait_events(lives + 1, lambda e: e.get("cause") == "stop")[-1]
            assert record["is_balanced"] is True, record
            self.books = check_books(record)
            assert self.books["pending"] == pending, self.books
            assert self.books["kernel_dropped"] == 0, self.books
            readers = [self.events, *self._others]
            wait_until(lambda: sum(len(r.messages()) for r in readers) >= self.books["published"], 20,
                       f"{self.books['published']} published events")
            ids = [m.event["event_id"] for reader in readers for m in reader.drain()]
            assert len(ids) == len(set(ids)), "an event came twice"
        finally:
            self._close()
            print(f"--- {self.log.path}\n{self.log.tail(40)}")
        return self.books

    def check_secrecy(self, secret=COMMUNITY):
        """The word stands neither in an event nor in the log."""
        for message in [*self.events.messages(), *self.health.messages()]:
            assert secret.encode() not in message.value, message.value
            assert secret.encode().hex().encode() not in message.value, message.value
        assert secret not in self.log.text()

    def abandon(self):
        """After a failure: leave nothing running."""
        self.daemon.kill()
        for reader in (self.events, self.health, *self._others):
            reader.close()


@pytest.fixture(scope="module")
def broker():
    return Broker()


def _make(broker, base, made):  # pylint: disable=redefined-outer-name
    def make(conf=(), name=None, **options):
        folder = base / (name or f"snmptrapd{len(made) + 1}")
        made.append(Rig(broker, folder, conf, **options))
        return made[-1]
    return make


def _end(made):
    errors = []
    for one in made:
        try:
            one.stop()
        except AssertionError as err:
            errors.append(f"{one.daemon.folder.name}: {err}")
            one.abandon()
    assert not errors, "\n".join(errors)


@pytest.fixture
def rigs(broker, folder):  # pylint: disable=redefined-outer-name
    """Makes rigs of this test's own."""
    made = []
    yield _make(broker, folder, made)
    _end(made)


@pytest.fixture(scope="module")
def shared_rigs(broker, base_folder, request):  # pylint: disable=redefined-outer-name
    """Makes rigs that the tests of a module share. Their folder stays when they do not end well."""
    base = base_folder / re.sub(r"\W+", "-", request.node.name)
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir(mode=0o755)
    made = []
    yield _make(broker, base, made)
    _end(made)
    shutil.rmtree(base)
