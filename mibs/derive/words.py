# SPDX-License-Identifier: Apache-2.0
"""Names into words, and the words that tell a trouble from its end."""
import re

_SPLIT = re.compile(r"[A-Z]+s(?![a-z])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")

#: what vendors shorten, and forms of one word
FORMS = {
    "dn": "down", "clr": "clear", "cleared": "clear", "clears": "clear", "norm": "normal", "hi": "high", "okay": "ok",
    "chg": "change", "chgd": "changed", "chng": "change", "changes": "change", "err": "error", "errs": "error",
    "errors": "error", "excd": "exceed", "exceeded": "exceed", "exceeds": "exceed", "exceeding": "exceed",
    "ovrflw": "overflow", "recov": "recover", "recovered": "recover", "recovery": "recover", "recovers": "recover",
    "succ": "success", "sucess": "success", "thresh": "threshold", "thres": "threshold", "thre": "threshold",
    "thld": "threshold", "thrsh": "threshold", "thrshld": "threshold", "avail": "available", "ava": "available",
    "unavail": "unavailable", "info": "information", "fails": "fail", "failed": "fail", "failure": "fail",
    "failures": "fail", "resumed": "resume", "restored": "restore", "restoration": "restore", "restores": "restore",
    "larm": "alarm", "alarms": "alarm", "notfication": "notification", "nbr": "neighbor", "cnxn": "connection",
    "conn": "connection", "temp": "temperature", "warn": "warning", "crit": "critical", "util": "utilization",
    "removed": "remove", "removal": "remove", "inserted": "insert", "insertion": "insert", "detect": "detected",
    "detection": "detected", "occur": "occurred", "occurs": "occurred", "lo": "low", "wmark": "watermark",
    "watermark": "watermark", "resolve": "resolved", "unreach": "unreachable", "abate": "abated", "raise": "raised",
    "abatement": "abated", "dis": "dis", "de": "de", "un": "un", "rises": "rising", "mism": "mismatch",
    "inactivated": "inactive", "reg": "register", "registered": "register", "deregistered": "deregister",
    "unregistered": "deregister", "inconsistence": "inconsistent", "inconsistency": "inconsistent",
    "faulty": "fault", "faults": "fault", "lck": "lock", "ended": "end", "finished": "end", "started": "start",
    "starts": "start", "begin": "start", "stopped": "stop", "exited": "exit", "returned": "return",
    "returns": "return", "reachability": "reachability", "resolves": "resolved", "disconnection": "disconnected",
    "disconnect": "disconnected", "expire": "expired", "expiry": "expired", "expiration": "expired",
    "exp": "expired", "suppressed": "suppress", "suspended": "suspend", "sus": "suspend", "det": "detected", "res": "resource",
    "lose": "lost", "loss": "lost", "absence": "absent", "degrade": "degraded", "degradation": "degraded",
}

#: words that say nothing about what a notification means
NOISE = {"trap", "traps", "notification", "notifications", "notif", "notify", "notice", "event", "events", "msg",
         "message", "rev", "is", "has", "was", "been", "the", "a", "an", "of", "to", "from", "for", "with", "in"}

#: parts of a word written together, as in "linkdown"
_TAILS = ("down", "failure", "failed", "fail", "cleared", "restored", "recovered", "exceeded", "lost", "up")
_WHOLE = {"shutdown", "setup", "backup", "startup", "lookup", "group", "slowdown", "powerup", "countdown", "up", "wakeup",
          "subgroup", "warmup", "followup", "cleanup", "dialup", "popup", "bringup", "linkup", "lockup", "bootup",
          "pickup", "hookup", "markup", "failover", "down", "poweredup", "powerdown", "catchup", "callback", "dup"}
_HEADS = ("link", "port", "node", "tunnel", "interface", "session", "peer", "power", "battery", "fan", "temperature",
          "communication", "server", "trunk", "group", "member", "connection", "ups", "input", "output")


def split(name):
    """The words of a name, in lower case and in one form each."""
    ret = []
    for word in _SPLIT.findall(name):
        word = word.lower()
        if word == "linkup":
            ret += ["link", "up"]
            continue
        if word not in _WHOLE:
            for tail in _TAILS:
                head = word[:-len(tail)]
                if word.endswith(tail) and head in _HEADS:
                    ret += [head]
                    word = tail
                    break
        ret.append(word if word == "clr" and not ret else FORMS.get(word, word))   # at the front it is a prefix
    # words that a capital letter in the middle has cut: "aLarm", "DeRegistered", "UnSync", "DisConnect"
    joined = []
    for word in ret:
        if joined and joined[-1] in ("de", "un", "dis", "in") and joined[-1] + word in _CUT:
            word = joined.pop() + word
            word = FORMS.get(word, word)
        elif joined and joined[-1] == "a" and word == "alarm":
            joined.pop()
        elif joined and joined[-1] == "back" and word == "up":
            joined.pop()
            word = "backup"
        elif joined and joined[-1] in ("w", "water") and word == "mark":
            joined.pop()
            word = "watermark"
        elif joined and joined[-1] == "time" and word == "out":
            joined.pop()
            word = "timeout"
        elif joined and joined[-1] in ("set", "start", "wake", "look", "clean", "boot") and word == "up":
            word = joined.pop() + "up"
        joined.append(word)
    return joined


_CUT = {"deregister", "unregister", "unsync", "disconnected", "disconnect", "disassociated", "unreachable", "unavailable",
        "inactive", "unstable", "unlock", "unblock", "unsuppress", "deactivate", "deactivated", "disassociation"}


def plain(words):
    """Words without those that say nothing."""
    return tuple(w for w in words if w not in NOISE)


def phrase_set(text):
    """Phrases out of a text: separated by commas."""
    return {tuple(FORMS.get(w, w) for w in p.split()) for p in (x.strip() for x in text.split(",")) if p}
