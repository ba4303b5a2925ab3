# SPDX-License-Identifier: Apache-2.0
"""Every notification that the shipped dictionary knows, through the real daemon, with no MIB file on the machine.

Each is sent with its objects, in SNMPv2c and, where it has one, in its SNMPv1 form; of each object with labels each label is
sent. What comes out of Kafka is compared with what an independent reading of the facts says (lib/facts.py)."""

import pytest

from lib.ber import v1, v2c
from lib.facts import Packets, facts, v1_form
from lib.rig import COMMUNITY, broker, rigs  # pylint: disable=unused-import

# pylint: disable=redefined-outer-name
#: Parts, so that several workers share them, and no reader has to keep too many events.
PARTS = 8
BATCH = 1000
TOGETHER = 16  # some are large
MOST_SHOWN = 8
TRAP_ENTERPRISE = "1.3.6.1.6.3.1.1.4.3.0"
TRAP_ADDRESS, TRAP_COMMUNITY = "1.3.6.1.6.3.18.1.3.0", "1.3.6.1.6.3.18.1.4.0"


def part_of(part):
    """Those of one part. Neighbours stay together, because they carry the same objects."""
    found = facts().notifications()
    size = -(-len(found) // PARTS)
    return found[part * size:(part + 1) * size]


def differences(event, notification, expected, missing):
    """What in the event is not as the facts say."""
    wrong = []
    if (event["trap"]["name"], event["trap"]["mib"]) != (notification.name, notification.module):
        wrong.append(("trap", event["trap"]))
    if event["missing"] != missing:
        wrong.append(("missing", event["missing"], missing))
    varbinds = event["varbinds"]
    if event["snmp"]["version"] == "1":  # RFC 3584, 3.1 (4): what SNMPv1 has in the head of its message
        varbinds = [one for one in varbinds if one["oid"] not in (TRAP_ENTERPRISE, TRAP_ADDRESS, TRAP_COMMUNITY)]
    if len(varbinds) != len(expected):
        return [*wrong, ("varbinds", len(varbinds), len(expected))]
    for got, want in zip(varbinds, expected):
        if (got["oid"], got["name"], got["mib"], got["type"], got["value"]) != (
                want.oid, want.name, want.mib, want.type, want.value):
            wrong.append((got, want))
        elif want.index is not None and (got["index"], got.get("index_names")) != (want.index, want.index_names):
            wrong.append(("index", got, want))
        elif want.text is not None and got["text"] != want.text:
            wrong.append(("text", got, want))
        elif got.get("units", "") != want.units or got.get("unexpected"):
            wrong.append(("units", got, want))
    return wrong


class Sending:
    """Sends packets in batches, and looks at the event of each when it has come."""

    def __init__(self, rig):
        self.rig = rig
        self.waiting = {}  # uptime: (notification, expected, missing)
        self.payloads = []
        self.seen = 0
        self.count = 0
        self.silent = []

    def add(self, payload_of, *what):
        uptime = self.rig.uptime()
        self.payloads.append(payload_of(uptime))
        self.waiting[uptime] = what
        self.count += 1
        if len(self.payloads) == BATCH:
            self.flush()

    def flush(self):
        self.rig.send(self.payloads, TOGETHER)
        self.payloads.clear()
        messages = self.rig.events.wait(self.count)
        wrong = []
        for message in messages[self.seen:]:
            event = message.event
            notification, *what = self.waiting.pop(event["snmp"]["uptime"])
            found = differences(event, notification, *what)
            if found:
                wrong.append((notification.module, notification.name, event["snmp"]["version"], found[0]))
            if not event["severity_rule"]:
                self.silent.append(f"{notification.module}::{notification.name}")
        self.seen = len(messages)
        assert not self.waiting, f"no event for {list(self.waiting.values())[0]}"
        assert not wrong, f"{len(wrong)} of {BATCH}: " + "\n".join(map(str, wrong[:MOST_SHOWN]))


@pytest.mark.parametrize("part", range(PARTS))
def test_every_notification_of_the_shipped_facts(rigs, part):
    rig = rigs()
    rig.events.is_recorded = False
    packets, sending = Packets(facts(), part_of(part)), Sending(rig)
    sent = {"2c": 0, "1": 0}

    def send(notification, number):
        expected, missing = packets.varbinds(notification, number)
        pairs = [(one.oid, one.wire) for one in expected]
        sending.add(lambda uptime: v2c(COMMUNITY, pairs, uptime, notification.oid), notification, expected, missing)
        sent["2c"] += 1
        form = v1_form(facts(), notification, expected)
        if form:
            sending.add(lambda uptime: v1(COMMUNITY, pairs, uptime, form[0], specific=form[1]), notification, expected, missing)
            sent["1"] += 1

    for number, notification in enumerate(packets.notifications, 1):
        send(notification, number)
    for notification in packets.further():
        send(notification, 1)
    sending.flush()
    assert not packets.labels_in_all(), "labels that were not sent"
    assert not sending.silent, f"no rule for {sending.silent[:5]}"
    assert sent["2c"] >= len(packets.notifications) and sent["1"] > 0.7 * sent["2c"]
    books = rig.stop()
    assert (books["received"], books["published"]) == (sending.count, sending.count) == (sum(sent.values()),) * 2
    print(f"part {part}: {len(packets.notifications)} notifications, {sent}")
