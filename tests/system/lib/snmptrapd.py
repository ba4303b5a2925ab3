# SPDX-License-Identifier: Apache-2.0
"""The machine's stock snmptrapd, with our module or without, on free loopback ports and with a folder of its own.

The module comes from the environment: TK_MODULE_SO (trapkafka.so), TK_LOADER_PL (the start file for perlInitFile) and
TK_LOADER_SO (the door, for LD_PRELOAD); what is not set is looked for in TK_BUILD_LIB.
"""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path

from lib import proc
from lib.proc import Log, free_port, wait_until

BINARY = "/usr/sbin/snmptrapd"
_REPORTS = r"(ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:|LeakSanitizer: detected|double free|corrupted)"


def module_file(variable, name):
    """Absolute path of a part of the module; AssertionError that says what to set."""
    path = os.environ.get(variable)
    if not path and os.environ.get("TK_BUILD_LIB"):
        path = os.path.join(os.environ["TK_BUILD_LIB"], name)
    assert path, f"neither {variable} nor TK_BUILD_LIB is set"
    assert os.path.exists(path), f"{variable}: no such file: {path}"
    return os.path.abspath(path)


def perl_lines():
    """The documented way to load the module."""
    return [f"perlInitFile {module_file('TK_LOADER_PL', 'trapkafka.pl')}", "perl 1",
            f"dlmod trapkafka {module_file('TK_MODULE_SO', 'trapkafka.so')}"]


def preload_lines():
    """The way where snmptrapd has no embedded Perl; the environment comes from preload_env()."""
    return [f"dlmod trapkafka {module_file('TK_MODULE_SO', 'trapkafka.so')}"]


def preload_env():
    return {"LD_PRELOAD": module_file("TK_LOADER_SO", "trapkafka_loader.so")}


class Snmptrapd:
    """One daemon. Options count from the next start() on.

    folder  its files; created, and kept
    conf    lines of snmptrapd.conf after those that load the module
    load    "perl", "preload", a list of lines, or None: stock, without the module
    listen  any of udp, udp6, tcp, tcp6: a free port each (see address()); other words go to snmptrapd as they are
    mibs    $MIBS: "" loads none
    fork    as a daemon with a pid file instead of -f
    user    give up root for this user (and group)
    persist also read what an earlier life kept in `persistent`, as an installed snmptrapd does
    args    more arguments; env: more environment, None takes a variable away; wrapper: words before the command
    """

    def __init__(self, folder, conf=(), load="perl", listen=("udp",), mibs="", fork=False, user=None, group=None,
                 args=(), env=None, wrapper=(), persist=False):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.load = load
        self.mibs = mibs
        self.fork = fork
        self.user = user
        self.group = group
        self.args = list(args)
        self.env = dict(env or {})
        self.wrapper = list(wrapper)
        self.persist = persist
        self.conf = self.folder / "snmptrapd.conf"
        self.persistent = self.folder / "persistent"
        self.persistent.mkdir(exist_ok=True)
        self.pidfile = self.folder / "pid"
        self.log = Log(self.folder / "snmptrapd.log")
        self.log.path.touch()
        self.pid = None
        self._process = None
        self.ports = {kind: free_port(kind) for kind in listen if kind in ("udp", "udp6", "tcp", "tcp6")}
        self._listen = [self.address(kind) if kind in self.ports else kind for kind in listen]
        self.write_conf(conf)
        if user:
            self._hand_over()

    # -- files ----------------------------------------------------------------------------------------------------

    def write_conf(self, lines):
        """The lines that load the module, and these. A running daemon reads them at sighup()."""
        text = "".join(f"{line}\n" for line in [*self.loading(), *lines])
        self.conf.write_text(text, encoding="utf-8", errors="surrogateescape")

    def loading(self):
        """The lines that load the module."""
        if isinstance(self.load, list):
            return self.load
        return {"perl": perl_lines, "preload": preload_lines, None: list}[self.load]()

    def _hand_over(self):
        """What snmptrapd writes after it gave up root belongs to its user."""
        owner = pwd.getpwnam(self.user)
        self.folder.chmod(0o755)
        for path in (self.folder, self.persistent, self.log.path):
            os.chown(path, owner.pw_uid, owner.pw_gid)

    def address(self, kind="udp"):
        """As net-snmp's tools write it."""
        host = "[::1]" if kind.endswith("6") else "127.0.0.1"
        return f"{kind}:{host}:{self.ports[kind]}"

    @property
    def port(self):
        return self.ports["udp"]

    # -- life -----------------------------------------------------------------------------------------------------

    def command(self):
        command = [*self.wrapper, BINARY, *([] if self.persist else ["-C", "-c", str(self.conf)]), "-A",
                   "-Lf", str(self.log.path)]
        command += ["-p", str(self.pidfile)] if self.fork else ["-f"]
        if self.user:
            command += ["-u", self.user]
        if self.group:
            command += ["-g", self.group]
        return [*command, *self.args, *self._listen]

    def environment(self):
        env = dict(os.environ)
        path = f"{self.folder}:{self.persistent}" if self.persist else str(self.folder)
        env.update(MIBS=self.mibs, SNMPCONFPATH=path, SNMP_PERSISTENT_DIR=str(self.persistent), TZ="UTC0",
                   LC_ALL="C.UTF-8")
        if self.load == "preload":
            env.update(preload_env())
        for name, value in self.env.items():
            if value is None:
                env.pop(name, None)
            else:
                env[name] = str(value)
        return env

    def start(self, wait=True, timeout=20):
        """Return when it listens. wait=False returns at once, for a start that is to fail or needs a first packet."""
        assert not self.pid, "runs already"
        since = self.log.mark()
        self.pidfile.unlink(missing_ok=True)
        if self.fork:
            proc.adopt_orphans()
        self._process = proc.spawn(self.command(), self.log.path, self.environment(), self.folder)
        self.pid = self._process.pid
        if self.fork:
            code = self._process.wait(timeout * proc.PATIENCE)
            self._process = self.pid = None
            assert code == 0, f"snmptrapd did not fork, exit code {code}:\n{self.log.tail()}"
            text = wait_until(lambda: self.pidfile.exists() and self.pidfile.read_text().strip(), timeout, "pid file")
            self.pid = int(text)
        if wait:
            try:
                self.log.wait(r"^NET-SNMP version \S+$", timeout, since, self.alive)
                self._wait_idle(timeout)
            except AssertionError:
                self.kill()
                raise
        return self

    def _wait_idle(self, timeout=10):
        # The line comes shortly before the main loop, which forgets a SIGHUP from before it.
        wait_until(lambda: proc.state(self.pid) in ("S", ""), timeout, "snmptrapd to reach its main loop")

    def alive(self):
        return self.pid is not None and proc.state(self.pid) not in ("", "Z")

    def wait_exit(self, timeout=30):
        """Wait for its end and return the exit code, or minus the signal."""
        what = f"snmptrapd to end:\n{self.log.tail()}"
        if self._process:
            try:
                code = self._process.wait(timeout * proc.PATIENCE)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"not within {timeout * proc.PATIENCE} s: {what}") from None
        else:
            code = proc.reap(self.pid, timeout, what)
        self.pid = self._process = None
        return code

    def stop(self, timeout=30):
        """SIGTERM; it has to end in good order, and no sanitizer may have complained."""
        if not self.pid:
            return
        if proc.state(self.pid) == "T":
            self.resume()
        if self.alive():
            proc.send_signal(self.pid, "SIGTERM")
        try:
            code = self.wait_exit(timeout)
        except AssertionError:
            self.kill()
            raise
        assert code == 0, f"snmptrapd ended with {code}:\n{self.log.tail()}"
        self.check_reports()

    def check_reports(self):
        found = self.log.find(_REPORTS)
        assert not found, f"'{found[0]}' in {self.log.path}:\n{self.log.text()[found.start():][:4000]}"

    def kill(self):
        """kill -9."""
        if not self.pid:
            return
        if self.alive():
            proc.send_signal(self.pid, "SIGKILL")
        self.wait_exit()

    def restart(self):
        self.stop()
        return self.start()

    def pause(self):
        proc.send_signal(self.pid, "SIGSTOP")
        wait_until(lambda: proc.state(self.pid) == "T", 5, "snmptrapd to stop running")

    def resume(self):
        proc.send_signal(self.pid, "SIGCONT")

    def sighup(self, timeout=20, settle=True):
        """Re-read the configuration; returns where in the log that began. With `settle`, the module's loader has read all
        files too: what is sent from now on meets what was read now."""
        since = self.log.mark()
        settle = settle and "dlmod" in self.conf.read_text(errors="replace") and self.log.find("trapkafka: in force:")
        proc.send_signal(self.pid, "SIGHUP")
        self.log.wait(r"NET-SNMP version \S+ [Rr]estarted", timeout, since, self.alive)
        if settle:
            self.log.wait("trapkafka: (in force:|stopped, no dlmod line)", timeout, since, self.alive)
        self._wait_idle(timeout)
        return since

    # -- looking at it --------------------------------------------------------------------------------------------

    def wait_log(self, regex, timeout=10, since=0):
        return self.log.wait(regex, timeout, since, self.alive)

    def embedded_broker(self, timeout=10):
        """HOST:PORT of the broker that `kafkaBrokers embedded` starts."""
        return self.wait_log(r"embedded broker.* listens on (\S+)", timeout)[1].rstrip(".,;")

    def threads(self):
        return proc.threads(self.pid)

    def fds(self):
        return proc.fds(self.pid)

    def memory(self, field="RssAnon"):
        return proc.memory(self.pid, field)

    def udp_drops(self, kind="udp"):
        """Datagrams that the kernel dropped because its socket was full; None when it does not listen."""
        return proc.udp_drops(self.ports[kind], v6=kind.endswith("6"))


def sanitized():
    """Options for a Snmptrapd with the module that TK_ASAN_BUILD (a build folder, installed to its stage/) holds; without
    it none: then what is tested is the ordinary module."""
    stage = Path(os.environ.get("TK_ASAN_BUILD", "/nonexistent")) / "stage"
    module = stage / "lib" / "snmp" / "dlmod" / "trapkafka.so"
    if not module.exists():
        return {}
    libs = [proc.run(["gcc", f"-print-file-name=lib{name}.so"]).stdout.strip() for name in ("asan", "ubsan")]
    return {"load": [f"perlInitFile {stage}/share/trapkafka/trapkafka.pl", "perl 1", f"dlmod trapkafka {module}"],
            "env": {"LD_PRELOAD": ":".join(libs), "ASAN_OPTIONS": "detect_leaks=0",
                    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1"}}


def host_version():
    """(5, 9, 3) of the snmptrapd that is tested."""
    binary = shutil.which(BINARY)
    assert binary, f"no {BINARY}"
    text = proc.run([binary, "-v"], check=False).stdout
    return tuple(int(part) for part in re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text).groups(default="0"))
