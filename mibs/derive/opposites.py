# SPDX-License-Identifier: Apache-2.0
"""Which word at the place of which other word ends a trouble."""
from .words import phrase_set

#: words that end whatever the rest of the name says
ENDS = phrase_set("clear, clear alarm, alarm clear, resume, resume alarm, alarm resume, restore, restore alarm, recover, "
                  "recover alarm, alarm recover, resolved, alarm resolved, fixed, repaired, abated, rectified, ceased, "
                  "back normal, back to normal, return normal, returned normal, normal, normal alarm, ok, "
                  "return to normal, raise clear, alarm end, all clear, conform, "
                  "under control, ok again, status ok, status normal, state normal, now ok, not present clear, "
                  "alarm off, alarm cancel, cancel,  alarm restore, disappeared clear, clear resume, alarm disappeared")

#: words that begin something without saying what: "fanAlarm", "loopDetected"
BEGINS = phrase_set("alarm, raised, alarm raised, set, alarm set, detected, detected alarm, occurred, triggered, "
                    "trigger alarm, fired, start, alarm start, found, assert, asserted, alarm on, generated, on, active, "
                    "alarm active, alert, alarm detected, alarm generated, alarm trigger, alarm occurred, report, tca, "
                    "problem")

#: words of trouble that stand at the place of a word that ends it
TROUBLES = phrase_set(
    "fail, fail alarm, fault, fault alarm, error, error alarm, bad, broken, abnormal, abnormal alarm, invalid, trouble, "
    "dead, malfunction, down, down alarm, fault down, lost, lost alarm, missing, absent, mismatch, mismatch alarm, "
    "conflict, conflict detected, conflict alarm, degraded, degraded alarm, deterioration, unstable, unstable alarm, "
    "unreachable, unavailable, offline, disconnected, inconsistent, full, full alarm, shortage, lack, insufficient, "
    "not enough, overflow, overload, overload alarm, over alarm, over limit, limit, limit alarm, exceed, exceed alarm, "
    "threshold exceed, exceed threshold, exceed threshold alarm, over threshold, over threshold alarm, reached, "
    "reached threshold, reach threshold, reached limit, reached max, max, max alarm, upper limit, upper limit alarm, "
    "high, high alarm, high warning, too high, low, low alarm, low warning, too low, rising, rising alarm, threshold, "
    "threshold alarm, threshold reached, threshold crossed, warning, warning alarm, critical, critical alarm, minor, "
    "major, non critical, non recoverable, violation, expired, expired alarm, timeout, time out, exhausted, exhaust, "
    "exhaustion, blocked, congestion, suspended, isolated, switch, switchover, not available, not reachable, not ready, "
    "not present, inactive, nearly full, almost full, near full, overheat, over temperature, under voltage, over voltage, "
    "incomplete, unsupported, not supported, not support, exception, exception alarm, loop, loopback, outage, crossed, "
    "above threshold, below threshold, imbalance, unbalanced, misconfiguration, misconfig, wrong, defect, fall, "
    "fall alarm, falling, falling alarm, drop, drop alarm, excess, excessive, out of range, out range, not responding, "
    "no response, deactivated, storm, warning error, fault warning, interruption, interrupted, shutdown, remind, unsync, not sync, sync lost, "
    "lock lost, unlocked, lof, los, ais, rdi, lof alarm, los alarm, ais alarm, rdi alarm, crash, stuck, halt, over, under, over max, under min, "
    "suppress, suspend, hot, warm, cold, cool, limited, above, below, loopbacked, looped, too many, out of memory, removed alarm")

#: [(trouble at this place, end at this place, words the rest of the name must have one of, must have none of)]
_PAIRS = [
    ("down, lost, fail, goes down, go down, went down, became down", "up, goes up, go up, came up, become up", "", ""),
    ("operational down, oper down, state down, status down", "operational up, oper up, state up, status up", "", ""),
    ("fail, fault, error, not fail", "ok, normal, good, not fail, no fail, no fault, non fail, healthy", "", ""),
    ("disconnected, connection lost, lost connection, connection down, connection broken, connect fail, "
     "connection fail, disconnect, lost, connection closed, not connected",
     "connected, connect, connection established, established connection, connection restore, connection up, "
     "established, reconnected, connection resume, reconnect, connection ok", "", "user, client, station, sta, usb, poe, pd, iot"),
    ("lost", "established, restore, regained, found, present, acquired, detected, received, returned, ok, gained", "", ""),
    ("link lost", "link up, link established", "", ""),
    ("missing, absent, not present, not detected, not installed, not inserted", "present, found, inserted, "
     "insert, detected, installed, plugged in", "", ""),
    ("remove, pulled out, extracted, extract, absent, unplugged, plugged out, plug out, pull out",
     "insert, plugged in, present, plugged, plug in, install, installed",
     "power, psu, fan, board, brd, card, module, slot, supply, disk, sfp, transceiver, optical, battery, unit, blade, "
     "drive, tray, line, fabric, media, pluggable, xfp, entity, mdm, fru, xcvr, gbic, lpu, sfu, cartridge, cpm, iom, "
     "daughter, controller, sensor, probe, chassis, cable, rps, bps, pem, cf, expansion, hot, powersupply, fantray, subcard, lcd, flash, ca, xem, carrier",
     "usb, user, client, station, sta, member, entry, configuration"),
    ("unreachable, not reachable, reach fail", "reachable, reach", "", ""),
    ("unavailable, not available", "available", "", ""),
    ("not avail", "avail", "", ""),
    ("not accessible, inaccessible", "accessible", "", ""),
    ("offline, off line, off", "online, on line", "", "user, client, station, sta"),
    ("inactive, not active", "active", "", "contact, relay, user, client, "
     "feature, profile, policy, rule, config"),
    ("active, open, closed, abnormal", "inactive, normal", "contact, relay, dry", ""),
    ("not sync, unsync, out of sync, unsynchronized, lost sync, sync lost, not synchronized, desync, sync fail, lost lock",
     "sync, in sync, synchronized, synced, sync ok, lock, locked", "", "config, configuration, file, database, success"),
    ("not redundant, lost redundancy, redundancy lost, non redundant, redundancy degraded, redundancy fail",
     "redundant, redundancy regained, redundancy restore, redundancy ok, redundancy established", "", ""),
    ("degraded, not optimal, non optimal, sub optimal", "optimal, normal, ok, healthy", "", ""),
    ("inconsistent, mismatch, inconsistent alarm", "consistent, match, matched", "", "rule, policy, filter, acl"),
    ("deregister, not register, register fail", "register", "", "user, client, station, phone, endpoint, sta, mobile, mn, hsu, success"),
    ("exceed, over, above, high, rising, reached, upper, exceed alarm, crossed, overload, threshold exceed, "
     "exceed threshold, hit, threshold high, threshold reached, too high, high threshold, full, over load",
     "normal, threshold normal, below threshold, threshold clear, not exceed, no longer exceed, return threshold, "
     "within threshold, within limit, under threshold, not full, no longer full, non full, normal threshold", "", "sync"),
    ("threshold exceed, threshold exceeded, exceed threshold, exceed", "threshold return, return threshold, return", "", ""),
    ("high watermark, watermark high", "low watermark, normal watermark, watermark low", "", ""),
    ("onset", "abated", "", ""),
    ("insecure, unsafe", "secure, safe", "", ""),
    ("unsecure", "secure", "", ""),
    ("unlocked, not locked, lock lost, unlock", "locked, lock", "pll, clock, reference, frequency, timing, laser, wavelength, "
     "lo, tuner, carrier, demodulator, sync, gps, dcm, ptp", ""),
    ("suppress, suppressed", "unsuppress, unsuppressed, suppress clear", "", ""),
    ("blocked, block, blocking", "unblocked, unblock, forwarding", "", "user, client, ip, mac, attack, url, file"),
    ("bypass, cutoff, cut off", "forwarding", "", ""),
    ("unstable", "stable", "", ""),
    ("occurred, loop occurred", "restart, loop restart", "loop, port", "test"),
    ("high reached", "low reached", "load", ""),
    ("open, opened", "closed, close", "door, panel, cover, case, lid, chassis, intrusion, enclosure, cabinet, drawer, hood",
     ""),
    ("start, entered, enter, on, engaged", "end, stop, exit, left, leave, off, over, disengaged, complete",
     "loopback, bypass, fbypass, holdover, freerun, outage, congestion, degradation, storm, overload, throttling, "
     "throttle, suppression, relegation, brownout, backpressure, flapping", "test, alarm"),
    ("exit, crash, dead, died, not running, terminated, aborted, hang, hung, stopped unexpectedly",
     "start, restart, running, ready, alive, launched", "daemon, process, task, proc, watchdog", "test, time"),
    ("not running, stopped running", "running", "", ""),
    ("off, down, power off, powered off", "on, up, power on, powered on",
     "power, supply, utility, mains, psu, feed, ac, dc", "usage, threshold, on, battery, alarm, user, limit, outlet, receptacle, rcp, socket"),
    ("on", "off", "alarm, usage, bypass, overload, boost, trim, external, threshold, limit, cost, loopback, holdover, "
     "fault, ais, damping, congestion, throttle, battery, warning, low, high", "power on, radio, led, fan"),
    ("local up", "up", "vlag", ""),
    ("err disabled, error disabled, errdisabled, errdisable, err disable", "recover, enabled, enable", "", ""),
    ("associate fail, disassociated, disassociate, dissociated", "associated, associate", "tunnel, ipsec, gateway, server, "
     "controller", "client, station, sta, user"),
    ("unconfigured alarm", "configured", "", ""),
    ("unmanaged", "managed", "", "user"),
    ("out of service, outofservice, oos", "in service, inservice, is, back to in service, back in service", "", ""),
    ("unresolvable, not resolvable", "resolvable", "", ""),
    ("discharged", "recharged, charged", "battery, batteries, ups", ""),
    ("not charging", "charging", "battery", ""),
    ("multiple sources detected", "multiple sources disappeared", "", ""),
    ("no signal, signal lost, lost signal, no carrier", "signal, signal detected, signal ok, signal restore, carrier", "", ""),
    ("isolated, isolate", "joined, rejoined, connected, unisolated", "stack, member, cluster, controller", ""),
    ("no fited, not fited, unfit", "fited, fited resume", "", ""),
    ("enter low condition, at low condition, at", "from", "condition", ""),
    ("interrupted, interrupt, suspended, suspend", "resume, continue, continued", "", "job, test, user, print"),
    ("split", "merge, merged", "stack", ""),
    ("broken, break, fiber cut, cut", "ok, repaired, complete, connected, fixed", "ring, fiber, loop, chain, cable, link", ""),
    ("tripped, trip", "reset, ok, closed, restored", "breaker, fuse", ""),
    ("dirty, clogged", "clean, ok", "filter", ""),
    ("leak, wet", "dry, no leak, ok", "water, leak, fluid, spill", ""),
    ("timeout, time out", "receiving, received, ok", "health, heartbeat, keepalive, hello", ""),
    ("incompatible", "compatible", "", ""),
    ("overridden, override", "restored", "", ""),
]

PAIRS = [(phrase_set(bad), phrase_set(good), set(p[0] for p in phrase_set(need) if len(p) == 1),
          set(p[0] for p in phrase_set(never) if len(p) == 1)) for bad, good, need, never in _PAIRS]

LONGEST = 4  # words of a phrase

#: what can be cleared without any trouble: a call, a table
CLEARABLE = set("client user call session station log buffer cache table counter counters statistics connection flowtable entry".split())

#: what says nothing about the trouble
GENERIC = {"gen", "generic", "general", "misc", "sys", "other", "custom"}
#: what is detected without any trouble
DETECTABLE = set("board frame card module device disk unit psu fan chassis slot ap drive shelf battery entity pair".split())

#: what a device was told to do, or does by itself at times: its failure and its success are no alarm
OPERATIONS = set("diagnostic diagnostics update upgrade download upload backup save test action run create delete install "
                 "import export job copy transfer write read request command script import operation commit rollback "
                 "provisioning provision migration move clone snapshot scan synchronization replicate replication "
                 "login authentication auth authorization registration enrollment scep renew renewal refresh "
                 "generate generation modify edit set get apply activation reboot restart format erase rename verify "
                 "negotiation exchange handshake bootstrap autopush push pull fetch query lookup resolve dial "
                 "configuration config cfg file boot init initialization".split())
