# SPDX-License-Identifier: Apache-2.0
"""The facts of all vendors: notifications, the objects that they carry, and these objects' labels and rows."""
import glob
import os


class Object:
    """An object that notifications carry."""

    def __init__(self, module, name, kind="", labels=(), index=None, oid="", convention=""):
        self.module = module
        self.name = name
        self.kind = kind              # integer, octets, ...
        self.labels = list(labels)    # in the order of their numbers
        self.index = index            # MODULE::name of the row's index objects; None: not a column, or of an augmenting row
        self.is_augmenting = False    # its row has the index of another row
        self.oid = oid
        self.convention = convention
        self.said = None              # {text: severity} that the MIB lists for an object without labels

    @property
    def ref(self):
        return self.module + "::" + self.name

    @property
    def is_known(self):
        """Whether the facts have more than its name."""
        return self.kind not in ("", "-")

    def __repr__(self):
        return self.ref


class Notification:
    """A notification of one vendor's facts; what the MIB says of it is added by mibtext."""

    def __init__(self, vendor, module, name, oid, objects):
        self.vendor = vendor
        self.module = module
        self.name = name
        self.oid = oid                # in the form of the facts
        self.objects = objects        # list of Object, in order
        self.text = ""                # description: read for hints, never copied
        self.comments = {}            # of the --#WORD kind

    @property
    def ref(self):
        return self.module + "::" + self.name

    def __repr__(self):
        return self.ref


def _words(line):
    """A line's words, and its members X=VALUE."""
    words = line.rstrip("\n").split(" ")
    members = {}
    for position, word in enumerate(words[4:], 4):
        if word.startswith("h="):
            members["h"] = " ".join(words[position:])[2:]
            break
        if len(word) > 1 and word[1] == "=":
            members[word[0]] = word[2:]
    return words, members


class _File:
    """The lines of one file of facts."""

    def __init__(self, path):
        self.objects, self.rows, self.notifications, augmenting = {}, {}, [], set()
        with open(path, encoding="utf-8") as f:
            for line in f:
                if line.startswith("#") or not line.strip():
                    continue
                words, members = _words(line)
                if len(words) < 4:
                    continue
                oid, name, module, kind = words[:4]
                if kind in ("notification", "trap"):
                    self.notifications.append((oid, name, module, members))
                    continue
                if "a" in members:
                    augmenting.add(oid)
                if "i" in members:
                    self.rows[oid] = [i if "::" in i else module + "::" + i for i in (x.lstrip("!") for x in members["i"].split(","))]
                labels = [e.rsplit(":", 1)[0] for e in members.get("e", "").split(",") if e]
                self.objects[module + "::" + name] = Object(module, name, kind, labels, None, oid, members.get("t", ""))
        for o in self.objects.values():
            o.index = self.rows.get(o.oid.rsplit(".", 1)[0])
            o.is_augmenting = o.oid.rsplit(".", 1)[0] in augmenting


def canonical(oid):
    """What all forms of a notification's OID have in common: no 0 before the last sub-identifier."""
    parts = oid.split(".")
    if len(parts) > 2 and parts[-2] == "0":
        del parts[-2]
    return ".".join(parts)


def load(top):
    """All notifications of mibs/facts and mibs/standard.facts. An OID that several have comes from standard.facts, else
    from the vendor whose version of the module has the most notifications, so that what belongs together stays so."""
    files = [(os.path.basename(p)[:-6], _File(p)) for p in sorted(glob.glob(top + "/mibs/facts/*.facts"))]
    everywhere = {}
    standard = _File(top + "/mibs/standard.facts")
    for f in [f for _, f in reversed(files)] + [standard]:
        everywhere.update(f.objects)
    count, offers = {}, []
    for vendor, f in [("ietf", standard)] + files:
        for oid, name, module, members in f.notifications:
            count[vendor, module] = count.get((vendor, module), 0) + 1
            offers.append((vendor, f, oid, name, module, members))
    offers.sort(key=lambda o: (o[0] != "ietf", -count[o[0], o[4]], o[0], o[4], o[2]))
    ret, seen = [], set()
    for vendor, f, oid, name, module, members in offers:
        if oid in seen:
            continue
        seen.add(oid)
        objects = []
        for o in filter(None, members.get("o", "").split(",")):
            ref = o if "::" in o else module + "::" + o
            objects.append(f.objects.get(ref) or everywhere.get(ref) or Object(*ref.split("::")))
        ret.append(Notification(vendor, module, name, oid, objects))
    return ret
