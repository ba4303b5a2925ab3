# SPDX-License-Identifier: Apache-2.0
"""Processes, ports and waiting, for everything that the system tests start."""

import ctypes
import os
import random
import re
import signal
import socket
import subprocess
import threading
import time

_PR_SET_CHILD_SUBREAPER = 36
_reserved = []  # sockets whose names tell every test on this machine that a port is taken

#: Deadlines are multiplied by this. They say when to give up, not how fast something has to be: no test asserts speed.
PATIENCE = float(os.environ.get("TK_PATIENCE", "4"))


def wait_until(condition, timeout, what, step=0.02):
    """The first true value of condition(); AssertionError naming `what` after `timeout` seconds times PATIENCE."""
    timeout *= PATIENCE
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            text = what() if callable(what) else what
            raise AssertionError(f"not within {timeout} s: {text}")
        time.sleep(step)


def _reserve(port):
    """Take a port for this process, in front of all others that ask for it this way; False if another has it.

    Between bind() and the start of the daemon the port is free again. The reservation is an abstract Unix socket named
    after the port: only one process can bind that name, and the kernel frees the name when the process ends.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        sock.bind(f"\0trapkafka-test-port-{port}")
    except OSError:
        sock.close()
        return False
    _reserved.append(sock)
    return True


def free_port(kind="udp", host=None):
    """A port that is free on loopback and that no other test gets; kind is udp, udp6, tcp or tcp6.

    Below the kernel's ephemeral range, so that no client's socket sits on it between two starts of one daemon.
    """
    family = socket.AF_INET6 if kind.endswith("6") else socket.AF_INET
    host = host or ("::1" if family == socket.AF_INET6 else "127.0.0.1")
    type_ = socket.SOCK_DGRAM if kind.startswith("udp") else socket.SOCK_STREAM
    for _ in range(500):
        port = random.randrange(12000, 32000)
        with socket.socket(family, type_) as sock:
            try:
                sock.bind((host, port))
            except OSError:
                continue
            if _reserve(port):
                return port
    raise AssertionError(f"no free {kind} port on {host}")


def spawn(argv, log, env=None, cwd=None):
    """Start argv, both outputs appended to the file `log`. The process dies with this one, however this one ends.

    For the main thread only: the kernel kills the child when the thread that started it ends.
    """
    assert threading.current_thread() is threading.main_thread(), "spawn() from another thread"
    with open(log, "ab") as out:
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *argv], stdin=subprocess.DEVNULL, stdout=out,
                                stderr=subprocess.STDOUT, env=env, cwd=cwd)


def run(argv, timeout=60, check=True, **kwargs):
    """subprocess.run with captured text; a failure shows the command and what it printed."""
    done = subprocess.run([str(arg) for arg in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=timeout * PATIENCE, encoding="utf-8", errors="replace", **kwargs)
    if check and done.returncode != 0:
        raise AssertionError(f"{done.args} returned {done.returncode}:\n{done.stdout}")
    return done


def adopt_orphans():
    """Make daemons that fork away from a child of ours ours to wait for, so that their exit code can be read."""
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def reap(pid, timeout, what):
    """Wait for the end of child `pid`; its exit code, or minus the signal."""
    def ended():
        got, status = os.waitpid(pid, os.WNOHANG)
        return (os.waitstatus_to_exitcode(status),) if got else None
    return wait_until(ended, timeout, what)[0]


def state(pid):
    """One letter: R running, S sleeping, T stopped, Z dead and not yet waited for; "" when there is none."""
    try:
        with open(f"/proc/{pid}/stat", encoding="latin-1") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def threads(pid):
    """The names of its threads, the first one's first."""
    names = []
    for tid in sorted(os.listdir(f"/proc/{pid}/task"), key=int):
        try:
            with open(f"/proc/{pid}/task/{tid}/comm", encoding="utf-8", errors="replace") as comm:
                names.append(comm.read().strip())
        except OSError:
            pass  # ended meanwhile
    return names


def fds(pid):
    """{number: what it points to}."""
    found = {}
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(fd)] = os.readlink(f"/proc/{pid}/fd/{fd}")
        except OSError:
            pass  # closed meanwhile
    return found


def memory(pid, field="RssAnon"):
    """A size out of /proc/PID/status, in bytes."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        return int(re.search(rf"^{field}:\s+(\d+) kB", status.read(), re.M)[1]) * 1024


def udp_drops(port, v6=False):
    """Datagrams that the kernel dropped at the sockets bound to `port`; None when no socket is."""
    drops = None
    with open("/proc/net/udp6" if v6 else "/proc/net/udp", encoding="ascii") as table:
        next(table)
        for line in table:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == port:
                drops = (drops or 0) + int(fields[-1])
    return drops


def udp_queued(port, v6=False):
    """Bytes that wait in the receive buffers of the sockets bound to `port`."""
    queued = 0
    with open("/proc/net/udp6" if v6 else "/proc/net/udp", encoding="ascii") as table:
        next(table)
        for fields in map(str.split, table):
            if int(fields[1].rpartition(":")[2], 16) == port:
                queued += int(fields[4].rpartition(":")[2], 16)
    return queued


def tcp_queued(port, peer_port):
    """Bytes that wait in the receive buffer of the IPv4 connection between these two ports, at the side of `port`."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        next(table)
        for fields in map(str.split, table):
            ends = [int(end.rpartition(":")[2], 16) for end in fields[1:3]]
            if ends == [port, peer_port]:
                return int(fields[4].rpartition(":")[2], 16)
    return 0


def tcp_listens(port, v6=False):
    with open("/proc/net/tcp6" if v6 else "/proc/net/tcp", encoding="ascii") as table:
        next(table)
        return any(int(f[1].rpartition(":")[2], 16) == port and f[3] == "0A" for f in map(str.split, table))


class Log:
    """A log file that somebody else is writing."""

    def __init__(self, path):
        self.path = path

    def text(self, since=0):
        try:
            with open(self.path, "rb") as file:
                file.seek(since)
                return file.read().decode("utf-8", "backslashreplace")
        except FileNotFoundError:
            return ""

    def mark(self):
        """Where the log ends now, for `since`."""
        return os.path.getsize(self.path) if os.path.exists(self.path) else 0

    def find(self, regex, since=0):
        return re.search(regex, self.text(since), re.M)

    def count(self, regex, since=0):
        return len(re.findall(regex, self.text(since), re.M))

    def wait(self, regex, timeout=10, since=0, alive=None):
        """The match of `regex`, ^ and $ meaning lines. `alive` is asked too: when it turns false, waiting is over."""
        def look():
            lives = alive is None or alive()
            match = self.find(regex, since)
            if not match and not lives:
                raise AssertionError(f"ended without logging /{regex}/:\n{self.tail()}")
            return match
        return wait_until(look, timeout, lambda: f"/{regex}/ in {self.path}:\n{self.tail()}")

    def tail(self, lines=40):
        return "\n".join(self.text().splitlines()[-lines:])


def send_signal(pid, sig):
    os.kill(pid, getattr(signal, sig) if isinstance(sig, str) else sig)
