# SPDX-License-Identifier: Apache-2.0
"""Each way to be refused gives the one right record, a counter that is exact, and no secret.

One daemon has them all; each packet comes from a loopback address of its own, because what one address does too often is
told together."""

import itertools
import re

import pytest

from lib import ber, send
from lib.need import need_gosnmp
from lib.proc import wait_until
from lib.rig import COMMUNITY, broker, rigs, shared_rigs  # noqa: F401, fixtures
from lib.snmptrapd import sanitized
from lib.v3 import (Device, Note, Rejects, User, event_of, gosnmp_send, localized_key, master_key, netsnmp_send,
                    pysnmp_send)

# pylint: disable=redefined-outer-name
FULL = User("full", "SHA-256", "full-auth-secret", "AES", "full-priv-secret")
STRICT = User("strict", "SHA", "strict-auth-secret", "AES-256", "strict-priv-secret")
PLAIN = User("plain", "SHA-256", "plain-auth-secret")
NOBODY = User("nobody")
UNLISTED = User("unlisted", "SHA", "unlisted-auth-secret")  # without an authUser line
STRANGER = User("stranger", "SHA-512", "stranger-auth-secret", "AES", "stranger-priv-secret")
RESTRICTED = "r3str1cted-leak"
GUESSED = "guessed-leak"
WRONG = "wrong-pass-secret"
SECRETS = [COMMUNITY, RESTRICTED, GUESSED, WRONG] + [
    word for user in (FULL, STRICT, PLAIN, UNLISTED, STRANGER) for word in (user.auth_password, user.priv_password) if word]
CONF = [*FULL.lines(), *PLAIN.lines(), STRICT.line(), STRICT.access("authPriv"), *NOBODY.lines(), UNLISTED.line(),
        f"authCommunity log,execute,net {RESTRICTED} 192.0.2.0/24", "[snmp] serverRecvBuf 4194304"]
SENDERS = ["netsnmp", "pysnmp", "gosnmp"]


class Refusing:
    """The daemon of this file, and what it has refused so far."""

    def __init__(self, rig, stats):
        self.rig = rig
        self.rejects = Rejects(rig, stats)
        self.expected = {}
        self.is_certain = True
        self._serial = itertools.count(1)

    def new(self):
        """(an address to send from, an engine ID, a mark) that no other packet has."""
        n = next(self._serial)
        return f"127.0.{57 + n // 250}.{n % 250 + 1}", f"80001f880457{n:04x}", f"refused {n}"

    def begin(self):
        """A test that failed may not make all further ones fail: count from what there is now."""
        if not self.is_certain:
            for _ in range(2):  # what was on its way when it failed is in the second
                before = self.rejects.stats.stat().st_mtime_ns
                wait_until(lambda seen=before: self.rejects.stats.stat().st_mtime_ns != seen, 10, "statistics")
            self.expected = self.rejects.counts()
        self.is_certain = False  # until the counters are as expected

    def of(self, address):
        return self.rejects.records(lambda e: e["source"]["address"] == address)

    def count(self, reason=None, count=1):
        """Wait until the counters are as before, and `count` more of this one."""
        if reason:
            self.expected[reason] = self.expected.get(reason, 0) + count
        self.rejects.wait_count(**self.expected)
        self.is_certain = True

    def check(self, address, reason, count=1, **expected):
        """The counters are exact, and this address has the one record. `expected`: as for record()."""
        self.count(reason, count)
        return self.record(address, reason, count, **expected)

    def record(self, address, reason, count=1, **expected):
        """The one record of this address. `expected`: members of its snmp, and patterns of detail and remedy."""
        wait_until(lambda: self.of(address), 10, lambda: f"a record of {reason} from {address}:\n{self.rig.log.tail()}")
        records = self.of(address)
        assert len(records) == 1, records
        record = records[0]
        assert (record["reason"], record["count"], record["is_merged"]) == (reason, count, False), record
        assert record["source"]["transport"] == "udp" and 0 < record["source"]["port"] < 65536
        assert record["first"] <= record["last"]
        for member in ("detail", "remedy"):
            assert record[member] and re.search(expected.pop(member, "."), record[member]), record
        for member, value in expected.items():
            assert record["snmp"][member] == value, record
        return record


@pytest.fixture
def refusing(refusing_rig):
    refusing_rig.begin()
    return refusing_rig


@pytest.fixture(scope="module")
def refusing_rig(shared_rigs, base_folder):  # noqa: F811
    stats = base_folder / "refusing-stats"
    stats.unlink(missing_ok=True)
    rig = shared_rigs([*CONF, Rejects.line(stats)], name="refusing", defaults="all", **sanitized())
    yield Refusing(rig, stats)
    rig.stop()
    stats.unlink(missing_ok=True)


def by_all(sender, rig, notes):
    """The errors of the notes, sent by one of the three."""
    if sender == "netsnmp":
        return netsnmp_send(rig.daemon.folder, rig.daemon.address(), notes)
    return {"pysnmp": pysnmp_send, "gosnmp": gosnmp_send}[sender](rig.daemon.port, notes)


def by(sender, rig, note):
    return by_all(sender, rig, [note])[0]


def raw(refusing, packet, local):
    """Returns the port that it was sent from."""
    return send.datagrams(refusing.rig.daemon.port, [packet], source=(local, 0))[1]


# -- SNMPv3 ------------------------------------------------------------------------------------------------------------

#: what is wrong -> (the sender's user, reason, patterns of the record)
WRONGS = {
    "auth-password": (FULL._replace(auth_password=WRONG), "wrong_digest",
                      {"detail": "full.*SHA-256", "remedy": "createUser full SHA-256 AUTH_PASSWORD"}),
    "priv-password": (FULL._replace(priv_password=WRONG), "decryption_error",
                      {"detail": "AES.*full|full.*AES",
                       "remedy": "createUser full SHA-256 AUTH_PASSWORD AES PRIV_PASSWORD"}),
    "priv-protocol": (FULL._replace(priv="DES"), "decryption_error", {"remedy": "createUser full "}),
    "user": (STRANGER, "unknown_user", {"detail": "stranger.*SHA-512",
                                        "remedy": "createUser stranger SHA-512 AUTH_PASSWORD.*authUser log stranger priv"}),
    "auth-protocol": (FULL._replace(auth="SHA-512"), "wrong_digest", {"detail": "48 octets.*SHA-512.*SHA-256"}),
    "shorter-auth-protocol": (FULL._replace(auth="MD5"), "wrong_digest", {"detail": "12 octets.*MD5.*SHA-256"}),
    "level-above": (PLAIN._replace(priv="AES", priv_password=WRONG), "unsupported_level",
                    {"detail": "authPriv.*plain", "remedy": "authNoPriv|createUser plain"}),
    "level-of-nobody": (User("nobody", "SHA", WRONG), "unsupported_level", {"detail": "authNoPriv.*nobody"}),
    "level-below": (STRICT._replace(priv=None, priv_password=None), "not_authorized",
                    {"detail": "strict.*authNoPriv", "remedy": "authUser log strict"}),
    "no-level": (User("plain"), "not_authorized", {"detail": "plain.*noAuthNoPriv", "remedy": "authUser log plain"}),
    "no-access-line": (UNLISTED, "not_authorized", {"detail": "unlisted", "remedy": "authUser log unlisted auth"}),
}


@pytest.fixture(scope="module")
def wrong_traps(refusing_rig):
    """A sender's {what is wrong: Note}: all sent at once, since each has to be waited for for a second or two."""
    refusing_rig.begin()
    sent = {}

    def all_by(sender):
        if sender not in sent:
            sent[sender] = {}
            for wrong, (user, _, _) in WRONGS.items():
                local, engine, text = refusing_rig.new()
                sent[sender][wrong] = Note(user, text, engine, local=local)
            by_all(sender, refusing_rig.rig, list(sent[sender].values()))
            for _, reason, _ in WRONGS.values():
                refusing_rig.expected[reason] = refusing_rig.expected.get(reason, 0) + 1
            refusing_rig.count()
        return sent[sender]
    return all_by


@pytest.mark.parametrize("wrong", WRONGS)
@pytest.mark.parametrize("sender", SENDERS)
def test_wrong_trap(refusing_rig, wrong_traps, wrong, sender):
    if sender == "gosnmp":
        need_gosnmp()
    user, reason, patterns = WRONGS[wrong]
    note = wrong_traps(sender)[wrong]
    record = refusing_rig.record(note.local, reason, version="3", security_name=user.name, security_level=user.level,
                                 engine_id=note.engine, **patterns)
    assert record["snmp"]["engine"]["enterprise"] == 8072 and record["snmp"]["engine"]["vendor"], record


@pytest.mark.parametrize("sender", SENDERS)
def test_good_traps_and_informs_are_no_rejects(refusing, sender):
    """Discovery and time probes included."""
    if sender == "gosnmp":
        need_gosnmp()
    for user in (FULL, PLAIN, STRICT, NOBODY):
        for inform in (False, True):
            local, engine, text = refusing.new()
            assert not by(sender, refusing.rig, Note(user, text, "" if inform else engine, inform, local=local))
            event = event_of(refusing.rig, text)
            assert event["snmp"]["security_level"] == user.level
            # A trap's engine is heard for the first time; an INFORM's is this receiver.
            assert event["snmp"]["clock_checked"] == (inform and user is not NOBODY)
            assert not refusing.of(local)
    refusing.count()


@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("wrong", ["auth-password", "priv-password", "user"])
def test_wrong_inform(refusing, wrong, sender):
    """The probes before it are no rejects, the INFORM is one."""
    if sender == "gosnmp":
        need_gosnmp()
    user, reason, patterns = WRONGS[wrong]
    local, _, text = refusing.new()
    assert by(sender, refusing.rig, Note(user, text, inform=True, local=local, timeout=3))
    refusing.check(local, reason, version="3", security_name=user.name, **patterns)


def test_inform_to_another_engine(refusing):
    local, engine, text = refusing.new()
    raw(refusing, Device(engine, PLAIN).trap(text, kind=ber.INFORM), local)
    refusing.check(local, "unknown_engine", engine_id=engine, detail="not this receiver's", remedy="discover")


def test_replay(refusing):
    local, engine, text = refusing.new()
    device = Device(engine, PLAIN, boots=4, time=100000)
    old = device.trap(text)
    raw(refusing, old, local)
    event_of(refusing.rig, text)
    device.boots, device.time = 5, 10
    raw(refusing, device.trap(text + " again"), local)
    event_of(refusing.rig, text + " again")
    port = raw(refusing, old, local)
    record = refusing.check(local, "not_in_time_window", version="3", security_name="plain", engine_id=engine)
    assert record["source"]["port"] == port


def test_odd_names_do_no_harm(refusing):
    """A user name with anything in it: the record is valid JSON, the remedy one line."""
    for name in (b"", b"x" * 32, b"tab\tline\nquote\"back\\", b"\xff\xfe\x01", "größe".encode(), b"-e 0x80 root"):
        local, engine, text = refusing.new()
        raw(refusing, Device(engine, PLAIN).trap(text, name=name), local)
        record = refusing.check(local, "unknown_user")
        assert "\n" not in record["remedy"] + record["detail"]
    for name in (b"y" * 33, b"plain\0tail"):  # longer than RFC 3414 has them; and what net-snmp would take for `plain`
        local, engine, text = refusing.new()
        raw(refusing, Device(engine, PLAIN).trap(text, name=name), local)
        refusing.check(local, "malformed")


# -- what can't be decoded ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("part", [0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1])
def test_truncated(refusing, part):
    """At several lengths, the last one short of one byte."""
    local, engine, text = refusing.new()
    packet = Device(engine, PLAIN).trap(text)
    raw(refusing, packet[:min(int(len(packet) * part), len(packet) - 1)], local)
    refusing.check(local, "malformed")


EMPTY_TRAP = ber.tlv(ber.TRAP2, ber.number(1), ber.number(0), ber.number(0), ber.varbinds([]))
ODDITIES = {  # and what the detail says; test_61_arrivals.py has all kinds
    "garbage": (b"\xde\xad\xbe\xef" * 8, "begins with 0xde"),
    "one-byte": (b"\x30", "cut"),
    "text": (b"GET / HTTP/1.0\r\n\r\n", "begins with 0x47"),
    "version-7": (ber.message(COMMUNITY, EMPTY_TRAP, 7), "SNMP version number 7"),
    "version-2": (ber.message(COMMUNITY, EMPTY_TRAP, 2), "SNMP version number 2"),
    "v2c-cut": (ber.v2c(COMMUNITY, [("1.3.6.1.4.1.99999.1", ber.octets("x" * 40))])[:-7], "cut"),
    "no-trap-oid": (ber.bare(COMMUNITY, [(ber.SYS_UPTIME, ber.ticks(1))]), r"no snmpTrapOID\.0"),
}


@pytest.mark.parametrize("oddity", ODDITIES)
def test_malformed(refusing, oddity):
    local, _, _ = refusing.new()
    message, detail = ODDITIES[oddity]
    raw(refusing, message, local)
    refusing.check(local, "malformed", detail=detail)


# -- communities -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("community", [GUESSED, RESTRICTED, ""], ids=["unknown", "wrong-address", "empty"])
@pytest.mark.parametrize("version, make", [("1", ber.v1), ("2c", ber.v2c)], ids=["v1", "v2c"])
def test_unknown_community(refusing, version, make, community):
    local, _, _ = refusing.new()
    raw(refusing, make(community), local)
    remedy = f"authCommunity log COMMUNITY {re.escape(local)}" if community else "only the sender"
    record = refusing.check(local, "unknown_community", version=version, security_name=None, engine_id=None, remedy=remedy)
    assert record["snmp"]["engine"] is None


def test_community_without_the_right_to_log(rigs, folder):  # noqa: F811
    """It is known, but for execution only."""
    stats = folder / "stats"
    rig = rigs(["authCommunity execute executor-leak", Rejects.line(stats)])
    r = Refusing(rig, stats)
    raw(r, ber.v2c("executor-leak"), "127.0.0.9")
    r.check("127.0.0.9", "not_authorized", version="2c", remedy="write `log,` before the types")
    assert rig.stop()["rejected"]["not_authorized"] == 1
    rig.check_secrecy("executor-leak")


def test_no_access_line_at_all(rigs, folder):  # noqa: F811
    """What a newcomer's first snmptrapd.conf looks like."""
    stats = folder / "stats"
    rig = rigs(start=False)
    rig.daemon.write_conf([f"kafkaBrokers {rig.broker.bootstrap}", f"kafkaTopic {rig.topic}",
                           f"kafkaHealthTopic {rig.health_topic}", PLAIN.line(), Rejects.line(stats)])
    rig.daemon.start()
    rig.in_force()
    r = Refusing(rig, stats)
    raw(r, Device("80001f88045701", PLAIN).trap("x"), "127.0.0.8")
    r.check("127.0.0.8", "not_authorized", remedy="authUser log plain auth", detail="no auth")
    raw(r, ber.v2c(GUESSED), "127.0.0.9")
    r.rejects.wait_sum(2)
    record = r.of("127.0.0.9")[0]
    assert record["reason"] in ("not_authorized", "unknown_community"), record
    assert re.search("authCommunity log COMMUNITY 127.0.0.9", record["remedy"])


# -- many of the same --------------------------------------------------------------------------------------------------

def test_aggregation(refusing):
    """500 within a second: few records, whose counts sum up to 500."""
    local, engine, text = refusing.new()
    packets = [Device(engine, PLAIN._replace(auth_password=WRONG)).trap(text) for _ in range(500)]
    refusing.rig.daemon.pause()
    try:
        send.datagrams(refusing.rig.daemon.port, packets, source=(local, 0))
    finally:
        refusing.rig.daemon.resume()
    refusing.count("wrong_digest", 500)
    # One that was told of before the others came: those are told a minute later.
    records = refusing.rejects.wait_sum(500, lambda e: e["source"]["address"] == local, timeout=75)
    assert len(records) <= 3, records
    assert all(not record["is_merged"] and record["reason"] == "wrong_digest" for record in records)


def test_many_users_of_one_address(refusing):
    """The first ones are told one by one, the others together; none goes uncounted."""
    local, engine, _ = refusing.new()
    packets = [Device(engine, PLAIN).trap("x", name=f"invented{number}") for number in range(100)]
    refusing.rig.daemon.pause()
    try:
        send.datagrams(refusing.rig.daemon.port, packets, source=(local, 0))
    finally:
        refusing.rig.daemon.resume()
    refusing.count("unknown_user", 100)
    records = refusing.rejects.wait_sum(100, lambda e: e["source"]["address"] == local, timeout=75)
    assert len(records) <= 12 and any(record["is_merged"] for record in records), records


@pytest.mark.parametrize("addresses", [1, 300])
def test_a_flood_hides_no_other_cause(rigs, folder, addresses):  # noqa: F811
    """A flood of wrong digests, then one packet of another cause from another sender: it is among the first reports, and in the
    log."""
    stats = folder / "stats"
    rig = rigs([*FULL.lines(), Rejects.line(stats), "[snmp] serverRecvBuf 4194304"], **sanitized())
    r = Refusing(rig, stats)
    forged = Device("80001f88045701", FULL._replace(auth_password=WRONG))
    rig.daemon.pause()
    try:
        for n in range(300):
            raw(r, forged.trap(), f"127.0.{60 + n % addresses // 250}.{n % addresses % 250 + 1}")
        raw(r, Device("80001f88045702", NOBODY).trap(name="somebody"), "127.0.0.8")
        raw(r, ber.v2c(GUESSED), "127.0.0.9")
    finally:
        rig.daemon.resume()
    r.rejects.wait_count(wrong_digest=300, unknown_user=1, unknown_community=1)
    for address, reason in (("127.0.0.8", "unknown_user"), ("127.0.0.9", "unknown_community")):
        record = r.record(address, reason)
        assert int(record["event_id"].split("-")[2]) <= 2 * 3, "each of the three causes has its turn"
        assert rig.log.find(rf"trapkafka: rejected: {reason} from {address} port \d+, "), rig.log.tail()
    assert rig.log.find("trapkafka: rejected: wrong_digest from 127.0.60.1 "), rig.log.tail()


# -- the end -----------------------------------------------------------------------------------------------------------

def leaks():
    """(what, bytes) that may stand nowhere."""
    for word in SECRETS:
        yield word, word.encode()
        yield f"hex of {word}", word.encode().hex().encode()
    engines = [bytes.fromhex(f"80001f880457{n:04x}") for n in range(1, 400)]
    for user in (FULL, STRICT, PLAIN, UNLISTED, FULL._replace(auth_password=WRONG)):
        for password in filter(None, (user.auth_password, user.priv_password)):
            keys = [master_key(user.auth, password)] + [localized_key(user.auth, password, engine) for engine in engines]
            for key in keys:
                yield f"a key of {user.name}", key[:8]
                yield f"hex of a key of {user.name}", key[:8].hex().encode()


def test_no_secret_anywhere(refusing_rig):
    """In records, events, log, statistics and what snmptrapd keeps; keys by their first eight octets."""
    rig = refusing_rig.rig
    rig.stop()
    heap = [message.value for message in [*rig.events.messages(), *rig.health.messages()]]
    heap += [rig.log.path.read_bytes(), refusing_rig.rejects.stats.read_bytes()]
    heap += [path.read_bytes() for path in rig.daemon.persistent.rglob("*") if path.is_file()]
    text = b"\n".join(heap)
    lower = text.lower()
    found = [what for what, word in leaks() if word in text or word in lower]
    assert not found, found[:10]


def test_end(refusing_rig):
    """The last one: the books tell of just these, and no record of anything else came."""
    books = refusing_rig.rig.stop()
    told = {reason: count for reason, count in books["rejected"].items() if count}
    assert told == refusing_rig.expected, books
    assert books["rejected"]["malformed"] == books["unparsable"]
    assert books["received"] == books["published"] == len(refusing_rig.rig.events.events())
    assert len(told) == len(books["rejected"]) == 9, "a reason was not tested"
    assert sum(record["count"] for record in refusing_rig.rejects.records()) == sum(told.values())
    # Each report that was handed on has a line, or was held back.
    lines = [line for line in refusing_rig.rig.log.text().splitlines() if "trapkafka: rejected" in line]
    assert lines and len(lines) + books["reject_lines_held"] == len(refusing_rig.rejects.records())
