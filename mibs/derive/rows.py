# SPDX-License-Identifier: Apache-2.0
"""Which row, or which thing, a notification is about: what its alarm key is made of."""
import re

from . import words

#: bounds of a key: what the module takes, and room for the rest of it
REFERENCES_MAX, BYTES_MAX = 7, 800

#: last words of an object that names a thing
_IDENTITY = set("""name id ids index idx inx number no num slot port unit addr address ip ipv4 ipv6 mac serial sn esn peer
    neighbor vlan vrf instance interface if group location object entity domain host hostname channel frame chassis board card
    fqdd device key vsi pw tunnel gateway server node member label alias type tag user cpu direction module service path guid
    uuid source destination bssid ssid wwn zone feature sensor probe resource component disk circuit vpn bd ref subsystem
    identifier contact identity oid nexus stage inst add imei imsi msisdn prefix family pool queue vc pvc dlci vpi vci label lsp area router level
    class side process vm plane rack shelf lane wavelength onu olt ont splitter cell sector radio ap ifname ifindex descr alias""".split())
#: ... unless one of these stands in its last two words: they say when, how bad, or which message this is
_NEVER = set("""severity perceived status state message msg text counter value time date seq sequence version args url action flag
    flags code percent diag result info mode admin retries attempt attempts vendor threshold usage""".split())
#: ... or one of these anywhere: raise and clear differ in it
_DIFFERS = set("old previous prev last new reason cause".split())
#: or before the last word: how much there is, or what happened
_COUNTED = set("""user users session sessions connection connections client clients station stations sta entry entries route routes
    link links current cur max online total prefix prefixes packet packets pkt pkts error mac host table license member members
    free used dynamic spec threshold limit count""".split())
_HAPPENED = set("event alarm trap fault notification notif notify log failure fail msg message record".split())
_NUMBERED = set("""slot port card unit vlan fan power chassis board module sensor psu channel line supply interface frame shelf tray
    bay disk drive core cpu bank phase outlet probe rack pdu blade lane radio""".split())
_TAIL = re.compile(r"(bssid|ssid|mac|id|ip|name|index|idx|inx|addr|address|slot|port|card|vlan|type)$")
_NO_TAIL = re.compile(r"(valid|grid|void|solid|hybrid|rapid|fluid|avoid|chip|strip|clip|skip|ship|tip|report|support|import|export)$")
_NUMBERS = {"id", "ids", "index", "idx", "inx", "type", "number", "num", "no", "level", "class", "name", "inst", "instance", "source"}
_SYSTEM = re.compile(r"^sys(Name|Location|Contact|Descr|UpTime|ObjectID)$")

#: last words of indexes of tables that get a row for each thing that happens, after one of these words
_ROW_NUMBERS = {"index", "id", "idx", "inx", "number", "num", "no", "counter", "name"}
_HISTORIES = set("log logs hist history event trap notif notification seq sequence msg message alarm alert".split())

#: things of which a device has several, so that a notification without a row does not say which
_MANY = set("port link interface if intf session sess peer neighbor tunnel vlan user client station sta ap slot card "
            "module board brd blade disk drive fan psu supply sensor channel member vm host pool node lsp pw path sfp xfp "
            "transceiver probe outlet phase bank contact vpn vc pvc dlci radio server process entry "
            "onu olt volume lun raid array circuit trunk lag line mep "
            "daemon task vrf route mac address certificate cert queue filter fru pack "
            "laser lane wavelength band cell call phone endpoint controller adapter nic hba "
            "app obj object vs box dc gw gateway vap edge site wan agent terminal meshpoint profile account share job "
            "dimm core gbic group vsi vpls bd breaker relay wlan ssid".split())

_ORDINALS = {w: n for n, w in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split())}
_ARGUMENT = re.compile(r"(?i)\bthe (first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth) "
                       r"(?:argument|variable|parameter|varbind)s? (?:is|are|contains|represents|identifies) (?:the |a |an )?"
                       r"([^.(;]*)")
_NAMED = re.compile(r"(?i)\b(number|name|index|serial|id|identifier|slot|port|address|location|label|position)\b|"
                    r"\b(fault|event|alarm)('s)? (condition|code|number)\b|/event code")
_MEASURED = re.compile(r"(?i)\b(value|threshold|temperature|humidity|level|count|percent|severity|current|reading|code|state|"
                       r"status|reason|cause|condition|message|time|user)\b")
_GENERIC = re.compile(r"(?i)args?(integer|string|gauge)?\d*$|mtrapargs")


def _last_word(o):
    """(last word of an object's name that can name something, the word before it, all words)."""
    w = [x for x in words.split(o.name) if not x.isdigit()]
    kept = list(w)
    while len(kept) > 1 and kept[-1] in ("str", "string", "event", "trap", "val"):
        kept.pop()
    last, before = kept[-1] if kept else "", kept[-2] if len(kept) > 1 else ""
    if last not in _IDENTITY and not _NO_TAIL.search(last):
        tail = _TAIL.search(last)                # "APBSSID" and "slotid" are one word each
        if tail:
            before, last = last[:tail.start()] or before, tail.group(1)
    return last, before, w


def is_identity(o):
    """Whether an object names the thing that a notification is about."""
    last, before, w = _last_word(o)
    if o.kind in ("counter32", "counter64", "timeticks", "bits", "opaque") or _SYSTEM.match(o.name):
        return False
    if o.kind == "gauge32" and last not in ("id", "index", "idx", "inx", "ifindex", "slot", "port", "card", "vlan"):
        return False                               # Unsigned32 numbers things as well as amounts
    if last == "id" and before in ("fault", "reason"):
        return True
    if last not in _IDENTITY or _NEVER & {last, before} or _DIFFERS & set(w) or before in _HAPPENED and last in _NUMBERS:
        return False
    if last == "num":
        return before in _NUMBERED
    if last in ("number", "no", "level"):
        return before not in _COUNTED | {""}
    return last not in ("descr", "alias") or before == "if"


def is_history(o):
    """Whether the object's row is one of what happened, not of a thing."""
    for index in o.index or []:
        w = words.split(index.split("::")[-1])
        if w[-1] in _ROW_NUMBERS and len(w) > 1 and w[-2] in _HISTORIES:
            return True
    return False


def _said_identities(n):
    """Objects without a meaning of their own that the description says to be a name or a number."""
    ret = set()
    for ordinal, what in _ARGUMENT.findall(n.text):
        place = _ORDINALS[ordinal.lower()]
        if place < len(n.objects) and _NAMED.search(what) and (
                "ondition" in what or "code" in what or not _MEASURED.search(what)):
            ret.add(n.objects[place].ref)
    return ret


class _Carried:
    """What one notification carries."""

    def __init__(self, n, without=None):
        said = None
        self.columns, self.names, self.indexes, self.all = {}, {}, set(), {}
        for o in n.objects:
            if o.ref in self.all or not o.is_known or o is without and not o.index:
                continue
            self.all[o.ref] = o
            if o.index:
                self.columns[o.ref] = o
                if not is_history(o):
                    self.indexes |= set(o.index)
            elif _GENERIC.search(o.name):
                said = _said_identities(n) if said is None else said
                if o.ref in said:
                    self.names[o.ref] = o
            elif is_identity(o):
                self.names[o.ref] = o


def _fewer(names):
    """Without names of what an index or identifier names already, and without types."""
    numbered = {o.name[:-len(tail)] for o in names for tail in ("Id", "ID", "Index", "Addr", "MacAddr", "MAC") if o.name.endswith(tail)}
    return [o for o in names if not (o.name.endswith("Name") and o.name[:-4] in numbered or o.name.endswith("Type"))]


def key(raises, clears, without=None):
    """(references of the key, whether raise and clear surely tell the same things apart)."""
    carried = [_Carried(n, without) for n in raises + clears]
    first = carried[0]
    columns = [o for ref, o in first.columns.items() if all(ref in c.columns for c in carried) and not is_history(o)]
    names = [o for ref, o in first.names.items() if all(ref in c.names for c in carried)]
    references, covered, signatures = [], set(), set()
    for o in columns:
        signature = tuple(o.index)
        if signature not in signatures:
            signatures.add(signature)
            covered |= set(signature)
    # a row whose indexes another row has too says nothing more
    wanted = [s for s in signatures if not any(set(s) < set(other) for other in signatures)]
    for o in columns:
        if tuple(o.index) in wanted:
            wanted.remove(tuple(o.index))
            references.append("{%s.index}" % o.ref)
    # rows of one table by different columns: by their indexes
    shared = set.intersection(*[c.indexes for c in carried]) - covered
    for o in first.columns.values():
        if is_history(o) or not set(o.index) <= shared | covered or set(o.index) <= covered:
            continue
        others = [next((x for x in c.columns.values() if tuple(x.index) == tuple(o.index)), None) for c in carried[1:]]
        if all(others):
            for i in o.index:
                if i not in covered:
                    references.append("{%s}" % i)
                    covered.add(i)
    # names: of columns whose rows are of what happened, only those that name the thing
    for ref, o in first.columns.items():
        if is_history(o) and is_identity(o) and all(ref in c.columns for c in carried):
            names.append(o)
    if len(references) + len(names) > REFERENCES_MAX:
        names = _fewer(names)
    references += ["{%s}" % o.ref for o in names]
    if len(references) > REFERENCES_MAX or len("/".join(references)) > BYTES_MAX:
        return [], False
    # an end that tells apart what the beginning does not is of something else
    mine = set.intersection(*[set(c.names) | c.indexes for c in carried[:len(raises)]])
    if any((set(c.names) | c.indexes) - mine - {s for o in c.all.values() for s in o.index or [] if o.ref in first.all}
           for c in carried[len(raises):]):
        return [], False
    # what one of them tells apart and another does not
    has = bool(references)
    for c in carried:
        if c.indexes - covered and not has:
            return [], False
        extra = [o for o in c.columns.values() if not is_history(o) and not set(o.index) <= covered]
        if extra and not covered:
            return references, bool(names)
    return references, True


def is_of_many(name_words, members):
    """Whether a trouble whose key names no row is about one of several things, as far as names and descriptions say."""
    text = " ".join(n.text for n in members)
    if any(w in _SINGLE for w in name_words) or re.search(r"(?i)\ball (the )?\w+|\bthere are no\b", text):
        return False
    singular = [w if w in _MANY else w[:-1] if w[-1:] == "s" else w for w in name_words]
    if _LIMITS & set(name_words):
        # how many there are is a matter of the device, not of one of them
        singular = [w for w, after in zip(singular, singular[1:] + [""]) if w not in _RESOURCES and after not in _AMOUNTS]
    for before, after in zip(singular, singular[1:]):
        if after.isdigit() and before in _MANY | _COUNTABLE:
            return False                           # "contact2"
    return bool(_MANY & set(singular)) or bool(_ON_ONE.search(text))


_LIMITS = set("threshold exceed limit over overload full exhausted exhaust max maximum upper usage num count number total rising".split())
_RESOURCES = set("user usr session sess route client station sta mac address entry lsp label tunnel license certificate".split())
_AMOUNTS = {"num", "count", "number", "total", "table", "tbl", "resource"}
#: words of a name that say which one
_SINGLE = {"one", "two", "primary", "secondary", "system", "chassis", "all", "internal", "dual", "left", "right", "top", "bottom", "main",
           "self"}
_COUNTABLE = {"input", "output", "source", "feed", "relay", "pump", "battery"}
_ON_ONE = re.compile(r"(?i)\b(?:on|for|of) (?:the |a |an |any |this |that |one of the )?(?:\w+ )?"
                     r"(port|interface|slot|vlan|line card|board|peer|neighbor|tunnel|session)s?\b")
#: names of the device, or of what sent the notification: they tell no row
_OF_DEVICE = re.compile(r"(?i)(ident(serialnumber|\w*name)|sysserial|serial(number|num|no)?|hostname|host|sysip\w*|sysname|systemname|"
                        r"eventsourceaddr|eventmodule|organizationname|sysipaddress|chassisname|chassisservicetag|systemservicetag|"
                        r"systemlocation|vsys|eventsubtype|systemmodule|featurename)$")


def names_a_row(references):
    """Whether a key has more than the device's own names."""
    return any(not _OF_DEVICE.search(r.strip("{}").split("::")[-1]) for r in references)
