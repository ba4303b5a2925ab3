# SPDX-License-Identifier: Apache-2.0
"""Values in full: what a MIB says about a notification's objects is in its event, from the packet to Kafka."""

import pytest

from lib import ber
from lib.ber import v2c
from lib.rig import COMMUNITY, broker, rigs, shared_rigs  # pylint: disable=unused-import

# pylint: disable=redefined-outer-name
ACME = "1.3.6.1.4.1.99999"
DATE_HINT = "2d-1d-1d,1d:1d:1d.1d,1a1d:1d"
MIB = f"""ACME-VALUE-MIB DEFINITIONS ::= BEGIN
acme OBJECT IDENTIFIER ::= {{ iso org(3) dod(6) internet(1) private(4) enterprises(1) 99999 }}
AcmeMac ::= TEXTUAL-CONVENTION DISPLAY-HINT "1x:" STATUS current DESCRIPTION "x" SYNTAX OCTET STRING (SIZE (6))
AcmeTenths ::= TEXTUAL-CONVENTION DISPLAY-HINT "d-1" STATUS current DESCRIPTION "x" SYNTAX INTEGER
AcmeDate ::= TEXTUAL-CONVENTION DISPLAY-HINT "{DATE_HINT}" STATUS current DESCRIPTION "x" SYNTAX OCTET STRING (SIZE (8 | 11))
AcmeState ::= TEXTUAL-CONVENTION STATUS current DESCRIPTION "x" SYNTAX INTEGER {{ good(1), bad(2) }}
InetAddressType ::= TEXTUAL-CONVENTION STATUS current DESCRIPTION "x" SYNTAX INTEGER {{ ipv4(1), ipv6(2), dns(16) }}
InetAddress ::= TEXTUAL-CONVENTION STATUS current DESCRIPTION "x" SYNTAX OCTET STRING (SIZE (0..255))
acmeTable OBJECT-TYPE SYNTAX SEQUENCE OF AcmeEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "x" ::= {{ acme 1 }}
acmeEntry OBJECT-TYPE SYNTAX AcmeEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "x"
    INDEX {{ acmePort, acmeMac, acmeKind, acmePeer, IMPLIED acmeName }} ::= {{ acmeTable 1 }}
AcmeEntry ::= SEQUENCE {{ acmePort INTEGER, acmeMac AcmeMac, acmeKind InetAddressType, acmePeer InetAddress,
    acmeName OCTET STRING, acmeState AcmeState, acmeHeat AcmeTenths }}
acmePort OBJECT-TYPE SYNTAX INTEGER (1..64) MAX-ACCESS not-accessible STATUS current DESCRIPTION "x" ::= {{ acmeEntry 1 }}
acmeMac OBJECT-TYPE SYNTAX AcmeMac MAX-ACCESS not-accessible STATUS current DESCRIPTION "x" ::= {{ acmeEntry 2 }}
acmeKind OBJECT-TYPE SYNTAX InetAddressType MAX-ACCESS not-accessible STATUS current DESCRIPTION "x" ::= {{ acmeEntry 3 }}
acmePeer OBJECT-TYPE SYNTAX InetAddress MAX-ACCESS not-accessible STATUS current DESCRIPTION "x" ::= {{ acmeEntry 4 }}
acmeName OBJECT-TYPE SYNTAX OCTET STRING (SIZE (1..32)) MAX-ACCESS not-accessible STATUS current DESCRIPTION "x"
    ::= {{ acmeEntry 5 }}
acmeState OBJECT-TYPE SYNTAX AcmeState MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= {{ acmeEntry 6 }}
acmeHeat OBJECT-TYPE SYNTAX AcmeTenths UNITS "degrees Celsius" MAX-ACCESS read-only STATUS current DESCRIPTION "x"
    ::= {{ acmeEntry 7 }}
acmeMoreTable OBJECT-TYPE SYNTAX SEQUENCE OF AcmeMoreEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "x"
    ::= {{ acme 2 }}
acmeMoreEntry OBJECT-TYPE SYNTAX AcmeMoreEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "x"
    AUGMENTS {{ acmeEntry }} ::= {{ acmeMoreTable 1 }}
AcmeMoreEntry ::= SEQUENCE {{ acmeSince AcmeDate }}
acmeSince OBJECT-TYPE SYNTAX AcmeDate MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= {{ acmeMoreEntry 1 }}
acmeWhat OBJECT-TYPE SYNTAX OBJECT IDENTIFIER MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= {{ acme 3 }}
acmeFlags OBJECT-TYPE SYNTAX BITS {{ fan(0), power(9) }} MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= {{ acme 4 }}
acmeCount OBJECT-TYPE SYNTAX Counter64 UNITS "packets" MAX-ACCESS read-only STATUS current DESCRIPTION "x" ::= {{ acme 5 }}
acmeHot NOTIFICATION-TYPE OBJECTS {{ acmeState, acmeHeat, acmeSince, acmeWhat, acmeFlags, acmeCount }} STATUS current
    DESCRIPTION "x" ::= {{ acme 0 1 }}
END
"""
ROW = ".".join(map(str, [7, *bytes.fromhex("001b2c3d4e5f"), 1, 4, 192, 0, 2, 9, *b"ge-0/0/7"]))
INDEX = ["7", "00:1b:2c:3d:4e:5f", "1", "192.0.2.9", "ge-0/0/7"]
NAMES = ["acmePort", "acmeMac", "acmeKind", "acmePeer", "acmeName"]
PAIRS = [(f"{ACME}.1.1.6.{ROW}", ber.number(2)), (f"{ACME}.1.1.7.{ROW}", ber.number(215)),
         (f"{ACME}.2.1.1.{ROW}", ber.octets(bytes.fromhex("07ea0b16052d1a012b0100"))),
         (f"{ACME}.3.0", ber.oid(f"{ACME}.1.1.6.{ROW}")), (f"{ACME}.4.0", ber.octets(b"\x80\x40\x01")),
         (f"{ACME}.5.0", ber.counter64(2**64 - 1))]


@pytest.fixture(scope="module")
def rig(shared_rigs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mibs")
    (folder / "ACME-VALUE-MIB.txt").write_text(MIB)
    rig = shared_rigs(name="values", args=["-M", str(folder), "-m", "ACME-VALUE-MIB"])
    yield rig
    books = rig.stop()
    assert books["incomplete"] == 2


def test_all_that_the_mib_says(rig):
    event = rig.send_event(lambda up: v2c(COMMUNITY, PAIRS, up, f"{ACME}.0.1"))
    assert (event["trap"]["name"], event["missing"]) == ("acmeHot", [])
    found = [(v["name"], v["index"], v.get("index_names"), v["value"], v["text"], v.get("units")) for v in event["varbinds"]]
    assert found == [
        ("acmeState", INDEX, NAMES, "2", "bad", None),
        ("acmeHeat", INDEX, NAMES, "215", "21.5 degrees Celsius", "degrees Celsius"),
        ("acmeSince", INDEX, NAMES, "07ea0b16052d1a012b0100", "2026-11-22T05:45:26.1+01:00", None),
        ("acmeWhat", [], None, f"{ACME}.1.1.6.{ROW}", f"ACME-VALUE-MIB::acmeState.{ROW}", None),
        ("acmeFlags", [], None, "804001", "fan(0), power(9), 23", None),
        ("acmeCount", [], None, "18446744073709551615", "18446744073709551615 packets", "packets"),
    ]
    assert not any("unexpected" in v for v in event["varbinds"])


def test_what_is_missing_and_what_is_unexpected(rig):
    pairs = [PAIRS[1], (f"{ACME}.9.0", ber.number(1)), ("1.3.6.1.2.1.2.2.1.8.7", ber.number(1)), PAIRS[5]]
    event = rig.send_event(lambda up: v2c(COMMUNITY, pairs, up, f"{ACME}.0.1"))
    assert event["missing"] == [f"ACME-VALUE-MIB::{name}" for name in ("acmeState", "acmeSince", "acmeWhat", "acmeFlags")]
    assert [v.get("unexpected") for v in event["varbinds"]] == [None, True, True, None]


def test_columns_without_instance_and_scalars_without_zero(rig):
    """The object is named; there is no index, and the OID stays as it was sent."""
    pairs = [(f"{ACME}.1.1.6", ber.number(1)), (f"{ACME}.1.1.7.7.8", ber.number(1)), (f"{ACME}.5", ber.counter64(1))]
    event = rig.send_event(lambda up: v2c(COMMUNITY, pairs, up, f"{ACME}.0.1"))
    assert [(v["oid"], v["name"], v["index"], "index_names" in v) for v in event["varbinds"]] == [
        (f"{ACME}.1.1.6", "acmeState", [], False), (f"{ACME}.1.1.7.7.8", "acmeHeat", ["7", "8"], False),
        (f"{ACME}.5", "acmeCount", [], False)]
    assert event["missing"] == [f"ACME-VALUE-MIB::{name}" for name in ("acmeSince", "acmeWhat", "acmeFlags")]
