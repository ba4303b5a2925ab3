# SPDX-License-Identifier: Apache-2.0
"""One createUser line a user, no engine ID in any of them: every protocol that net-snmp knows, as traps and INFORMs, from
three senders that have no code in common. One daemon, and each notification is sent once."""

from collections import Counter

import pytest

from lib.need import need_gosnmp
from lib.rig import broker, shared_rigs  # noqa: F401, fixtures
from lib.snmptrapd import sanitized
from lib.v3 import AUTHS, PRIVS, Note, User, gosnmp_send, kept_lines, mark_of, netsnmp_send, pysnmp_send

# pylint: disable=redefined-outer-name
AUTH_PASSWORD, PRIV_PASSWORD = "matrix-auth-pass", "matrix-priv-pass"
SENDERS = ["netsnmp", "pysnmp", "gosnmp"]

#: (sender, auth, priv) -> why it can't; none so far: each of the three does all of these
CANNOT = {}


def all_users():
    yield User("nobody")
    for auth in AUTHS:
        yield User(auth.lower(), auth, AUTH_PASSWORD)
        for priv in PRIVS:
            yield User(f"{auth}.{priv}".lower(), auth, AUTH_PASSWORD, priv, PRIV_PASSWORD)


USERS = list(all_users())


def engine_of(sender, number):
    """net-snmp and gosnmp speak for one engine a user, pysnmp's one engine has all users."""
    return {"netsnmp": f"80001f8804a1{number:04x}", "pysnmp": "80004fb805b1b2b3",
            "gosnmp": f"8000aaaa05c1{number:04x}"}[sender]


def notes_of(sender, inform):
    return [Note(user, f"{sender} {'inform' if inform else 'trap'} {user.name}",
                 "" if inform else engine_of(sender, number), inform, timeout=10)
            for number, user in enumerate(USERS) if (sender, user.auth, user.priv) not in CANNOT]


@pytest.fixture(scope="module")
def rig(shared_rigs):  # noqa: F811
    lines = [line for user in USERS for line in user.lines()]
    return shared_rigs([*lines, "[snmp] serverRecvBuf 4194304"], name="matrix", **sanitized())


def send(sender, rig, notes):
    if sender == "netsnmp":
        return netsnmp_send(rig.daemon.folder, rig.daemon.address(), notes)
    return {"pysnmp": pysnmp_send, "gosnmp": gosnmp_send}[sender](rig.daemon.port, notes)


def test_all_protocols_are_in_it():
    assert len(USERS) == 1 + 6 + 6 * 6
    assert all(sender in SENDERS and reason for (sender, _, _), reason in CANNOT.items())


@pytest.mark.parametrize("kind", ["trap", "inform"])
@pytest.mark.parametrize("sender", SENDERS)
def test_matrix(rig, sender, kind):
    """The first trap of each engine included; an INFORM counts as sent when it was answered."""
    if sender == "gosnmp":
        need_gosnmp()
    notes = notes_of(sender, kind == "inform")
    texts = {note.text for note in notes}
    errors = {note.text: error for note, error in zip(notes, send(sender, rig, notes)) if error}
    try:
        rig.events.wait_events(len(notes), lambda e: mark_of(e) in texts)
    except AssertionError:
        pass  # what is missing is told below
    events = rig.events.events(lambda e: mark_of(e) in texts)
    seen = Counter(map(mark_of, events))
    assert not errors and all(seen[text] == 1 for text in texts), (
        f"errors {errors}; missing {sorted(texts - seen.keys())}; twice {[t for t in seen if seen[t] > 1]}\n"
        f"{rig.log.tail()}")
    of_text = {mark_of(event): event for event in events}
    for note in notes:
        snmp = of_text[note.text]["snmp"]
        assert (snmp["version"], snmp["pdu"], snmp["security_name"], snmp["security_level"]) == (
            "3", kind, note.user.name, note.user.level), snmp
        if kind == "trap":
            assert snmp["engine_id"] == note.engine
            assert of_text[note.text]["source"]["device"] == snmp["context_engine_id"] == note.engine
    if kind == "inform":
        assert len({event["snmp"]["engine_id"] for event in events}) == 1, "not all to the receiver's engine"


def test_end(rig):
    """The last one: nothing was refused, discovery by three kinds of senders included, and nothing came twice."""
    books = rig.stop()
    assert books["received"] == books["published"] == len(rig.events.events())
    assert not any(books["rejected"].values()) and not books["unparsable"], books
    assert not rig.health.events(lambda e: e["type"] == "rejected")
    rig.check_secrecy(AUTH_PASSWORD)
    rig.check_secrecy(PRIV_PASSWORD)
    assert not [line for line in kept_lines(rig.daemon) if "usmUser" in line or "createUser" in line]
