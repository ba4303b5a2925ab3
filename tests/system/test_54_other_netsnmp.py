# SPDX-License-Identifier: Apache-2.0
"""The USM part stands on functions of net-snmp that nobody promised: where they are others, it says so and keeps off."""

from pathlib import Path

import pytest

from lib import send
from lib.need import need_tool
from lib.proc import run
from lib.rig import COMMUNITY, broker, rigs  # noqa: F401, fixtures
from lib.v3 import Device, User, event_of

SHIM = Path(__file__).resolve().parent / "lib" / "shim" / "other_netsnmp.c"
NOC = User("noc", "SHA", "other-password")
ENGINE = "80001f88045401"


@pytest.mark.parametrize("how, why", [("version", "net-snmp 6.0 is not supported by this module"),
                                      ("key", r"computes another key than the test vector"),
                                      ("model", "has no user-based security model")])
def test_other_net_snmp(rigs, folder, how, why):  # noqa: F811
    """An error in the log, and notifications go on as without that part."""
    shim = folder / "other_netsnmp.so"
    run([need_tool("cc"), "-O2", "-shared", "-fPIC", "-o", shim, SHIM, "-ldl"])
    rig = rigs([f"authCommunity log,execute,net {COMMUNITY}", NOC.line(ENGINE), NOC.access()],
               env={"LD_PRELOAD": str(shim), "TK_OTHER_NETSNMP": how})
    rig.log.wait(rf"trapkafka: .*{why}.*SNMPv3 works as without this module", 10)
    rig.netsnmp().v2c(uptime=5401, community=COMMUNITY)
    rig.event(5401)
    if how == "version":
        send.datagrams(rig.daemon.port, [Device(ENGINE, NOC).trap("as on stock")])
        assert event_of(rig, "as on stock")["snmp"]["engine_id"] == ENGINE
