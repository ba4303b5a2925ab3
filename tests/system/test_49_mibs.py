# SPDX-License-Identifier: Apache-2.0
"""trapkafka mibs: MIB files as operators have them, with broken ones among them, and the shipped dictionary.

The MIB files are written here, those of the IETF too, so no MIB has to be installed."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from lib import ber
from lib.proc import PATIENCE, wait_until
from lib.rig import COMMUNITY, broker, rigs  # pylint: disable=unused-import
from test_47_command import call, tool

# pylint: disable=redefined-outer-name

TOP = Path(__file__).resolve().parents[2]
#: Which trapkafka reads the broken files: if possible the one with the address sanitizer.
CAREFUL = "TK_ASAN_BUILD" if os.environ.get("TK_ASAN_BUILD") else "TK_BUILD"

SMI = """
SNMPv2-SMI DEFINITIONS ::= BEGIN
org OBJECT IDENTIFIER ::= { iso 3 }
dod OBJECT IDENTIFIER ::= { org 6 }
internet OBJECT IDENTIFIER ::= { dod 1 }
private OBJECT IDENTIFIER ::= { internet 4 }
enterprises OBJECT IDENTIFIER ::= { private 1 }
END
"""

GOOD = """
-- a comment with a quote: "
ACME-MIB DEFINITIONS ::= BEGIN
IMPORTS enterprises, OBJECT-TYPE, NOTIFICATION-TYPE, MODULE-IDENTITY FROM SNMPv2-SMI;

acme MODULE-IDENTITY
    LAST-UPDATED "202001010000Z" ORGANIZATION "x" CONTACT-INFO "x" DESCRIPTION "x"
    ::= { enterprises 99999 }

acmeTable OBJECT-TYPE
    SYNTAX SEQUENCE OF AcmeEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION "" ::= { acme 1 }
acmeEntry OBJECT-TYPE
    SYNTAX AcmeEntry MAX-ACCESS not-accessible STATUS current DESCRIPTION ""
    INDEX { acmeNumber, IMPLIED acmeWord } ::= { acmeTable 1 }
AcmeEntry ::= SEQUENCE { acmeNumber INTEGER, acmeWord OCTET STRING, acmeState INTEGER, acmeFlags BITS }
acmeNumber OBJECT-TYPE
    SYNTAX INTEGER (1..9) MAX-ACCESS not-accessible STATUS current DESCRIPTION "" ::= { acmeEntry 1 }
acmeWord OBJECT-TYPE
    SYNTAX OCTET STRING MAX-ACCESS not-accessible STATUS current DESCRIPTION "" ::= { acmeEntry 2 }
acmeState OBJECT-TYPE
    SYNTAX INTEGER { up(1), -- an inline comment -- down(2), un_known(-3) } MAX-ACCESS read-only STATUS current
    DESCRIPTION "An example:
        acmeExample OBJECT-TYPE SYNTAX INTEGER ::= { acme 77 }
        END"
    ::= { acmeEntry 3 }
acmeFlags OBJECT-TYPE
    SYNTAX BITS { hot(0), cold(1) } MAX-ACCESS read-only STATUS current DESCRIPTION "" ::= { acmeEntry 4 }
acmeSpeed OBJECT-TYPE
    SYNTAX INTEGER UNITS "kilobits per second" MAX-ACCESS read-only STATUS current DESCRIPTION "" ::= { acme 2 }
acmeAlarm NOTIFICATION-TYPE
    OBJECTS { acmeState, acmeFlags, acmeSpeed } STATUS current DESCRIPTION "" ::= { acme 0 1 }
END
"""

GOOD_FACTS = """\
1.3.6.1.4.1.99999 acme ACME-MIB -
1.3.6.1.4.1.99999.0.1 acmeAlarm ACME-MIB notification o=acmeState,acmeFlags,acmeSpeed
1.3.6.1.4.1.99999.1 acmeTable ACME-MIB -
1.3.6.1.4.1.99999.1.1 acmeEntry ACME-MIB - i=acmeNumber,!acmeWord
1.3.6.1.4.1.99999.1.1.1 acmeNumber ACME-MIB integer
1.3.6.1.4.1.99999.1.1.2 acmeWord ACME-MIB octets
1.3.6.1.4.1.99999.1.1.3 acmeState ACME-MIB integer e=up:1,down:2,un_known:-3
1.3.6.1.4.1.99999.1.1.4 acmeFlags ACME-MIB bits e=hot:0,cold:1
1.3.6.1.4.1.99999.2 acmeSpeed ACME-MIB integer u=kilobits%20per%20second
"""


def module(name, body, imports="IMPORTS enterprises FROM SNMPv2-SMI;"):
    return f"{name} DEFINITIONS ::= BEGIN\n{imports}\n{body}\nEND\n"


def trap(name, number, objects="", enterprise="old"):
    return f'{name} TRAP-TYPE ENTERPRISE {enterprise} {objects} DESCRIPTION "" ::= {number}'


OLD = "old OBJECT IDENTIFIER ::= { enterprises 88888 }"
SCALAR = "OBJECT-TYPE SYNTAX INTEGER ACCESS read-only STATUS mandatory ::= { old"


@pytest.fixture
def mibs(folder):
    """Write MIB files, and run trapkafka mibs on them."""
    class Mibs:
        path = folder / "mibs"

        def write(self, **files):
            for name, text in {"smi": SMI, **files}.items():
                self.path.mkdir(exist_ok=True)
                (self.path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
            return self

        def build(self, *words, status=0):
            """The facts, and what was said."""
            out = folder / "out.facts"
            got, said, err = call("mibs", "build", "--facts", "-o", out, *words, self.path, build=CAREFUL)
            assert (got, err) == (status, ""), (said, err)
            return [line for line in out.read_text().splitlines() if " SNMPv2-SMI " not in line], said

        def report(self):
            said = call("mibs", "report", "--all", self.path, build=CAREFUL)[1]
            return [line.split("\t") for line in said.splitlines()]
    return Mibs()


def test_a_module_with_every_kind_of_object(mibs):
    facts, said = mibs.write(acme=GOOD).build()
    assert facts == GOOD_FACTS.splitlines()
    assert said == "2 files, 2 modules: 1 notifications, 13 other names\n"


def test_a_dictionary_tells_what_the_facts_tell(mibs, folder):
    """The same lines, whether MIB files or text are compiled; and find prints them."""
    mibs.write(acme=GOOD)
    dicts = [folder / "one.dict", folder / "two.dict"]
    mibs.build()
    assert call("mibs", "build", "--quiet", "-o", dicts[0], mibs.path) == (0, "", "")
    assert call("mibs", "build", "--quiet", "-o", dicts[1], folder / "out.facts") == (0, "", "")
    assert dicts[0].read_bytes() == dicts[1].read_bytes()
    find = ("mibs", "find", "-d", dicts[0])
    assert call(*find, "acmeState")[1] == call(*find, "ACME-MIB::acmeState")[1] == (
        "1.3.6.1.4.1.99999.1.1.3 ACME-MIB::acmeState INTEGER\n  labels   un_known(-3), up(1), down(2)\n"
        "  indexes  ACME-MIB::acmeNumber, ACME-MIB::acmeWord\n")
    assert call(*find, "1.3.6.1.4.1.99999.1.1.3.4.97.98")[1].endswith("\n  rest     4.97.98\n")
    assert call(*find, "alarm")[1] == (
        "1.3.6.1.4.1.99999.0.1 ACME-MIB::acmeAlarm notification\n"
        "  objects  ACME-MIB::acmeState, ACME-MIB::acmeFlags, ACME-MIB::acmeSpeed\n")
    assert call(*find, "ACMEF")[1].splitlines()[0] == "1.3.6.1.4.1.99999.1.1.4 ACME-MIB::acmeFlags BITS"
    assert len(call(*find, "acme")[1].splitlines()) == 1
    assert len(call(*find, "cmeS")[1].splitlines()) == 2
    assert call(*find, "nothing") == (1, "", "trapkafka mibs find: 'nothing': no dictionary knows it\n")


#: What is written, what the facts of it are, the kind of line in the report, and the line of the file that it names.
BROKEN = {
    "a definition that the parser refuses keeps its name, number and objects": (
        module("B", OLD + f"\na {SCALAR} 1 }}\nt NOTIFICATION-TYPE OBJECTS {{ a }} STATUS sometimes DESCRIPTION 7 ::= {{ old 0 5 }}"
                          f"\nb {SCALAR} 2 }}"),
        ["88888 old B -", "88888.0.5 t B notification o=a", "88888.1 a B integer", "88888.2 b B integer"], ("reduced", "t", 5)),
    "one without a number is left out": (
        module("B", OLD + f"\na OBJECT-TYPE SYNTAX INTEGER ACCESS read-only\nb {SCALAR} 2 }}"),
        ["88888 old B -", "88888.2 b B integer"], ("lost", "a", 4)),
    "END is missing": (module("B", OLD + f"\na {SCALAR} 1 }}")[:-4], ["88888 old B -", "88888.1 a B integer"], None),
    "the file was cut in a definition": (
        module("B", OLD + f"\na {SCALAR} 1 }}\nb OBJECT-TYPE SYNTAX INTE")[:-5],
        ["88888 old B -", "88888.1 a B integer"], ("lost", "b", 5)),
    "the semicolon of IMPORTS is missing": (
        module("B", OLD, "IMPORTS enterprises FROM SNMPv2-SMI"), ["88888 old B -"], None),
    "a comment ends with --": (
        module("B", OLD.replace(" ::=", " -- x -- ::=")), ["88888 old B -"], None),
    "a comment has -- in it": (
        module("B", OLD + " -- one -- two {"), ["88888 old B -"], None),
    "a string lacks its closing quote": (
        module("B", OLD + '\na OBJECT-TYPE SYNTAX INTEGER ACCESS read-only STATUS mandatory DESCRIPTION "open\n'
                          f'::= {{ old 1 }}\nb OBJECT-TYPE SYNTAX INTEGER ACCESS read-only STATUS mandatory DESCRIPTION "x"\n'
                          '::= { old 2 }'),
        ["88888 old B -", "88888.1 a B integer", "88888.2 b B integer"], None),
    "labels with underscores": (
        module("B", OLD + f"\na_b {SCALAR} 1 }}"), ["88888 old B -", "88888.1 a_b B integer"], None),
    "a name in the module's head": (
        module("B { iso 9 }", OLD), ["88888 old B -"], None),
    "lines as Windows ends them, and letters that are no ASCII": (
        module("B", OLD + " -- \u00e9\u2028").replace("\n", "\r\n"), ["88888 old B -"], None),
    "traps of SMIv1": (
        module("B", OLD + f"\na {SCALAR} 1 }}\n" + trap("t", 7, "VARIABLES { a }")),
        ["88888 old B -", "88888.0.7 t B trap o=a", "88888.1 a B integer"], None),
    "an object of a notification is defined nowhere": (
        module("B", OLD + "\n" + trap("t", 7, "VARIABLES { a }")),
        ["88888 old B -", "88888.0.7 t B trap o=a"], ("no object", "t", 0)),
    "a parent is defined nowhere": (
        module("B", OLD + "\n" + trap("t", 7, "", "elsewhere")), ["88888 old B -"], ("no oid", "t", 4)),
    "two modules in one file, the first without END": (
        module("B", OLD)[:-4] + module("C", f"c {SCALAR} 3 }}", "IMPORTS old FROM B;"),
        ["88888 old B -", "88888.3 c C integer"], None),
    "an import that is in no file": (
        module("B", OLD, "IMPORTS enterprises FROM SNMPv2-SMI x FROM GONE-MIB;"), ["88888 old B -"], ("missing", "", 2)),
    "no MIB": ("hello\n", [], ("no module", "", 0)),
    "nothing": ("", [], ("no module", "", 0)),
    "bytes": (bytes(range(256)) * 40, [], ("no module", "", 0)),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_costs_only_what_is_broken(mibs, what):
    """The sound rest of it is read, another file as well, and the report names the line."""
    text, wanted, found = BROKEN[what]
    mibs.write(acme=GOOD, broken=text)
    rows = [row for row in mibs.report() if row[0] != "remark"]
    is_trouble = found and found[0] not in ("no module", "no object")
    facts, said = mibs.build(status=1 if is_trouble or (found and found[0] == "no object") else 0)
    assert [line for line in facts if " ACME-MIB " not in line] == ["1.3.6.1.4.1." + line for line in wanted]
    assert [line for line in facts if " ACME-MIB " in line] == GOOD_FACTS.splitlines()
    if not found:
        assert not rows and said.count("\n") == 1
        return
    kind, name, line = found
    assert [kind, "mibs/broken", str(line), name] in [[row[0], row[1], row[2], row[4]] for row in rows], rows
    if is_trouble:
        assert re.search(rf"^{re.escape(str(mibs.path))}/broken: line \d+: .*; (correct|add|remove|get|make) ", said, re.M), said
        assert "not all was read" in said


def test_a_module_in_two_files(mibs):
    """The newer one is read; the report says which."""
    def version(date, number):
        return module("B", f'old MODULE-IDENTITY LAST-UPDATED "{date}" ORGANIZATION "" CONTACT-INFO "" DESCRIPTION ""'
                           f" ::= {{ enterprises 88888 }}\nb {SCALAR} 2 }}\n{trap(f'late{number}', 1)}")
    mibs.write(a=version("9901010000Z", 1), b=version("201001010000Z", 2), c=version("200001010000Z", 3))
    facts, said = mibs.build()
    assert [line for line in facts if " trap" in line] == ["1.3.6.1.4.1.88888.0.1 late2 B trap"]
    assert [row[:4] for row in mibs.report() if row[0] == "twice"] == [["twice", "mibs/a", "1", "B"], ["twice", "mibs/c", "1", "B"]]
    assert said.count(f"{mibs.path}/b too") == 2
    assert sorted(row[4:] for row in mibs.report() if row[0] == "same oid") == [
        ["late1", "1.3.6.1.4.1.88888.0.1: B::late2 counts, because its module is newer"],
        ["late3", "1.3.6.1.4.1.88888.0.1: B::late2 counts, because its module is newer"]]


def test_the_own_folder_counts_first(mibs, folder):
    """Two vendors have a module of one name: each vendor's modules import their own."""
    for vendor, number in (("a", 1), ("b", 2)):
        path = mibs.path / vendor
        path.mkdir(parents=True)
        (path / "root").write_text(module("ROOT-MIB", f"root OBJECT IDENTIFIER ::= {{ enterprises {number} }}"))
        (path / "leaf").write_text(module(f"LEAF{number}-MIB", trap(f"leaf{number}", 1, "", "root"), "IMPORTS root FROM ROOT-MIB;"))
    facts, _ = mibs.write().build()
    assert [line for line in facts if " trap" in line] == ["1.3.6.1.4.1.1.0.1 leaf1 LEAF1-MIB trap",
                                                           "1.3.6.1.4.1.2.0.1 leaf2 LEAF2-MIB trap"]


def test_facts_have_only_what_notifications_need(mibs, folder):
    """A file a folder, the same at every run, without what is built in."""
    other = module("OTHER-MIB", f"{OLD}\nunneeded {SCALAR} 1 }}")
    mibs.write(acme=GOOD, other=other, ifmib=module(
        "IF-MIB", "linkDown NOTIFICATION-TYPE STATUS current DESCRIPTION \"\" ::= { iso 3 6 1 6 3 1 1 5 3 }"))
    outs = []
    for number in range(2):
        out = folder / str(number)
        out.mkdir()
        assert call("mibs", "facts", "--output", out, "--report", out / "report", mibs.path)[0] == 0
        assert [path.name for path in sorted(out.iterdir())] == ["mibs.facts", "report"]
        outs.append([(out / "mibs.facts").read_bytes(), (out / "report").read_bytes()])
    assert outs[0] == outs[1]
    lines = [line for line in outs[0][0].decode().splitlines() if line[0] != "#"]
    assert lines == [line for line in GOOD_FACTS.splitlines() if " acmeTable " not in line]


def test_a_folder_that_is_named_twice_is_searched_once(mibs, folder):
    """Also if a link in it leads back to it."""
    mibs.write(acme=GOOD)
    (mibs.path / "loop").symlink_to(mibs.path)
    (folder / "other").symlink_to(mibs.path)
    once = mibs.build()
    assert once == mibs.build(f"{mibs.path}/", folder / "other") and once[1].startswith("2 files, 2 modules")


def test_an_operators_folder_with_broken_files_gives_names_to_the_next_event(mibs, folder, rigs):
    """One command, its report, one directive, SIGHUP. snmptrapd loads no MIB."""
    broken = "acmeBroken OBJECT-TYPE SYNTAX INTEGER ACCESS sometimes STATUS mandatory ::= { acme 9 }"
    mibs.write(acme=GOOD.replace("\nEND\n", f"\n{broken}\nEND\n"))
    dictionary = folder / "own.dict"
    trap = "1.3.6.1.4.1.99999.0.1"
    varbinds = [("1.3.6.1.4.1.99999.1.1.3.4.97.98", ber.number(2)), ("1.3.6.1.4.1.99999.2.0", ber.number(10))]
    rig = rigs()

    def send():
        return rig.send_event(lambda uptime: ber.v2c(COMMUNITY, varbinds, uptime, trap))
    assert send()["trap"] == {"oid": trap, "name": None, "mib": None}
    status, said, err = call("mibs", "build", "-o", dictionary, mibs.path)
    assert (status, err) == (1, "") and "only name and number of ACME-MIB::acmeBroken were kept; correct it" in said
    rig.reload([f"kafkaDictionary {dictionary}"])
    event = send()
    assert event["trap"] == {"oid": trap, "name": "acmeAlarm", "mib": "ACME-MIB"}
    assert event["missing"] == ["ACME-MIB::acmeFlags"]
    assert [(one["name"], one["index"], one["text"]) for one in event["varbinds"]] == [
        ("acmeState", ["4", "ab"], "down"), ("acmeSpeed", [], "10 kilobits per second")]


def test_a_hostile_file_harms_nothing_else(mibs):
    """Very deep, very long, and very many."""
    long = "x" * 200000
    many = "\n".join(f"n{i} OBJECT IDENTIFIER ::= {{ n{i - 1} 1 }}" for i in range(1, 400))
    mibs.write(acme=GOOD, long=module("LONG-MIB", f'{OLD}\n{long} OBJECT IDENTIFIER ::= {{ old 1 }}\n-- {long}'),
               deep=module("DEEP-MIB", f"n0 OBJECT IDENTIFIER ::= {{ enterprises 77777 }}\n{many}"),
               braces=module("BRACES-MIB", "{" * 50000), quotes=module("QUOTES-MIB", '"' * 50001),
               loop=module("LOOP-MIB", "a OBJECT IDENTIFIER ::= { b 1 }\nb OBJECT IDENTIFIER ::= { a 1 }", "IMPORTS c FROM LOOP-MIB;"))
    status, said, err = call("mibs", "report", mibs.path, build=CAREFUL)
    assert (status, err) == (1, "") and "7 files" in said
    facts, _ = mibs.build(status=1)
    assert [line for line in facts if " ACME-MIB " in line] == GOOD_FACTS.splitlines()


def test_an_interrupted_build_leaves_nothing(mibs, folder):
    """Neither the dictionary nor the copies of the MIB files."""
    mibs.write(acme=GOOD, **{f"m{n}": module(f"M{n}-MIB", OLD) for n in range(3000)})
    tmp = folder / "tmp"
    tmp.mkdir()
    with subprocess.Popen([tool(), "mibs", "build", "-o", folder / "out.dict", mibs.path], env={**os.environ, "TMPDIR": str(tmp)},
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        wait_until(lambda: list(tmp.glob("trapkafka-mibs.*/9.mib")), 20, "copies of the MIB files")
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=60 * PATIENCE)[1]
    assert run.returncode == 2 and "Interrupted system call" in said
    assert not list(tmp.iterdir()) and not (folder / "out.dict").exists()


# --- what is shipped -------------------------------------------------------------------------------------------------

FACTS = sorted((TOP / "mibs" / "facts").glob("*.facts"))


def test_the_list_of_facts_is_complete():
    assert re.findall(r"facts/(\S+)", (TOP / "mibs" / "facts.am").read_text()) == [path.name for path in FACTS]


def test_the_installed_dictionary_has_all_shipped_facts(folder):
    """Compiled again from the text it is the same, byte by byte, and it knows names of the first and of the last file."""
    out = folder / "again.dict"
    assert call("mibs", "build", "--quiet", "-o", out, TOP / "mibs" / "facts") == (0, "", "")
    installed = Path(tool()).parents[1] / "share" / "trapkafka" / "vendors.dict"
    assert installed.read_bytes() == out.read_bytes()
    for path in (FACTS[0], FACTS[-1]):
        oid, name, mib, kind = [line.split() for line in path.read_text().splitlines() if line[0] != "#"][-1][:4]
        assert f"{oid} {mib}::{name} " in call("mibs", "find", f"{mib}::{name}")[1], kind
    assert call("mibs", "find", "linkDown")[1].startswith("1.3.6.1.6.3.1.1.5.3 IF-MIB::linkDown notification\n")


def test_compiling_facts_reads_no_mib_file(folder):
    """A build of trapkafka needs no MIB: with broken ones where net-snmp looks for MIBs, nothing is said about them."""
    mibs = folder / "mibs"
    mibs.mkdir()
    (mibs / "SNMPv2-SMI").write_text("SNMPv2-SMI DEFINITIONS ::= BEGIN\nbroken\n")
    env = {**os.environ, "MIBS": "ALL", "MIBDIRS": str(mibs)}
    done = subprocess.run([tool(), "mibs", "build", "-o", folder / "out", FACTS[0]], env=env, capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("1 files, 0 modules: ")
