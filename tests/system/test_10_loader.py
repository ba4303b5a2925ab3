# SPDX-License-Identifier: Apache-2.0
"""The door: `dlmod` in a stock snmptrapd, by embedded Perl or by LD_PRELOAD (plugin/door).

Nothing but the loader is under test: the modules that it loads are a few lines of C, compiled here. A loader that is
built already is taken from $TK_LOADER_SO, otherwise it is compiled from the source tree."""

import contextlib
import os
import re
import shutil
from pathlib import Path

import pytest

from lib import perl
from lib.need import need_tool
from lib.proc import free_port, run, wait_until
from lib.snmptrapd import BINARY

LOADER_SRC = Path(__file__).resolve().parents[2] / "plugin" / "door"
DLMOD_MIB = "1.3.6.1.4.1.2021.13.14"
NLM_MIB = "1.3.6.1.2.1.92"
USAGE = "    dlmod                    NAME /absolute/path/of/module.so"

MODULE_C = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#define STR_(a) #a
#define STR(a) STR_(a)
static void note(const char *what)
{
    int fd = open(getenv("DUMMY_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    dprintf(fd, "%s %s %d\n", what, STR(NAME), (int)getpid());
    close(fd);
}
#ifdef MIB
void init_dlmod(void);
#endif
int CAT(init_, NAME)(void)
{
#ifdef MIB
    init_dlmod();
#endif
    note("init");
    return 0;
}
int CAT(DEINIT, NAME)(void) { note("deinit"); return 0; }
char ballast[65536] = { 1 };
"""

# What a snmptrapd that knows dlmod by itself would look like to the loader.
KNOWING_HOST_C = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
struct config_line;
struct config_line *register_config_handler(const char *, const char *, void (*)(const char *, char *), void (*)(void),
                                            const char *);
static void parse(const char *token, char *line) { fprintf(stderr, "the host's own %s: %s\n", token, line); }
void init_snmp(const char *type)
{
    void *real = dlsym(RTLD_NEXT, "init_snmp");
    void (*f)(const char *);
    register_config_handler("snmptrapd", "dlmod", parse, 0, "usage of the host");
    memcpy(&f, &real, sizeof(f));
    f(type);
}
"""


def compile_so(out, source, *flags):
    src = out.with_suffix(".c")
    src.write_text(source)
    run([need_tool("cc"), "-shared", "-fPIC", "-o", out, src, *flags])
    return out


@pytest.fixture(scope="module")
def built(base_folder):
    """The loader, its start file, and modules to load: what does not change in these tests."""
    d = base_folder / "loader"
    shutil.rmtree(d, ignore_errors=True)
    d.mkdir()
    loader = d / "trapkafka_loader.so"
    if os.environ.get("TK_LOADER_SO"):
        shutil.copy(os.environ["TK_LOADER_SO"], loader)
    else:
        run([need_tool("cc"), "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-fPIC", "-fvisibility=hidden", "-shared",
             "-Wl,-z,nodelete", "-o", loader, LOADER_SRC / "dlmod_loader.c"])
    text = re.sub("@(pkglibdir|pkgdatadir)@", str(d), (LOADER_SRC / "trapkafka.pl.in").read_text())
    assert not re.search(r"@\w+@", text)
    (d / "trapkafka.pl").write_text(text)
    for name, deinit in (("foo", "deinit_"), ("bar", "shutdown_")):
        compile_so(d / f"{name}.so", MODULE_C, f"-DNAME={name}", f"-DDEINIT={deinit}")
    compile_so(d / "kept.so", MODULE_C, "-DNAME=kept", "-DDEINIT=deinit_", "-Wl,-z,nodelete")
    compile_so(d / "mib.so", MODULE_C, "-DNAME=mib", "-DDEINIT=deinit_", "-DMIB")
    compile_so(d / "lacking.so", "int missing(void); int init_lacking(void); int init_lacking(void) { return missing(); }")
    compile_so(d / "host.so", KNOWING_HOST_C)
    yield d
    if not os.environ.get("TK_KEEP"):
        shutil.rmtree(d)


def fake_trapreceiver(folder, text):
    """PERL5LIB with a NetSNMP::TrapReceiver of this text."""
    module = folder / "fake-perl" / "NetSNMP" / "TrapReceiver.pm"
    module.parent.mkdir(parents=True)
    module.write_text(text)
    return {"PERL5LIB": module.parent.parent}


@pytest.fixture
def trapd(snmptrapd, folder, built):
    """Makes a snmptrapd with the text of a configuration; without libsnmp-perl unless env says otherwise."""
    def make(conf, preload=(), env=(), start=True, **options):
        env = {**perl.without_perl(folder), "DUMMY_LOG": folder / "notes",
               "LD_PRELOAD": ":".join(map(str, preload)) or None, **dict(env)}
        t = snmptrapd(conf.replace("@D@", str(built)).splitlines(), load=None, env=env, start=False, **options)
        return t.start() if start else t
    yield make


@pytest.fixture
def notes(folder):
    """notes("init foo"): what the modules wrote, as lists of words, of the lines that begin so."""
    def read(begin=""):
        path = folder / "notes"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.split() for line in lines if line.startswith(begin)]
    return read


def usage_of(t):
    """What `snmptrapd -H` says of dlmod."""
    done = run([BINARY, "-C", "-c", t.conf, "-H"], env=t.environment())
    return re.findall(r"^\s+dlmod .*$", done.stdout, re.M)


PERL = "perlInitFile @D@/trapkafka.pl\nperl 1\n"
FOO = "dlmod foo @D@/foo.so\n"


def test_stock_snmptrapd_has_no_dlmod(trapd, notes):
    """The control: if this fails, the loader is needed no more and the other tests prove nothing."""
    t = trapd(FOO)
    assert t.log.find("line 1: Warning: Unknown token: dlmod")
    assert notes() == []


def test_perl_way_without_the_perl_package(trapd, notes):
    t = trapd(PERL + FOO)
    assert notes() == [["init", "foo", str(t.pid)]]
    t.stop()
    assert len(notes("deinit foo")) == 1
    assert not t.log.find("rror|TrapReceiver")


def test_perl_way_with_the_perl_package(trapd, notes, netsnmp):
    """A user's own Perl handler goes on working, with the constants that net-snmp's own start file imports."""
    handler = ('perl NetSNMP::TrapReceiver::register("all", sub { print STDERR "perl handler\\n"; '
               'return NETSNMPTRAPD_HANDLER_OK; }) or print STDERR "refused\\n"\n')
    t = trapd(PERL + FOO + handler + "disableAuthorization yes\n", env=perl.with_perl())
    assert len(notes("init foo")) == 1
    netsnmp(t.address()).v2c()
    t.wait_log("^perl handler$")
    t.stop()
    assert len(notes("deinit foo")) == 1


def test_perl_way_with_a_broken_perl_package(trapd, notes, folder):
    env = fake_trapreceiver(folder, "die \"no such thing as libnetsnmptrapd\\n\";")
    t = trapd(PERL + FOO + "perl print STDERR 'still here'\n", env=env)
    assert t.log.find("NetSNMP::TrapReceiver does not load: no such thing as libnetsnmptrapd")
    assert t.log.find("still here")
    assert len(notes("init foo")) == 1


def test_users_perl_lines_see_what_trapreceiver_exports(trapd, folder):
    env = fake_trapreceiver(folder, "package NetSNMP::TrapReceiver; use parent 'Exporter'; our @EXPORT = ('FORTYTWO');"
                                    "sub FORTYTWO { 42 } 1;")
    t = trapd(PERL + FOO + 'perl print STDERR "const " . FORTYTWO() . "\\n"\n', env=env)
    assert t.log.find("^const 42$")


def test_perl_handler_without_the_package_does_not_kill(trapd, notes):
    """Stock snmptrapd skips perl lines then; here Perl runs, and a line that dies would end the daemon."""
    t = trapd(PERL + 'perl use NetSNMP::TrapReceiver; NetSNMP::TrapReceiver::register("all", "x")\n' + FOO)
    assert t.log.find("trap handler is not registered; install net-snmp's Perl package")
    assert len(notes("init foo")) == 1


def test_missing_loader_says_so_and_snmptrapd_goes_on(trapd, built, folder):
    (folder / "moved.pl").write_text((built / "trapkafka.pl").read_text().replace("trapkafka_loader.so", "gone.so"))
    t = trapd(f"perlInitFile {folder}/moved.pl\nperl print STDERR 'still here'\n" + FOO)
    said = t.log.find("^trapkafka.pl: cannot load .*$")[0]
    assert "gone.so: cannot open shared object file: No such file or directory; snmptrapd goes on without" in said
    assert t.log.find("still here") and t.log.find("Unknown token: dlmod")


@pytest.mark.parametrize("way", ["perl", "preload", "both"])
@pytest.mark.parametrize("fork", [False, True], ids=["foreground", "daemon"])
def test_a_hundred_reloads(trapd, notes, built, way, fork):
    """Both a module that goes away at dlclose and one that stays; loaded once per read, never twice."""
    conf = (PERL + "perl 1\n" if way != "preload" else "") + FOO + "dlmod kept @D@/kept.so\n"
    t = trapd(conf, preload=() if way == "perl" else (built / "trapkafka_loader.so",), fork=fork)
    assert [n[:2] for n in notes()] == [["init", "foo"], ["init", "kept"]]
    assert (int(notes()[0][2]) == t.pid) != fork, "init runs before the fork"
    pid, fds = t.pid, None
    for _ in range(100):
        t.sighup()
        fds = fds or t.fds()
    assert t.alive() and t.pid == pid and t.fds() == fds
    for name in ("foo", "kept"):
        maps = Path(f"/proc/{t.pid}/maps").read_text().splitlines()
        assert len([m for m in maps if m.endswith(f"/{name}.so") and "r-xp" in m]) == 1
        assert len(notes(f"init {name}")) == 101 and len(notes(f"deinit {name}")) == 100
    t.stop()
    assert [n[:2] for n in notes()[-2:]] == [["deinit", "kept"], ["deinit", "foo"]]
    assert not t.log.find("rror|Unknown token")


def test_a_line_taken_away_and_put_back(trapd, notes, built):
    lines = (PERL + FOO + "dlmod bar @D@/bar.so").replace("@D@", str(built)).splitlines()
    t = trapd("\n".join(lines))
    t.write_conf([line for line in lines if "dlmod foo" not in line])
    t.sighup()
    assert len(notes("init foo")) == 1 and len(notes("deinit foo")) == 1
    assert "/foo.so" not in Path(f"/proc/{t.pid}/maps").read_text()
    assert len(notes("deinit bar")) == 1, "shutdown_NAME is the older name of deinit_NAME"
    t.write_conf(lines)
    t.sighup()
    assert len(notes("init foo")) == 2


BAD_LINES = [
    ("dlmod ;", "name and path are missing; write: dlmod NAME /absolute"),
    ("dlmod a-b @D@/foo.so", "'a-b' is no module name"),
    ("dlmod " + "n" * 65 + " @D@/foo.so", "is no module name: at most 64"),
    ("dlmod foo @D@/my module.so", "unexpected 'module.so' after the path"),
    ("dlmod foo foo.so", "'foo.so' is in none of net-snmp's module folders"),
    ("dlmod nowhere", "'nowhere' is in none of net-snmp's module folders"),
    ("dlmod foo @D@/none.so", "cannot load '@D@/none.so': No such file"),
    ("dlmod foo @D@", "cannot load '@D@': not a regular file"),
    ("dlmod foo @T@/fifo", "cannot load '@T@/fifo': not a regular file"),
    ("dlmod foo @T@/text", "cannot load '@T@/text': @T@/text: "),
    ("dlmod foo @T@/empty", "cannot load '@T@/empty': @T@/empty: file too short"),
    ("dlmod foo @T@/cut", "cannot load '@T@/cut': cut short: it has 20000 bytes"),
    ("dlmod foo @T@/cut-headers", "cannot load '@T@/cut-headers': cut short within its program headers"),
    ("dlmod lacking @D@/lacking.so", "undefined symbol: missing"),
    ("dlmod foo @D@/bar.so", "has no function init_foo()"),
]


def test_bad_lines_name_file_and_line_and_harm_nothing(trapd, notes, built, folder):
    os.mkfifo(folder / "fifo")
    (folder / "text").write_text("no ELF, " * 100)
    (folder / "empty").write_text("")
    (folder / "cut").write_bytes((built / "foo.so").read_bytes()[:20000])
    (folder / "cut-headers").write_bytes((built / "foo.so").read_bytes()[:100])
    lines = [[part.replace("@T@", str(folder)).replace("@D@", str(built)) for part in line] for line in BAD_LINES]
    t = trapd(PERL + "".join(text + "\n" for text, _ in lines) + FOO)
    for number, (text, said) in enumerate(lines, 3):
        errors = re.findall(rf"^{re.escape(str(t.conf))}: line {number}: Error: (dlmod.*)", t.log.text(), re.M)
        assert any(said in e for e in errors), f"{text}: {errors}"
    assert [n[:2] for n in notes()] == [["init", "foo"]], "the good line after all the bad ones"
    t.sighup()
    assert t.alive()


def test_second_line_of_a_module_is_refused(trapd, notes, built, folder):
    """Same name from elsewhere, same line again, same file under another name and through another path."""
    (folder / "link.so").symlink_to(built / "foo.so")
    t = trapd(PERL + FOO + "dlmod foo @D@/bar.so\n" + FOO + f"dlmod bar {folder}/link.so\n")
    for line in (4, 5):
        assert t.log.find(rf"line {line}: Error: dlmod foo: an earlier line has loaded it from '.*/foo\.so'; remove one")
    assert t.log.find(r"line 6: Error: dlmod bar: '.*/link\.so' is the file that an earlier line has loaded as 'foo'")
    assert len(notes()) == 1
    t.sighup()
    t.stop()
    assert len(notes("init")) == 2 and len(notes("deinit")) == 2


def test_comment_and_relative_path_as_in_snmpd(trapd, notes, built, folder):
    """$SNMPDLMODPATH: several folders, of which the first that has the file counts; the path may be left out."""
    trapd(PERL + "dlmod foo foo # why\ndlmod bar ; why\ndlmod kept @D@/kept.so;why\n",
          env={"SNMPDLMODPATH": f"{folder}:{built}"})
    assert [n[1] for n in notes()] == ["foo", "bar", "kept"]


@pytest.mark.parametrize("way", ["perl", "preload", "both"])
def test_usage_lists_dlmod_once(trapd, built, way):
    t = trapd("" if way == "preload" else PERL, preload=() if way == "perl" else (built / "trapkafka_loader.so",),
              start=False)
    assert usage_of(t) == [USAGE]


@pytest.mark.parametrize("way", ["perl", "preload"])
def test_a_host_that_knows_dlmod_is_left_alone(trapd, notes, built, way):
    """Its own directive serves, whether it was there before us (Perl) or came after us (LD_PRELOAD)."""
    t = trapd((PERL if way == "perl" else "") + FOO,
              preload=[built / "host.so"] + ([built / "trapkafka_loader.so"] if way == "preload" else []))
    assert t.log.find("^the host's own dlmod: foo .*/foo.so$")
    assert notes() == []
    assert usage_of(t) == (["    dlmod                    usage of the host"] if way == "perl" else [USAGE])


def test_preload_is_harmless_in_other_programs(built, folder):
    """A traphandle's programs inherit it: a shell, net-snmp's tools, and Perl that brings net-snmp in by dlopen."""
    env = {**os.environ, **perl.with_perl(), "LD_PRELOAD": str(built / "trapkafka_loader.so"), "LD_BIND_NOW": "1",
           "SNMP_PERSISTENT_DIR": str(folder), "SNMPCONFPATH": str(folder), "MIBS": ""}
    for args in (["/bin/sh", "-c", "echo fine"], [need_tool("snmptranslate"), "-On", "1.3.6"],
                 [need_tool("perl"), "-MSNMP", "-e", 'SNMP::initMib(); print "fine\\n"']):
        said = run(args, env=env).stdout
        assert said.splitlines()[-1] in ("fine", ".1.3.6") and "trapkafka_loader:" not in said, args


def test_exports_and_link_flags(built):
    loader = built / "trapkafka_loader.so"
    names = run([need_tool("nm"), "-D", "--defined-only", loader]).stdout
    assert names == "", "nothing of the loader may stand in front of a symbol of somebody else"
    dynamic = run([need_tool("readelf"), "-Wd", loader]).stdout
    assert "NODELETE" in dynamic
    assert "netsnmp" not in dynamic, "a soname here would load a second net-snmp into a host that has another"


@pytest.fixture
def master(folder, background):
    """A snmpd on loopback, AgentX master, bereft of its own dlmod, whose MIB would hide the subagent's. Gives the
    address for snmptrapd's -x, and walk(oid, community): `public` sees the default context, `trapctx` snmptrapd's."""
    snmpd, snmpwalk = need_tool("snmpd"), need_tool("snmpwalk")
    agentx, snmp = f"tcp:127.0.0.1:{free_port('tcp')}", f"udp:127.0.0.1:{free_port('udp')}"
    conf = folder / "master.conf"
    conf.write_text(f"master agentx\nagentXSocket {agentx}\n"
                    "com2sec plain default public\ncom2sec -Cn snmptrapd inner default trapctx\n"
                    "group readers v2c plain\ngroup readers v2c inner\nview all included .1\n"
                    'access readers "" any noauth exact all none none\n'
                    "access readers snmptrapd any noauth exact all none none\n")
    compile_so(folder / "nodlmod.so", "void init_dlmod(void); void init_dlmod(void) {}")
    env = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder / "master"), "MIBS": "", "SNMPCONFPATH": str(folder)}
    proc = background([snmpd, "-f", "-Le", "-C", "-c", conf, "-I", "-smux", snmp],
                      env={**env, "LD_PRELOAD": str(folder / "nodlmod.so")})

    def walk(oid, community):
        done = run([snmpwalk, "-v2c", "-c", community, "-On", "-r", "2", "-t", "2", snmp, oid], env=env, check=False)
        return re.findall(rf"^\.{oid}\..* = (?!No ).*$", done.stdout, re.M)
    wait_until(lambda: proc.poll() is None and walk("1.3.6.1.2.1.1.3", "public"), 20, "snmpd to answer")
    assert walk(DLMOD_MIB, "public") == [], "the master must not serve it by itself"
    return agentx, walk


@pytest.mark.parametrize("way", ["perl", "preload"])
def test_ucd_dlmod_mib_is_not_served(trapd, notes, built, master, way):
    agentx, walk = master
    t = trapd((PERL if way == "perl" else "") + FOO, args=["-x", agentx],
              preload=() if way == "perl" else (built / "trapkafka_loader.so",))
    wait_until(lambda: walk(NLM_MIB, "trapctx"), 20, "what snmptrapd does serve (the control)")
    assert len(notes("init foo")) == 1
    assert walk(DLMOD_MIB, "public") == [] and walk(DLMOD_MIB, "trapctx") == []
    t.sighup()
    assert len(notes("init foo")) == 2
    assert walk(DLMOD_MIB, "public") == [] and walk(DLMOD_MIB, "trapctx") == []


def test_ucd_dlmod_mib_would_be_seen(trapd, master):
    """The control of the test above: net-snmp's own init_dlmod() in the same place is seen."""
    agentx, walk = master
    trapd(PERL + "dlmod mib @D@/mib.so\n", args=["-x", agentx])
    wait_until(lambda: walk(NLM_MIB, "trapctx"), 20, "snmptrapd as a subagent")
    assert walk(DLMOD_MIB, "public"), "seen no later than the other: so one look is enough above"
