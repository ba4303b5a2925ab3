# SPDX-License-Identifier: Apache-2.0
"""What tests/bench/inform runs: see there."""

import shutil
import sys
import tempfile
from pathlib import Path

from lib import fault_run, faults, load
from lib.snmptrapd import Snmptrapd


def measure(binary, cluster, folder, topic, reply, rate, seconds):
    run = fault_run.Run("round trip", binary, lambda _, start, env: Snmptrapd(folder, (), env=env), cluster, topic,
                     conf=[f"kafkaInformReply {reply}"], queue="64M", senders=0)
    run.daemon.start()
    try:
        # Other numbers first: what a new producer has to find out is not part of a round trip.
        run.add(faults.V3, inform="yes", senders=500, rate=rate, count=2 * rate, retries=5)
        run.storms[faults.V3].stop()
        run.add(faults.V2C, inform="yes", senders=500, rate=rate, count=rate * seconds, timeout=5000)
        return run.storms[faults.V2C].stop()
    finally:
        run.abandon()


def main(rate=500, seconds=10, rounds=3):
    base = Path(tempfile.mkdtemp(prefix="trapkafka-inform-"))
    cluster = fault_run.Cluster(base / "kafka")
    try:
        cluster.start()
        binary = load.build_trapstorm(base / "trapstorm")
        print(f"{rate} INFORMs of v2c a second from 500 devices, {seconds} s each\n"
              f"{'answered when':14} {'answered':>9} {'median ms':>10} {'p99 ms':>8} {'max ms':>8}")
        for number in range(rounds):
            for reply in ("delivered", "queued"):
                topic = cluster.create_topic(f"{reply}{number}", 4)
                got = measure(binary, cluster, base / topic, topic, reply, rate, seconds)
                print(f"{reply:14} {got['answered']:9,} {got['median_ms']:10.2f} {got['p99_ms']:8.2f} "
                      f"{got['max_ms']:8.1f}", flush=True)
    finally:
        cluster.kill()
        shutil.rmtree(base)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
