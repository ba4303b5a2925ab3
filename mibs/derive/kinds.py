# SPDX-License-Identifier: Apache-2.0
"""What a notification is about: alarm.type and ITU's event type, by the words of its name and of what it carries."""
from . import words

#: type -> phrases; the first type whose phrase stands in the name wins, so the narrow ones come first
_TYPES = [
    ("bgp", "bgp"), ("ospf", "ospf, ospfv 2, ospfv 3"), ("isis", "isis, is is"), ("ldp", "ldp"), ("rsvp", "rsvp"), ("bfd", "bfd"),
    ("pim", "pim"), ("msdp", "msdp"), ("vrrp", "vrrp, hsrp, srrp"), ("lacp", "lacp, lag, mlag, aggregation, agg, aggregator, eth trunk, vlag, trunk group, mlt"),
    ("stp", "stp, rstp, mstp, spanning tree, root port, topology change, new root, bpdu, vbst"),
    ("pseudowire", "pw, pseudowire, vll, vpls, vsi, vc down, vc up, l 2 vpn"), ("ipsec", "ipsec, ike, ikev 2, isakmp, ip sec"),
    ("vpn", "vpn, l 3 vpn, globalprotect"), ("tunnel", "tunnel, gre, l 2 tp, l 2 tp tunnel, vxlan"), ("mpls", "mpls, lsp, te, xc"),
    ("sonet", "sonet, ds 1, ds 3, e 1, t 1, los, lof, ais, rdi, pos"), ("sdh", "sdh, stm, aug, vc 4, vc 12"), ("otn", "otn, odu, otu, och, osc"),
    ("dsl", "adsl, vdsl, dsl, atuc, atur, xtuc, xtur, shdsl"), ("laser", "laser"),
    ("optical", "optical, sfp, xfp, transceiver, qsfp, gbic, optics, ddm, xcvr, onu, olt, pon, epon, gpon, rx power, tx power, fiber, sff, ddi"),
    ("poe", "poe, pse, pd, pethpse"), ("psu", "psu, power supply, powersupply, ps, pem, rectifier"),
    ("battery", "battery, batteries, ups battery"), ("fan", "fan, fans, fantray, blower, air flow, airflow"),
    ("temperature", "temperature, thermal, overheat, temps, hot, overtemp"), ("humidity", "humidity"), ("voltage", "voltage, volt, volts, vlt"),
    ("current", "current over, over current, overcurrent, current high, current low, output current, amps, ampere"), ("smoke", "smoke, fire"),
    ("door", "door, intrusion switch, cover, chassis intrusion, enclosure open"),
    ("license", "license, licence, gtl, lic"), ("certificate", "certificate, cert, crl, ca, pki"),
    ("ntp", "ntp, ptp, clock, time sync, sync source, timing, gps, synce"), ("dhcp", "dhcp, dhcpv 6, ip pool, ippool, address pool"), ("dns", "dns"),
    ("acl", "acl"), ("firewall", "firewall"), ("ids", "ids, ips, attack, intrusion, dos, ddos, flood, spoof, signature, threat, anomaly, scan, rogue, impersonation"),
    ("virus", "virus, antivirus, malware, av"),
    ("aaa", "aaa, radius, tacacs, ldap, diameter"), ("auth", "auth, authentication, authen, login, logon, password, dot 1 x, 8021 x, authorization, authenticated, logout, logoff"),
    ("security", "security, violation, secure, insecure, unauthorized, mac limit, dai, arp inspection, snooping"),
    ("ap", "ap, aps, access point"), ("radio", "radio, radar, dfs, rf, rrm, odu"), ("client", "client, station, sta, subscriber"),
    ("wireless", "wlan, wireless, ssid, dot 11, essid, capwap, mesh"),
    ("raid", "raid, array, virtual disk, logical drive"), ("disk", "disk, drive, hard disk, hdd, ssd, cf card, flash"),
    ("volume", "volume, vol, lun, qtree, aggregate, snapshot"), ("storage", "storage, enclosure, filesystem, file system, nfs, smb, cifs"),
    ("backup", "backup"), ("replication", "replication, mirror, snapmirror"), ("database", "database, db"),
    ("memory", "memory, mem, dimm, buffer, ecc"), ("cpu", "cpu, processor"),
    ("stack", "stack, stacking, vcstack, irf, css"), ("ha", "ha, redundancy, failover, switchover, standby, hot standby, redundant, high availability, mc lag"),
    ("cluster", "cluster, quorum"), ("vm", "vm, virtual machine, vnf"), ("host", "host, hypervisor, esx"),
    ("ups", "ups"), ("power", "power, outlet, utility, mains, bypass, inverter, breaker, pdu, phase, bank, load, generator"),
    ("sensor", "sensor, probe, contact, dry contact, environment, water, leak"),
    ("card", "card, board, blade, slot, lpu, mpu, sfu, linecard, iom, mda, pic"), ("chassis", "chassis, shelf, frame, backplane, fabric"),
    ("module", "module, fru, entity, hardware"), ("voice", "voice, voip, call, pstn, isdn, dsp, mgc, vism, phone"), ("sip", "sip"), ("fax", "fax"), ("printer", "printer, toner, paper"),
    ("qos", "qos, xqos, policer, scheduler, shaper, police"), ("queue", "queue, wred"), ("flow", "flow, netflow, sflow, netstream, cflowd, ipfix"),
    ("link", "link, trunk, ring, circuit, line, oam, cfm, mep, erp, loopback, loop, lldp"), ("port", "port, interface, if, intf, ethernet"),
    ("session", "session, sess, ppp, pppoe"), ("config", "config, configuration, cfg, provision, provisioning"),
    ("software", "software, firmware, image, patch, upgrade, version, package"), ("reboot", "reboot, restart, reset, cold start, warm start, coldstart, warmstart, boot"),
    ("process", "process, daemon, task, watchdog, core dump"), ("service", "service, server, virtual server, pool, real server"),
    ("traffic", "traffic, utilization, bandwidth, rate, packet, throughput, storm, bcast, broadcast, mac, arp, route, routes, multicast, igmp, congestion"),
    ("threshold", "threshold, exceed, limit, crossing"), ("user", "user, administrator, account"), ("system", "system, device, sys, switch, node, controller, agent"),
]
_TYPE_OF = [(kind, words.phrase_set(text)) for kind, text in _TYPES]

_EVENT_TYPES = {
    "communicationsAlarm": "link port bgp ospf isis ldp rsvp bfd pim msdp vrrp stp lacp mpls pseudowire vpn tunnel ipsec sdh sonet otn "
                           "optical laser dsl wireless ap radio client dhcp dns session voice sip fax flow",
    "qualityOfServiceAlarm": "qos queue threshold traffic",
    "processingErrorAlarm": "config software reboot process cpu memory disk storage license database backup replication service vm host "
                            "cluster ha certificate system",
    "equipmentAlarm": "battery power psu fan card module chassis stack sensor volume raid printer poe",
    "environmentalAlarm": "temperature humidity voltage current smoke door",
    "securityServiceOrMechanismViolation": "aaa auth security acl firewall ids virus",
    "timeDomainViolation": "ntp",
    "other": "other user",
}
EVENT_TYPE_OF = {kind: event_type for event_type, text in _EVENT_TYPES.items() for kind in text.split()}


def _find(w):
    phrases = {w[place:place + length] for length in (1, 2, 3) for place in range(len(w) - length + 1)}
    for kind, texts in _TYPE_OF:
        if phrases & texts:
            return "power" if kind == "ups" else kind
    return None


def kind(n):
    """(type, event type) of a notification; (None, None) if its words don't say."""
    found = _find(words.plain(words.split(n.name)))
    if not found and n.objects:
        found = _find(tuple(words.split(n.objects[0].name)))
        found = found if found in ("port", "link", "ap", "disk", "card", "fan", "psu") else None
    return (found, EVENT_TYPE_OF[found]) if found else (None, None)
