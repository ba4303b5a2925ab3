# SPDX-License-Identifier: Apache-2.0
"""A thread on a leash: the cpu controller of cgroup v1, which takes single threads, where there is one that we may use."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from lib.proc import PATIENCE

_CPU = Path("/sys/fs/cgroup/cpu")
_PERIOD = 100_000  # microseconds


def works():
    """Whether it is there, ours to use, and holds: seen on a process that takes all it can get."""
    if not (_CPU / "cpu.cfs_quota_us").exists() or not os.access(_CPU, os.W_OK):
        return False
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as spinner:
        try:
            with held(spinner.pid, 5) as group:
                end = time.monotonic() + 2 * PATIENCE
                while not throttled_seconds(group) and time.monotonic() < end:
                    time.sleep(0.02)
                return throttled_seconds(group) > 0
        finally:
            spinner.kill()


def thread_id(pid, name):
    for tid in os.listdir(f"/proc/{pid}/task"):
        if Path(f"/proc/{pid}/task/{tid}/comm").read_text(encoding="utf-8").strip() == name:
            return int(tid)
    raise AssertionError(f"process {pid} has no thread {name}")


@contextlib.contextmanager
def held(tid, percent):
    """That thread gets `percent` of a core, until it ends or this does."""
    group = _CPU / f"trapkafka-{os.getpid()}-{tid}"
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text(str(_PERIOD))
        (group / "cpu.cfs_quota_us").write_text(str(_PERIOD * percent // 100))
        (group / "tasks").write_text(str(tid))
        yield group
    finally:
        for left in (group / "tasks").read_text().split():
            with contextlib.suppress(OSError):  # it ended meanwhile
                (_CPU / "tasks").write_text(left)
        group.rmdir()


def throttled_seconds(group):
    """How long it had to wait for its next share, in all."""
    words = dict(line.split() for line in (group / "cpu.stat").read_text().splitlines())
    return int(words["throttled_time"]) / 1e9
