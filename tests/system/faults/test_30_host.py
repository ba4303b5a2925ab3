# SPDX-License-Identifier: Apache-2.0
"""The machine under snmptrapd: no memory, a clock that jumps, more than can be received, hardly any processor."""

import contextlib
import mmap
import struct
import time
from pathlib import Path

import pytest

from lib import cgroup, faults
from lib.need import need_tool
from lib.proc import PATIENCE, run as call, udp_queued, wait_until

SHIMS = Path(__file__).resolve().parents[1] / "lib" / "shim"
DAY = 86400


@pytest.fixture
def shim(folder):
    """Compiles lib/shim/NAME.c for LD_PRELOAD; its path."""
    def build(name):
        out = folder / f"{name}.so"
        call([need_tool("cc"), "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-fPIC", "-shared", "-o", out,
              SHIMS / f"{name}.c", "-ldl", "-lpthread"])
        return out
    return build


def page(path):
    """A file of one page, mapped: what both sides see."""
    path.write_bytes(bytes(4096))
    with open(path, "r+b") as file:
        return mmap.mmap(file.fileno(), 4096)


@pytest.mark.short
def test_clock_set_forward_and_back(make_run, three, shim, folder):
    shown = page(folder / "clock")

    def show(seconds):
        shown[:] = str(seconds).encode().ljust(4096, b"\0")
    show(0)
    run = make_run("clock set a day forward, two back", three, senders=100,
                   env={"LD_PRELOAD": shim("clock"), "TK_CLOCK_FILE": folder / "clock"}).start()
    run.over()
    for seconds in (DAY, -DAY, 0):
        show(seconds)
        run.steady(2)
        run.recovered()
    run.finish()


class Oom:
    """The other side of lib/shim/oom.c."""

    def __init__(self, path):
        self.page = page(path)

    def _get(self):
        return struct.unpack_from("6I", self.page)

    calls = property(lambda self: self._get()[2])
    failed = property(lambda self: self._get()[4])

    def arm(self, fail_at, who):
        """Count from the next datagram on; the call with this number fails."""
        struct.pack_into("6I", self.page, 0, 0, 0, 0, fail_at, 0, who)
        struct.pack_into("I", self.page, 0, 1)


@pytest.mark.parametrize("who, callers", [(0, "the module"), pytest.param(1, "net-snmp", marks=pytest.mark.short)])
def test_malloc_fails(make_run, three, shim, folder, who, callers):
    """Each allocation in turn from a datagram on. The module makes none for a trap once it runs, and some for an INFORM.
    Those of net-snmp fail for traps only: the stock daemon frees twice when memory is out while it answers an INFORM."""
    oom = Oom(folder / "oom")
    run = make_run(f"malloc of {callers} fails at call N of a trap's way", three, senders=0 if who else 50,
                   env={"LD_PRELOAD": shim("oom"), "TK_OOM_FILE": folder / "oom"})
    run.lost_before = who == 1
    run.waits_for_answers = True
    run.start()
    rounds = 200 if who else 20
    for number in range(1, rounds + 1):
        oom.arm(number, who)
        wait_until(lambda: oom.failed or not run.daemon.alive(), 30, f"allocation {number} to fail", step=0.005)
        assert run.daemon.alive(), f"it died when allocation {number} failed:\n{run.daemon.log.tail()}"
    print(f"{rounds} allocations failed; {oom.calls} in the last round")
    run.notes.append(f"{rounds} failed")
    run.steady(1)
    run.over()
    run.recovered()
    run.finish()


@pytest.mark.alone
def test_three_times_the_load(make_run, three):
    """What the kernel threw away for want of room is told to the last packet. snmptrapd formats each trap here, or
    nothing on this machine could send three times as much as it takes."""
    run = make_run("three times the load that can be received, 60 s", three, senders=0, conf=["kafkaLogTraps yes"],
                   args=["-n"])
    run.daemon.start()
    run.wait(lambda b: True)
    began = time.monotonic()
    run.add(1, count=400_000, rate=80_000)
    run.storms[1].process.wait(60 * PATIENCE)
    wait_until(lambda: not udp_queued(run.daemon.port), 60, "snmptrapd to take the burst", step=0.005)
    seconds = time.monotonic() - began
    books = run.wait(lambda b: b["received"] + b["kernel_dropped"] == 400_000)
    handled = books["received"] / seconds
    run.rate = 3 * round(handled)
    run.add(0, rate=run.rate, count=60 * run.rate)
    run.storms[0].process.wait(150 * PATIENCE)
    run.over()
    books = run.recovered(300)
    run.notes.append(f"received {books['received']:,}, kernel_dropped {books['kernel_dropped']:,}")
    run.finish()
    assert run.books()["kernel_dropped"] > 0, "that was more than could be received"


@pytest.mark.alone
def test_worker_with_5_percent_of_a_core(make_run, three):
    """By its cgroup where there is one that holds; else it holds itself back. The usual load is less than that much of
    a core can do on a fast machine: a burst is more on any."""
    has_cgroup = cgroup.works()
    run = make_run("worker held at 5 % of a core", three, env={} if has_cgroup else {"TRAPKAFKA_THROTTLE": "5"}).start()
    with contextlib.ExitStack() as stack:
        if has_cgroup:
            group = stack.enter_context(cgroup.held(cgroup.thread_id(run.daemon.pid, "trapkafka"), 5))
        run.steady(10)
        run.add(faults.BURST, count=120_000, rate=20_000, sources=run.devices)
        run.wait(lambda b: b["pending"] > 10_000)
        run.storms[faults.BURST].process.wait(60 * PATIENCE)
        if has_cgroup:
            waited = cgroup.throttled_seconds(group)
            assert waited > 0, "the worker never came to its bound: nothing is tested"
        run.notes.append(f"by {'cgroup, waited %.1f s' % waited if has_cgroup else 'itself'}")
        run.notes.append(f"pending {run.books()['pending']:,}")
    run.over()
    run.finish(300)
