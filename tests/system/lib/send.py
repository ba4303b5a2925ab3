# SPDX-License-Identifier: Apache-2.0
"""Senders of notifications: net-snmp's tools, pysnmp, bare datagrams."""

import asyncio
import os
import socket

from pysnmp.hlapi.v3arch import asyncio as hlapi
from pysnmp.proto import rfc1902

from lib.proc import run

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
LINK_UP = "1.3.6.1.6.3.1.1.5.4"
COLD_START = "1.3.6.1.6.3.1.1.5.1"


class NetSnmp:
    """snmptrap and snmpinform with a folder of their own for engine ID and boots.

    address   as Snmptrapd.address() gives it
    varbinds  (oid, type letter of snmptrap, value) each
    """

    def __init__(self, folder, address):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.address = address

    def _run(self, args, inform, timeout, retries, check, mibs=""):
        env = dict(os.environ, MIBS=mibs, SNMPCONFPATH=str(self.folder), SNMP_PERSISTENT_DIR=str(self.folder))
        tool = "snmpinform" if inform else "snmptrap"
        return run([tool, "-t", timeout, "-r", retries, *args], timeout=timeout * (retries + 2) + 10, check=check,
                   env=env)

    @staticmethod
    def _flat(varbinds):
        return [part for varbind in varbinds for part in varbind]

    def v1(self, enterprise="1.3.6.1.4.1.8072.3.2.10", agent="127.0.0.1", generic=6, specific=1, uptime="", varbinds=(),
           community="public", check=True):
        return self._run(["-v1", "-c", community, self.address, enterprise, agent, generic, specific, uptime,
                          *self._flat(varbinds)], False, 1, 0, check)

    def v2c(self, trap=LINK_DOWN, uptime="", varbinds=(), community="public", inform=False, timeout=20, retries=1,
            check=True):
        return self._run(["-v2c", "-c", community, self.address, uptime, trap, *self._flat(varbinds)], inform, timeout,
                         retries, check)

    def v3(self, user, trap=LINK_DOWN, uptime="", varbinds=(), engine=None, auth=None, priv=None, inform=False,
           context="", timeout=20, retries=1, args=(), check=True):
        """auth, priv: (protocol, password); engine: hex digits of the sender's engine ID, for traps."""
        level = "authPriv" if priv else "authNoPriv" if auth else "noAuthNoPriv"
        options = ["-v3", "-u", user, "-l", level]
        if engine:
            options += ["-e", f"0x{engine}"]
        if auth:
            options += ["-a", auth[0], "-A", auth[1]]
        if priv:
            options += ["-x", priv[0], "-X", priv[1]]
        if context:
            options += ["-n", context]
        return self._run([*options, *args, self.address, uptime, trap, *self._flat(varbinds)], inform, timeout, retries,
                         check)


def datagrams(port, payloads, host="127.0.0.1", source=None):
    """Send bytes as they are; from `source` (address, port) if given. Returns the source address that was used."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        if source:
            sock.bind(source)
        sock.connect((host, port))
        for payload in payloads:
            sock.send(payload)
        return sock.getsockname()[:2]


def community_data(community="public", version="2c"):
    return hlapi.CommunityData(community, mpModel={"1": 0, "2c": 1}[version])


def pysnmp_notify(port, auth=None, trap=LINK_DOWN, varbinds=(), kind="trap", host="127.0.0.1", timeout=20, retries=1,
                  engine=None):
    """One notification from a second implementation.

    auth      community_data() or hlapi.UsmUserData
    varbinds  (oid, value of pysnmp.proto.rfc1902) each
    kind      trap or inform
    engine    the sender's engine ID as bytes
    Returns None, or the error that pysnmp has (an inform that was not answered).
    """
    async def send():
        local = hlapi.SnmpEngine(rfc1902.OctetString(engine) if engine else None)
        try:
            target = await hlapi.UdpTransportTarget.create((host, port), timeout, retries)
            note = hlapi.NotificationType(hlapi.ObjectIdentity(trap)).add_varbinds(*varbinds)
            answer = await hlapi.send_notification(local, auth or community_data(), target, hlapi.ContextData(), kind,
                                                   note)
            return answer[0] or None
        finally:
            local.close_dispatcher()
    return asyncio.run(send())
