# SPDX-License-Identifier: Apache-2.0
"""Do what the remedy of a `rejected` record says, to the letter.

A remedy is one way or several, joined by "; or". Each way is a sentence of the grammar below, which names what is done: to
snmptrapd.conf, to snmptrapd, or to the sender. A remedy with any other sentence fails, so no word of it goes unread.

    ways(remedy)            its ways, in order
    follow(way, receiver, sender)

receiver  has `lines` (of snmptrapd.conf), sighup() and restart()
sender    has what a sender is configured with (see test_62_remedies.py)
"""

import os
import re

_LINE = r"`((?:createUser|authUser|authCommunity|kafka\w+) [^`]*)`"
_AFTER = r"write into snmptrapd\.conf, after the dlmod line, then send SIGHUP: "
_ABOVE = r"write into snmptrapd\.conf, above other authCommunity lines, then send SIGHUP: "
_GRAMMAR = []


class Way:
    """`text`, and the way before it in the remedy, to which it may refer."""

    def __init__(self, text, before):
        self.text = text
        self.before = before


def ways(remedy):
    """USER is explained once, at the end."""
    remedy, *explained = re.split(r"; USER stands for the user name, ", remedy)
    found = []
    for text in re.split(r"; or,? ", remedy):
        found.append(Way(text + ("; USER" if explained else ""), found[-1] if found else None))
    return found


def follow(way, receiver, sender):
    """Returns what was done: a name of the grammar."""
    text = way.text.removesuffix("; USER")
    matches = [(act, match) for pattern, act in _GRAMMAR if (match := re.fullmatch(pattern, text))]
    assert len(matches) == 1, f"what is to be done? {text!r} ({[act.__name__ for act, _ in matches]})"
    act, match = matches[0]
    act(match, way, receiver, sender)
    return act.__name__


def _clause(pattern):
    def add(act):
        _GRAMMAR.append((pattern, act))
        return act
    return add


# -- what stands for what in a line ------------------------------------------------------------------------------------------

def _filled(line, sender, with_protocols=False):
    """The line with the sender's name and passwords; those that the sender does not have are the user's."""
    user, known = sender.user, sender.known_user or sender.user
    if line.startswith("createUser"):
        if with_protocols and user.auth:
            line = re.sub(r"\S+ AUTH_PASSWORD", f"{user.auth} AUTH_PASSWORD", line)
        if with_protocols and user.priv:
            line = re.sub(r"\S+ PRIV_PASSWORD", f"{user.priv} PRIV_PASSWORD", line)
        line = line.replace("AUTH_PASSWORD", f'"{user.auth_password or known.auth_password}"')
        line = line.replace("PRIV_PASSWORD", f'"{user.priv_password or known.priv_password}"')
    if line.startswith(("createUser", "authUser")):
        line = re.sub(r" USER\b", lambda _: f' "{os.fsdecode(user.name)}"', line)
    return line


def _is_of_user(line, word, name, has_engine=False):
    """Is it a line of this directive, for this user, and for one engine or not?"""
    words = line.split()
    return words[0] == word and name in words and ("-e" in words) == has_engine


# -- what the receiver's operator does ---------------------------------------------------------------------------------------

@_clause(rf"{_AFTER}{_LINE}(?: with the sender's protocols, and {_LINE})?")
def write(match, _, receiver, sender):
    receiver.lines += [_filled(line, sender, "with the sender's protocols" in match[0]) for line in match.groups() if line]
    receiver.sighup()


@_clause(r"the same without -e, for all engines")
def write_for_all(_, way, receiver, sender):
    line = re.fullmatch(_AFTER + _LINE, way.before.text)[1]
    receiver.lines.append(_filled(re.sub(r"-e 0x[0-9a-f]+ ", "", line), sender))
    receiver.sighup()


@_clause(r"write `kafkaEngines 100000 7d` into snmptrapd\.conf in place of `kafkaEngines off`, then send SIGHUP")
def replace_engines(_, __, receiver, ___):
    receiver.lines[receiver.lines.index("kafkaEngines off")] = "kafkaEngines 100000 7d"
    receiver.sighup()


@_clause(rf"for this engine alone, {_AFTER}{_LINE}")
def write_for_one(match, _, receiver, sender):
    receiver.lines.append(_filled(match[1], sender))
    receiver.sighup()


def _correct(line, receiver, sender):
    before = len(receiver.lines)
    receiver.lines = [one for one in receiver.lines if not _is_of_user(one, "createUser", sender.user.name, " -e " in line)]
    assert len(receiver.lines) == before - 1, f"no line to correct: {line}"
    receiver.lines.append(_filled(line, sender, with_protocols=True))
    receiver.sighup()


_CORRECT = rf"correct the user's line in snmptrapd\.conf, then send SIGHUP: {_LINE} with the sender's protocols"


@_clause(_CORRECT)
def correct(match, _, receiver, sender):
    _correct(match[1], receiver, sender)


@_clause(r"if both are the same, write (\S+) there in place of (\S+), because the sender extends keys in that way")
def correct_extension(match, way, receiver, sender):
    line = re.fullmatch(_CORRECT, way.before.text)[1]
    assert f" {match[2]} PRIV_PASSWORD" in line
    sender.user = sender.user._replace(priv=match[1])  # what net-snmp calls it
    _correct(line, receiver, sender)


@_clause(rf"remove the OID or view from the user's authUser line in snmptrapd\.conf, then send SIGHUP: {_LINE}")
def widen_user(match, _, receiver, sender):
    receiver.lines = [line for line in receiver.lines if not _is_of_user(line, "authUser", sender.user.name)]
    receiver.lines.append(match[1])
    receiver.sighup()


def _own_line(receiver, sender):
    return next(n for n, line in enumerate(receiver.lines) if line.startswith("authCommunity") and sender.community in line)


@_clause(rf"{_ABOVE}{_LINE} with the sender's community"
         r"(, in double quotes, with \\\\\\ before each quote and backslash in it)?(?: \(ignore net-snmp's error about an IPv4 name\))?")
def write_above(match, _, receiver, sender):
    community = sender.community
    if match[2]:
        community = '"' + re.sub(r"""["'\\]""", lambda c: "\\\\\\" + c[0], community) + '"'
    receiver.lines.insert(0, match[1].replace("COMMUNITY", community))
    receiver.sighup()


@_clause(r"write `log,` before the types in the community's authCommunity line in snmptrapd\.conf, then send SIGHUP; "
         r"a second line for the community has no effect")
def add_right(_, __, receiver, sender):
    at = _own_line(receiver, sender)
    receiver.lines[at] = receiver.lines[at].replace("authCommunity ", "authCommunity log,", 1)
    receiver.sighup()


@_clause(r"remove the OID or view from the community's authCommunity line in snmptrapd\.conf, then send SIGHUP")
def widen_community(_, __, receiver, sender):
    at = _own_line(receiver, sender)
    receiver.lines[at] = " ".join(receiver.lines[at].split()[:4])  # directive, types, community, source
    receiver.sighup()


@_clause(r"remove -v and its version from the community's authCommunity line in snmptrapd\.conf, then send SIGHUP")
def widen_version(_, __, receiver, sender):
    at = _own_line(receiver, sender)
    receiver.lines[at] = re.sub(r"-v \S+ ", "", receiver.lines[at])
    receiver.sighup()


@_clause(r"restart snmptrapd, so that it forgets the old (?:boots|time|boots and time)"
         r"(?:; then make the device keep its boots across restarts)?")
def restart(_, __, receiver, ___):
    receiver.restart()


@_clause(r"if it is one device that moved to (\S+), restart snmptrapd, so that it forgets the old boots and time")
def restart_for_moved(match, _, receiver, sender):
    assert match[1] == sender.local
    receiver.restart()


@_clause(r"write `kafkaReplayGuard compatible` into snmptrapd\.conf in place of `kafkaReplayGuard strict`, then send SIGHUP")
def replace_guard(_, __, receiver, ___):
    receiver.lines[receiver.lines.index("kafkaReplayGuard strict")] = "kafkaReplayGuard compatible"
    receiver.sighup()


@_clause(r"if it does not run again, stop snmptrapd, delete trapkafka\.clocks in net-snmp's persistent folder, and start it; "
         r"if the clock runs, find out who sends from \S+")
def forget_clocks(_, __, receiver, sender):
    receiver.restart(delete="trapkafka.clocks")
    sender.time -= 1  # it still does not run


# -- what is done to the sender ----------------------------------------------------------------------------------------------

@_clause(r"let the sender discover this receiver's engine ID instead of configuring one")
def discover(_, __, ___, sender):
    assert sender.inform
    sender.engine = ""


@_clause(r"send traps instead of INFORMs")
def send_traps(_, __, ___, sender):
    sender.inform = False


@_clause(r"set the sender's authentication protocol and password as in snmptrapd\.conf")
def set_auth(_, __, ___, sender):
    sender.user = sender.user._replace(auth=sender.known_user.auth, auth_password=sender.known_user.auth_password)


@_clause(r"set the sender's authentication protocol to (\S+)")
def set_auth_protocol(match, _, __, sender):
    sender.user = sender.user._replace(auth=match[1])


@_clause(r"only the sender can correct this: set its authentication protocol to (\S+)")
def only_auth_protocol(match, _, __, sender):
    sender.user = sender.user._replace(auth=match[1])
    sender.digest = None


@_clause(r"set the sender's privacy protocol and password as in snmptrapd\.conf")
def set_priv(_, __, ___, sender):
    sender.user = sender.user._replace(priv=sender.known_user.priv, priv_password=sender.known_user.priv_password)


@_clause(rf"set the sender's level to (\w+), for which snmptrapd\.conf needs {_LINE}")
def set_level_and_right(match, _, receiver, sender):
    sender.set_level(match[1])
    receiver.lines.append(match[2])
    receiver.sighup()


@_clause(r"set the sender's level to (\w+)")
def set_level(match, _, __, sender):
    sender.set_level(match[1])


@_clause(r"give each device an engine ID of its own")
def give_engine(_, __, ___, sender):
    sender.renew_engine()


@_clause(r"only the sender can correct this: configure an SNMP engine ID in it; "
         r"a trap has to carry the engine ID of its sender")
def configure_engine(_, __, ___, sender):
    sender.renew_engine()


@_clause(r"only the sender can correct this: configure a user name in it that a createUser line can have")
def configure_name(_, __, ___, sender):
    sender.user = sender.known_user


@_clause(r"only the sender can correct this: configure a community in it that an authCommunity line can have")
def configure_community(_, __, ___, sender):
    sender.community = sender.known_community


@_clause(r"only the sender can correct this: configure a context name of at most (\d+) octets in it")
def shorten_context(match, _, __, sender):
    sender.context = sender.context[:int(match[1])]


@_clause(r"(?:only the sender can correct this: |if it sends traps, )configure an engine ID of its own in it")
def own_engine(_, __, ___, sender):
    sender.inform = False
    sender.renew_engine()


@_clause(r"only the device can correct this: give it a new engine ID")
def new_engine(_, __, ___, sender):
    """Boots count from when the engine ID was configured (RFC 3414 section 2.2.2)."""
    sender.renew_engine()
    sender.boots = 1


@_clause(r"reset its boots")
def reset_boots(_, __, ___, sender):
    sender.boots = 1


@_clause(r"if the device's clock (?:was set back|stopped), restart its SNMP agent, which increments its boots"
         r"(?:; if not, find out who sends from \S+)?")
def restart_agent(_, __, ___, sender):
    sender.boots, sender.time = sender.boots + 1, 1


@_clause(r"correct the device, so that its engine time advances")
def advance_clock(_, __, ___, sender):
    sender.time += 1000


@_clause(r"nothing is to do if the network delivers packets twice; if not, find out who sends from \S+")
def nothing(_, __, ___, ____):
    pass


@_clause(r"wait: the sender synchronizes its clock by this receiver's report")
def synchronize(_, __, ___, sender):
    """As net-snmp's tools do before each INFORM."""
    assert sender.inform


@_clause(r"if this continues, restart the sender's SNMP agent")
def restart_sender(_, __, ___, sender):
    assert sender.inform  # it discovers engine ID and clock anew
