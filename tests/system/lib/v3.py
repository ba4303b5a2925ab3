# SPDX-License-Identifier: Apache-2.0
"""SNMPv3 notifications from three independent senders and from a builder of our own, and what tests of SNMPv3 ask a rig.

    netsnmp_send, pysnmp_send, gosnmp_send   the same list of Notes, by snmptrap and snmpinform, pysnmp, gosnmp
    Device                                   messages as bytes, every field at will: replays, clones, forgeries
    Rejects                                  the `rejected` records of a rig, and its counters of them
"""

import asyncio
import functools
import hashlib
import hmac
import itertools
import json
import os
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, Optional

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import rfc1902

from lib import ber
from lib.books import read_stats
from lib.need import need_gosnmp
from lib.proc import PATIENCE, run, wait_until
from lib.send import LINK_DOWN

MARK = "1.3.6.1.4.1.99999.1.1.0"  # an octet string by which an event is found

#: As createUser writes them -> (hashlib's name, octets of the digest on the wire)
AUTHS = {"MD5": ("md5", 12), "SHA": ("sha1", 12), "SHA-224": ("sha224", 16), "SHA-256": ("sha256", 24),
         "SHA-384": ("sha384", 32), "SHA-512": ("sha512", 48)}
#: As createUser writes them
PRIVS = ["DES", "AES", "AES-192", "AES-256", "AES-192-C", "AES-256-C"]


class User(NamedTuple):
    """Of snmptrapd.conf. Who has no auth needs no authentication."""
    name: str
    auth: Optional[str] = None
    auth_password: Optional[str] = None
    priv: Optional[str] = None
    priv_password: Optional[str] = None

    @property
    def level(self):
        return "authPriv" if self.priv else "authNoPriv" if self.auth else "noAuthNoPriv"

    def line(self, engine=None):
        """createUser, for all engines or for one (hex digits)."""
        words = ["createUser", *(["-e", f"0x{engine}"] if engine else []), self.name]
        if self.auth:
            words += [self.auth, f'"{self.auth_password}"']
        if self.priv:
            words += [self.priv, f'"{self.priv_password}"']
        return " ".join(words)

    def access(self, level=None):
        """authUser; it demands `level`: the user's own, if not given."""
        word = {"noAuthNoPriv": "noauth", "authNoPriv": "auth", "authPriv": "priv"}[level or self.level]
        return f"authUser log,execute,net {self.name} {word}"

    def lines(self, engine=None):
        return [self.line(engine), self.access()]


@dataclass(frozen=True)
class Note:
    """One notification. engine: hex digits of the sender's own, for traps; local: the address it is sent from."""
    user: User
    text: str
    engine: str = ""
    inform: bool = False
    boots: int = 1
    time: int = 100
    local: str = ""
    trap: str = LINK_DOWN
    timeout: float = 20.0


def event_of(rig, text, timeout=20):
    """The one event that carries this mark."""
    found = rig.events.wait_events(1, lambda e: mark_of(e) == text, timeout)
    assert len(found) == 1, found
    return found[0]


def mark_of(event):
    return next((v["value"] for v in event.get("varbinds", ()) if v["oid"] == MARK), None)


def kept_lines(daemon):
    """What a snmptrapd has written into its persistent folder, without comments."""
    return [line for path in daemon.persistent.rglob("*") if path.is_file()
            for line in path.read_text(encoding="latin-1").splitlines() if line and line[0] != "#"]


# -- net-snmp's tools --------------------------------------------------------------------------------------------------

def netsnmp_command(address, note):
    user = note.user
    command = ["snmpinform" if note.inform else "snmptrap", "-v3", "-u", user.name, "-l", user.level, "-t", note.timeout,
               "-r", 0]
    if user.auth:
        command += ["-a", user.auth, "-A", user.auth_password]
    if user.priv:
        command += ["-x", user.priv, "-X", user.priv_password]
    if note.engine:
        command += ["-e", f"0x{note.engine}", "-E", f"0x{note.engine}", "-Z", f"{note.boots},{note.time}"]
    return [*command, address, "", note.trap, MARK, "s", note.text]


def netsnmp_send(folder, address, notes):
    """One error ("" for none) each: what the tool printed. Two at a time, each with a folder of its own."""
    folders = [folder / f"netsnmp{n}" for n in range(2)]

    def send(at, note):
        home = folders[at % 2] / (note.local or "any")
        home.mkdir(parents=True, exist_ok=True)
        (home / "snmp.conf").write_text(f"clientaddr {note.local}\n" if note.local else "")
        env = dict(os.environ, MIBS="", SNMPCONFPATH=str(home), SNMP_PERSISTENT_DIR=str(home))
        done = run(netsnmp_command(address, note), timeout=note.timeout + 20, check=False, env=env)
        return done.stdout.strip() or "no reason given" if done.returncode else ""

    def every_second(first):
        return [send(at, notes[at]) for at in range(first, len(notes), 2)]
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(every_second, (0, 1)))
    return [halves[at % 2][at // 2] for at in range(len(notes))]


# -- pysnmp ------------------------------------------------------------------------------------------------------------

_PYSNMP_AUTH = {None: hlapi.USM_AUTH_NONE, "MD5": hlapi.USM_AUTH_HMAC96_MD5, "SHA": hlapi.USM_AUTH_HMAC96_SHA,
                "SHA-224": hlapi.USM_AUTH_HMAC128_SHA224, "SHA-256": hlapi.USM_AUTH_HMAC192_SHA256,
                "SHA-384": hlapi.USM_AUTH_HMAC256_SHA384, "SHA-512": hlapi.USM_AUTH_HMAC384_SHA512}
# What pysnmp calls AES-192 and AES-256 extends the key as Cisco does.
_PYSNMP_PRIV = {None: hlapi.USM_PRIV_NONE, "DES": hlapi.USM_PRIV_CBC56_DES, "AES": hlapi.USM_PRIV_CFB128_AES,
                "AES-192": hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL, "AES-256": hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
                "AES-192-C": hlapi.USM_PRIV_CFB192_AES, "AES-256-C": hlapi.USM_PRIV_CFB256_AES}


def pysnmp_send(port, notes, host="127.0.0.1"):
    """One error each. The notes of one engine share a pysnmp engine; its boots and time are its own."""
    async def send(engines, note):
        if note.engine not in engines:
            engines[note.engine] = hlapi.SnmpEngine(rfc1902.OctetString(hexValue=note.engine) if note.engine else None)
        user = note.user
        target = await hlapi.UdpTransportTarget.create((host, port), note.timeout, 0)
        if note.local:
            target.set_local_address((note.local, 0))
        data = hlapi.UsmUserData(user.name, user.auth_password, user.priv_password, authProtocol=_PYSNMP_AUTH[user.auth],
                                 privProtocol=_PYSNMP_PRIV[user.priv])
        what = hlapi.NotificationType(hlapi.ObjectIdentity(note.trap)).add_varbinds(
            (MARK, rfc1902.OctetString(note.text)))
        answer = await hlapi.send_notification(engines[note.engine], data, target, hlapi.ContextData(),
                                               "inform" if note.inform else "trap", what)
        return str(answer[0] or "")

    async def send_all():
        engines = {}
        try:
            return [await send(engines, note) for note in notes]
        finally:
            for engine in engines.values():
                engine.close_dispatcher()
    return asyncio.run(send_all())


# -- gosnmp ------------------------------------------------------------------------------------------------------------

def gosnmp_send(port, notes, host="127.0.0.1"):
    """One error each. A process for each privacy password: gosnmp 1.35 takes the first one that it extended to a long key
    for all others of the same hash."""
    program = need_gosnmp()
    errors = [""] * len(notes)
    for password in {note.user.priv_password for note in notes}:
        chosen = [at for at, note in enumerate(notes) if note.user.priv_password == password]
        jobs = [_gosnmp_job(host, port, notes[at]) for at in chosen]
        done = subprocess.run([program], input=json.dumps(jobs), capture_output=True, encoding="utf-8", timeout=120 * PATIENCE,
                              check=False)
        lines = done.stdout.splitlines()
        assert done.returncode == 0 and len(lines) == len(jobs), done
        for at, line in zip(chosen, lines):
            errors[at] = json.loads(line)["error"]
    return errors


def _gosnmp_job(host, port, note):
    user = note.user
    return {"host": host, "port": port, "local": note.local, "user": user.name, "auth": user.auth or "",
            "auth_password": user.auth_password or "", "priv": user.priv or "", "priv_password": user.priv_password or "",
            "inform": note.inform, "engine": note.engine, "boots": note.boots, "time": note.time, "trap": note.trap,
            "varbind": MARK, "text": note.text, "timeout_ms": int(note.timeout * 1000)}


# -- messages as bytes --------------------------------------------------------------------------------------------------

@functools.lru_cache(maxsize=None)
def master_key(auth, password):
    """Ku of RFC 3414, A.2."""
    word = password.encode()
    return hashlib.new(AUTHS[auth][0], (word * (2 ** 20 // len(word) + 1))[:2 ** 20]).digest()


@functools.lru_cache(maxsize=1024)
def localized_key(auth, password, engine):
    """Kul of RFC 3414, 2.6."""
    key = master_key(auth, password)
    return hashlib.new(AUTHS[auth][0], key + engine + key).digest()


REPORTABLE = 4  # in msgFlags
_serial = itertools.count(1)


class Device:
    """An SNMP engine that sends what a test wants: at the level of its user, whose privacy protocol may be AES.

    engine  hex digits
    """

    def __init__(self, engine, user, boots=1, time=1000):
        self.engine = bytes.fromhex(engine)
        self.user = user
        self.boots = boots
        self.time = time

    @property
    def flags(self):
        """msgFlags at its user's level."""
        return (1 if self.user.auth else 0) | (2 if self.user.priv else 0)

    def trap(self, text="", boots=None, time=None, flags=None, digest=None, kind=ber.TRAP2, name=None, context_engine=None,
             pairs=None):
        """A whole message. What is not given is as it has to be: flags, digest, the user's name, the context engine ID.
        `pairs` replace all varbinds."""
        serial = next(_serial)
        boots = self.boots if boots is None else boots
        time = self.time if time is None else time
        if flags is None:
            flags = self.flags | (REPORTABLE if kind == ber.INFORM else 0)
        is_signed = flags & 1 and digest is None
        size = AUTHS[self.user.auth][1] if self.user.auth else 12
        blank = (bytes(size) if is_signed else digest) if flags & 1 else b""
        if pairs is None:
            pairs = [(ber.SYS_UPTIME, ber.ticks(serial)), (ber.SNMP_TRAP_OID, ber.oid(LINK_DOWN)), (MARK, ber.octets(text))]
        pdu = ber.tlv(kind, ber.number(serial), ber.number(0), ber.number(0), ber.varbinds(pairs))
        scoped = ber.tlv(0x30, ber.octets(self.engine if context_engine is None else context_engine), ber.octets(b""), pdu)
        salt = struct.pack(">Q", serial) if flags & 2 else b""
        if salt and self.user.priv:
            scoped = ber.octets(self._encrypt(scoped, boots, time, salt))
        head = ber.tlv(0x30, ber.number(serial), ber.number(65507), ber.octets(bytes([flags])), ber.number(3))
        usm = ber.tlv(0x30, ber.octets(self.engine), ber.number(boots), ber.number(time),
                      ber.octets(self.user.name if name is None else name), ber.octets(blank), ber.octets(salt))
        message = ber.tlv(0x30, ber.number(3), head, ber.octets(usm), scoped)
        if not is_signed:
            return message
        key = localized_key(self.user.auth, self.user.auth_password, self.engine)
        signature = hmac.new(key, message, AUTHS[self.user.auth][0]).digest()[:size]
        at = len(message) - len(scoped) - len(ber.octets(salt)) - size
        assert message[at - 2:at + size] == bytes([4, size]) + bytes(size)
        return message[:at] + signature + message[at + size:]

    def _encrypt(self, scoped, boots, time, salt):
        """RFC 3826."""
        assert self.user.priv == "AES"
        key = localized_key(self.user.auth, self.user.priv_password, self.engine)[:16]
        encryptor = Cipher(algorithms.AES(key), CFB(struct.pack(">II", boots, time) + salt)).encryptor()
        return encryptor.update(scoped) + encryptor.finalize()


# -- what a rig says of packets that were refused --------------------------------------------------------------------------

class Rejects:
    """Of a rig that has `kafkaStatsFile PATH 1`, which line() makes."""

    def __init__(self, rig, stats):
        self.rig = rig
        self.stats = stats

    @staticmethod
    def line(stats):
        return f"kafkaStatsFile {stats} 1"

    def counts(self):
        """{reason: count} of those that are not 0, as the statistics file says now."""
        if not self.stats.exists():
            return {}
        return {dict(labels)["reason"]: int(value) for (name, labels), value in read_stats(self.stats).items()
                if name == "trapkafka_rejected_total" and value}

    def records(self, where=None):
        return self.rig.health.events(lambda e: e["type"] == "rejected" and (where is None or where(e)))

    def wait_count(self, timeout=10, **expected):
        """Until the counters are exactly these; a counter beyond that fails at once."""
        def look():
            now = self.counts()
            over = {reason: n for reason, n in now.items() if n > expected.get(reason, 0)}
            assert not over, f"more than expected: {now} instead of {expected}\n{self.records()}"
            return now == expected
        wait_until(look, timeout, lambda: f"{expected}; the counters are {self.counts()}\n{self.records()}", step=0.1)

    def wait_sum(self, count, where=None, timeout=10):
        """The records that `where` chooses, as soon as their counts sum up to this."""
        def look():
            found = self.records(where)
            total = sum(record["count"] for record in found)
            assert total <= count, f"{total} packets are told of, {count} were sent: {found}"
            return found if total == count else None
        return wait_until(look, timeout, lambda: f"records of {count} packets: {self.records()}", step=0.05)
