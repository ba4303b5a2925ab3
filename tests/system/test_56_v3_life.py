# SPDX-License-Identifier: Apache-2.0
"""Devices that restart, forget, jump and double; users that come and go: who is accepted afterwards, and who is told of.

Devices are built here byte by byte (lib/v3.py), so that boots, time and keys are what a test wants."""

import re
import socket
from pathlib import Path

import pytest

from lib import ber, send
from lib.books import read_stats
from lib.need import need_gosnmp, need_tool
from lib.proc import PATIENCE, run, send_signal, wait_until
from lib.rig import broker, rigs  # noqa: F401, fixtures
from lib.snmptrapd import sanitized
from lib.v3 import REPORTABLE, Device, Note, Rejects, User, event_of, gosnmp_send, kept_lines, localized_key, mark_of, master_key

# pylint: disable=redefined-outer-name
NOC = User("noc", "SHA-256", "noc-old-password")
CHANGED = NOC._replace(auth_password="noc-new-password")
ENGINE = "80001f880456a1"
OTHER = "80001f880456a2"


class Case:
    """A rig, its rejects, and the running count of what it has to refuse."""

    def __init__(self, rigs, folder, conf=None, sanitize=True, **options):  # noqa: F811
        self.stats = folder / "stats"
        self.line = Rejects.line(self.stats)
        self.rig = rigs([*(NOC.lines() if conf is None else conf), self.line], **(sanitized() if sanitize else {}), **options)
        self.rejects = Rejects(self.rig, self.stats)
        self.refused = {}
        self.lives = 0
        self.serial = 0

    def reload(self, conf):
        return self.rig.reload([*conf, self.line])

    def restart(self):
        """The counters begin anew. Returns where the log of the new life begins."""
        since = self.rig.log.mark()
        self.rig.daemon.stop()
        self.stats.unlink()  # what it says is of the life that ended
        self.rig.daemon.start()
        self.rig.in_force(since)
        self.lives += 1
        self.rig.health.wait_events(self.lives, lambda e: e.get("cause") == "stop")
        self.refused = {}
        return since

    def text(self):
        self.serial += 1
        return f"life {self.serial}"

    def accept_again(self, packet):
        """Send a packet that was accepted in an earlier life; it has to arrive."""
        before = len(self.rig.events.messages())
        send.datagrams(self.rig.daemon.port, [packet])
        self.rig.events.wait(before + 1)

    def accept(self, device, source="127.0.0.1", is_checked=None, **fields):
        """Send one trap, which has to arrive. Returns the packet. `is_checked`: what clock_checked has to be; None: any."""
        text = self.text()
        packet = device.trap(text, **fields)
        send.datagrams(self.rig.daemon.port, [packet], source=(source, 0))
        event = event_of(self.rig, text)
        assert (event["snmp"]["engine_id"], event["snmp"]["security_name"]) == (device.engine.hex(), device.user.name)
        assert is_checked in (None, event["snmp"]["clock_checked"]), event["snmp"]
        return packet

    def refuse(self, reason, packet, source="127.0.0.1", **words):
        """Send one packet, which has to be refused so, and told of. Returns the record."""
        before = len(self.rejects.records())
        if isinstance(packet, Device):
            packet = packet.trap(self.text())
        send.datagrams(self.rig.daemon.port, [packet], source=(source, 0))
        self.refused[reason] = self.refused.get(reason, 0) + 1
        self.rejects.wait_count(**self.refused)
        wait_until(lambda: len(self.rejects.records()) > before, 10, lambda: f"a record of {reason}: {self.rig.log.tail()}")
        record = self.rejects.records()[-1]
        assert (record["reason"], record["count"]) == (reason, 1), record
        assert record["source"]["address"] == source
        for member, pattern in words.items():
            assert re.search(pattern, record[member]), record
        return record

    def wait_record(self, reason, **words):
        wait_until(lambda: [r for r in self.rejects.records() if r["reason"] == reason], 10, reason)
        record = [r for r in self.rejects.records() if r["reason"] == reason][-1]
        for member, pattern in words.items():
            assert re.search(pattern, record[member]), record

    def ask(self, packet):
        """Send one packet and return the answer."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(10 * PATIENCE)
            sock.sendto(packet, ("127.0.0.1", self.rig.daemon.port))
            return sock.recv(65535)

    def gauge(self, name):
        return read_stats(self.stats).get((f"trapkafka_{name}", ()))

    def wait_gauge(self, name, value):
        wait_until(lambda: self.gauge(name) == value, 10, lambda: f"{name} {value}, not {self.gauge(name)}", step=0.1)

    def end(self):
        books = self.rig.stop()
        told = {reason: count for reason, count in books["rejected"].items() if count}
        assert told == self.refused, f"{told} were refused, not {self.refused}"
        assert books["published"] == books["received"]


@pytest.fixture(name="case")
def _case(rigs, folder):  # noqa: F811
    made = []

    def make(conf=None, **options):
        made.append(Case(rigs, folder, conf, **options))
        return made[-1]
    yield make
    for one in made:
        one.end()


# -- boots and time ----------------------------------------------------------------------------------------------------

def test_restarted_device(case):
    """boots + 1: accepted from its first trap on; what was recorded before the restart is a replay from then on."""
    c = case()
    device = Device(ENGINE, NOC, boots=5, time=70000)
    old = c.accept(device)
    device.boots, device.time = 6, 2
    c.accept(device)
    record = c.refuse("not_in_time_window", old)
    assert record["snmp"]["engine_id"] == ENGINE and record["snmp"]["security_name"] == "noc"
    c.accept(device)
    c.wait_gauge("engines", 1)


def test_lost_boots(case):
    """A device that counts from 1 again is refused until somebody acts; the remedy says what to do."""
    c = case()
    device = Device(ENGINE, NOC, boots=7, time=3000)
    c.accept(device)
    device.boots, device.time = 1, 5
    record = c.refuse("not_in_time_window", device, detail="boots", remedy="(?i)boots|restart")
    assert "7" in record["detail"] and "1" in record["detail"], record
    c.restart()
    c.accept(device)


def test_time_jumps(case):
    """Forward: accepted. Back by less than 150 s: accepted. By more: refused, as a replay would be."""
    c = case()
    device = Device(ENGINE, NOC, boots=3, time=1000)
    for device.time in (1000, 500000, 500000 - 100, 500000 - 140):
        c.accept(device)
    device.time = 500000 - 170
    c.refuse("not_in_time_window", device)
    device.time = 500000 - 130
    c.accept(device)
    device.time = 600000
    c.accept(device)


def test_latched_boots(case):
    """RFC 3414 2.2.3 and 3.2 7b: boots that have reached 2147483647 stay there, and all messages are refused, the first one
    too. After what the remedy says the device is accepted."""
    c = case()
    for time in (1, 2, 2):
        c.refuse("not_in_time_window", Device(ENGINE, NOC, boots=2147483647, time=time), source=f"127.0.0.{c.serial + 1}",
                 detail="boots are latched at 2147483647", remedy="new engine ID; or reset its boots")
    c.accept(Device(ENGINE, NOC, boots=1, time=1))
    c.accept(Device(OTHER, NOC, boots=2147483646, time=1))
    c.accept(Device(OTHER, NOC, boots=2147483646, time=2))


def test_reboot_without_boots(case):
    """A device that does not keep its boots: the same boots, and the time begins again. The remedy says what to do."""
    c = case()
    c.accept(Device(ENGINE, NOC, boots=0, time=5000))
    c.refuse("not_in_time_window", Device(ENGINE, NOC, boots=0, time=3), detail="restarted and did not increment its boots",
             remedy="restart snmptrapd.*keep its boots")
    c.refuse("not_in_time_window", Device(ENGINE, NOC, boots=0, time=4000), source="127.0.0.2", detail="two devices")
    c.restart()
    c.accept(Device(ENGINE, NOC, boots=0, time=20))


# -- clocks that stand still -------------------------------------------------------------------------------------------

SHIM = Path(__file__).resolve().parent / "lib" / "shim" / "engine_time.c"


@pytest.fixture(name="later")
def _later(folder):
    """(environment for a daemon, later(seconds)): how far its engine time runs ahead."""
    shim, ahead = folder / "engine_time.so", folder / "engine-time"
    run([need_tool("cc"), "-O2", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"])

    def later(seconds):
        next_one = folder / "engine-time.new"
        next_one.write_text(f"{seconds}\n")
        next_one.rename(ahead)
    later(0)
    return {"LD_PRELOAD": str(shim), "TK_ENGINE_TIME_FILE": str(ahead)}, later


@pytest.mark.parametrize("engine", [ENGINE, None], ids=["engine", "all"])
def test_clock_that_never_moves(rigs, folder, later, engine):  # noqa: F811
    """As on stock it is accepted for ever; it is told of once, and an identical message is refused."""
    env, set_later = later
    c = Case(rigs, folder, NOC.lines(engine), sanitize=False, env=env)
    device = Device(ENGINE, NOC, boots=0, time=0)
    since = c.rig.log.mark()
    packets = [c.accept(device, is_checked=False) for _ in range(3)]
    for number, seconds in enumerate((149, 160, 100000)):
        set_later(seconds)
        packets.append(c.accept(device, is_checked=False))
        c.refuse("not_in_time_window", packets[number], source=f"127.0.{number}.2", detail="identical message",
                 remedy="find out who sends")
    assert c.rig.log.count(rf"engine 0x{ENGINE} .*boots 0, time 0.*kafkaReplayGuard strict", since) == 1
    c.wait_gauge("engines_still_total", 1)
    c.reload([*NOC.lines(engine), "kafkaReplayGuard strict"])
    c.refuse("not_in_time_window", device, detail="have not changed", remedy="kafkaReplayGuard compatible")
    c.reload(NOC.lines(engine))
    c.accept(device, is_checked=False)
    device.time = 1
    c.accept(device, is_checked=True)
    c.accept(device, is_checked=True)
    set_later(100200)
    c.refuse("not_in_time_window", device, detail="did change before", remedy="clock stopped")
    c.end()


def test_a_clock_that_moved_goes_on_moving_after_a_restart(rigs, folder, later):  # noqa: F811
    """Else whoever recorded its messages could send them as those of a clock that never moves."""
    env, set_later = later
    c = Case(rigs, folder, NOC.lines(), sanitize=False, env=env, persist=True)
    moving, still = Device(ENGINE, NOC, boots=3, time=1000), Device(OTHER, NOC, boots=0, time=0)
    c.accept(moving)
    moving.time += 1
    old = c.accept(moving, is_checked=True)
    c.accept(still)
    c.restart()
    file = c.rig.daemon.persistent / "trapkafka.clocks"
    assert file.stat().st_mode & 0o777 == 0o600 and file.stat().st_size == 16 + 12 + 8
    c.accept_again(old)  # there is nothing to compare it with
    packet = c.accept(still, is_checked=False)
    set_later(160)
    c.refuse("not_in_time_window", old, detail="did change before")
    c.refuse("not_in_time_window", packet, source="127.0.0.3", detail="identical")
    c.accept(still, is_checked=False)
    moving.time += 500
    c.accept(moving, is_checked=True)
    c.restart()
    file.write_bytes(b"")  # as after a power failure
    c.rig.daemon.kill()
    since = c.rig.log.mark()
    c.stats.unlink(missing_ok=True)  # the daemon may have been killed before it wrote the file
    c.rig.daemon.start()
    c.rig.in_force(since)
    c.rig.log.wait(rf"{file}: it is cut; the file before it, '{file}.old', is used", 10, since)
    c.refused = {}
    c.restart()
    c.rig.daemon.stop()
    for one in (file, file.with_name("trapkafka.clocks.old")):
        one.write_bytes(one.read_bytes()[:-1])
    since = c.rig.log.mark()
    c.stats.unlink()
    c.rig.daemon.start()
    c.rig.in_force(since)
    c.rig.log.wait(rf"{file}: it is cut; the file is not used", 10, since)
    c.lives += 1
    c.refused = {}
    c.accept(moving)
    set_later(400)
    c.accept(moving, is_checked=False)
    since = c.restart()
    assert not c.rig.log.find("the file is not used", since)
    c.accept(moving, is_checked=False)  # its clock has not moved since the file was lost
    set_later(800)
    c.accept(moving, is_checked=False)
    c.end()


def test_clocks_are_kept_before_the_queue_is_published(rigs, folder):  # noqa: F811
    """No broker answers, and whoever waits for the end of snmptrapd may kill it before kafkaStopTimeout."""
    stats = folder / "stats"
    rig = rigs([*NOC.lines(), "kafkaBrokers 127.0.0.1:1", "kafkaStopTimeout 60", Rejects.line(stats)])
    device = Device(ENGINE, NOC)
    rig.send([device.trap("first"), device.trap("second", time=device.time + 1)])
    wait_until(lambda: stats.exists() and read_stats(stats)["trapkafka_received_total", ()] == 2, 10, "both traps")
    file = rig.daemon.persistent / "trapkafka.clocks"
    assert not file.exists()
    send_signal(rig.daemon.pid, "SIGTERM")
    wait_until(file.exists, 10, "the file of the clocks")
    assert file.stat().st_size == 16 + 12 + 8
    assert rig.daemon.alive(), "it still tries to publish"
    rig.daemon.kill()
    rig.books = {"published": 0}  # there is no broker


def test_failover(case):
    """The standby takes over the address, with an engine ID of its own and few boots."""
    c = case()
    c.accept(Device(ENGINE, NOC, boots=40, time=90000))
    c.accept(Device(OTHER, NOC, boots=1, time=10))
    c.accept(Device(ENGINE, NOC, boots=40, time=90001))
    c.wait_gauge("engines", 2)


def test_cloned_engine(case):
    """Two devices, one engine ID: the record names both addresses."""
    c = case()
    c.accept(Device(ENGINE, NOC, boots=9, time=5000))
    clone = Device(ENGINE, NOC, boots=2, time=100)
    record = c.refuse("not_in_time_window", clone, source="127.0.0.2")
    assert "127.0.0.1" in record["detail"] + record["remedy"] and "127.0.0.2" in record["detail"] + record["remedy"], record
    assert record["snmp"]["engine_id"] == ENGINE
    c.accept(Device(ENGINE, NOC, boots=9, time=5003))


def test_what_was_learned_survives_sighup(case):
    c = case()
    device = Device(ENGINE, NOC, boots=5, time=4000)
    old = c.accept(device)
    device.boots = 6
    c.accept(device)
    c.accept(Device(OTHER, NOC))
    c.reload(NOC.lines())
    c.refuse("not_in_time_window", old)
    c.wait_gauge("engines", 2)
    c.accept(device)


def test_forgeries_teach_nothing(case):
    """A wrong digest with high boots does not lock the device out, nor is its engine learned."""
    c = case()
    device = Device(ENGINE, NOC, boots=5, time=4000)
    forged = device.trap("forged", boots=2000000, digest=bytes(24))
    c.refuse("wrong_digest", forged)
    c.accept(device)
    c.refuse("wrong_digest", forged, source="127.0.0.3")
    c.refuse("wrong_digest", Device(OTHER, NOC).trap("forged", digest=bytes(24)), source="127.0.0.4")
    c.accept(device)
    c.wait_gauge("engines", 1)


SEALED = NOC._replace(priv="AES", priv_password="noc-priv-secret")


@pytest.mark.parametrize("engine", [ENGINE, None], ids=["engine", "all"])
@pytest.mark.parametrize("user", [NOC, SEALED], ids=lambda user: user.level)
@pytest.mark.parametrize("kind", [ber.RESPONSE, ber.REPORT, ber.GET], ids=["response", "report", "get"])
def test_what_is_no_notification_teaches_nothing(case, user, engine, kind):
    """The agent has another clock than the trap process of the same engine. What it answers, or what it was asked, is
    authentic, and anyone can send it on: it must not lock out the traps."""
    c = case(user.lines(engine))
    device = Device(ENGINE, user, boots=0, time=0)
    c.accept(device)
    send.datagrams(c.rig.daemon.port, [device.trap("no notification", boots=7, time=500, kind=kind)])
    c.accept(device)
    c.accept(device)


def test_what_is_refused_teaches_nothing(case):
    """A wrong privacy key: the digest is right, but nothing is accepted. The clock in it is not learned, nor the engine."""
    c = case(SEALED.lines())
    wrong = Device(ENGINE, SEALED._replace(priv_password="another-priv-secret"), boots=7, time=500)
    device = Device(ENGINE, SEALED, boots=0, time=0)
    packet = wrong.trap("wrong key")
    for at in range(2):  # the second is no replay of what was accepted
        c.refuse("decryption_error", packet, source=f"127.0.0.{at + 2}")
    c.accept(device)
    c.refuse("decryption_error", packet, source="127.0.0.4")
    c.accept(device)
    c.wait_gauge("engines", 1)


# -- users that come and go --------------------------------------------------------------------------------------------

def test_user_removed_at_sighup(case):
    c = case([*NOC.lines(), *User("stays", "SHA", "stays-password").lines()])
    device = Device(ENGINE, NOC)
    c.accept(device)
    c.reload(User("stays", "SHA", "stays-password").lines())
    c.refuse("unknown_user", device, remedy="createUser noc")
    c.accept(Device(OTHER, User("stays", "SHA", "stays-password")))
    c.restart()
    c.refuse("unknown_user", device)


def test_user_added_at_sighup(case):
    c = case([])
    device = Device(ENGINE, NOC)
    c.refuse("unknown_user", device)
    c.reload(NOC.lines())
    c.accept(device)


def test_password_changed_at_sighup(case):
    """For an engine that was learned under the old one, and for one that was not."""
    c = case()
    c.accept(Device(ENGINE, NOC))
    c.reload(CHANGED.lines())
    c.refuse("wrong_digest", Device(ENGINE, NOC))
    c.refuse("wrong_digest", Device(OTHER, NOC))
    c.accept(Device(ENGINE, CHANGED))
    c.accept(Device(OTHER, CHANGED))


def test_explicit_line_changed_and_removed_at_sighup(case):
    c = case([NOC.line(ENGINE), NOC.access()])
    c.accept(Device(ENGINE, NOC))
    c.reload([CHANGED.line(ENGINE), NOC.access()])
    c.refuse("wrong_digest", Device(ENGINE, NOC))
    c.accept(Device(ENGINE, CHANGED))
    c.reload([CHANGED.line(OTHER), NOC.access()])
    c.refuse("unknown_engine", Device(ENGINE, CHANGED))
    c.accept(Device(OTHER, CHANGED))


@pytest.mark.parametrize("bad", ["createUser noc SHA-257 noc-other-password", "createUser noc SHA-256 short",
                                 "createUser noc SHA-256 noc-old-password AES-255 noc-privacy",
                                 # net-snmp up to 5.9.5 dies of these:
                                 "createUser noc SHA-256", "createUser noc SHA-256 -l",
                                 "createUser noc SHA-256 noc-old-password AES -m"])
def test_bad_line_at_sighup_keeps_the_user(case, bad):
    c = case()
    c.accept(Device(ENGINE, NOC))
    since = c.reload([bad, NOC.access()])
    assert c.rig.log.find(r"snmptrapd\.conf: line \d+: (Error|Warning)", since), c.rig.log.text(since)
    c.accept(Device(ENGINE, NOC))
    c.accept(Device(OTHER, NOC))


def test_one_name_on_different_engines(case):
    """Lines with -e go before the one without, each with its own password."""
    first, second = NOC._replace(auth_password="first-password"), NOC._replace(auth="SHA", auth_password="second-password")
    c = case([first.line(ENGINE), second.line(OTHER), NOC.line(), NOC.access()])
    c.accept(Device(ENGINE, first))
    c.accept(Device(OTHER, second))
    c.accept(Device("80001f880456a3", NOC))
    c.refuse("wrong_digest", Device(ENGINE, NOC))
    c.refuse("wrong_digest", Device(OTHER, NOC))
    c.refuse("wrong_digest", Device("80001f880456a3", first))
    c.wait_gauge("engines", 1)


# -- the persistent file -------------------------------------------------------------------------------------------------

def stock_was_here(case, conf):
    """Let stock snmptrapd run with these lines and end: its persistent file keeps the users."""
    daemon = case.rig.daemon
    module, daemon.load = daemon.load, None
    daemon.write_conf(conf)
    daemon.start()
    daemon.stop()
    daemon.load = module
    kept = (daemon.persistent / "snmptrapd.conf").read_text()
    assert kept.count("usmUser") == sum(line.startswith("createUser") for line in conf), kept


def go_on(case, conf):
    since = case.rig.log.mark()
    case.rig.daemon.write_conf(case.rig._lines([*conf, case.line]))  # pylint: disable=protected-access
    case.rig.daemon.start()
    case.rig.in_force(since)


@pytest.mark.parametrize("line_engine", [ENGINE, None], ids=["engine", "all"])
def test_persistent_file_does_not_bring_back_the_old_password(case, line_engine):
    """On stock it does."""
    c = case(persist=True, start=False)
    stock_was_here(c, [NOC.line(line_engine), NOC.access()])
    go_on(c, [CHANGED.line(line_engine), NOC.access()])
    c.refuse("wrong_digest", Device(ENGINE, NOC))
    c.accept(Device(ENGINE, CHANGED))
    c.reload([CHANGED.line(line_engine), NOC.access()])
    c.refuse("wrong_digest", Device(ENGINE, NOC), source="127.0.0.2")
    c.restart()
    c.refuse("wrong_digest", Device(ENGINE, NOC))
    c.accept(Device(ENGINE, CHANGED, time=2000))


def test_persistent_file_does_not_bring_back_a_removed_user(case):
    """Not at the SIGHUP that finds the line gone, and not at the next start."""
    c = case(persist=True, start=False)
    stock_was_here(c, [NOC.line(ENGINE), NOC.line(), NOC.access()])
    go_on(c, [NOC.line(ENGINE), NOC.line(), NOC.access()])
    c.accept(Device(ENGINE, NOC))
    c.accept(Device(OTHER, NOC))
    c.reload([NOC.access()])
    c.refuse("unknown_user", Device(ENGINE, NOC))
    c.refuse("unknown_user", Device(OTHER, NOC))
    c.restart()
    c.refuse("unknown_user", Device(ENGINE, NOC))


def test_persistent_file_does_not_bring_back_a_removed_user_after_a_crash(case):
    """What stock snmptrapd wrote there is gone from it as soon as the module runs."""
    c = case(persist=True, start=False)
    stock_was_here(c, [NOC.line(), NOC.access()])
    go_on(c, [NOC.line(), NOC.access()])
    c.accept(Device(ENGINE, NOC))
    wait_until(lambda: not any("usmUser" in line for line in kept_lines(c.rig.daemon)), 10, "the file to be written anew")
    c.rig.daemon.kill()
    go_on(c, [NOC.access()])
    c.refuse("unknown_user", Device(ENGINE, NOC))


@pytest.mark.parametrize("name, persist", [("site.conf", False), ("snmptrapd.conf", False), ("snmptrapd.local.conf", True),
                                           ("snmptrapd.x.conf", False)])
def test_configuration_that_lies_in_the_persistent_folder(case, name, persist):
    """The persistent file is what net-snmp writes there and reads back, not every file in its folder."""
    c = case(persist=persist, start=False)
    file = c.rig.daemon.persistent / name
    if persist:
        file.write_text(f"{NOC.line()}\n")
    else:
        c.rig.daemon.conf = file
    go_on(c, NOC.lines() if not persist else [NOC.access()])
    c.accept(Device(ENGINE, NOC))
    c.accept(Device(OTHER, NOC))


def test_backups_of_the_persistent_file(case):
    """net-snmp reads them too, if it died before it had written the file itself."""
    c = case(persist=True, start=False)
    (c.rig.daemon.persistent / "snmptrapd.0.conf").write_text(f"{CHANGED.line()}\n")
    go_on(c, NOC.lines())
    c.accept(Device(ENGINE, NOC))
    c.refuse("wrong_digest", Device(OTHER, CHANGED))


def test_create_user_line_in_the_persistent_file_does_not_win(case):
    """As net-snmp's own script writes it there: read last, it would bring back the old password."""
    c = case(persist=True, start=False)
    (c.rig.daemon.persistent / "snmptrapd.conf").write_text(f"{CHANGED.line()}\n")
    go_on(c, [NOC.line(), NOC.access()])
    c.accept(Device(ENGINE, NOC))
    c.refuse("wrong_digest", Device(OTHER, CHANGED))
    c.restart()
    c.accept(Device(ENGINE, NOC, time=2000))
    assert not any("noc" in line for line in kept_lines(c.rig.daemon))


# -- what the flags and the engine ID say ---------------------------------------------------------------------------------

FULL = User("full", "SHA-256", "full-auth-password", "AES", "full-priv-password")
NOBODY = User("nobody")
USERS = {user.level: user for user in (NOBODY, NOC, FULL)}


@pytest.mark.parametrize("engine", [ENGINE, None], ids=["engine", "all"])
def test_trap_that_asks_for_an_answer(case, engine):
    """RFC 3412 6.4 forbids reportableFlag in a trap, and some senders set it all the same: what counts is the digest."""
    c = case([line for user in USERS.values() for line in user.lines(engine)])
    for user in USERS.values():
        device = Device(ENGINE, user)
        flags = device.flags | REPORTABLE
        for _ in range(2):
            c.accept(device, flags=flags)
            device.time += 1
        old = device.trap(time=device.time - 1000, flags=flags)
        if user.auth:
            c.refuse("wrong_digest", device.trap(flags=flags, digest=bytes(24)))
            c.refuse("not_in_time_window", old, source="127.0.0.3")
        c.accept(device)


@pytest.mark.parametrize("user", USERS.values(), ids=USERS)
def test_inform_to_an_engine_that_is_not_this_receiver(case, user):
    """It is no trap: its sender is told that the engine is unknown, so that it discovers ours."""
    c = case([line for user in USERS.values() for line in user.lines()])
    packet = Device(ENGINE, user).trap(c.text(), kind=ber.INFORM)
    answer = c.ask(packet)
    assert ber.oid("1.3.6.1.6.3.15.1.1.4.0")[2:] in answer, answer.hex()  # usmStatsUnknownEngineIDs
    c.refused["unknown_engine"] = 1
    c.rejects.wait_count(**c.refused)
    c.wait_record("unknown_engine", detail="not this receiver's", remedy="discover")
    c.accept(Device(ENGINE, user))


@pytest.mark.parametrize("is_on", [True, False], ids=["engines", "off"])
def test_trap_without_an_engine_id(case, is_on):
    """Whatever its level and flags; a probe (RFC 3414 section 4) is none."""
    c = case([line for user in USERS.values() for line in user.lines()] + ([] if is_on else ["kafkaEngines off"]))
    for number, user in enumerate(USERS.values()):
        device = Device("", user)
        for reportable in (0, REPORTABLE):
            c.refuse("unknown_engine", device.trap(c.text(), flags=device.flags | reportable),
                     source=f"127.0.{reportable + 1}.{number + 1}", detail="no engine ID", remedy="only the sender")
    probe = Device("", NOBODY).trap(name="", kind=0xA0, flags=REPORTABLE, pairs=[])
    assert c.ask(probe)
    c.rejects.wait_count(**c.refused)


# -- users that only the persistent file has -------------------------------------------------------------------------------

def test_user_of_the_persistent_file_only(case):
    """It has no master key, so it can't serve all engines: the log says what to write."""
    c = case(persist=True, start=False)
    stock_was_here(c, NOC.lines())
    go_on(c, [NOC.access()])
    c.rig.log.wait(r"trapkafka: the user 'noc' has no master key.*createUser noc SHA-256 AUTH_PASSWORD", 10)
    c.refuse("unknown_engine", Device(ENGINE, NOC), detail="persistent", remedy="createUser noc SHA-256 AUTH_PASSWORD")
    assert NOC.auth_password not in c.rig.log.text()


@pytest.mark.parametrize("persist", [False, True])
def test_nothing_is_written_to_the_persistent_file(case, persist):
    """Neither what was learned nor what snmptrapd.conf says; keys above all."""
    c = case([*NOC.lines(), User("expl", "SHA", "expl-password").line(OTHER), "authUser log,execute,net expl auth"],
             persist=persist)
    c.accept(Device(ENGINE, NOC))
    c.accept(Device(OTHER, User("expl", "SHA", "expl-password")))
    for _ in range(2):
        c.restart()
        c.accept(Device(ENGINE, NOC))
    c.rig.daemon.stop()
    kept = "\n".join(kept_lines(c.rig.daemon))
    assert "engineBoots" in kept
    for word in ("usmUser", "createUser", ENGINE, OTHER, "noc", master_key("SHA-256", NOC.auth_password).hex(),
                 localized_key("SHA-256", NOC.auth_password, bytes.fromhex(ENGINE)).hex()):
        assert word not in kept, f"{word} in {kept}"
    go_on(c, NOC.lines())


# -- many, few, none -----------------------------------------------------------------------------------------------------

def test_ten_thousand_engines(case):
    """One line, and each engine's first trap arrives."""
    many = User("many", "SHA", "many-password")
    private = User("private", "SHA-256", "private-password", "AES-256", "private-privacy")
    c = case([*many.lines(), *private.lines(), "[snmp] serverRecvBuf 4194304"])
    c.rig.send((Device(f"80001f8805{number:08x}", many).trap(f"many {number}") for number in range(10000)), batch=200)
    engines = {mark_of(event): event["snmp"]["engine_id"] for event in c.rig.events.wait_events(10000, timeout=60)}
    assert engines == {f"many {number}": f"80001f8805{number:08x}" for number in range(10000)}
    c.wait_gauge("engines", 10000)
    need_gosnmp()
    notes = [Note(private, f"private {number}", f"80001f8806{number:08x}") for number in range(300)]
    assert not any(gosnmp_send(c.rig.daemon.port, notes))
    found = c.rig.events.wait_events(300, lambda e: mark_of(e).startswith("private "))
    assert {mark_of(event): event["snmp"]["engine_id"] for event in found} == {note.text: note.engine for note in notes}
    c.wait_gauge("engines", 10300)


def test_bound_of_the_engines(case):
    """The one unheard for the longest makes room, and is learned anew when it speaks again."""
    c = case([*NOC.lines(), "kafkaEngines 100 60"])
    devices = [Device(f"80001f8807{number:04x}", NOC) for number in range(101)]
    c.rig.send(device.trap("bound") for device in devices)
    c.rig.events.wait_events(101)
    c.wait_gauge("engines", 100)
    c.wait_gauge("engines_evicted_total", 1)
    c.accept(devices[0])
    c.wait_gauge("engines_evicted_total", 2)
    c.reload([*NOC.lines(), "kafkaEngines 10 60"])
    c.wait_gauge("engines", 10)
    c.accept(devices[50])


def test_switched_off(case):
    """Stock's way: a line for each engine. The refusals of others are told all the same, with the line to write."""
    c = case([NOC.line(ENGINE), NOC.line(), NOC.access(), "kafkaEngines off"])
    c.accept(Device(ENGINE, NOC))
    record = c.refuse("unknown_engine", Device(OTHER, NOC), remedy=f"createUser -e 0x{OTHER} noc|kafkaEngines")
    assert record["snmp"]["engine_id"] == OTHER
    c.reload(NOC.lines())
    c.accept(Device(OTHER, NOC))
    c.reload([NOC.line(ENGINE), NOC.line(), NOC.access(), "kafkaEngines off"])
    c.refuse("unknown_engine", Device(OTHER, NOC), source="127.0.0.2")
    c.accept(Device(ENGINE, NOC))


def test_traps_without_a_context_engine(rigs, folder):  # noqa: F811
    """Some senders leave the context engine ID empty. Behind one address there are two that just booted, with sysUpTime 0:
    the engine that authenticated the message says which device it is, in the inventory, in dedup and in the key. An INFORM
    has the receiver's engine there, which names nobody."""
    own, plain = "80001f8801020304", User("plain")
    (folder / "inventory.csv").write_text(f"name,engine_id,site\npe1.lab,{ENGINE},FRA\nnobody,{own},X\n")
    rig = rigs([f"exactEngineID 0x{own}", *NOC.lines(), *plain.lines(), f"kafkaInventory {folder}/inventory.csv",
                "kafkaDedup 300"])
    pairs = [(ber.SYS_UPTIME, ber.ticks(0)), (ber.SNMP_TRAP_OID, ber.oid("1.3.6.1.6.3.1.1.5.1"))]
    rig.send([Device(ENGINE, NOC).trap(pairs=pairs, context_engine=b""),
              Device(OTHER, NOC).trap(pairs=pairs, context_engine=b""),
              Device(own, plain).trap(pairs=pairs, context_engine=b"", kind=ber.INFORM)])
    messages = sorted(rig.events.wait(3), key=lambda m: m.event["receiver"]["seq"])
    assert [m.event["source"]["device"] for m in messages] == [m.key for m in messages] == ["pe1.lab", OTHER, "127.0.0.1"]
    assert [m.event["topology"] for m in messages] == [{"site": "FRA"}, {}, {}]
    for message in messages:
        assert message.event["snmp"]["context_engine_id"] is None
