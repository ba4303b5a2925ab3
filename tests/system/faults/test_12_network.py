# SPDX-License-Identifier: Apache-2.0
"""The network between snmptrapd and the brokers: cut, lossy, slow."""

import pytest

from lib import fault_run
from lib.netns import Namespace
from lib.relay import Relays


def test_partition_and_loss(make_run, folder):
    """snmptrapd and its senders live in a namespace of their own."""
    with Namespace() as space:
        cluster = fault_run.Cluster(folder / "kafka", outside="PLAINTEXT", host=space.outer)
        try:
            cluster.start()
            ports = [node.outside_port for node in cluster.nodes]
            run = make_run("partition for 20 s, then 5 % packet loss", cluster, bootstrap=cluster.outside_bootstrap)
            with space.inside():
                run.start()
            run.steady(5)
            space.drop(ports)
            run.steady(20)
            run.wait(lambda b: b["pending"] > 15 * run.rate)
            space.mend()
            run.over()
            run.recovered()
            recovery = run.recovery
            space.drop(ports, percent=5)
            run.steady(15)
            run.notes.append(f"pending under loss {run.books()['pending']:,}")
            space.mend()
            run.over()
            run.recovered()
            run.recovery = max(recovery, run.recovery)
            run.steady(2)
            run.finish()
        finally:
            cluster.kill()


@pytest.mark.parametrize("delay", [0.3])
def test_delay(make_run, folder, delay):
    """In each direction, so that a round trip takes twice that."""
    cluster = fault_run.Cluster(folder / "kafka", outside="PLAINTEXT")
    with Relays(cluster) as relays:
        try:
            cluster.start()
            run = make_run(f"{delay * 1000:.0f} ms delay each way", cluster, bootstrap=cluster.outside_bootstrap)
            run.start()
            run.steady(5)
            relays.delay(delay)
            run.steady(20)
            run.notes.append(f"pending under delay {run.books()['pending']:,}")
            relays.delay(0)
            run.over()
            run.recovered()
            run.steady(2)
            run.finish()
        finally:
            cluster.kill()
