# SPDX-License-Identifier: Apache-2.0
"""`trapkafka v3 check`: what it says of captured and of received SNMPv3 notifications. Datagrams come from net-snmp's own
tools; the frames around them are made here."""

import ipaddress
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from lib import pcap
from lib.need import need_ipv6, need_root
from lib.proc import PATIENCE, free_port, wait_until
from lib.rig import broker, rigs  # pylint: disable=unused-import
from lib.send import COLD_START, LINK_DOWN, NetSnmp
from lib.v3 import REPORTABLE, Device, User

ENGINE = "8000000903001b21a0ff02"
AUTH, PRIV = ("SHA-256", "the-auth-secret"), ("AES-256", "the-priv-secret")
SECRETS = ("the-auth-secret", "the-priv-secret", "another-secret", "public-secret")
CONF = ("createUser noc SHA-256 the-auth-secret AES-256 the-priv-secret",
        "createUser low SHA the-auth-secret", "createUser idle SHA the-auth-secret",
        "createUser printer SHA the-auth-secret",
        "authUser log,execute,net noc priv", "authUser log low auth", "authUser execute printer auth",
        "authCommunity log public-secret",
        # nothing of these may be done or complained about
        "perl die", "dlmod trapkafka /nonexistent.so", "traphandle default /bin/false", "kafkaBrokers nowhere:1",
        "snmpTrapdAddr udp:162", "no such token")
SENT_FROM, SENT_TO = ("192.0.2.7", 50063), ("198.51.100.1", 162)
ETHERNET, NULL, RAW, SLL, SLL2 = 1, 0, 101, 113, 276
START = 1763790326.5


def tool(variable="TK_BUILD"):
    stage = os.environ.get(variable)
    assert stage, f"{variable} is not set"
    path = Path(stage) / "stage" / "bin" / "trapkafka"
    assert path.exists(), f"{path}: run make install"
    return str(path)


class Checker:
    """The command, with a configuration and a persistent folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.conf = folder / "snmptrapd.conf"
        self.persistent = folder / "persistent"
        self.persistent.mkdir()
        self.capture = folder / "capture"
        self.env = dict(os.environ, MIBS="", TZ="UTC0")
        self.write()

    def write(self, *lines):
        self.conf.write_text("".join(f"{line}\n" for line in lines or CONF))

    def command(self, *args, binary=None):
        return [binary or tool(), "v3", "check", "--config", str(self.conf), "--persistent", str(self.persistent),
                *map(str, args)]

    def run(self, *args, binary=None, wrapper=()):
        """(exit status, standard output, standard error); no secret is in them."""
        done = subprocess.run([*wrapper, *self.command(*args, binary=binary)], capture_output=True, env=self.env,
                              timeout=60 * PATIENCE,
                              check=False)
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode in (0, 1, 2), f"status {done.returncode}\n{err}"
        check_secrecy(out + err)
        return done.returncode, out, err

    def json(self, *args, **options):
        """(exit status, notifications, summary, standard error)"""
        status, out, err = self.run("--json", *args, **options)
        records = [json.loads(line) for line in out.splitlines()]
        assert records and records[-1]["type"] == "summary", (out, err)
        return status, records[:-1], records[-1], err

    def check(self, datagrams, *args, **options):
        """The same, of a capture with these datagrams: payloads, or (seconds, payload)."""
        write_pcap(self.capture, datagrams)
        return self.json(*args, self.capture, **options)


def check_secrecy(text):
    for secret in SECRETS:
        assert secret not in text and secret.encode().hex() not in text, text


@pytest.fixture
def checker(folder):
    return Checker(folder)


@pytest.fixture
def sender(folder):
    """sender(user, ...) -> the datagram that snmptrap sends with these credentials."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(10 * PATIENCE)
        tools = NetSnmp(folder / "sender", f"udp:127.0.0.1:{sock.getsockname()[1]}")

        def send(user="noc", auth=AUTH, priv=PRIV, engine=ENGINE, clock="7,1000", **options):
            tools.v3(user, auth=auth, priv=priv, engine=engine, args=("-Z", clock), **options)
            return sock.recv(65535)
        send.tools, send.sock = tools, sock
        yield send


# --- frames ----------------------------------------------------------------------------------------------------------

def udp(payload, source_port, target_port, length=None):
    return struct.pack(">HHHH", source_port, target_port, length or 8 + len(payload), 0) + payload


def ip(payload, source=SENT_FROM, target=SENT_TO, flags=0, extensions=()):
    """An IP packet with UDP; IPv6 by the addresses. extensions: (type, bytes) of IPv6's headers."""
    body = udp(payload, source[1], target[1])
    addresses = [ipaddress.ip_address(a).packed for a in (source[0], target[0])]
    if len(addresses[0]) == 4:
        return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, flags, 64, 17, 0) + b"".join(addresses) + body
    kinds = [kind for kind, _ in extensions] + [17]
    chain = b"".join(bytes([after]) + head for (_, head), after in zip(extensions, kinds[1:]))
    return struct.pack(">IHBB", 6 << 28, len(chain) + len(body), kinds[0], 64) + b"".join(addresses) + chain + body


def framed(packet, link=ETHERNET, tags=()):
    kind = b"\x08\x00" if packet[0] >> 4 == 4 else b"\x86\xdd"
    tagged = b"".join(struct.pack(">HH", tag, 100) for tag in tags) + kind
    return {ETHERNET: b"\x02" * 12 + tagged, SLL: b"\0" * 14 + tagged, RAW: b"",
            SLL2: tagged[:2] + b"\0" * 18 + tagged[2:], NULL: struct.pack("=I", 2)}[link] + packet


def write_frames(path, frames, link=ETHERNET):
    """Classic pcap. frames: (seconds, bytes) or (seconds, bytes, how many of them are there)."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link))
        for at, frame, *kept in frames:
            held = frame[:kept[0]] if kept else frame
            file.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(held), len(frame)) + held)


def write_pcap(path, datagrams, **where):
    """Payloads, or (seconds since the start, payload), a second apart."""
    timed = [d if isinstance(d, tuple) else (n, d) for n, d in enumerate(datagrams)]
    write_frames(path, [(START + at, framed(ip(payload, **where))) for at, payload in timed])


def write_pcapng(path, frames, link=ETHERNET):
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))
    with open(path, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHI", link, 0, 262144)))
        for at, frame in frames:
            ticks = int(at * 1e6)
            file.write(block(6, struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)) + frame))


# --- verdicts --------------------------------------------------------------------------------------------------------

def test_accepted(checker, sender):
    status, (one,), summary, err = checker.check([sender()])
    assert (status, err) == (0, "")
    assert one == {
        "type": "notification", "time": "2025-11-22T05:45:26.500000Z",
        "source": {"address": SENT_FROM[0], "port": SENT_FROM[1], "transport": "udp"}, "pdu": "trap",
        "trap_oid": LINK_DOWN, "trap_name": "linkDown", "user": "noc", "security_level": "authPriv", "engine_id": ENGINE,
        "engine": {"vendor": one["engine"]["vendor"], "format": "mac", "text": "00:1b:21:a0:ff:02"},
        "is_engine_assumed": False, "verdict": "accepted", "reason": None, "detail": None, "remedy": None,
        "sender_command": one["sender_command"]}
    assert re.search(rf"^snmptrap -v3 -e 0x{ENGINE} .*-u noc -l authPriv -a SHA-256 ", one["sender_command"])
    assert "Cisco" in one["engine"]["vendor"]
    assert (summary["seen"], summary["accepted"], sum(summary["refused"].values())) == (1, 1, 0)


def test_text(checker, sender):
    write_pcap(checker.capture, [sender(), sender(auth=(AUTH[0], "another-secret"))])
    status, out, _ = checker.run(checker.capture)
    lines = out.splitlines()
    assert status == 1
    assert re.fullmatch(rf"2025-11-22T05:45:26\.500000Z 192\.0\.2\.7:50063 trap linkDown user noc authPriv engine {ENGINE} "
                        r"\(Cisco.*, mac 00:1b:21:a0:ff:02\): accepted", lines[0]), out
    assert re.search(r":50063 trap user noc authPriv .*: refused: wrong_digest: \S", lines[1]), out
    assert lines[2].startswith("  remedy: ") and "createUser noc SHA-256 AUTH_PASSWORD" in lines[2]
    assert lines[3].startswith("  prove: snmptrap -v3 ")
    assert lines[4] == "2 seen, 1 accepted, 1 refused (1 wrong_digest)"


REFUSED = {
    "wrong-auth": (dict(auth=(AUTH[0], "another-secret")), "wrong_digest"),
    "wrong-protocol": (dict(auth=("SHA", AUTH[1]), priv=("AES", PRIV[1])), "wrong_digest"),
    "wrong-priv": (dict(priv=(PRIV[0], "another-secret")), "decryption_error"),
    "unknown-user": (dict(user="nobody"), "unknown_user"),
    "no-priv": (dict(user="low", auth=("SHA", AUTH[1]), priv=("AES", PRIV[1])), "unsupported_level"),
    "not-authorized": (dict(user="idle", auth=("SHA", AUTH[1]), priv=None), "not_authorized"),
    "level-too-low": (dict(priv=None), "not_authorized"),
    "not-for-the-log": (dict(user="printer", auth=("SHA", AUTH[1]), priv=None), "not_authorized"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(checker, sender, case):
    options, reason = REFUSED[case]
    status, (one,), summary, _ = checker.check([sender(**options)])
    assert (status, one["verdict"], one["reason"]) == (1, "refused", reason), one
    assert one["detail"] and one["remedy"] and one["user"] == options.get("user", "noc")
    assert summary["refused"].pop(reason) == 1 and not any(summary["refused"].values())


def test_daemon_agrees(checker, sender, rigs):  # pylint: disable=redefined-outer-name
    """The same datagrams to snmptrapd with the module: as many events, as many refused for each reason."""
    low = dict(user="low", auth=("SHA", AUTH[1]), priv=None)
    cases = [{}, *(options for options, _ in REFUSED.values()), low, dict(clock="7,1600"), dict(clock="7,900"),
             dict(clock="6,1000"), dict(clock="8,3"), dict(engine="8000000001020304")]
    datagrams = [sender(**options) for options in cases]
    _, found, summary, _ = checker.check(datagrams)
    refused = {reason: count for reason, count in summary["refused"].items() if count}
    assert len(found) == len(cases) and len(refused) == 6 and summary["accepted"] == 5
    rig = rigs([line for line in CONF if line.startswith(("createUser", "authUser"))])
    rig.send(datagrams, batch=1)

    def told():
        counts = {}
        for record in (m.event for m in rig.health.messages()):
            if record["type"] == "rejected":
                counts[record["reason"]] = counts.get(record["reason"], 0) + record["count"]
        return counts
    wait_until(lambda: sum(told().values()) >= sum(refused.values()), 30, lambda: f"{refused}, not {told()}")
    assert told() == refused
    events = [m.event for m in rig.events.wait(summary["accepted"])]
    accepted = [(n["user"], n["engine_id"]) for n in found if n["verdict"] == "accepted"]
    assert sorted((e["snmp"]["security_name"], e["snmp"]["engine_id"]) for e in events) == sorted(accepted)


def test_good_stays_good_among_bad(checker, sender):
    """One engine: the refused ones neither teach nor spoil anything."""
    bad = sender(auth=(AUTH[0], "another-secret"), clock="9,5")
    status, found, summary, _ = checker.check([bad, sender(), bad, sender(clock="7,1001"), bad])
    assert status == 1 and [n["verdict"] for n in found] == ["refused", "accepted", "refused", "accepted", "refused"]
    assert summary["refused"]["wrong_digest"] == 3


def test_time_of_the_capture(checker, sender):
    """What is late is judged by the capture's clock, not by the speed of reading it."""
    old = sender(clock="7,1000")
    status, found, _, _ = checker.check([
        (0, old), (600, sender(clock="7,1600")), (601, sender(clock="7,1599")), (602, old),
        (900, sender(clock="7,1595")),          # within 150 s of the last one, but not of what the engine's clock is by now
        (1000, sender(clock="8,5")), (1001, sender(clock="7,2001")), (1002, sender(clock="8,7"))])
    late = "not_in_time_window"
    assert status == 1 and [n["reason"] for n in found] == [None, None, None, late, late, None, late, None]


def test_newest_message_once_more(checker, sender):
    """net-snmp takes it for ever; a device whose clock is slow is no replay."""
    newest = sender(clock="7,1000")
    status, found, _, _ = checker.check([(0, sender(clock="7,999")), (1, newest), (100, newest), (152, newest), (4000, newest),
                                         (4001, sender(clock="7,1001"))])
    late = "not_in_time_window"
    assert status == 1 and [n["reason"] for n in found] == [None, None, None, late, late, None]


class Clocks:
    """What has to be refused, by the list of the messages that were accepted: RFC 3414 section 3.2 7b, and kafkaReplayGuard."""

    def __init__(self, strict):
        self.strict = strict
        self.accepted = {}  # (engine, user): [(now, boots, time, packet)]

    def expect(self, who, now, boots, time, packet):
        """Whether it has to be accepted; if so, it is noted."""
        before = self.accepted.setdefault(who, [])
        is_right = boots < 2147483647 and (not before or self._is_new(before, now, boots, time, packet))
        if is_right:
            before.append((now, boots, time, packet))
        return is_right

    def _is_new(self, before, now, boots, time, packet):
        newest = max(clock[1:3] for clock in before)
        if (boots, time) > newest:
            return True
        passed = now - min(clock[0] for clock in before if clock[1:3] == newest)
        if boots < newest[0]:
            return False
        if time < newest[1]:
            return newest[1] + passed - time <= 150
        has_moved = any(a[1] == b[1] and a[2] != b[2] for a in before for b in before)
        if has_moved:
            return passed <= 150
        is_known = packet in [clock[3] for clock in before if clock[1:3] == newest][-256:]
        return not is_known and (not self.strict or passed <= 150)


@pytest.mark.parametrize("guard", ["compatible", "strict"])
@pytest.mark.parametrize("seed", range(4))
def test_any_clocks(checker, seed, guard):
    """Random histories of devices with all kinds of clocks, and of replays, through net-snmp's own decoder: exactly the right
    ones are accepted."""
    dice = random.Random(f"{seed} {guard}")
    users = [User("low", "SHA", "the-auth-secret"), User("idle", "SHA-256", "another-secret")]
    engines = [f"80001f88045{number:03x}" for number in range(5)]
    checker.write(*(line for user in users for line in user.lines()), users[0].line(engines[0]), f"kafkaReplayGuard {guard}")
    devices = {(engine, user): Device(engine, user, boots=dice.choice([0, 3]), time=dice.choice([0, 5000]))
               for engine in engines for user in users}
    kinds = {engine: kind for engine, kind in zip(engines, ["moves", "still", "counts", "forgets", "moves"])}
    clocks, sent, datagrams, right, now = Clocks(guard == "strict"), [], [], [], 0
    for _ in range(300):
        passed = dice.choice([0, 0, 1, 1, 2, 30, 200]) if dice.random() < 0.98 else 50000
        now += passed
        for (engine, _), device in devices.items():
            if kinds[engine] in ("moves", "forgets"):
                device.time += passed
        if sent and dice.random() < 0.4:
            who, boots, time, packet = dice.choice(sent[-30:])
        else:
            who = dice.choice(list(devices))
            device = devices[who]
            if dice.random() < 0.1 and kinds[who[0]] != "still":
                device.boots += kinds[who[0]] != "forgets"
                device.time = device.time if kinds[who[0]] == "counts" else 0
            boots, time = device.boots if dice.random() > 0.01 else 2147483647, device.time
            packet = device.trap(f"any {len(sent)}", boots=boots, time=time)
            sent.append((who, boots, time, packet))
        datagrams.append((now, packet))
        right.append(clocks.expect(who, now, boots, time, packet))
    _, found, _, _ = checker.check(datagrams)
    assert {n["reason"] for n in found} == {None, "not_in_time_window"}
    assert [n["verdict"] == "accepted" for n in found] == right
    assert 0 < sum(right) < len(right)


def test_without_auth(checker, sender):
    checker.write("createUser open", "authUser log open noauth")
    status, (one,), _, _ = checker.check([sender(user="open", auth=None, priv=None)])
    assert (status, one["verdict"], one["security_level"]) == (0, "accepted", "noAuthNoPriv")


def test_stock_behaviour(checker, sender):
    """kafkaEngines off: each engine needs its own line."""
    trap = sender()
    checker.write(*CONF, "kafkaEngines off")
    status, (one,), _, _ = checker.check([trap])
    assert (status, one["reason"]) == (1, "unknown_engine") and "kafkaEngines" in one["remedy"]
    checker.write(f"createUser -e 0x{ENGINE} noc SHA-256 the-auth-secret AES-256 the-priv-secret", "authUser log noc",
                  "kafkaEngines off")
    assert checker.check([trap])[0] == 0


def test_no_access_lines(checker, sender):
    checker.write(CONF[0])
    status, (one,), _, _ = checker.check([sender()])
    assert (status, one["reason"]) == (1, "not_authorized")
    checker.write(CONF[0], "disableAuthorization yes")
    assert checker.check([sender()])[0] == 0


def test_hostile_user(checker, sender):
    """A name can't pretend to be a line of ours."""
    name = "x authPriv: accepted\n\x1b[2J\xff"
    write_pcap(checker.capture, [sender(user=name, auth=None, priv=None)])
    status, out, err = checker.run(checker.capture)
    assert status == 1 and out.isascii() and "\x1b" not in out and "1 refused (1 unknown_user)" in out
    assert r"user 'x authPriv: accepted\x0a\x1b[2J" in out
    assert checker.json(checker.capture)[1][0]["reason"] == "unknown_user"
    assert not err


# --- captures --------------------------------------------------------------------------------------------------------

V6 = dict(source=("2001:db8::7", 50063), target=("2001:db8::1", 162))
FRAMES = {
    "ethernet": (ETHERNET, {}, ()), "vlan": (ETHERNET, {}, (0x8100,)), "qinq": (ETHERNET, {}, (0x88A8, 0x8100)),
    "cooked": (SLL, {}, ()), "cooked-vlan": (SLL, {}, (0x8100,)), "cooked2": (SLL2, {}, ()),
    "cooked2-vlan": (SLL2, {}, (0x8100,)), "raw": (RAW, {}, ()), "null": (NULL, {}, ()),
    "ipv6": (ETHERNET, V6, ()), "ipv6-raw": (RAW, V6, ()), "ipv6-vlan": (ETHERNET, V6, (0x8100,)),
    "ipv6-options": (ETHERNET, dict(V6, extensions=((0, b"\0" + b"\0" * 6), (60, b"\1" + b"\0" * 14))), ()),
    "ipv6-whole-fragment": (ETHERNET, dict(V6, extensions=((44, b"\0" * 7),)), ()),
}


@pytest.mark.parametrize("case", FRAMES)
@pytest.mark.parametrize("write", [write_frames, write_pcapng], ids=["pcap", "pcapng"])
def test_frames(checker, sender, case, write):
    link, where, tags = FRAMES[case]
    write(checker.capture, [(START, framed(ip(sender(), **where), link, tags) + b"\0\0")], link)
    status, (one,), summary, err = checker.json(checker.capture)
    assert (status, err, summary["other_packets"]) == (0, "", 0)
    assert one["source"]["address"] == where.get("source", SENT_FROM)[0] and one["source"]["port"] == 50063
    assert one["source"]["transport"] == ("udp6" if where else "udp")
    assert one["time"] == "2025-11-22T05:45:26.500000Z"


def test_own_reader_agrees(checker, sender):
    """lib/pcap.py reads what is written here."""
    trap = sender()
    write_pcap(checker.capture, [trap])
    assert [d.payload for d in pcap.read_pcap(checker.capture)] == [trap]


def test_not_looked_at(checker, sender):
    """Fragments and packets that the capture has cut are told loudly; others are counted."""
    trap = sender()
    whole = framed(ip(trap))
    arp = b"\x02" * 12 + b"\x08\x06" + b"\0" * 28
    write_frames(checker.capture, [
        (START, framed(ip(trap, flags=0x2000))), (START, framed(ip(trap, flags=0x00B9))), (START, whole, 96), (START, arp),
        (START, framed(ip(b"no SNMP"))), (START, whole),
        (START, framed(ip(trap, **V6, extensions=((44, b"\0" + b"\0\1" + b"\0" * 4),))))])
    status, found, summary, err = checker.json(checker.capture)
    assert status == 0 and len(found) == 1
    assert (summary["fragments"], summary["cut"], summary["other_packets"], summary["not_snmp"]) == (3, 1, 1, 1)
    assert "WARNING: 3 IP fragments" in err and "WARNING: 1 packets are cut" in err


def test_no_notifications(checker, sender):
    """v1, v2c, polling: counted, not judged."""
    sender.tools.v2c(community="public-secret")
    v2c = sender.sock.recv(65535)
    sender.tools.v1(community="public-secret")
    v1 = sender.sock.recv(65535)
    trap = sender()
    write_frames(checker.capture, [
        *((START, framed(ip(payload))) for payload in (v2c, v1)),
        (START, framed(ip(trap, target=(SENT_TO[0], 161)))),                                  # a question
        (START, framed(ip(trap, source=(SENT_FROM[0], 161), target=(SENT_TO[0], 40000))))])  # an answer
    status, found, summary, _ = checker.json(checker.capture)
    assert (status, found) == (1, []), "no notification of v3: nothing is shown to be right"
    assert (summary["seen"], summary["community_notifications"], summary["other_snmp"]) == (0, 2, 2)
    status, found, _, _ = checker.json("--port", 161, checker.capture)
    assert status == 0 and len(found) == 1


def test_count(checker, sender):
    status, found, _, _ = checker.check([sender(clock=f"7,{1000 + n}") for n in range(3)], "--count", 2)
    assert (status, len(found)) == (0, 2)


GARBAGE = {
    "empty": b"", "text": b"this is no capture\n" * 50, "short": b"\xd4\xc3\xb2\xa1\2\0",
    "link": struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 147),
    "huge-block": struct.pack("<II", 0x0A0D0D0A, 0xFFFFFFF0) + b"\0" * 64,
}


@pytest.mark.parametrize("case", GARBAGE)
def test_garbage(checker, case):
    checker.capture.write_bytes(GARBAGE[case])
    status, out, err = checker.run(checker.capture)
    assert (status, out) == (2, "") and str(checker.capture) in err
    assert len(err.splitlines()) == 1, err


def test_cut_off_capture(checker, sender):
    """What stands before the damage counts."""
    write_pcap(checker.capture, [sender(), sender(clock="7,1001")])
    checker.capture.write_bytes(checker.capture.read_bytes()[:-10])
    status, found, _, err = checker.json(checker.capture)
    assert (status, len(found)) == (0, 1) and "damaged from here on" in err


@pytest.mark.parametrize("seed", range(4))
def test_damaged_captures(checker, sender, seed):
    """Flipped bytes anywhere: an exit status and an end, no report of the address sanitizer."""
    binary = tool("TK_ASAN_BUILD" if os.environ.get("TK_ASAN_BUILD") else "TK_BUILD")
    rng = random.Random(seed)
    frames = [(START + n, framed(ip(sender(clock=f"7,{1000 + n}"), **(V6 if n % 2 else {})))) for n in range(4)]
    for write in (write_frames, write_pcapng):
        write(checker.capture, frames * 50)
        data = bytearray(checker.capture.read_bytes())
        for _ in range(len(data) // 40):
            data[rng.randrange(32 if rng.random() < 0.99 else 0, len(data))] ^= 1 << rng.randrange(8)
        checker.capture.write_bytes(data)
        _, _, err = checker.run("--json", checker.capture, binary=binary)
        assert "Sanitizer" not in err and "runtime error" not in err, err


def test_damaged_messages(checker, sender):
    """Sound frames, damaged messages: each that is SNMP at all has a verdict, and none is accepted but the intact one."""
    binary = tool("TK_ASAN_BUILD" if os.environ.get("TK_ASAN_BUILD") else "TK_BUILD")
    good, rng, broken = sender(), random.Random(1), []
    for at in range(len(good)):
        data = bytearray(good)
        data[at] ^= 1 << rng.randrange(8)
        broken.append(bytes(data))
    broken += [good[:n] for n in range(0, len(good), 3)]
    status, found, summary, err = checker.check([*broken, good], binary=binary)
    assert status == 1 and "Sanitizer" not in err and "runtime error" not in err, err
    assert [n["verdict"] for n in found].count("accepted") == 1 and found[-1]["verdict"] == "accepted"
    assert summary["seen"] + summary["other_snmp"] + summary["not_snmp"] + summary["community_notifications"] == len(broken) + 1


# --- INFORMs, and who the receiver is ---------------------------------------------------------------------------------

class Listener:
    """The command with --listen, as a process."""

    def __init__(self, checker, *args, kind="udp", port=None):
        self.port = port or free_port(kind)
        host = "[::1]" if kind == "udp6" else "127.0.0.1"
        self.address = f"{kind}:{host}:{self.port}"
        self.err = checker.folder / "listen.err"
        self.out = checker.folder / "listen.out"
        with open(self.err, "wb") as err, open(self.out, "wb") as out:
            self.process = subprocess.Popen(checker.command("--json", "--listen", self.address, *args), stdout=out,
                                            stderr=err, env=checker.env)
        wait_until(lambda: b"listening" in self.err.read_bytes() or self.process.poll() is not None, 20, "the socket")
        assert self.process.poll() is None, self.err.read_text()

    def records(self):
        return [json.loads(line) for line in self.out.read_text().splitlines()]

    def wait(self, count):
        wait_until(lambda: self.out.read_text().count("\n") >= count, 20, f"{count} notifications")

    def end(self, sig=None):
        """(exit status, notifications, summary)"""
        if sig:
            self.process.send_signal(sig)
        status = self.process.wait(20 * PATIENCE)
        check_secrecy(self.out.read_text() + self.err.read_text())
        *found, summary = self.records()
        return status, found, summary


@pytest.fixture
def listen(checker):
    made = []

    def make(*args, **options):
        made.append(Listener(checker, *args, **options))
        return made[-1]
    yield make
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait(10)


@pytest.mark.parametrize("kind", ["udp", "udp6"])
def test_listen(listen, netsnmp, kind):
    if kind == "udp6":
        need_ipv6()
    listener = listen("--count", 3, kind=kind)
    tools = netsnmp(listener.address)
    tools.v3("noc", auth=AUTH, priv=PRIV, engine=ENGINE, trap=COLD_START)
    tools.v2c()
    tools.v3("noc", auth=(AUTH[0], "another-secret"), priv=PRIV, engine=ENGINE)
    tools.v3("noc", auth=AUTH, priv=PRIV, inform=True, timeout=3, retries=0, check=False)
    status, found, summary = listener.end()
    assert status == 1 and [(n["pdu"], n["reason"]) for n in found] == [("trap", None), ("trap", "wrong_digest"),
                                                                       ("inform", None)]
    assert found[0]["trap_name"] == "coldStart" and found[0]["source"]["transport"] == kind
    assert (summary["seen"], summary["accepted"], summary["community_notifications"]) == (3, 2, 1)


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
def test_listen_until_told(listen, netsnmp, sig):
    listener = listen()
    netsnmp(listener.address).v3("noc", auth=AUTH, priv=PRIV, engine=ENGINE)
    listener.wait(1)
    status, found, summary = listener.end(sig)
    assert (status, len(found), summary["accepted"]) == (0, 1, 1)


def test_port_is_taken(checker, listen):
    listener = listen()
    status, _, err = checker.run("--listen", listener.address)
    assert status == 2 and "Address already in use" in err


@pytest.fixture
def inform(checker, listen, netsnmp):
    """What goes both ways when an INFORM is sent: probe, report, INFORM; as a capture, and the receiver's engine ID."""
    listener = listen("--count", 1)
    frames, done = [], threading.Event()
    client = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as front, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
        front.bind(("127.0.0.1", 0))
        back.connect(("127.0.0.1", listener.port))
        for sock in (front, back):
            sock.settimeout(0.05)

        def relay():
            while not done.is_set():
                for sock in (front, back):
                    try:
                        data, peer = sock.recvfrom(65535)
                    except TimeoutError:
                        continue
                    there, answer = (SENT_FROM, SENT_TO), sock is back
                    frames.append((START + len(frames), framed(ip(data, *(there[::-1] if answer else there)))))
                    if answer:
                        front.sendto(data, client["at"])
                    else:
                        client["at"] = peer
                        back.send(data)
        thread = threading.Thread(target=relay)
        thread.start()
        try:
            tools = netsnmp(f"udp:127.0.0.1:{front.getsockname()[1]}")
            tools.v3("noc", auth=AUTH, priv=PRIV, inform=True, timeout=3, retries=0, check=False)
            _, found, _ = listener.end()
        finally:
            done.set()
            thread.join()
    write_frames(checker.capture, frames)
    return found[0]["engine_id"], frames


def test_inform(checker, inform):
    engine, frames = inform
    assert len(frames) >= 3
    status, (one,), summary, _ = checker.json(checker.capture)
    assert (status, one["verdict"], one["pdu"], one["is_engine_assumed"]) == (0, "accepted", "inform", True), one
    assert (summary["receiver_engine_id"], summary["receiver_engine_from"]) == (engine, "capture")
    assert summary["other_snmp"] == len(frames) - 1
    _, out, _ = checker.run(checker.capture)
    assert "  note: its engine ID is taken for this receiver's" in out
    status, (one,), summary, _ = checker.json("--engine", f"0x{engine}", checker.capture)
    assert (status, one["is_engine_assumed"], summary["receiver_engine_from"]) == (0, False, "option")
    status, (one,), _, _ = checker.json("--engine", "8000000001020304", checker.capture)
    assert (status, one["reason"]) == (1, "unknown_engine")


def test_inform_replayed(checker, inform):
    engine, frames = inform
    write_frames(checker.capture, [*frames, (START + 600, frames[-1][1])])
    status, found, _, _ = checker.json("--engine", engine, checker.capture)
    assert (status, [n["reason"] for n in found]) == (1, [None, "not_in_time_window"])


@pytest.mark.parametrize("engine", [ENGINE, None], ids=["engine", "all"])
@pytest.mark.parametrize("boots, times", [(0, (0, 0, 0)), (1, (100, 110, 710)), (1, (100, 95, 705))],
                         ids=["still", "moves", "disorder"])
def test_trap_that_asks_for_an_answer(checker, engine, boots, times):
    """Encrypted it looks like an INFORM, and its engine ID like that of the receiver, until it is decoded."""
    user = User("sealed", "SHA-256", "the-auth-secret", "AES", "the-priv-secret")
    checker.write(*user.lines(engine))
    device = Device(ENGINE, user, boots=boots)
    traps = [device.trap(f"asks {n}", time=time, flags=device.flags | REPORTABLE) for n, time in enumerate(times)]
    moments = [(at, trap) for at, trap in zip((0, 10, 610), traps)]
    for options in ((), ("--engine", "80001f88046f776e")):
        status, found, _, _ = checker.check(moments, *options)
        assert (status, [(n["verdict"], n["pdu"], n["is_engine_assumed"]) for n in found]) == \
            (0, [("accepted", "trap", False)] * 3), found


def test_engine_of_the_configuration(checker, inform):
    engine, _ = inform
    (checker.persistent / "snmptrapd.conf").write_text(f"engineBoots 3\noldEngineID 0x{engine}\n")
    status, (one,), summary, _ = checker.json(checker.capture)
    assert (status, one["is_engine_assumed"], summary["receiver_engine_from"]) == (0, False, "configuration")
    checker.write(*CONF, "engineID somebody-else")
    status, (one,), summary, _ = checker.json(checker.capture)
    assert (status, one["reason"], summary["receiver_engine_from"]) == (1, "unknown_engine", "configuration")


# --- configuration ----------------------------------------------------------------------------------------------------

def test_persistent_users(checker, sender):
    """Users that are in snmptrapd's memory only: for the engine that they are of."""
    checker.write("authUser log late auth")
    trap = sender(user="late", auth=("SHA", AUTH[1]), priv=None)
    assert checker.check([trap])[1][0]["reason"] == "unknown_user"
    memory = checker.persistent / "snmptrapd.conf"
    memory.write_text(f"createUser -e 0x{ENGINE} late SHA the-auth-secret\n")
    before = memory.read_bytes()
    assert checker.check([trap])[0] == 0
    assert memory.read_bytes() == before and os.listdir(checker.persistent) == ["snmptrapd.conf"], "it only reads"


def test_persistent_file_that_is_not_readable(checker, sender):
    need_root()
    (checker.persistent / "snmptrapd.conf").write_text("createUser late SHA the-auth-secret\n")
    (checker.persistent / "snmptrapd.conf").chmod(0o600)
    user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    binary = checker.folder / "trapkafka"
    shutil.copy(tool(), binary)
    status, _, _, err = checker.check([sender()], binary=str(binary), wrapper=user)
    assert status == 0 and re.search(r"snmptrapd\.conf: Permission denied: users and engine ID .* are not known here", err)


BAD_LINES = {
    "protocol": ("createUser noc SHA-999 the-auth-secret", "unknown authProtocol"),
    "password": ("createUser noc SHA short", "pass phrase"),
    "blank": ("authUser", "Blank line following authUser"),
    "types": ("authUser nothing noc", ""),
    "engines": ("kafkaEngines many", "kafkaEngines"),
    "view": ("view v included not-an-oid", ""),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_errors_in_the_configuration(checker, sender, case):
    line, words = BAD_LINES[case]
    checker.write("# first", line, *CONF)
    write_pcap(checker.capture, [sender()])
    status, out, err = checker.run(checker.capture)
    assert (status, out) == (2, "")
    assert re.search(rf"^{re.escape(str(checker.conf))}: line 2: Error: .*{words}", err, re.M), err


def test_includes(checker, sender):
    more = checker.folder / "more"
    more.mkdir()
    (more / "users.conf").write_text(f"{CONF[0]}\n")
    checker.write(f"includeDir {more}", "authUser log noc", "includeSearch elsewhere", "[snmp] logOption f /nonexistent/log",
                  "[snmpd] rocommunity x", "kafkaHealthTopic")
    status, _, _, err = checker.check([sender()])
    assert (status, err) == (0, "")


def test_snmp_conf_beside_it(checker, sender):
    """Default protocols come from there."""
    checker.write("createUser noc SHA-256 the-auth-secret default the-priv-secret", "authUser log noc")
    (checker.folder / "snmp.conf").write_text("defPrivType AES-256\nlogOption f /nonexistent/log\n")
    assert checker.check([sender()])[0] == 0


def test_it_only_reads(checker, sender):
    """Nothing in the configuration is run, loaded or written."""
    evil = checker.folder / "evil"
    checker.write(*CONF, f"perl open(my $f, '>', '{evil}')", f"perlInitFile {evil}.pl", f"[snmp] logOption f {evil}",
                  f"pidFile {evil}", f"kafkaStatsFile {evil}", f"kafkaQueue 1M {evil}", f"traphandle default /usr/bin/touch {evil}")
    before = sorted(os.listdir(checker.folder))
    assert checker.check([sender()])[0] == 0
    assert sorted(os.listdir(checker.folder)) == sorted([*before, checker.capture.name])
    assert not evil.exists() and os.listdir(checker.persistent) == []


@pytest.mark.parametrize("args", [
    (), ("a", "b"), ("--listen", "1162", "capture"), ("--count", "0", "x"), ("--count", "x", "x"), ("--port", "70000", "x"),
    ("--frobnicate", "x"), ("--listen",), ("--listen", "udp:nowhere.invalid:x"), ("--engine", "12", "x"), ("--engine", "zz" * 6, "x"),
])
def test_usage(checker, args):
    status, out, err = checker.run(*args)
    assert (status, out) == (2, "") and err


def test_no_such_configuration(checker):
    checker.conf.unlink()
    checker.capture.write_bytes(b"")
    status, out, err = checker.run("--listen", "127.0.0.1:1")
    assert (status, out) == (2, "") and f"{checker.conf}: No such file or directory" in err
