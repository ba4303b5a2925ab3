# SPDX-License-Identifier: Apache-2.0
"""The reference scenario, by its parts: a receiver on 0.0.0.0:1162 for noc_trap_user with SHA/AES-128 and SHA-256/AES-256,
notifications published with context engine ID, context name, varbinds and time of reception, and a bounded queue that
takes a burst of 50,000 without blocking anybody."""

import datetime
import socket

import pytest
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import rfc1902

from lib.load import QUIET, ROOM, at_rest, check_exactly_once, check_order, create_users, read_topic, wait_books
from lib.proc import free_port
from lib.send import pysnmp_notify

USER = "noc_trap_user"
PORT = 1162
#: name: (engine ID, authentication, privacy)
LEVELS = {"SHA/AES-128": ("80000000010a0b01", "SHA", "AES"), "SHA-256/AES-256": ("80000000010a0b02", "SHA-256", "AES-256")}
AUTH_PASS, PRIV_PASS = "noc-auth-pass", "noc-priv-pass"
VARBINDS = [("1.3.6.1.2.1.2.2.1.1.7", "i", 7), ("1.3.6.1.2.1.2.2.1.7.7", "i", 1), ("1.3.6.1.2.1.2.2.1.8.7", "i", 2),
            ("1.3.6.1.2.1.2.2.1.2.7", "s", "ge-0/0/7")]


def is_free(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("0.0.0.0", port))
        except OSError:
            return False
    return True


@pytest.fixture
def receiver(snmptrapd, kafka, topic, folder):
    """The daemon; its port is PORT unless somebody has that."""
    def make(*more):
        daemon = snmptrapd(start=False, listen=())
        port = PORT
        if not is_free(port):
            port = free_port("udp", "0.0.0.0")
            print(f"port {PORT} is taken: {port} instead")
        daemon.ports["udp"] = port
        daemon.args.append(f"udp:0.0.0.0:{port}")
        daemon.stats = folder / "stats"
        daemon.write_conf([
            *QUIET, f"kafkaBrokers {kafka.bootstrap}", f"kafkaTopic {topic}", f"kafkaStatsFile {daemon.stats} 1",
            "kafkaQueue 16M", "kafkaStopTimeout 20", f"authUser log,execute,net {USER} authPriv",
            *(f"createUser -e 0x{engine} {USER} {auth} {AUTH_PASS} {priv} {PRIV_PASS}"
              for engine, auth, priv in LEVELS.values()),
            f"createUser {USER} SHA {AUTH_PASS} AES {PRIV_PASS}", *more])
        return daemon.start()
    return make


def check_event(event, sent_at):
    assert event["trap"] == {"oid": "1.3.6.1.6.3.1.1.5.3", "name": "linkDown", "mib": "IF-MIB"}
    assert event["snmp"]["security_name"] == USER and event["snmp"]["security_level"] == "authPriv"
    assert event["source"]["address"] == "127.0.0.1" and event["source"]["transport"] == "udp"
    assert [(v["oid"], v["number"]) for v in event["varbinds"][:3]] == [(v[0], v[2]) for v in VARBINDS[:3]]
    assert event["varbinds"][2]["text"] == "down"
    received = datetime.datetime.fromisoformat(event["received"])
    assert sent_at <= received <= datetime.datetime.now(datetime.timezone.utc)


@pytest.mark.parametrize("level", LEVELS)
def test_notification(receiver, netsnmp, kafka, topic, collect, level):
    daemon = receiver()
    engine, auth, priv = LEVELS[level]
    sent_at = datetime.datetime.now(datetime.timezone.utc)
    netsnmp(daemon.address()).v3(USER, engine=engine, auth=(auth, AUTH_PASS), priv=(priv, PRIV_PASS), context="vrf-noc",
                                 varbinds=VARBINDS, uptime="4711", args=["-E", f"0x{engine}"])
    message = collect(kafka.bootstrap, topic).wait(1)[0]
    event = message.event
    check_event(event, sent_at)
    assert event["varbinds"][3]["value"] == "ge-0/0/7"
    assert event["snmp"]["pdu"] == "trap" and event["snmp"]["uptime"] == 4711
    assert event["snmp"]["engine_id"] == event["snmp"]["context_engine_id"] == engine
    assert event["snmp"]["context_name"] == "vrf-noc"
    assert message.key == event["source"]["device"] == engine
    assert wait_books(daemon.stats, at_rest(1))["published"] == 1


def test_notification_of_a_second_implementation(receiver, kafka, topic, collect):
    """pysnmp: a trap under SHA-256/AES-256, and an INFORM under SHA/AES-128 that is answered."""
    daemon = receiver()
    sent_at = datetime.datetime.now(datetime.timezone.utc)
    varbinds = [(oid, rfc1902.Integer32(value)) for oid, kind, value in VARBINDS if kind == "i"]
    user = hlapi.UsmUserData(USER, AUTH_PASS, PRIV_PASS, authProtocol=hlapi.USM_AUTH_HMAC192_SHA256,
                             privProtocol=hlapi.USM_PRIV_CFB256_AES)
    engine = LEVELS["SHA-256/AES-256"][0]
    pysnmp_notify(daemon.port, user, varbinds=varbinds, engine=bytes.fromhex(engine))
    user = hlapi.UsmUserData(USER, AUTH_PASS, PRIV_PASS, authProtocol=hlapi.USM_AUTH_HMAC96_SHA,
                             privProtocol=hlapi.USM_PRIV_CFB128_AES)
    assert pysnmp_notify(daemon.port, user, varbinds=varbinds, kind="inform") is None
    trap, inform = sorted(collect(kafka.bootstrap, topic).wait_events(2), key=lambda e: e["receiver"]["seq"])
    for event in (trap, inform):
        check_event(event, sent_at)
    assert (trap["snmp"]["pdu"], trap["source"]["device"]) == ("trap", engine)
    assert (inform["snmp"]["pdu"], inform["source"]["device"]) == ("inform", "127.0.0.1")


@pytest.mark.alone
@pytest.mark.parametrize("level", LEVELS)
def test_burst_of_50000(receiver, storm, trapstorm, kafka, topic, level):
    """As fast as the sender can. INFORMs before, in and after it are answered, and each trap has its place in the books: what
    the socket could not hold is the kernel's loss, and counted too."""
    _, auth, priv = LEVELS[level]
    options = {"version": 3, "user": USER, "auth": auth, "auth_pass": AUTH_PASS, "priv": priv, "priv_pass": PRIV_PASS,
               "engines": 20, "engine_base": 1000}
    daemon = receiver(*create_users(trapstorm, **options))
    informs = storm(daemon.port, count=100, rate=50, inform="yes", retries=100, wait=1000, queue_max=0,
                    first=1000001)
    wait_books(daemon.stats, lambda b: b["received"] > 0)
    figures = storm(daemon.port, count=50000, queue_max=0, **options).result(300)
    assert figures["sent"] == 50000
    answers = informs.result(120)
    assert answers["answered"] == 100
    print(f"burst: {figures}; INFORMs meanwhile: {answers}")
    books = wait_books(daemon.stats, at_rest(50000 + answers["sent"]), 60)
    print(books)
    assert books["dropped"]["undeliverable"] == books["dropped"]["malformed"] == books["dropped"]["damaged"] == 0
    assert books["queue_capacity_bytes"] == 16 << 20
    assert books["received"] >= ROOM // 1280, "the socket alone holds more than that"
    found = read_topic(kafka.bootstrap, topic)
    assert len(found) == books["published"]
    of_burst = [a for a in found if a.number <= 50000]
    check_exactly_once(of_burst, {a.number for a in of_burst})
    check_order(of_burst)
    assert len({a.key for a in of_burst}) == 20
