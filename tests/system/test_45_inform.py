# SPDX-License-Identifier: Apache-2.0
"""INFORMs: answered once Kafka has their event (kafkaInformReply delivered), and never otherwise. And what is said of
sockets whose buffer is too small."""

import re
import socket
import threading

import pytest

from lib import ber
from lib.load import wait_books
from lib.need import need_ipv6, need_tool
from lib.proc import PATIENCE, free_port, udp_drops, udp_queued, wait_until
from lib.rig import COMMUNITY, broker, rigs  # noqa: F401, fixtures
from lib.snmptrapd import sanitized

KINDS = ["udp", "udp6", "tcp", "tcp6"]
USER = ['createUser informer SHA "authpassword" AES "privpassword"', "authUser log,execute,net informer"]
RESPONSE = 0xA2
LATE = "1.3.6.1.4.1.99999.0.1"


def _tlv(data, at=0):
    """(tag, content, what follows) of the element at `at`."""
    size, start = data[at + 1], at + 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(data[at + 2:start], "big")
    return data[at], data[start:start + size], start + size


def request_ids(data):
    """The request IDs of the responses in `data`, which may hold several and the beginning of one more."""
    found = []
    while len(data) > 4 and _tlv(data)[2] <= len(data):
        _, body, end = _tlv(data)
        _, _, at = _tlv(body)
        _, _, at = _tlv(body, at)
        tag, pdu, _ = _tlv(body, at)
        assert tag == RESPONSE, data
        _, number, at = _tlv(pdu)
        assert _tlv(pdu, at)[1] == b"\0", "an error status"
        found.append(int.from_bytes(number, "big", signed=True))
        data = data[end:]
    return found, data


class Sender:
    """A socket that sends v2c INFORMs, and collects the request IDs of the answers."""

    def __init__(self, daemon, kind="udp"):
        self.daemon = daemon
        family = socket.AF_INET6 if kind.endswith("6") else socket.AF_INET
        self.is_stream = kind.startswith("tcp")
        self.sock = socket.socket(family, socket.SOCK_STREAM if self.is_stream else socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.connect(("::1" if kind.endswith("6") else "127.0.0.1", daemon.ports[kind]))
        self.answers = []
        self._rest = b""
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _receive(self):
        while True:
            try:
                data = self.sock.recv(65536)
            except OSError:
                return
            if not data:
                return
            found, self._rest = request_ids(self._rest + data)
            self.answers += found

    def inform(self, *numbers, pairs=()):
        for number in numbers:
            self.sock.send(ber.v2c(COMMUNITY, pairs, uptime=number, kind=ber.INFORM, request_id=number))

    def flood(self, numbers, batch, pairs=()):
        """Over udp, none lost on the way: a batch goes out when the daemon has taken the last one."""
        for at in range(0, len(numbers), batch):
            self.inform(*numbers[at:at + batch], pairs=pairs)
            wait_until(lambda: not udp_queued(self.daemon.port), 30, "the daemon to take them", step=0.001)

    def wait(self, numbers, timeout=20):
        wait_until(lambda: len(self.answers) >= len(numbers), timeout,
                   lambda: f"answers to {numbers}: {self.answers}\n{self.daemon.log.tail()}")
        assert sorted(self.answers) == sorted(numbers)

    def close(self):
        self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()
        self._thread.join(10)


@pytest.fixture(name="senders")
def _senders():
    made = []

    def make(daemon, kind="udp"):
        made.append(Sender(daemon, kind))
        return made[-1]
    yield make
    for sender in made:
        if sender.sock.fileno() >= 0:
            if not sender.is_stream:
                sender.sock.shutdown(socket.SHUT_RDWR)  # wakes its thread, though the kernel says ENOTCONN for some
            sender.sock.close()


class Away:
    """A rig whose Kafka is not there yet; there() brings it, by a changed configuration."""

    def __init__(self, rigs, stats, conf=(), **options):  # pylint: disable=redefined-outer-name
        self.conf = list(conf)
        self.stats = stats
        self.rig = rigs([f"kafkaBrokers 127.0.0.1:{free_port('tcp')}", "kafkaStopTimeout 0", *self._conf()], **options)

    def _conf(self):
        return [*self.conf, f"kafkaStatsFile {self.stats} 1"]

    @property
    def daemon(self):
        return self.rig.daemon

    def there(self):
        self.rig.reload([*self._conf(), "kafkaStopTimeout 1"])

    def gone(self):
        self.rig.reload([f"kafkaBrokers 127.0.0.1:{free_port('tcp')}", "kafkaStopTimeout 0", *self._conf()])

    def wait(self, timeout=20, suppressed=0, **values):
        """Until the counters say so."""
        def look(books):
            return (books["suppressed"]["retransmission"] >= suppressed and
                    all(books[name] == value for name, value in values.items()))
        return wait_books(self.stats, look, timeout)


@pytest.fixture(name="away")
def _away(rigs, folder):  # pylint: disable=redefined-outer-name
    return lambda conf=(), **options: Away(rigs, folder / "stats", conf, **options)


def numbers_of(rig, count):
    """The request IDs of all published INFORMs, once there are that many."""
    rig.events.wait_events(count, lambda e: e["type"] == "trap")
    return sorted(m.event["snmp"]["request_id"] for m in rig.events.drain())


# -- the answer ------------------------------------------------------------------------------------------------------

def test_is_answered_over_every_transport(rigs):  # noqa: F811
    need_ipv6()
    rig = rigs(USER, listen=KINDS)
    for kind in KINDS:
        uptime = rig.uptime()
        rig.netsnmp(kind).v2c(uptime=uptime, inform=True, community=COMMUNITY, timeout=20, retries=0)
        event = rig.event(uptime)
        assert event["source"]["transport"] == kind and event["snmp"]["pdu"] == "inform"
        uptime = rig.uptime()
        rig.netsnmp(kind).v3("informer", uptime=uptime, inform=True, auth=("SHA", "authpassword"),
                             priv=("AES", "privpassword"), timeout=20, retries=0)
        assert rig.event(uptime)["source"]["transport"] == kind
    books = rig.stop()
    assert books["published"] == books["received"] == 2 * len(KINDS)
    assert "trapkafka: an INFORM's reply" not in rig.log.text()


@pytest.mark.parametrize("kind", KINDS)
def test_waits_for_kafka(away, senders, kind):
    """No answer while Kafka is away, one when it has the event; SIGHUP in between."""
    if kind.endswith("6"):
        need_ipv6()
    case = away(listen=["udp", kind] if kind != "udp" else ["udp"])
    sender = senders(case.daemon, kind)
    sender.inform(11, 12)
    case.wait(informs_waiting=2)
    assert not sender.answers
    case.there()
    sender.wait([11, 12])
    case.wait(informs_waiting=0, informs_answered=2)
    assert numbers_of(case.rig, 2) == [11, 12]


def test_v3_waits_for_kafka(away):
    """snmpinform goes on sending with new message IDs, and accepts an answer to the newest only."""
    case = away(USER)
    done = []
    uptime = case.rig.uptime()
    sender = case.rig.netsnmp()
    thread = threading.Thread(target=lambda: done.append(
        sender.v3("informer", uptime=uptime, inform=True, auth=("SHA", "authpassword"), priv=("AES", "privpassword"),
                  timeout=1, retries=200, check=False)))
    thread.start()
    case.wait(informs_waiting=1, suppressed=2)
    assert not done
    case.there()
    thread.join(30 * PATIENCE)
    assert done and done[0].returncode == 0, done
    case.wait(informs_waiting=0, informs_answered=1)
    case.rig.event(uptime)


def test_queued_answers_at_once(away, senders):
    case = away(["kafkaInformReply queued"])
    sender = senders(case.daemon)
    sender.inform(1, 2)
    sender.wait([1, 2])
    case.wait(received=2, informs_waiting=0)
    case.there()
    assert numbers_of(case.rig, 2) == [1, 2]


def test_switch_counts_for_new_ones(away, senders):
    """SIGHUP to queued: new INFORMs are answered at once, those that wait go on waiting, sent again or not."""
    case = away()
    sender = senders(case.daemon)
    sender.inform(1)
    case.wait(informs_waiting=1)
    case.rig.reload([f"kafkaBrokers 127.0.0.1:{free_port('tcp')}", f"kafkaStatsFile {case.stats} 1",
                     "kafkaStopTimeout 0", "kafkaInformReply queued"])
    sender.inform(1, 2)
    sender.wait([2])
    case.wait(suppressed=1, informs_waiting=1)
    case.conf = ["kafkaInformReply queued"]
    case.there()
    sender.wait([2, 1])
    assert numbers_of(case.rig, 2) == [1, 2]


def test_other_pdus_of_other_versions(away, senders):
    """net-snmp takes an INFORM in a v1 message too, and a request ID of 0."""
    case = away()
    sender = senders(case.daemon)
    pdu = ber.tlv(ber.INFORM, ber.number(5), ber.number(0), ber.number(0),
                  ber.varbinds([(ber.SYS_UPTIME, ber.ticks(5)), (ber.SNMP_TRAP_OID, ber.oid(ber.LINK_DOWN))]))
    sender.sock.send(ber.message(COMMUNITY, pdu, version=0))
    sender.inform(0)
    case.wait(informs_waiting=2)
    case.there()
    sender.wait([0, 5])


# -- retransmissions -------------------------------------------------------------------------------------------------

def test_retransmission(away, senders):
    """In flight: suppressed, and answered by the one answer. After the delivery: answered at once."""
    case = away()
    sender, other = senders(case.daemon), senders(case.daemon)
    for _ in range(4):
        sender.inform(7)
    other.inform(7)  # from another port it is another INFORM
    case.wait(informs_waiting=2, suppressed=3)
    case.there()
    sender.wait([7])
    other.wait([7])
    sender.inform(7)
    sender.wait([7, 7])
    assert numbers_of(case.rig, 2) == [7, 7]
    books = case.rig.stop()
    assert books["received"] == 6 and books["published"] == 2 and books["suppressed"]["retransmission"] == 4


@pytest.mark.parametrize("logs", ["yes", "no"], ids=["logged", "quiet"])
def test_handlers_run_once(away, senders, folder, logs):
    """traphandle, notification log and snmptrapd's own line: once an INFORM, and as an INFORM."""
    seen = folder / "seen"
    script = folder / "handler"
    script.write_text(f"#!/bin/sh\nwhile read -r line; do echo \"$line\"; done >>{seen}\n")
    script.chmod(0o755)
    case = away([f"traphandle default {script}", f"kafkaLogTraps {logs}", "doNotRetainNotificationLogs 0",
                 "format2 line %P\\n"], args=["-Dnotification_log"])
    sender = senders(case.daemon)
    for _ in range(3):
        sender.inform(7)
    case.wait(informs_waiting=1, suppressed=2)
    case.there()
    sender.wait([7])
    sender.inform(7)
    sender.wait([7, 7])
    log = case.daemon.log
    assert seen.read_text().count("snmpTrapOID") + seen.read_text().count("6.3.1.1.4.1.0") == 1, seen.read_text()
    assert log.count("notification_log: logging something") == 1
    assert log.count("notification_log: done logging something") == 1
    lines = re.findall(r"^line (.*)$", log.text(), re.M)
    assert len(lines) == (1 if logs == "yes" else 0) and all("INFORM" in line for line in lines), lines


def test_duplicate(away, senders):
    """An INFORM that says what another one said: answered when that one is delivered, and when it was."""
    case = away(["kafkaDedup 300 trapOID,source"])
    sender = senders(case.daemon)
    sender.inform(1, 2)
    case.wait(informs_waiting=2)
    assert not sender.answers
    case.there()
    sender.wait([1, 2])
    sender.inform(3)
    sender.wait([1, 2, 3])
    books = case.rig.stop()
    assert books["published"] == 1 and books["suppressed"]["duplicate"] == 2


# -- no answer -------------------------------------------------------------------------------------------------------

def test_closed_connection_gets_nothing(away, senders):
    """The connection is closed before the delivery, and another one gets its descriptor."""
    case = away(listen=["udp", "tcp"])
    first = senders(case.daemon, "tcp")
    first.inform(1)
    case.wait(informs_waiting=1)
    before = {fd for fd, what in case.daemon.fds().items() if what.startswith("socket:")}
    first.close()
    wait_until(lambda: len(before & set(case.daemon.fds())) < len(before), 10, "the connection to be closed")
    second = senders(case.daemon, "tcp")
    second.inform(2)
    case.wait(informs_waiting=2)
    assert before == before & set(case.daemon.fds()), "the descriptor was not used again: nothing is tested"
    case.there()
    case.wait(informs_waiting=0)
    second.wait([2])
    second.inform(3)
    second.wait([2, 3])
    assert case.wait(informs_answered=2)["published"] == 3


def test_full_queue_is_not_answered(away, senders):
    """What is answered is in Kafka, what met a full queue is not; sent again when there is room, it is."""
    case = away(["kafkaQueue 1M"])
    sender = senders(case.daemon)
    numbers = list(range(1, 1801))
    pairs = [("1.3.6.1.4.1.99999.1", ber.octets("x" * 900))]
    sender.flood(numbers, 50, pairs)
    books = case.wait(received=len(numbers))
    dropped = books["dropped"]["queue_full"]
    assert 0 < dropped < 1800 and books["informs_waiting"] == 1800 - dropped
    assert not sender.answers
    case.there()
    published = numbers_of(case.rig, 1800 - dropped)
    sender.wait(published)
    sender.inform(1800, pairs=pairs)
    sender.wait([*published, 1800])


def test_retransmission_at_a_full_queue(away, senders):
    """It needs no room: one that was delivered is answered, one that waits is suppressed, neither is called a loss."""
    case = away(["kafkaQueue 1M"])
    case.there()
    sender, other = senders(case.daemon), senders(case.daemon)
    sender.inform(1)
    sender.wait([1])
    case.gone()
    other.inform(2)
    filler = senders(case.daemon)
    filler.flood(list(range(1001, 3001)), 50, [("1.3.6.1.4.1.99999.1", ber.octets("x" * 900))])
    filler.flood(list(range(3001, 3101)), 50)  # for the last hole
    before = case.wait(received=2102)["dropped"]["queue_full"]
    assert before > 0
    sender.inform(1)
    sender.wait([1, 1])
    other.inform(2)
    books = case.wait(received=2104)
    assert (books["suppressed"]["retransmission"], books["dropped"]["queue_full"]) == (2, before)
    case.there()
    other.wait([2])


def test_peer_that_reads_nothing_holds_up_nobody(rigs, senders, folder):  # noqa: F811
    """Large INFORMs by a connection with a tiny window: their answers have nowhere to go."""
    rig = rigs([f"kafkaStatsFile {folder}/stats 1"], listen=["udp", "tcp"])
    pairs = [(f"1.3.6.1.4.1.99999.{n}", ber.octets("x" * 1000)) for n in range(60)]
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        deaf.connect(("127.0.0.1", rig.daemon.ports["tcp"]))
        deaf.settimeout(20)
        for number in range(1, 61):
            try:
                deaf.sendall(ber.v2c(COMMUNITY, pairs, uptime=number, kind=ber.INFORM, request_id=number))
            except OSError:
                break  # the daemon closed it, half an answer having gone
        other = senders(rig.daemon)
        other.inform(7001)
        other.wait([7001])


def test_refused_event_is_not_answered(rigs, senders, folder):  # noqa: F811
    """An event that Kafka never takes: no answer, another attempt at each retransmission, traphandles once."""
    stats, seen, script = folder / "stats", folder / "seen", folder / "handler"
    script.write_text(f"#!/bin/sh\necho called >>{seen}\n")
    script.chmod(0o755)
    rig = rigs([f"kafkaStatsFile {stats} 1", "kafkaProperty message.max.bytes 4000", f"traphandle default {script}"])
    sender = senders(rig.daemon)
    for count in 1, 2, 3:
        sender.inform(1, pairs=[("1.3.6.1.4.1.99999.1", ber.octets("x" * 5000))])
        wait_books(stats, lambda b, n=count: b["dropped"]["too_large"] == n and b["informs_waiting"] == 0)
    sender.inform(2)
    sender.wait([2])
    assert seen.read_text() == "called\n" * 2


def test_stop_with_waiting_informs(away, senders):
    case = away(listen=["udp", "tcp"], **sanitized())
    one, two = senders(case.daemon), senders(case.daemon, "tcp")
    one.inform(*range(1, 101))
    two.inform(*range(1, 101))
    case.wait(informs_waiting=200)
    case.rig.daemon.stop()
    case.rig.books = {}  # the queue is in memory: its content is lost, as the log says
    assert case.daemon.log.find("200 traps are lost with the queue")
    assert not one.answers and not two.answers


def test_no_module_any_more(away, senders):
    """A reload without the dlmod line while INFORMs wait: snmptrapd answers by itself from then on."""
    case = away()
    sender = senders(case.daemon)
    sender.inform(1)
    case.wait(informs_waiting=1)
    case.daemon.load = None
    case.daemon.write_conf([f"authCommunity log,execute,net {COMMUNITY}", "doNotRetainNotificationLogs yes"])
    case.daemon.sighup()
    sender.inform(2)
    sender.wait([2])
    case.daemon.stop()
    case.rig.books = {}


def test_frozen_broker(new_kafka, topic, snmptrapd, senders, collect, folder):
    """A real Kafka that holds still with its connections open, and goes on."""
    kafka = new_kafka().start()
    daemon = snmptrapd([f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {topic}", 'kafkaHealthTopic ""',
                        "kafkaDedup off", f"authCommunity log,execute,net {COMMUNITY}", f"kafkaStatsFile {folder}/stats 1"])
    sender = senders(daemon)
    sender.inform(1)
    sender.wait([1], 30)
    kafka.pause()
    sender.inform(2, 3, 2)
    wait_books(folder / "stats", lambda b: b["informs_waiting"] == 2 and b["suppressed"]["retransmission"] == 1)
    assert sender.answers == [1]
    kafka.resume()
    sender.wait([1, 2, 3], 60)
    events = collect(kafka.bootstrap, topic)
    events.wait_events(3)
    assert sorted(m.event["snmp"]["request_id"] for m in events.drain()) == [1, 2, 3]


def test_first_packet_under_socket_activation(snmptrapd, senders, broker, folder):  # noqa: F811
    """The INFORM that starts the daemon comes before the module stands in front of snmptrapd's callback."""
    conf = [f"authCommunity log,execute,net {COMMUNITY}", f"kafkaStatsFile {folder}/stats 1", "kafkaStopTimeout 1",
            "doNotRetainNotificationLogs yes", f"traphandle default {folder}/handler"]
    (folder / "handler").write_text(f"#!/bin/sh\necho called >>{folder}/seen\n")
    (folder / "handler").chmod(0o755)
    for topic in ("snmp-traps", "snmp-traps-health"):
        broker.create(topic)
    daemon = snmptrapd(["kafkaBrokers 127.0.0.1:1", *conf], start=False)
    passed = [word for name in ("MIBS", "SNMPCONFPATH", "SNMP_PERSISTENT_DIR", "TZ", "LC_ALL", "PERL5LIB")
              if name in daemon.environment() for word in ("-E", name)]
    daemon.wrapper = [need_tool("systemd-socket-activate"), "--datagram", "-l", f"127.0.0.1:{daemon.port}", *passed]
    daemon.start(wait=False)
    wait_until(lambda: udp_drops(daemon.port) is not None, 10, "the socket")
    sender = senders(daemon)
    sender.inform(1)
    wait_books(folder / "stats", lambda b: b["informs_waiting"] == 1 and b["received"] == 1)
    assert not sender.answers
    daemon.write_conf([f"kafkaBrokers {broker.bootstrap}", *conf])
    daemon.sighup()
    sender.wait([1])
    assert (folder / "seen").read_text() == "called\n"


# -- many ------------------------------------------------------------------------------------------------------------

PLACES = 32768


def test_bound(away, senders):
    """More INFORMs than there are places: the oldest are not answered, and published all the same."""
    case = away(["kafkaQueue 64M", "[snmp] serverRecvBuf 4194304"], **sanitized())
    sender = senders(case.daemon)
    count = PLACES + 500
    sender.flood(range(1, count + 1), 250)
    case.wait(60, received=count)
    books = case.wait(informs_waiting=PLACES, informs_evicted=500)
    assert books["suppressed"]["retransmission"] == 0
    sender.inform(1, count)  # forgotten: a new one, which costs another its place; known: not published again
    case.wait(received=count + 2, informs_waiting=PLACES, informs_evicted=501, suppressed=1)
    case.there()
    case.wait(120, informs_waiting=0, informs_answered=PLACES)
    assert not set(sender.answers) & set(range(2, 502)), "an INFORM that was given up has an answer"
    assert case.rig.stop()["published"] == count + 1


def test_answers_come_in_turns(away, senders):
    """Thousands of replies that are due at once: snmptrapd goes on receiving between turns of at most 256. A traphandle holds
    its thread until the worker has told of all, so that the next packet finds all of them due."""
    case = away(["[snmp] serverRecvBuf 4194304", f"traphandle {LATE} /bin/sleep 2"], args=["-Dtrapkafka"])
    sender, count = senders(case.daemon), 3000
    sender.flood(range(1, count + 1), 250)
    case.wait(60, received=count, informs_waiting=count)
    case.there()
    case.rig.netsnmp().v2c(LATE, community=COMMUNITY)  # is handled now, for two seconds
    sender.inform(count + 1)
    sender.wait(range(1, count + 2), 60)
    case.wait(informs_waiting=0, informs_answered=count + 1)
    turns = [int(n) for n in re.findall(r"(\d+) INFORMs are answered in this turn", case.rig.log.text())]
    assert max(turns) <= 256 and len(turns) > count // 256, turns
    assert sum(turns) <= count + 1, "the others were answered as they came, one a packet"


def test_mix_under_sanitizers(rigs, senders, folder):  # noqa: F811
    """Every transport, v2c and v3, retransmissions, reloads and closed connections, together."""
    need_ipv6()
    rig = rigs([f"kafkaStatsFile {folder}/stats 1", "[snmp] serverRecvBuf 4194304", *USER], listen=KINDS, **sanitized())
    ours = [senders(rig.daemon, kind) for kind in KINDS]
    expected = 0
    for turn in range(5):
        for sender in ours:
            numbers = range(turn * 200 + 1, turn * 200 + 201)
            sender.inform(*numbers)
            sender.inform(*numbers[:50])
        expected += 200 * len(ours)
        brief = senders(rig.daemon, "tcp")
        brief.inform(*range(1, 11))
        brief.close()
        expected += 10
        for kind in ("udp", "tcp6"):
            rig.netsnmp(kind).v3("informer", uptime=rig.uptime(), inform=True, auth=("SHA", "authpassword"),
                                 priv=("AES", "privpassword"), timeout=10, retries=3)
            expected += 1
        for sender in ours:
            wait_until(lambda s=sender, t=turn: set(s.answers) == set(range(1, t * 200 + 201)), 60,
                       lambda s=sender: f"answers: {len(set(s.answers))}")
        rig.reload([f"kafkaStatsFile {folder}/stats 1", *USER])
    books = rig.stop()
    assert books["published"] == expected
    assert books["received"] == books["published"] + books["suppressed"]["retransmission"]


# -- sockets ---------------------------------------------------------------------------------------------------------

def test_says_how_to_mend_a_small_buffer(rigs):  # noqa: F811
    need_ipv6()
    with open("/proc/sys/net/core/rmem_max", encoding="ascii") as file:
        most = int(file.read())
    asked = 2 * most
    rig = rigs([f"[snmp] serverRecvBuf {asked}"], listen=["udp", "udp6", "tcp"])
    for host, kind in ("127.0.0.1", "udp"), ("::1", "udp6"):
        line = rig.log.wait(rf"trapkafka: socket {host} port {rig.daemon.ports[kind]}: (.*)$")[1]
        assert f"has {most} bytes, serverRecvBuf asks for {asked}" in line
        assert f"sysctl -w net.core.rmem_max={asked}" in line and "90-trapkafka-sysctl.conf" in line
    rig.send([ber.v2c(COMMUNITY, uptime=1)])
    rig.reload([f"[snmp] serverRecvBuf {asked}"])
    assert rig.log.count("trapkafka: socket") == 2, "once a socket"


@pytest.mark.parametrize("kind", ["udp", "udp6"])
def test_first_kernel_drop(snmptrapd, kind, folder):
    """Counted for both families, and the first one says which buffer to enlarge, once."""
    if kind == "udp6":
        need_ipv6()
    daemon = snmptrapd(["kafkaBrokers 127.0.0.1:1", f"authCommunity log,execute,net {COMMUNITY}", "kafkaStopTimeout 0",
                        f"kafkaStatsFile {folder}/stats 1", "doNotRetainNotificationLogs yes"], listen=[kind])
    daemon.wait_log("trapkafka: in force")
    daemon.pause()
    with socket.socket(socket.AF_INET6 if kind == "udp6" else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("::1" if kind == "udp6" else "127.0.0.1", daemon.ports[kind]))
        for number in range(3000):
            sock.send(ber.v2c(COMMUNITY, [("1.3.6.1.4.1.99999.1", ber.octets("x" * 1000))], uptime=number))
    dropped = daemon.udp_drops(kind)
    assert dropped and dropped == udp_drops(daemon.ports[kind], kind == "udp6")
    daemon.resume()
    wait_books(folder / "stats", lambda b: b["kernel_dropped"] == dropped)
    line = daemon.wait_log(r"trapkafka: the kernel dropped notifications(.*)$")[1]
    assert "serverRecvBuf" in line and "snmp.conf (not in snmptrapd.conf)" in line and "net.core.rmem_max" in line
    assert daemon.log.count("the kernel dropped notifications") == 1
