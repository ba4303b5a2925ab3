# SPDX-License-Identifier: Apache-2.0
"""Seven vendors' traps as an operator sends them by hand: snmptrap, numbers only, no MIB file, nothing configured. Each
trouble and its end: names, labels, severity, summary, and one key for both."""
import pytest

from lib.rig import COMMUNITY, broker, rigs, shared_rigs  # pylint: disable=unused-import
from lib.send import NetSnmp

# pylint: disable=redefined-outer-name
BGP2, NG, FRU, HW = ("1.3.6.1.4.1.9.9.187.1.2.5.1", "1.3.6.1.4.1.6527.3.1.2.14.4", "1.3.6.1.4.1.2636.3.1.8.1",
                     "1.3.6.1.4.1.2011.5.25.129")
FORTI, VM, PEER = "1.3.6.1.4.1.12356.101", "1.3.6.1.4.1.6876", "1.4.192.0.2.77"
TUNNEL = [("1.3.6.1.4.1.12356.100.1.1.1.0", "s", "FGT60F0000000001"), ("1.3.6.1.2.1.1.5.0", "s", "fw1"),
          (f"{FORTI}.12.3.2.0", "a", "192.0.2.1"), (f"{FORTI}.12.3.3.0", "a", "198.51.100.7"),
          (f"{FORTI}.12.3.4.0", "s", "branch")]
GUEST = [(f"{VM}.50.101.0", "i", "17"), (f"{VM}.50.102.0", "s", "/vmfs/volumes/ds1/db1/db1.vmx"),
         (f"{VM}.2.1.1.2.17", "s", "db1")]


def board(severity):
    return [(f"{HW}.1.1.0", "i", severity), (f"{HW}.1.2.0", "i", "0"), (f"{HW}.1.3.0", "i", "5"),
            ("1.3.6.1.2.1.47.1.1.1.1.4.16842752", "i", "16777216"), ("1.3.6.1.2.1.47.1.1.1.1.7.16842752", "s", "LPU 1")]


def fan(state):
    row = "4.1.2.0"
    return [*[(f"{FRU}.{column}.{row}", "i", value) for column, value in zip("1234", row.split("."))],
            (f"{FRU}.6.{row}", "s", "Fan 2"), (f"1.3.6.1.4.1.2636.3.1.13.1.6.{row}", "i", state)]


# vendor, (trap, name, varbinds) of the trouble and of its end, severity, a label that both events have somewhere
VENDORS = [
    ("cisco",
     ("1.3.6.1.4.1.9.9.187.0.6", "cbgpPeer2BackwardTransNotification",
      [(f"{BGP2}.17.{PEER}", "x", "0400"), (f"{BGP2}.3.{PEER}", "i", "1")]),
     ("1.3.6.1.4.1.9.9.187.0.5", "cbgpPeer2EstablishedNotification",
      [(f"{BGP2}.17.{PEER}", "x", "0000"), (f"{BGP2}.3.{PEER}", "i", "6")]), "major", ("idle", "established"), "192.0.2.77"),
    ("juniper", ("1.3.6.1.4.1.2636.4.1.2", "jnxFanFailure", fan("6")), ("1.3.6.1.4.1.2636.4.2.2", "jnxFanOK", fan("2")),
     "major", ("down", "running"), "Fan 2"),
    ("huawei", (f"{HW}.2.1.1", "hwEntityRemove", board("3")), (f"{HW}.2.1.2", "hwEntityInsert", board("1")),
     "major", ("critical", "cleared"), "LPU 1"),
    ("alcatel",
     ("1.3.6.1.4.1.6527.3.1.3.14.0.8", "tBgpNgBackwardTransition",
      [(f"{NG}.10.1.11.1.{PEER}", "x", "0400"), (f"{NG}.7.1.59.1.{PEER}", "i", "3")]),
     ("1.3.6.1.4.1.6527.3.1.3.14.0.7", "tBgpNgEstablished",
      [(f"{NG}.10.1.11.1.{PEER}", "x", "0000"), (f"{NG}.7.1.59.1.{PEER}", "i", "6")]), "major", ("active", "established"),
     "192.0.2.77"),
    ("apc", ("1.3.6.1.4.1.318.0.5", "upsOnBattery", [("1.3.6.1.4.1.318.2.3.3.0", "s", "UPS: On battery power.")]),
     ("1.3.6.1.4.1.318.0.9", "powerRestored", [("1.3.6.1.4.1.318.2.3.3.0", "s", "UPS: No longer on battery power.")]),
     "warning", ("UPS: On battery power.", "UPS: No longer on battery power."), "battery"),
    ("fortinet", (f"{FORTI}.2.0.302", "fgTrapVpnTunDown", TUNNEL), (f"{FORTI}.2.0.301", "fgTrapVpnTunUp", TUNNEL),
     "major", ("branch", "branch"), "branch"),
    ("vmware", (f"{VM}.4.1.0.3", "vmwVmHBLost", GUEST), (f"{VM}.4.1.0.4", "vmwVmHBDetected", GUEST),
     "major", ("db1", "db1"), "db1"),
]


@pytest.fixture(scope="module")
def rig(shared_rigs):
    rig = shared_rigs([], name="byhand")
    yield rig
    rig.stop()


@pytest.mark.parametrize("vendor, trouble, end, severity, labels, subject", VENDORS, ids=[v[0] for v in VENDORS])
def test_trouble_and_end(rig, folder, vendor, trouble, end, severity, labels, subject):
    sender = NetSnmp(folder / "snmptrap", rig.daemon.address())
    events = []
    for (trap, name, varbinds), label in zip((trouble, end), labels):
        uptime = rig.uptime()
        sender.v2c(trap, uptime=uptime, varbinds=varbinds, community=COMMUNITY)
        event = rig.event(uptime)
        assert event["trap"]["name"] == name
        assert all(v["mib"] and v["name"] for v in event["varbinds"] if v["oid"].startswith("1.3.6.1.4.1.")), event
        assert label in [v["text"] for v in event["varbinds"]]
        assert event["severity_rule"].startswith(f"vendor:{vendor}/") and subject in event["summary"]
        events.append(event)
    begun, over = events
    assert (begun["severity"], over["severity"]) == (severity, "cleared")
    assert (begun["alarm"]["transition"], over["alarm"]["transition"]) == ("raised", "cleared")
    assert begun["alarm"]["key"] == over["alarm"]["key"] and begun["summary"] != over["summary"]
    assert over["alarm"]["since"] and over["alarm"]["previous_severity"] == severity
