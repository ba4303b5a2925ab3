# SPDX-License-Identifier: Apache-2.0
"""How bad a notification is: what its definition states, else what its words say."""
import re

from . import words

#: what definitions state, in the words of vendors
STATED = {
    "critical": "critical", "fatal": "critical", "emergency": "critical", "alert": "critical", "alerts": "critical",
    "severe": "major", "major": "major", "error": "major", "high": "major", "failure": "major",
    "minor": "minor", "medium": "minor", "moderate": "minor", "degraded": "minor",
    "warning": "warning", "warn": "warning", "low": "warning", "warnings": "warning",
    "info": "indeterminate", "informational": "indeterminate", "information": "indeterminate", "notice": "indeterminate",
    "informationnal": "indeterminate", "notification": "indeterminate", "notifications": "indeterminate",
    "normal": "indeterminate", "debug": "indeterminate", "event": "indeterminate", "cleared": "indeterminate",
    "indeterminate": "indeterminate", "clear": "indeterminate", "ok": "indeterminate", "none": "indeterminate",
}
_WORD = "|".join(sorted(STATED, key=len, reverse=True))
_STATED_TEXTS = [
    re.compile(r"^\W*(CRITICAL|SEVERE|WARNING|INFORMATION(?:AL)?|MAJOR|MINOR|ALERT|EMERGENCY|NOTICE)\s*:"),
    re.compile(r"(?i)\b(?:severity|alarm level|service affected level)(?: level)?(?: is| of)?\s*[:=]\s*\W?(%s)\b" % _WORD),
    re.compile(r"(?i)\((critical|major|minor|warning|informational)\)\s*\.?$"),
    re.compile(r"(?i)\b(?:a|an|this is an?) (critical|major|minor|informational) (?:alarm|event|trap|severity|error|fault|condition)\b"),
]


def stated(n):
    """The severity that the definition states, or None."""
    said = n.comments.get("SEVERITY", "").split()
    if said and said[0].lower() in STATED:
        return STATED[said[0].lower()]
    for pattern in _STATED_TEXTS:
        m = pattern.search(n.text)
        if m and m.group(1).lower() in STATED:
            return STATED[m.group(1).lower()]
    return None


def _any(text):
    return re.compile(r"(?:^| )(?:%s)(?= |$)" % "|".join(re.sub(r"\s+", " ", p.strip()) for p in text.split(",")))


#: an outcome that wants no attention, whatever else the name says
_FINE = _any(r"""success, successful, successfully, succeed, succeeded, complete, completed, completion, done, finish, passed, information,
    informational, not fail, ok, normal, resume, restore, recover, resolved, clear, abated, back to normal, debug,
    no longer, conform, repaired, fixed, re established, reestablished, unblocked, unlocked, rectified, periodic report, heartbeat""")
#: trouble that turns an outcome round: "completedWithErrors"
_NOT_FINE = _any(r"""fail, error, not, un\w+ful, unsuccessful, unable, cannot, mismatch, violation, denied, reject, rejected,
    abort, aborted, missing, invalid, clear fail""")

_CRITICAL = _any(r"""critical, emergency, fatal, disaster, catastrophic, meltdown, overheat, over heat, thermal shutdown,
    non recoverable, nonrecoverable, panic, all \w+ down, power down, system down, system fail, device down, too hot,
    battery low, low battery, battery discharged, node down, engine down, shutdown temperature, no power, system halt,
    temperature shutdown, zero license, kernel panic, all anchors on wlan down""")
_MAJOR = _any(r"""down, fail over fail, fault, dead, crash, crashed, core dump, broken, hang, hung, malfunction, lost, los, lof, ais, rdi, dying gasp, offline,
    unreachable, unavailable, not available, not reachable, not responding, no response, disconnected, disconnect, shutdown, shut down, inoperative,
    out of service, process exit, daemon exit, died, aborted, abnormal run, major, defect, power fail, psu fail, fan fail, supply fail, \w+ card fail,
    disk fail, hardware fail, module fail, sensor fail, link fail, device fail, port fail, server fail, battery fail, node fail,
    peer fail, interface fail, board fail, controller fail, drive fail, unit fail, blade fail, fabric fail, memory fail, process fail,
    service fail, daemon fail, system error, peer error, ha error, power off, powered off, no signal, no carrier, table full,
    storage full, disk full, full, tempout, absent, missing, not present, power lost, redundancy lost, not redundant,
    cross ?connect, loop detected, loop occurred, loop, split, over temperature, overtemperature, temperature too high,
    isolated, suspended, blocked by, errdisable, err disabled, error disabled, inactive, stack protection, link break, poweroff, plug out, plugged out, pulled out, pull out, fire, smoke,
    voltage low, voltage high, over voltage, under voltage, over current, overcurrent, short circuit, ground fault, tripped,
    fuse, overflow error, destroy\w*, corrupt, corrupted, corruption, watchdog, stuck, hard error, uncorrectable, dloc,
    unplugged, water, leak, all \w+ fail, failover fail, all \w+ fail, all \w+ \w+ fail, board removed, card removed, board remove, power remove, fan remove, remove board""")
_MINOR = _any(r"""fail, failing, error, threshold, exceed, over, high, low, mismatch, limit, degraded, minor, abnormal, invalid, overload,
    congestion, congested, overflow, underflow, unstable, flap, flapping, flapped, inconsistent, exhausted, exhaust, exhaustion, shortage, insufficient,
    lack, not enough, out of, violation, warning, timeout, timed out, timed out, rising, conflict, duplicate, bad, incompatible,
    unsupported, not supported, not support, misconfig\w*, misconfiguration, wrong, incorrect, unable, cannot, exceeded limit, max,
    above, below, max reached, reached, reached limit, unlocked reference, loss, problem, trouble, drop, dropped, dropping, discard,
    discarded, alarm, crossing, crossed, expired, degradation, deterioration, deteriorated, unexpected, imbalance,
    not sync, unsync, out of sync, holdover, near full, nearly full, almost full, slow, incomplete, disorder, switch fail,
    anomaly detected, bypass, stop, stopped, terminated, terminate, blocked, suspend, low memory, high cpu, retry, retries,
    unconfigured, deactivated, trip, fired, excess, excessive, onset, not ready, reject, block, excd, skipped, skip, lowmemory, looped,
    loopbacked, loopback, turn off, turned off, not \w+, interference, interfere, intf detected, threshold status""")
_WARNING = _any(r"""auth fail, authentication fail, authenticate fail, authorization fail, login fail, logon fail, password fail, denied,
    deny, rejected, unauthorized, unauthenticated, attack, attacks, intrusion, intruder, intruded, rogue, spoof, spoofing, spoofed,
    flood, flooding, anomaly, expiring, about to expire, expire soon, near expiry, misassociation, misassociated, switchover, switch over, failover, fail over,
    restart, restarted, reboot, rebooted, reboots, reset, rebooting, cold start, warm start, coldstart, warmstart, role change, new master, new root, topology change,
    topology changed, suspicious, suspect, impersonation, threat, virus, malware, scan, port scan, blacklist, blacklisted,
    blocklist, attempt, attempts, max attempts, locked, lockout, lock out, illegal, unknown station, unknown device,
    association fail, associate fail, assoc fail, deauth, deauthenticate, deauthentication, brute force, ids, dos, ddos, refused, duplicate ip,
    duplicate address, duplicate mac, ip conflict, address conflict, violation, invalid password, wrong password, tamper, tampered,
    key expired, password expired, license expired, expired, certificate expired, early warning, pre alarm, prealarm,
    mac move, mac flapping, mac spoof, changed root, swact, change over, changeover, hijack, replay, bad community,
    security violation, unexpected reboot, security, unauth\w*, integrity, honeypot, containment, adhoc, ad hoc, invalid cert,
    remove, unsecure, insecure, default password, weak, overrid\w*, discrepancy, nobind""")
_INFORMATION = _any(r"""login, logon, logout, logoff, logged in, logged out, created, create, deleted, delete, added, add, changed, change, modified, modify,
    updated, update, upgrade, upgraded, upgrading, enabled, enable, disabled, disable, started, start, starting, registered, register, join, joined, leave, left,
    associated, associate, association, disassociated, disassociation, roam, roaming, roamed, authenticated, authorized, learned, learn, moved, move, notice, ready,
    connected, established, up, on, online, available, active, activated, activate, inserted, insert, installed, install, plugged, loaded, download, downloaded,
    upload, backup, saved, save, test, begin, ended, end, entered, opened, closed, open, close, session start, cfg, config, configuration, discovered, found,
    new, assigned, released, renewed, elected, sent, received, report, running, initialized, init, boot, transition, status, state,
    provisioned, scheduled, enter, exit mode, accepted, present, imported, exported, applied, committed, commit, bound, bind, unbound,
    unbind, deregistered, unregistered, statistics, stats, traffic, poll, polled, mode, info, cleared, request, response, logging, log""")

#: two things at once: an operation on these that fails is minor, however the thing is called
_OPERATION = _any(r"""update, upgrade, download, upload, backup, save, saving, test, import, export, copy, transfer, install, installation, restore, query, registration,
    register, request, commit, config, configuration, cfg, sync, synchronization, load, lookup, negotiation, handshake, setup, create, delete, session setup,
    write, read, send, job, script, task, action, renew, renewal, migration, move, snapshot, rollback, replication, discovery, diagnostic, diagnostics,
    parse, parsing, resolve, resolution, verify, verification, activation, provisioning, modify, push, pull, fetch, command""")
#: whose failure is refusal: a warning
_REFUSAL = _any(r"""auth, authen, authentication, authenticate, login, logon, password, association, assoc, associate, authorization, user, client, station,
    sta, mac auth, dot1x, dot 1 x, eap, radius auth, psk, wpa, tls auth, handshake, ike, ikev2, nego""")

_TEXT_TROUBLE = re.compile(r"(?i)\b(fail(s|ed|ure|ing)?|error|fault\w*|down|lost|loss of|exceed\w*|unreachable|unavailable|not (?:available|reachable|responding|"
                           r"working|functioning|operational|match\w*|supported)|disconnect\w*|abnormal\w*|mismatch\w*|invalid|overload\w*|crash\w*|"
                           r"(?:reach\w*|cross\w*|above|below|beyond|over) (?:the |a |its |an )?(?:\w+ ){0,3}(?:threshold|limit|maximum|max)|"
                           r"degrad\w*|insufficient|unable|cannot|violat\w*|broken|expired?|dropped|critical|alarm (?:is|was) (?:raised|generated|detected)|"
                           r"does not match|too (?:high|low|many|few)|out of|(?:lower|higher|less|greater|more) than (?:the |a |its )?(?:\w+ ){0,2}threshold|"
                           r"conflict\w*|corrupt\w*|interfer\w+|is looped|pulled out|plugged out|swapped out|cut off|gone off-?line|unidirectional|"
                           r"instabilit\w*|jabber|is bypassed|flap(?:s|ping|ped)?|alarm state|weak signal)\b")
_TEXT_FAILING = re.compile(r"(?i)\b(?:due to|because)\b.*\b(?:fail\w*|fault|lost|down)\b")
_TEXT_MAJOR = re.compile(r"(?i)\b(has failed|is down|went down|goes down|broken|lost (?:contact|connection|communication)|loss of (?:signal|frame|communication|service|power)|"
                         r"(?:no longer|not) (?:operational|reachable|responding|functioning|functional|available|working)|"
                         r"out of service|crashed|has died|malfunction\w*|inoperable|non-?operational|becomes? (?:unreachable|unavailable)|is unreachable|"
                         r"power supply (?:fail\w*|fault)|fan (?:fail\w*|fault)|will not activate|shut ?down|is dead|outage|uncorrectable|(?:table|database|queue|disk|memory|pool) is full|"
                         r"faulty|hardware (?:fail\w*|fault|error))\b")
_TEXT_CRITICAL = re.compile(r"(?i)\b(critical (?:failure|error|temperature|condition|state|threshold|level)|catastrophic|emergency|imminent(?:ly)?|"
                            r"non-?recoverable|will (?:be )?(?:shut ?down|power(?:ed)? off)|system (?:halt|crash|is down|will)|fatal|requests? (?:\w+ )?will be rejected)\b")
_TEXT_WARNING = re.compile(r"(?i)\b(attack|intrusion|unauthori[sz]ed|authentication fail\w*|failed? (?:to )?authenticat\w*|denied|reject\w*|rogue|spoof\w*|"
                           r"suspicious|switch(?:ed)? ?over|fail(?:ed)? ?over|reboot\w*|restart\w*|reset\b|about to expire|will expire|attempt\w*|"
                           r"illegal|blacklist\w*|topology change|signature match)\b")
_TEXT_FINE = re.compile(r"(?i)\b(success\w*|completed|(?:has|have|is|are|was|were) (?:been )?(?:added|created|deleted|modified|updated|enabled|disabled|"
                        r"configured|registered|connected|established|inserted|installed|changed|learned|authenticated|associated|restored|"
                        r"cleared|saved|started)|returned? to normal|logs? (?:in|out)|logged (?:in|out)|informational|action required: none)\b")


#: whether something works has changed, but no label says how
_STATE_OF = re.compile(r"(?:^| )(?:link|uplink|trunk|line|radio|port|peer|neighbor|session|tunnel|interface|fan|power|supply|module|card|board|hardware|adjacency|"
                       r"lsp|vc|pw|bfd|sensor|connection|oper|redundancy|health|disk|server|stack|member|oper|"
                       r"operational)(?: \w+){0,2} (?:state|status|stat) (?:change|changed|transition)")


#: the end of something, whatever it was
_ENDED = re.compile(r"(?:^| )(?<!not )(?<!too )(?<!hang )(?<!used )(?<!never )(?<!longer )(?<!local )(?:resume|recover|restore|clear|resolved|abated|ok|normal|disappear\w*|vanish\w*|up|online|reachable|"
                    r"available|connected|reconnected|established|enough|in service|repaired|fixed)$")
_TEXT_ENDED = re.compile(r"(?i)\b(?:alarms?|condition|error|fault|failure|threat|rogue|problem|violation)\b.{0,40}"
                         r"\b(?:is|are|has been|have been|was) (?:been )?(?:cleared|resolved|removed|repaired)\b|"
                         r"\b(?:has|have) (?:disappeared|recovered|returned to)\b|\breturn(?:s|ed) to (?:normal|its normal)|\bback to normal")
#: not by an administrator
_DISABLED_BY = re.compile(r"(?i)\b(?:disabled|blocked|shut ?down) (?:by (?!the (?:user|admin))|due to|as a result|because|to prevent)|"
                          r"(?:port|interface) (?:is|has been) (?:err(?:or)?-?disabled)")
#: who comes and goes without that anybody is to blame
_GUEST = re.compile(r"(?:^| )(?:client|user|station|sta|subscriber|call|phone|supplicant|mobile|terminal)(?: |$)")


def _first(text):
    """The sentences of a description that say what happened."""
    text = re.sub(r"(?i)\[CAUSE\]|^\W*(this|the) (trap|notification|event|object)\b", " ", text)
    text = re.split(r"(?i)\[EFFECT\]|\[RECOVERY\]|action required|user action|recommended action|frequency of traps", text)[0]
    return ". ".join(re.split(r"\.\s+", text)[:2])[:300]


def guess(n, role):
    """(severity, why) by words; `role` is raise, clear, both or none."""
    name = " ".join(w for w in words.plain(words.split(n.name)))
    text = _first(n.text)
    # a word for what it is about, not for what happened
    name = re.sub(r"(?:^| )(?:error packet|alarm (?=status|state|change|cleared)|fault tolerance|critical (?=event|info)|info rev|over ip|voice over|"
                  r"power over|ppp over|over sonet|data over|fail over|on demand|start up|loss ratio|up time|uptime)", " ", name)
    if role in ("raise", "both"):
        return _trouble(name, text, role)
    if _ENDED.search(name) or _TEXT_ENDED.search(text):
        return "indeterminate", "ended"
    if _FINE.search(name) and not _NOT_FINE.search(_FINE.sub(" ", name)):
        return "indeterminate", "fine"
    for pattern, severity in ((_CRITICAL, "critical"),):
        if pattern.search(name) and not re.search(r"non critical|not critical", name):
            return severity, "critical"
    if _WARNING.search(name) and not re.search(r"(?:^| )(?:hardware|power|fan|disk|board|card|module|tunnel|ipsec|gateway)(?: |$)", name):
        return "warning", "warning"
    if re.search(r"(?:^| )(?:fail|error|reject|abort|timeout|invalid|not success|unsuccessful)", name):
        if _REFUSAL.search(name) and not re.search(r"(?:^| )(?:tunnel|ipsec|ip sec|gateway|server)(?: |$)", name):
            return "warning", "refusal"
        if _OPERATION.search(name):
            return "minor", "operation"
    if re.search(r"(?:^| )(?:battery|almost|nearly|near|approaching) (?:\w+ )?full|(?:^| )storage threshold", name):
        return ("indeterminate" if "battery" in name else "minor"), "nearly full"
    if _MAJOR.search(name):
        return ("warning", "guest") if _GUEST.search(name) and not re.search(" server| table| full", name) else ("major", "major")
    if _MINOR.search(name):
        return ("major" if _TEXT_MAJOR.search(text) else "minor"), "minor"
    if _TEXT_CRITICAL.search(text):
        return "major", "text critical"
    if _STATE_OF.search(name) and not re.search(r"(?:^| )(?:admin|administrative|config|cfg|mode)(?: |$)", name):
        return "minor", "state"
    if _DISABLED_BY.search(text):
        return "minor", "disabled by itself"
    if _INFORMATION.search(name):
        if _TEXT_FINE.search(text) or not _TEXT_TROUBLE.search(text) and not _TEXT_MAJOR.search(text):
            return "indeterminate", "information"
        return ("minor" if _TEXT_MAJOR.search(text) or _TEXT_FAILING.search(text) else "warning"), "information, but"
    if _TEXT_FINE.search(text) and not _TEXT_MAJOR.search(text):
        return "indeterminate", "text fine"
    if _TEXT_WARNING.search(text):
        return "warning", "text warning"
    if _TEXT_MAJOR.search(text):
        return "major", "text major"
    if _TEXT_TROUBLE.search(text) or re.match(r"(?i)\W*status of\b", n.text):
        return "minor", "text trouble"
    return "indeterminate", "nothing"


def _trouble(name, text, role):
    """The severity of what is surely a trouble."""
    if _CRITICAL.search(name) and not re.search(r"non critical|not critical", name):
        return "critical", "critical"
    if re.search(r"(?:^| )(?:early|pre alarm|prealarm|expir\w+|insecure|warning)(?: |$)", name):
        return "warning", "warning"
    if re.search(r"(?:^| )(?:threshold|exceed|over|high|low|limit|rising|usage|utilization|mismatch|conflict|inconsistent|degraded|lack|watermark)(?: |$)", name):
        return ("major" if _TEXT_CRITICAL.search(text) else "minor"), "threshold"
    if _MAJOR.search(name) or _TEXT_MAJOR.search(text):
        return "major", "major"
    if role == "both" and re.search(r"(?:^| )(?:link|peer|neighbor|session|tunnel|server|fan|power|module|card|interface|port|oper|connection|path|"
                                    r"lsp|service|hardware|supply|disk|chassis|bgp|ldp|pw|bfd)(?: |$)", name):
        return "major", "subject"
    return "minor", "trouble"


def severity(n, role):
    """The severity of a notification (cleared, if its role is to clear)."""
    if role == "clear":
        return "cleared"
    return stated(n) or guess(n, role)[0]
