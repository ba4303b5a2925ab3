# SPDX-License-Identifier: Apache-2.0
"""A network namespace, joined to this one by a cable whose faults are nft's: for a daemon that loses its brokers."""

import contextlib
import ctypes
import itertools
import os
import random

from lib.need import missing, need_root, need_tool
from lib.proc import run

_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)


class Namespace:
    """For `with`. Programs started inside it see brokers that listen on `outer` (host= of lib.kafka.Kafka), and are seen
    from here at `inner`.

        with Namespace() as space:
            cluster = Kafka(folder, nodes=3, outside="PLAINTEXT", host=space.outer).start()
            with space.inside():
                daemon.start()   # and who sends to it on its loopback
            space.drop(ports)    # partition
            space.mend()
    """

    def __init__(self):
        need_root()
        self._ip = need_tool("ip")
        self._nft = need_tool("nft")
        number = f"{os.getpid()}-{next(_numbers)}"
        self.name = f"trapkafka-{number}"
        self._cable = f"tk{number}"[:14]
        # 198.18.0.0/15 is for benchmarks: nobody routes it.
        net = f"198.{random.choice((18, 19))}.{random.randrange(256)}.{random.randrange(64) * 4}"
        base, last = net.rsplit(".", 1)
        self.outer = f"{base}.{int(last) + 1}"
        self.inner = f"{base}.{int(last) + 2}"
        #: Words before a command that is to run inside.
        self.wrapper = [self._ip, "netns", "exec", self.name]

    def __enter__(self):
        done = run([self._ip, "netns", "add", self.name], check=False)
        if done.returncode != 0:
            missing("network namespaces", done.stdout.strip())
        try:
            self._join()
            self._rules("")  # says now whether nft works here
        except AssertionError as err:
            self.__exit__()
            missing("a network namespace with nft", str(err).splitlines()[-1])
        return self

    def __exit__(self, *exc):
        # The cable goes with either of its ends. A program that lives on in the namespace keeps only itself.
        run([self._ip, "link", "del", self._cable], check=False)
        run([self._ip, "netns", "del", self.name], check=False)

    def _join(self):
        run([self._ip, "link", "add", self._cable, "type", "veth", "peer", "name", "cable0", "netns", self.name])
        run([self._ip, "addr", "add", f"{self.outer}/30", "dev", self._cable])
        run([self._ip, "link", "set", self._cable, "up"])
        for words in (("link", "set", "lo", "up"), ("addr", "add", f"{self.inner}/30", "dev", "cable0"),
                      ("link", "set", "cable0", "up")):
            run([self._ip, "-n", self.name, *words])

    @contextlib.contextmanager
    def inside(self):
        """What this thread does in the block, and what it starts there, is inside; also its look into /proc/net."""
        with open("/proc/thread-self/ns/net", "rb") as home, open(f"/run/netns/{self.name}", "rb") as there:
            _enter(there)
            try:
                yield self
            finally:
                _enter(home)

    # -- faults ---------------------------------------------------------------------------------------------------

    def drop(self, ports, percent=100):
        """Lose so many of the packets to and from these TCP ports, at random; 100: a partition."""
        wanted = ", ".join(str(port) for port in ports)
        loss = "drop" if percent >= 100 else f"numgen random mod 100 < {percent} drop"
        self._rules(f"""
            chain out {{
                type filter hook output priority 0;
                tcp dport {{ {wanted} }} {loss}
            }}
            chain in {{
                type filter hook input priority 0;
                tcp sport {{ {wanted} }} {loss}
            }}""")

    def mend(self):
        self._rules("")

    def _rules(self, chains):
        """Replace all rules at once."""
        text = f"table inet trapkafka\ndelete table inet trapkafka\ntable inet trapkafka {{{chains}\n}}\n"
        run(["sh", "-c", 'printf %s "$1" | "$2" netns exec "$3" "$4" -f -', "-", text, self._ip, self.name, self._nft])


def _enter(namespace):
    if _libc.setns(namespace.fileno(), _CLONE_NEWNET) != 0:
        err = ctypes.get_errno()
        raise OSError(err, f"setns: {os.strerror(err)}")
