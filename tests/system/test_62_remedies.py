# SPDX-License-Identifier: Apache-2.0
"""Every remedy is true: for each cause of a refusal, what the published remedy says is done to the letter (lib/remedies.py),
and the same sender is then accepted; where only the sender can mend it, that is done to the sender. Each way of a remedy that
has several is followed, from the same beginning.

`trapkafka v3 check` has to say the same of the same packets, word for word."""

import itertools
import json
import os
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest

from lib import ber, pcap, remedies, send
from lib.need import need_ipv6, need_tool
from lib.proc import PATIENCE, run, wait_until
from lib.rig import broker, rigs  # noqa: F401, fixtures
from lib.v3 import (MARK, REPORTABLE, Device, Note, User, event_of, netsnmp_command, pysnmp_send)

# pylint: disable=redefined-outer-name
PLUGIN = Path(__file__).resolve().parents[2] / "plugin"
SHIM = Path(__file__).resolve().parent / "lib" / "shim" / "engine_time.c"
NOC = User("noc", "SHA-256", "noc-auth-secret", "AES", "noc-priv-secret")
PLAIN = User("noc", "SHA-256", "noc-auth-secret")
OPEN = User("noc")
STRANGER = User("stranger", "SHA-512", "stranger-auth-secret", "AES-256", "stranger-priv-secret")
WRONG = "another-secret"
OTHER_ENGINE = "80001f8804626f74"
OWN_ENGINE = "80001f88046f776e"  # the receiver's, where a row says so
OWN = f"exactEngineID 0x{OWN_ENGINE}"
COMMUNITY = "letmein-secret"
_serial = itertools.count(1)


class Sender:
    """A sender of notifications, by what it is configured with. `known_user`, `known_community`: what snmptrapd.conf has."""

    def __init__(self, user=None, known_user=None, community=None, version="3", engine=None, **fields):
        n = next(_serial)
        self.user, self.known_user = user, known_user or user
        self.community, self.known_community = community, COMMUNITY
        self.version = version
        self.local = f"127.0.{62 + n // 250}.{n % 250 + 1}"
        self.engine = f"80001f880462{n:04x}" if engine is None else engine
        self.boots, self.time = 3, 5000
        self.inform = False
        self.context = ""
        self.flags = 0           # more of msgFlags
        self.digest = None       # instead of the right one
        self.is_pysnmp = False
        self.host = "127.0.0.1"
        self.trap = send.LINK_DOWN
        for name, value in fields.items():
            assert hasattr(self, name), name
            setattr(self, name, value)

    def set_level(self, level):
        """A user who is to have a protocol more has it as in snmptrapd.conf."""
        user, known = self.user, self.known_user
        if level == "noAuthNoPriv":
            user = user._replace(auth=None, auth_password=None)
        elif not user.auth:
            user = user._replace(auth=known.auth, auth_password=known.auth_password)
        if level != "authPriv":
            user = user._replace(priv=None, priv_password=None)
        elif not user.priv:
            user = user._replace(priv=known.priv, priv_password=known.priv_password)
        self.user = user

    def renew_engine(self):
        self.engine = f"80001f880463{next(_serial):04x}"

    def packet(self, case, text):
        """One trap as bytes."""
        self.time += 1
        if self.version != "3":
            make = {"1": ber.v1, "2c": ber.v2c}[self.version]
            return make(self.community, [(MARK, ber.octets(text))])
        if self.flags or self.digest is not None or len(self.engine) < 10 or not self.user.name:  # as no tool sends it
            device = Device(self.engine, self.user, self.boots, self.time)
            return device.trap(text, flags=device.flags | self.flags, digest=self.digest)
        return case.captured(self, text)

    def note(self, text):
        return Note(self.user, text, self.engine, self.inform, self.boots, self.time, self.local, self.trap,
                    timeout=3)


class Case:
    """A snmptrapd, its lines of snmptrapd.conf, and senders."""

    def __init__(self, rig, lines, folder, clock=None):
        self.rig = rig
        self.lines = list(lines)
        self.folder = folder
        self.clock = clock
        self.sent = []  # (seconds, (address, port), payload)
        self.is_complete = True  # what came is what was sent by send()
        self._texts = itertools.count(1)

    # -- the receiver ---------------------------------------------------------------------------------------------------

    def conf(self):
        rig = self.rig
        return [f"kafkaBrokers {rig.broker.bootstrap}", f"kafkaTopic {rig.topic}", f"kafkaHealthTopic {rig.health_topic}",
                "kafkaLogTraps no", "kafkaDedup off", "doNotRetainNotificationLogs yes", *self.lines]

    def sighup(self):
        self.rig.reload(self.conf())

    def restart(self, delete=None):
        """`delete`: a file of the persistent folder, while snmptrapd does not run."""
        since = self.rig.log.mark()
        self.rig.daemon.stop()
        if delete:
            (self.rig.daemon.persistent / delete).unlink()
        self.rig.daemon.start()
        self.rig.in_force(since)

    def later(self, seconds):
        ahead = self.clock.with_suffix(".new")
        ahead.write_text(str(int(self.clock.read_text()) + seconds))
        ahead.rename(self.clock)

    # -- senders --------------------------------------------------------------------------------------------------------

    def captured(self, sender, text):
        """The trap that snmptrap (or pysnmp) sends."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(10 * PATIENCE)
            port = sock.getsockname()[1]
            if sender.is_pysnmp:
                pysnmp_send(port, [sender.note(text)])
            else:
                self.tool(sender, text, f"udp:127.0.0.1:{port}")
            return sock.recv(65535)

    def tool(self, sender, text, address):
        """Returns what the tool complains of."""
        home = self.folder / "tool"
        home.mkdir(exist_ok=True)
        (home / "snmp.conf").write_text(f"clientaddr {sender.local}\n" if sender.inform else "")
        command = netsnmp_command(address, sender.note(text))
        command[1:1] = ["-n", sender.context] if sender.context else []
        command = [os.fsdecode(word) if isinstance(word, bytes) else word for word in command]
        env = dict(os.environ, MIBS="", SNMPCONFPATH=str(home), SNMP_PERSISTENT_DIR=str(home))
        done = run(command, timeout=30, check=False, env=env)
        return done.returncode

    def send(self, sender, text=None):
        """One notification. Returns its mark."""
        text = text or f"remedy {next(self._texts)}"
        if sender.inform:
            self.is_complete = False
            sender.time += 1
            self.tool(sender, text, self.rig.daemon.address())
            return text
        self.send_packet(sender, sender.packet(self, text))
        return text

    def send_packet(self, sender, packet):
        source = sender.local if sender.host == "127.0.0.1" else sender.host
        port = send.datagrams(self.rig.daemon.ports["udp" if source == sender.local else "udp6"], [packet], host=sender.host,
                              source=(source, 0))[1]
        ahead = int(self.clock.read_text()) if self.clock else 0
        self.sent.append((time.time() + ahead, (source, port), packet))

    def accept(self, sender):
        event_of(self.rig, self.send(sender))

    # -- what is told ---------------------------------------------------------------------------------------------------

    def records(self, sender):
        source = sender.local if sender.host == "127.0.0.1" else sender.host
        return self.rig.health.events(lambda e: e["type"] == "rejected" and e["source"]["address"] == source)

    def refused(self, sender, reason, detail):
        """The record of the one refusal of this sender."""
        wait_until(lambda: self.records(sender), 15, lambda: f"{reason} from {sender.local}:\n{self.rig.log.tail()}")
        record = self.records(sender)[-1]
        assert record["reason"] == reason and re.search(detail, record["detail"]), (reason, detail, record)
        for secret in (NOC.auth_password, NOC.priv_password, STRANGER.auth_password, STRANGER.priv_password, WRONG, COMMUNITY):
            assert secret not in record["detail"] + record["remedy"], record
        return record

    def check(self):
        """What `trapkafka v3 check` says of the packet that was sent last."""
        path = self.folder / "sent.pcap"
        pcap.write_pcap(path, self.sent)
        tool = Path(os.environ["TK_BUILD"]) / "stage" / "bin" / "trapkafka"
        command = [tool, "v3", "check", "--json", "--config", self.rig.daemon.conf, "--persistent", self.rig.daemon.persistent,
                   path]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60 * PATIENCE, check=False,
                              env=dict(os.environ, MIBS=""))
        found = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(found) > 1, done
        return found[-2]


# -- the table -----------------------------------------------------------------------------------------------------------------

class Row:
    """One cause: snmptrapd.conf, a sender, and what the refusal says.

    detail   a pattern of the record's detail
    sender   fields of Sender
    provoke  what leads to the refusal: provoke(case, sender); if not given, one notification
    follows  the names in lib/remedies.py of what has to be done, one for each way
    options  of the daemon
    """

    def __init__(self, reason, hint, detail, lines, sender, follows, provoke=None, prepare=None, is_checked=True, **options):
        self.cause = (reason, hint)
        self.detail = detail
        self.lines = lines
        self.sender = sender
        self.follows = follows
        self.provoke = provoke or (lambda case, sender: case.send(sender))
        self.prepare = prepare
        self.is_checked = is_checked and sender.get("version", "3") == "3"
        self.options = options


def lines(*users, access=True):
    return [line for user in users for line in (user.lines() if access else [user.line()])]


def came_before(boots, seconds, local=None):
    """Accepted once with these; then refused as it is."""
    def provoke(case, sender):
        own = sender.boots, sender.time, sender.local
        sender.boots, sender.time, sender.local = boots, seconds, local or sender.local
        case.accept(sender)
        sender.boots, sender.time, sender.local = own
        case.send(sender)
    return provoke


def stands_still(has_moved, accepted_from=None):
    """The clock has moved or not; then it says the same for 160 s. A device may send from several addresses by turns."""
    def provoke(case, sender):
        own = sender.local
        sender.local = accepted_from or own
        if has_moved:
            case.accept(sender)
        else:
            sender.time -= 1
        case.accept(sender)
        case.later(160)
        sender.time -= 1
        sender.local = own
        case.send(sender)
    return provoke


def replayed(case, sender):
    """An engine with a clock that never moves; its message comes twice."""
    sender.time -= 1
    packet = sender.packet(case, "replayed")
    case.send_packet(sender, packet)
    event_of(case.rig, "replayed")
    case.send_packet(sender, packet)


def persistent_user(case):
    """Stock snmptrapd was here first: its persistent file keeps the user, with a key for its own engine."""
    daemon = case.rig.daemon
    daemon.load, load = None, daemon.load
    daemon.write_conf([PLAIN.line()])
    daemon.start()
    daemon.stop()
    daemon.load = load


def stale_informs(case, sender):
    """To the receiver's engine ID, with boots that it never had; three, because the first two may mend themselves."""
    device = Device(OWN_ENGINE, sender.user, 77, 5)
    for _ in range(3):
        case.send_packet(sender, device.trap("stale", kind=ber.INFORM))
    case.is_complete = False
    sender.inform, sender.engine = True, ""


def own_engine_trap(flags=0, boots=77):
    def provoke(case, sender):
        sender.engine, sender.boots = OWN_ENGINE, boots
        device = Device(sender.engine, sender.user, boots, 0)
        case.send_packet(sender, device.trap("own", flags=device.flags | flags))
    return provoke


NO_ACCESS = "no authUser, authGroup or authCommunity line"
OTHERS = ["authCommunity log of-others"]
ROWS = {
    # unknown_user
    "user": Row("UNKNOWN_USER", "NONE", "user 'stranger' is unknown", OTHERS, {"user": STRANGER}, ["write"]),
    "user-md5-des": Row("UNKNOWN_USER", "NONE", "length of SHA or MD5", OTHERS,
                        {"user": STRANGER._replace(auth="MD5", priv="DES")}, ["write"]),
    "user-noauth": Row("UNKNOWN_USER", "NONE", "noAuthNoPriv", OTHERS, {"user": User("stranger")}, ["write"]),
    "user-inform": Row("UNKNOWN_USER", "NONE", "'stranger'", OTHERS, {"user": STRANGER, "inform": True, "engine": ""}, ["write"],
                       is_checked=False),
    "user-quoted": Row("UNKNOWN_USER", "NONE", "is unknown", OTHERS, {"user": PLAIN._replace(name='the "noc" \\ it\'s #1')}, ["write"]),
    "user-latin1": Row("UNKNOWN_USER", "NONE", "is unknown", OTHERS, {"user": PLAIN._replace(name=b"gr\xf6\xdfe\x01\t.")}, ["write"]),
    "user-minus": Row("UNKNOWN_USER", "NONE", "is unknown", OTHERS, {"user": PLAIN._replace(name="-noc")}, ["write"]),
    "user-none": Row("UNKNOWN_USER", "UNWRITABLE", "names no user", lines(PLAIN),
                     {"user": PLAIN._replace(name=""), "known_user": PLAIN}, ["configure_name"]),
    "user-line-feed": Row("UNKNOWN_USER", "UNWRITABLE", "can't be written", lines(PLAIN),
                          {"user": PLAIN._replace(name="no\nc"), "known_user": PLAIN}, ["configure_name"]),
    "user-option": Row("UNKNOWN_USER", "UNWRITABLE", "can't be written", lines(PLAIN),
                       {"user": PLAIN._replace(name="-e"), "known_user": PLAIN}, ["configure_name"]),
    # unknown_engine
    "engine": Row("UNKNOWN_ENGINE", "NONE", "not for this engine ID", NOC.lines(OTHER_ENGINE), {"user": NOC},
                  ["write", "write_for_all"]),
    "engine-of-one-octet": Row("UNKNOWN_ENGINE", "NONE", "not for this engine ID", NOC.lines(OTHER_ENGINE),
                               {"user": NOC, "engine": "07"}, ["write", "write_for_all"]),
    "engine-persistent": Row("UNKNOWN_ENGINE", "NO_MASTER_KEY", "persistent file", [PLAIN.access()], {"user": PLAIN}, ["write"],
                             prepare=persistent_user, persist=True),
    "engine-localized": Row("UNKNOWN_ENGINE", "NO_MASTER_KEY", "localized",
                            [f"createUser noc SHA-256 -l 0x{'5a' * 32}", PLAIN.access()], {"user": PLAIN}, ["write"]),
    "engine-off": Row("UNKNOWN_ENGINE", "NO_DISCOVERY", "kafkaEngines is off", ["kafkaEngines off", *NOC.lines()], {"user": NOC},
                      ["replace_engines", "write_for_one"]),
    "engine-inform": Row("UNKNOWN_ENGINE", "NOT_OUR_ENGINE", "not this receiver's", lines(NOC), {"user": NOC, "inform": True},
                         ["discover", "send_traps"], is_checked=False),
    "engine-none": Row("UNKNOWN_ENGINE", "NO_ENGINE_ID", "no engine ID", lines(NOC), {"user": NOC, "engine": ""},
                       ["configure_engine"]),
    # wrong_digest
    "digest": Row("WRONG_DIGEST", "NONE", "does not match the key of user 'noc'", lines(NOC),
                  {"user": NOC._replace(auth_password=WRONG), "known_user": NOC}, ["set_auth", "correct"]),
    "digest-explicit": Row("WRONG_DIGEST", "NONE", "does not match", [NOC.line("80001f8804657870"), NOC.access()],
                           {"user": NOC._replace(auth_password=WRONG), "known_user": NOC, "engine": "80001f8804657870"},
                           ["set_auth", "correct"]),
    "digest-off": Row("WRONG_DIGEST", "NONE", "does not match",
                      ["kafkaEngines off", NOC.line("80001f8804657870"), NOC.access()],
                      {"user": NOC._replace(auth_password=WRONG), "known_user": NOC, "engine": "80001f8804657870"},
                      ["set_auth", "correct"]),
    "digest-md5": Row("WRONG_DIGEST", "NONE", "SHA or MD5", lines(NOC._replace(auth="SHA")),
                      {"user": NOC._replace(auth="MD5"), "known_user": NOC._replace(auth="SHA")}, ["set_auth", "correct"]),
    "digest-inform": Row("WRONG_DIGEST", "NONE", "does not match", lines(NOC),
                         {"user": NOC._replace(auth_password=WRONG), "known_user": NOC, "inform": True, "engine": ""},
                         ["set_auth", "correct"], is_checked=False),
    "digest-protocol": Row("WRONG_DIGEST", "OTHER_PROTOCOL", "48 octets.*has SHA-256", lines(NOC),
                           {"user": NOC._replace(auth="SHA-512"), "known_user": NOC}, ["set_auth_protocol", "correct"]),
    "digest-protocol-md5": Row("WRONG_DIGEST", "OTHER_PROTOCOL", "12 octets.*has SHA-256", lines(NOC),
                               {"user": NOC._replace(auth="MD5"), "known_user": NOC}, ["set_auth_protocol", "correct"]),
    "digest-length": Row("WRONG_DIGEST", "OTHER_PROTOCOL", "5 octets", lines(PLAIN), {"user": PLAIN, "digest": b"12345"},
                         ["only_auth_protocol"]),
    # decryption_error
    "privacy": Row("DECRYPTION_ERROR", "NONE", "AES key of user 'noc'", lines(NOC),
                   {"user": NOC._replace(priv_password=WRONG), "known_user": NOC}, ["set_priv", "correct"]),
    "privacy-protocol": Row("DECRYPTION_ERROR", "NONE", "DES key", lines(NOC._replace(priv="DES")),
                            {"user": NOC, "known_user": NOC._replace(priv="DES")}, ["set_priv", "correct"]),
    "privacy-explicit": Row("DECRYPTION_ERROR", "NONE", "AES key", [NOC.line("80001f8804657870"), NOC.access()],
                            {"user": NOC._replace(priv_password=WRONG), "known_user": NOC, "engine": "80001f8804657870"},
                            ["set_priv", "correct"]),
    **{f"privacy-{auth}-{ours}-{theirs}": Row(
        "DECRYPTION_ERROR", "NONE", f"{ours} key", lines(NOC._replace(auth=auth, priv=ours)),
        {"user": NOC._replace(auth=auth, priv=theirs), "known_user": NOC._replace(auth=auth, priv=ours), "is_pysnmp": True},
        ["set_priv", "correct", "correct_extension"])
       for auth, ours, theirs in (("SHA", "AES-256", "AES-256-C"), ("SHA", "AES-256-C", "AES-256"),
                                  ("SHA-224", "AES-256", "AES-256-C"), ("MD5", "AES-192", "AES-192-C"))},
    # not_in_time_window
    "window-address": Row("NOT_IN_TIME_WINDOW", "OTHER_ADDRESS", "two devices use engine ID", lines(NOC), {"user": NOC},
                          ["give_engine", "restart_for_moved"], came_before(4, 5000, "127.0.0.61")),
    "window-boots": Row("NOT_IN_TIME_WINDOW", "LOST_BOOTS", "came after boots 4", lines(NOC), {"user": NOC}, ["restart"],
                        came_before(4, 5000)),
    "window-rebooted": Row("NOT_IN_TIME_WINDOW", "REBOOTED", "did not increment", lines(NOC), {"user": NOC, "time": 3},
                           ["restart"], came_before(3, 5000)),
    "window-set-back": Row("NOT_IN_TIME_WINDOW", "OLD_TIME", "set back", lines(NOC), {"user": NOC}, ["restart_agent"],
                           came_before(3, 9000)),
    "window-latched": Row("NOT_IN_TIME_WINDOW", "BOOTS_LATCHED", "latched", lines(NOC), {"user": NOC, "boots": 2 ** 31 - 1},
                          ["new_engine", "reset_boots"]),
    "window-still": Row("NOT_IN_TIME_WINDOW", "CLOCK_STILL", "is strict", ["kafkaReplayGuard strict", *lines(NOC)], {"user": NOC},
                        ["replace_guard", "advance_clock"], stands_still(False)),
    "window-stopped": Row("NOT_IN_TIME_WINDOW", "CLOCK_STOPPED", "did change before", lines(NOC), {"user": NOC},
                          ["restart_agent", "forget_clocks"], stands_still(True)),
    "window-still-from-two-addresses": Row("NOT_IN_TIME_WINDOW", "CLOCK_STILL", "is strict",
                                           ["kafkaReplayGuard strict", *lines(NOC)], {"user": NOC},
                                           ["replace_guard", "advance_clock"], stands_still(False, "127.0.0.61")),
    "window-stopped-from-two-addresses": Row("NOT_IN_TIME_WINDOW", "CLOCK_STOPPED", "did change before", lines(NOC),
                                             {"user": NOC}, ["restart_agent", "forget_clocks"],
                                             stands_still(True, "127.0.0.61")),
    "window-replay": Row("NOT_IN_TIME_WINDOW", "REPLAY", "identical", lines(NOC), {"user": NOC}, ["nothing"], replayed),
    "window-stale": Row("NOT_IN_TIME_WINDOW", "STALE_CLOCK", "not this receiver's", [OWN, *lines(NOC)], {"user": NOC},
                        ["synchronize", "restart_sender", "own_engine"], stale_informs),
    **{f"window-own-{n}": Row("NOT_IN_TIME_WINDOW", "OWN_ENGINE", "this receiver's engine ID", [OWN, *lines(PLAIN)],
                              {"user": PLAIN}, ["own_engine"], own_engine_trap(flags, boots), is_checked=False)
       for n, (flags, boots) in enumerate(((0, 77), (REPORTABLE, 77), (0, 0), (REPORTABLE, 0)))},
    "window-off": Row("NOT_IN_TIME_WINDOW", "NONE", "outside the engine's time window",
                      ["kafkaEngines off", NOC.line("80001f8804657870"), NOC.access()],
                      {"user": NOC, "engine": "80001f8804657870"}, ["restart"], came_before(4, 5000)),
    # unsupported_level
    "level": Row("UNSUPPORTED_LEVEL", "NONE", "authPriv, but user 'noc' has SHA-256", lines(PLAIN),
                 {"user": NOC, "known_user": PLAIN}, ["set_level_and_right", "correct"]),
    "level-above-what-is-permitted": Row("UNSUPPORTED_LEVEL", "NONE", "authPriv, but user 'noc'", [PLAIN.line(), NOC.access()],
                                         {"user": NOC, "known_user": PLAIN}, ["set_level_and_right", "correct"]),
    "level-of-nobody": Row("UNSUPPORTED_LEVEL", "NONE", "no protocol for authentication", lines(OPEN),
                           {"user": PLAIN, "known_user": OPEN}, ["set_level_and_right", "correct"]),
    "level-explicit": Row("UNSUPPORTED_LEVEL", "NONE", "authPriv", [PLAIN.line("80001f8804657870"), PLAIN.access()],
                          {"user": NOC, "known_user": PLAIN, "engine": "80001f8804657870"},
                          ["set_level_and_right", "correct"]),
    # not_authorized, users
    "right-none": Row("NOT_AUTHORIZED", "NONE", "'noc' has no authUser line", [NOC.line(), *OTHERS], {"user": NOC}, ["write"]),
    "right-no-lines": Row("NOT_AUTHORIZED", "NO_ACCESS_LINES", NO_ACCESS, [NOC.line()], {"user": NOC}, ["write"]),
    "right-execute": Row("NOT_AUTHORIZED", "NO_LOG_RIGHT", "another right", [NOC.line(), "authUser execute,net noc priv"],
                         {"user": NOC}, ["write"]),
    "right-execute-below": Row("NOT_AUTHORIZED", "NO_LOG_RIGHT", "another right", [NOC.line(), "authUser execute noc noauth"],
                               {"user": NOC}, ["write"]),
    **{f"right-oid-{n}": Row("NOT_AUTHORIZED", "OTHER_OID", "limited by an OID or view", [NOC.line(), *limit], {"user": NOC},
                             ["widen_user"])
       for n, limit in enumerate((["authUser log noc priv .1.3.6.1.4.1"], ["authUser log noc auth .1.3.6.1.4.1"],
                                  ["view few included .1.3.6.1.4.1", "authUser log noc priv -V few"],
                                  ["authUser log noc priv .1.3.6.1.4.1 \"\""],
                                  ["authUser execute noc priv", "authUser log noc priv .1.3.6.1.4.1"]))},
    "right-level": Row("NOT_AUTHORIZED", "LOW_LEVEL", "demands the level authPriv", [NOC.line(), NOC.access()],
                       {"user": PLAIN, "known_user": NOC}, ["write", "set_level"]),
    "right-level-of-none": Row("NOT_AUTHORIZED", "LOW_LEVEL", "demands the level authNoPriv", [NOC.line(), PLAIN.access()],
                               {"user": OPEN, "known_user": NOC}, ["write", "set_level"]),
    "right-level-without-protocol": Row("NOT_AUTHORIZED", "LOW_LEVEL", "demands the level authPriv",
                                        [PLAIN.line(), NOC.access()], {"user": PLAIN}, ["write"]),
    "right-context": Row("NOT_AUTHORIZED", "OTHER_CONTEXT", "another context",
                         [NOC.line(), "authUser log noc priv .1 vlan1"], {"user": NOC, "context": "vlan2"}, ["write"]),
    "right-context-missing": Row("NOT_AUTHORIZED", "OTHER_CONTEXT", "another context",
                                 [NOC.line(), "authUser log noc priv .1 vlan1*"], {"user": NOC}, ["write"]),
    "right-long-context": Row("NOT_AUTHORIZED", "LONG_CONTEXT", "33 octets", lines(NOC), {"user": NOC, "context": "c" * 33},
                              ["shorten_context"]),
    # communities
    **{f"community{version}": Row("UNKNOWN_COMMUNITY", "NONE", "no authCommunity line permits", OTHERS,
                                  {"version": version, "community": COMMUNITY}, ["write_above"]) for version in ("1", "2c")},
    "community-for-another-address": Row("UNKNOWN_COMMUNITY", "NONE", "for other addresses",
                                         [f"authCommunity log {COMMUNITY} 192.0.2.0/24"],
                                         {"version": "2c", "community": COMMUNITY}, ["write_above"]),
    "community-excluded": Row("UNKNOWN_COMMUNITY", "NONE", "for other addresses",
                              [f"authCommunity log {COMMUNITY} !127.0.0.0/8", f"authCommunity log {COMMUNITY} default"],
                              {"version": "2c", "community": COMMUNITY}, ["write_above"]),
    "community-quoted": Row("UNKNOWN_COMMUNITY", "NONE", "no authCommunity line permits", OTHERS,
                            {"version": "2c", "community": "it's \"quite\" o\\dd #1"}, ["write_above"]),
    "community-no-lines": Row("UNKNOWN_COMMUNITY", "NO_ACCESS_LINES", NO_ACCESS, [],
                              {"version": "2c", "community": COMMUNITY}, ["write_above"]),
    "community-udp6": Row("UNKNOWN_COMMUNITY", "NONE", "::1", OTHERS,
                          {"version": "2c", "community": COMMUNITY, "host": "::1"}, ["write_above"], listen=("udp", "udp6")),
    **{f"community-unwritable-{n}": Row("UNKNOWN_COMMUNITY", "UNWRITABLE", "none can", [f"authCommunity log {COMMUNITY}"],
                                        {"version": "2c", "community": community}, ["configure_community"])
       for n, community in enumerate(("", "a\0b", "a\nb"))},
    "community-execute": Row("NOT_AUTHORIZED", "NO_LOG_RIGHT", "another right", [f"authCommunity execute {COMMUNITY} default"],
                             {"version": "2c", "community": COMMUNITY}, ["add_right"]),
    **{f"community-oid-{n}": Row("NOT_AUTHORIZED", "OTHER_OID", "limited by an OID or view", limit,
                                 {"version": version, "community": COMMUNITY}, ["widen_community", "write_above"])
       for n, (version, limit) in enumerate((
           ("2c", [f"authCommunity log,net {COMMUNITY} default .1.3.6.1.4.1.5"]),
           ("1", [f"authCommunity log {COMMUNITY} default .1.3.6.1.4.1.5"]),
           ("2c", ["view few included .1.3.6.1.4.1.5", f"authCommunity log {COMMUNITY} default -V few"])))},
    **{f"community-of-v{other}": Row("NOT_AUTHORIZED", "OTHER_VERSION", "another SNMP version",
                                     [f"authCommunity log -v {other} {COMMUNITY} default"],
                                     {"version": version, "community": COMMUNITY}, ["widen_version", "write_above"])
       for version, other in (("1", "2c"), ("2c", "1"))},
}


@pytest.fixture(scope="session")
def shim(base_folder):
    path = base_folder / "engine-time.so"
    run([need_tool("cc"), "-O2", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", path, SHIM, "-ldl"])
    yield path
    path.unlink()


@pytest.fixture
def begin(rigs, folder, shim):  # noqa: F811
    """begin(row) -> Case of a running daemon."""
    def make(row):
        clock = folder / "clock"
        clock.write_text("0")
        rig = rigs(start=False, defaults=False, env={"LD_PRELOAD": shim, "TK_ENGINE_TIME_FILE": clock}, **row.options)
        case = Case(rig, row.lines, folder, clock)
        if row.prepare:
            row.prepare(case)
        since = rig.log.mark()
        rig.daemon.write_conf(case.conf())
        rig.daemon.start()
        rig.in_force(since)
        return case
    return make


def provoke(case, row):
    """Returns (a new sender, the record of its refusal)."""
    sender = Sender(**row.sender)
    case.sent, case.is_complete = [], True
    row.provoke(case, sender)
    record = case.refused(sender, row.cause[0].lower(), row.detail)
    if row.is_checked and case.is_complete:
        said = case.check()
        assert [said[member] for member in ("verdict", "reason", "detail", "remedy")] == \
            ["refused", record["reason"], record["detail"], record["remedy"]], said
    return sender, record


@pytest.mark.parametrize("name", ROWS)
def test_remedy(begin, name):
    row = ROWS[name]
    if row.sender.get("host") == "::1":
        need_ipv6()
    case = begin(row)
    for number, wanted in enumerate(row.follows):
        if number:
            case.lines = list(row.lines)
            case.sighup()
        sender, record = provoke(case, row)
        ways = remedies.ways(record["remedy"])
        assert len(ways) == len(row.follows), record["remedy"]
        assert remedies.follow(ways[number], case, sender) == wanted, record["remedy"]
        case.sent = []
        case.accept(sender)
        if row.is_checked and case.sent:
            assert case.check()["verdict"] == "accepted"


#: Causes whose remedy another test follows.
ELSEWHERE = {("NOT_AUTHORIZED", "HOST_DENIED"): "test_61_arrivals.py::test_denied_host"}


def test_each_cause_has_a_row():
    """A new reason or hint is not done before its remedy was followed. What can't be decoded
    (test_61_arrivals.py) only its sender can correct."""
    reasons = re.findall(r"^TK_REASON\((\w+),", (PLUGIN / "refusal" / "reasons.def").read_text(), re.M)
    hints = re.findall(r"^TK_HINT\((\w+), ([^\n]*)\)$", (PLUGIN / "refusal" / "hints.def").read_text(), re.M)
    causes = {(reason, "NONE") for reason in reasons}
    causes |= {(reason, hint) for hint, of in hints for reason in re.findall(r"OF\((\w+)\)", of)}
    assert len(hints) > 10 and len(causes) > 20
    causes = {cause for cause in causes if cause[0] != "MALFORMED"}
    rows = {row.cause for row in ROWS.values()} | set(ELSEWHERE)
    assert not causes - rows, f"no row for {sorted(causes - rows)}"
    for where in ELSEWHERE.values():
        file, name = where.split("::")
        assert f"def {name}(" in (Path(__file__).parent / file).read_text(), where
    assert not rows - causes, f"no such cause: {sorted(rows - causes)}"
