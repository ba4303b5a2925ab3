# SPDX-License-Identifier: Apache-2.0
"""The ground that the other tests stand on: Kafka, stock snmptrapd, senders and readers work, without our module."""

import struct

import pytest
from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import rfc1902

from lib import consume, need, perl, send
from lib.books import check_books, read_stats
from lib.pcap import read_pcap
from lib.send import LINK_DOWN, datagrams, pysnmp_notify

OPEN = ["authCommunity log,execute,net public", "doNotRetainNotificationLogs yes",
        "format2 GOT %P %N.%w.%q %v\\n", "format1 GOT %P %N.%w.%q %v\\n"]
IF_INDEX = "1.3.6.1.2.1.2.2.1.1.7"


def v2c_trap():
    """linkDown as BER, so that a datagram owes nothing to any SNMP library."""
    def tlv(tag, *parts):
        body = b"".join(parts)
        return bytes([tag, len(body)]) + body
    uptime = tlv(0x30, tlv(6, bytes.fromhex("2b06010201010300")), tlv(0x43, struct.pack(">H", 570)))
    trap = tlv(0x30, tlv(6, bytes.fromhex("2b060106030101040100")), tlv(6, bytes.fromhex("2b0601060301010503")))
    pdu = tlv(0xA7, tlv(2, b"\1"), tlv(2, b"\0"), tlv(2, b"\0"), tlv(0x30, uptime, trap))
    return tlv(0x30, tlv(2, b"\1"), tlv(4, b"public"), pdu)


# -- Kafka ------------------------------------------------------------------------------------------------------------

def test_kafka_produce_and_consume(kafka, topic, collect):
    print(f"Kafka served after {kafka.start_seconds:.1f} s")
    kafka.create_topic(topic, partitions=1)
    collector = collect(kafka.bootstrap, topic, raw=True)
    consume.produce(kafka.bootstrap, topic, [b"one"], b"k1")
    consume.kcat_produce(kafka.bootstrap, topic, "two", "k2")
    assert [(m.key, m.value) for m in collector.wait(2)] == [("k1", b"one"), ("k2", b"two")]
    assert [(m["key"], m["payload"]) for m in consume.kcat_consume(kafka.bootstrap, topic)] == [("k1", "one"),
                                                                                               ("k2", "two")]
    assert len(collector.drain()) == 2
    kafka.delete_topic(topic)
    assert topic not in kafka.topics()


def test_collector_holds_events_against_the_schema(kafka, topic, tmp_path, monkeypatch):
    consume.validator.cache_clear()
    consume.quick_validator.cache_clear()
    monkeypatch.setattr(consume, "SCHEMA", tmp_path / "schema.json")
    with pytest.raises(FileNotFoundError):
        consume.Collector(kafka.bootstrap, topic)
    (tmp_path / "schema.json").write_text('{"type":"object","properties":{"n":{"type":"integer"}}}')
    with consume.Collector(kafka.bootstrap, topic) as collector:
        consume.produce(kafka.bootstrap, topic, [b'{"n":%d}' % n for n in range(5)])
        assert collector.wait_events(1, lambda event: event["n"] == 4) == [{"n": 4}]
        assert len(collector.drain()) == 5
        with pytest.raises(AssertionError, match="0 of 1 messages"):
            collector.wait(1, lambda m: m.event["n"] == 9, timeout=0.1)
        consume.produce(kafka.bootstrap, topic, [b'{"n":"no number"}'])
        with pytest.raises(AssertionError, match="'no number' is not of type 'integer'"):
            collector.wait(6)
    consume.validator.cache_clear()
    consume.quick_validator.cache_clear()


def test_kafka_faults_and_topic_creation(new_kafka, topic, collect):
    kafka = new_kafka(auto_create=False).start()
    kafka.create_topic("kept", partitions=3, max_message_bytes=2000)
    collector = collect(kafka.bootstrap, "kept", raw=True)
    consume.produce(kafka.bootstrap, "kept", [b"before the kill"])
    kafka.kill()
    kafka.start()
    kafka.pause()
    kafka.resume()
    consume.produce(kafka.bootstrap, "kept", [b"after it"])
    assert {m.value for m in collector.wait(2)} == {b"before the kill", b"after it"}
    with pytest.raises(AssertionError, match="UNKNOWN_TOPIC"):
        consume.produce(kafka.bootstrap, topic, [b"x"])
    with pytest.raises(Exception, match="MSG_SIZE_TOO_LARGE|Broker: Message size too large"):
        consume.produce(kafka.bootstrap, "kept", [b"x" * 3000])
    kafka.auto_create = True
    kafka.restart()
    consume.produce(kafka.bootstrap, topic, [b"x"])
    assert kafka.topics() == {"kept": 3, topic: 4}


def test_kafka_of_three_brokers(new_kafka, topic):
    kafka = new_kafka(nodes=3, props={"min.insync.replicas": 2}).start()
    consume.produce(kafka.bootstrap, topic, [b"one"])
    kafka.nodes[0].kill()
    consume.produce(kafka.bootstrap, topic, [b"two"])
    assert sorted(m["payload"] for m in consume.kcat_consume(kafka.bootstrap, topic)) == ["one", "two"]


# -- stock snmptrapd and the senders ----------------------------------------------------------------------------------

def test_snmptrapd_v1_v2c_and_datagrams(snmptrapd, netsnmp):
    daemon = snmptrapd(OPEN, load=None, listen=("udp", "tcp"))
    sender = netsnmp(daemon.address())
    sender.v1(specific=4711, varbinds=[(IF_INDEX, "i", 7)])
    daemon.wait_log(r"GOT TRAP, SNMP v1, community public .*4711")
    sender.v2c(varbinds=[(IF_INDEX, "i", 42)])
    daemon.wait_log(r"GOT TRAP2, .*INTEGER: 42")
    sender.v2c(varbinds=[(IF_INDEX, "i", 43)], inform=True)
    daemon.wait_log(r"GOT INFORM, .*INTEGER: 43")
    netsnmp(daemon.address("tcp")).v2c(varbinds=[(IF_INDEX, "i", 44)])
    daemon.wait_log(r"GOT TRAP2, .*INTEGER: 44")
    since = daemon.log.mark()
    datagrams(daemon.port, [v2c_trap()] * 3)
    daemon.log.wait(r"(?s)(GOT TRAP2, .*\(570\).*){3}", since=since)
    assert daemon.udp_drops() == 0
    assert daemon.threads() == ["snmptrapd"]
    assert any("snmptrapd.log" in target for target in daemon.fds().values())
    assert daemon.memory() > 0
    assert sender.v2c(community="wrong", inform=True, timeout=1, retries=0, check=False).returncode != 0


def test_snmptrapd_ipv6(snmptrapd, netsnmp):
    need.need_ipv6()
    daemon = snmptrapd(OPEN, load=None, listen=("udp6",))
    netsnmp(daemon.address("udp6")).v2c(varbinds=[(IF_INDEX, "i", 45)])
    daemon.wait_log(r"GOT TRAP2, .*INTEGER: 45")
    assert daemon.udp_drops("udp6") == 0


def test_snmptrapd_v3(snmptrapd, netsnmp):
    engine = "8000000001020304"
    keys = {"auth": ("SHA", "authpass1"), "priv": ("AES", "privpass1")}
    daemon = snmptrapd([f"createUser -e 0x{engine} noc SHA authpass1 AES privpass1",
                        "createUser noc SHA authpass1 AES privpass1", "authUser log,execute,net noc", *OPEN], load=None)
    sender = netsnmp(daemon.address())
    sender.v3("noc", engine=engine, varbinds=[(IF_INDEX, "i", 46)], **keys)
    daemon.wait_log(r"GOT TRAP2, SNMP v3, user noc.*INTEGER: 46")
    sender.v3("noc", inform=True, varbinds=[(IF_INDEX, "i", 47)], **keys)
    daemon.wait_log(r"GOT INFORM, SNMP v3, user noc.*INTEGER: 47")
    user = hlapi.UsmUserData("noc", "authpass1", "privpass1", authProtocol=hlapi.USM_AUTH_HMAC96_SHA,
                             privProtocol=hlapi.USM_PRIV_CFB128_AES)
    assert pysnmp_notify(daemon.port, user, varbinds=[(IF_INDEX, rfc1902.Integer32(48))], kind="inform") is None
    daemon.wait_log(r"GOT INFORM, SNMP v3, user noc.*INTEGER: 48")
    # A second engine of that ID has to start its clock where the first one's is: later.
    second = "8000000001020305"
    daemon.write_conf([f"createUser -e 0x{second} noc SHA authpass1 AES privpass1", "authUser log,execute,net noc", *OPEN])
    daemon.sighup()
    pysnmp_notify(daemon.port, user, varbinds=[(IF_INDEX, rfc1902.Integer32(49))], engine=bytes.fromhex(second))
    daemon.wait_log(r"GOT TRAP2, SNMP v3, user noc.*INTEGER: 49")


def test_snmptrapd_pysnmp(snmptrapd):
    daemon = snmptrapd(OPEN, load=None)
    pysnmp_notify(daemon.port, send.community_data(version="1"), varbinds=[(IF_INDEX, rfc1902.Integer32(50))])
    daemon.wait_log(r"GOT TRAP, SNMP v1, .*INTEGER: 50")
    pysnmp_notify(daemon.port, trap=LINK_DOWN, varbinds=[(IF_INDEX, rfc1902.Integer32(51))])
    daemon.wait_log(r"GOT TRAP2, .*INTEGER: 51")
    assert pysnmp_notify(daemon.port, varbinds=[(IF_INDEX, rfc1902.Integer32(52))], kind="inform") is None
    daemon.wait_log(r"GOT INFORM, .*INTEGER: 52")


def test_snmptrapd_forked_and_sighup(snmptrapd, netsnmp):
    daemon = snmptrapd(OPEN, load=None, fork=True)
    netsnmp(daemon.address()).v2c(varbinds=[(IF_INDEX, "i", 53)])
    daemon.wait_log(r"GOT TRAP2, .*INTEGER: 53")
    daemon.write_conf(["nonsense 1", *OPEN])
    assert daemon.log.find(r"Unknown token: nonsense", daemon.sighup())
    netsnmp(daemon.address()).v2c(varbinds=[(IF_INDEX, "i", 54)])
    daemon.wait_log(r"GOT TRAP2, .*INTEGER: 54")
    daemon.restart()
    daemon.kill()


def test_snmptrapd_gives_up_root(snmptrapd, netsnmp):
    need.need_root()
    daemon = snmptrapd(OPEN, load=None, user="nobody", group="nogroup")
    netsnmp(daemon.address()).v2c(varbinds=[(IF_INDEX, "i", 55)])
    daemon.wait_log(r"GOT TRAP2, .*INTEGER: 55")
    daemon.sighup()
    netsnmp(daemon.address()).v2c(varbinds=[(IF_INDEX, "i", 56)])
    daemon.wait_log(r"GOT TRAP2, .*INTEGER: 56")


@pytest.mark.parametrize("libsnmp_perl", ["with", "without"])
def test_snmptrapd_perl_lines(snmptrapd, folder, libsnmp_perl):
    env = perl.with_perl() if libsnmp_perl == "with" else perl.without_perl(folder)
    daemon = snmptrapd(['perl print STDERR "PERL RUNS\\n"', *OPEN], load=None, env=env)
    assert bool(daemon.log.find(r"^PERL RUNS$")) == (libsnmp_perl == "with"), daemon.log.tail()
    assert bool(daemon.log.find(r"Can't locate NetSNMP/TrapReceiver.pm")) == (libsnmp_perl == "without")


def test_snmptrapd_refuses_to_start(snmptrapd):
    daemon = snmptrapd(load=None, start=False, args=["udp:192.0.2.1:1162"])  # no address of this machine
    with pytest.raises(AssertionError, match="ended without logging|did not fork"):
        daemon.start()
    assert not daemon.pid


def test_captures(snmptrapd):
    """Packets that others made, where they are at hand: extra, test_pcap_reader needs none."""
    files = need.captures()
    if not files:
        return
    daemon = snmptrapd(["disableAuthorization yes", *OPEN], load=None)
    for file in files:
        since = daemon.log.mark()
        payloads = [d.payload for d in read_pcap(file)]
        assert payloads, file
        datagrams(daemon.port, payloads)
        daemon.wait_log(r"GOT ", since=since)


# -- readers ----------------------------------------------------------------------------------------------------------

def test_pcap_reader(tmp_path):
    udp = struct.pack(">HHHH", 1162, 162, 8 + 3, 0) + b"abc"
    ipv4 = bytes([0x45, 0, 0, 20 + len(udp), 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]) + udp
    ipv6 = struct.pack(">IHBB", 6 << 28, len(udp), 17, 64) + bytes(15) + b"\1" + bytes(15) + b"\2" + udp
    frames = [bytes(12) + b"\x08\x00" + ipv4 + b"pad", bytes(12) + b"\x81\x00\0\7\x86\xdd" + ipv6,
              bytes(12) + b"\x08\x06arp"]
    records = b"".join(struct.pack("<IIII", 1, 500000, len(f), len(f)) + f for f in frames)
    path = tmp_path / "x.pcap"
    path.write_bytes(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + records)
    first, second = read_pcap(path)
    assert first == (1.5, "192.0.2.1", 1162, "192.0.2.2", 162, b"abc")
    assert (second.source, second.target, second.payload) == ("::1", "::2", b"abc")


def test_books_and_stats(tmp_path):
    health = {"type": "health", "books": {"received": 10, "recovered": 2, "published": 7, "pending": 1,
                                          "suppressed": {"duplicate": 3}, "dropped": {"queue_full": 1},
                                          "derived": 5, "derived_published": 2, "derived_dropped": {"too_large": 1},
                                          "derived_pending": 2}}
    assert check_books(health)["published"] == 7
    health["books"]["published"] = 6
    with pytest.raises(AssertionError, match="12 came, 11"):
        check_books(health)
    health["books"].update(published=7, derived=6)
    with pytest.raises(AssertionError, match="about alarms does not balance"):
        check_books(health)
    (tmp_path / "stats").write_text('# HELP a b\na_total{x="1",b="y z"} 4\nup 1\n')
    assert read_stats(tmp_path / "stats") == {("a_total", (("b", "y z"), ("x", "1"))): 4.0, ("up", ()): 1.0}


@pytest.mark.parametrize("value", [b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":\n1}', b'{"a":"\xff"}', b'{'])
def test_event_parser_refuses(value):
    with pytest.raises(ValueError):
        consume.parse_event(value)
