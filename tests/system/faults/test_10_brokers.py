# SPDX-License-Identifier: Apache-2.0
"""What brokers do to us: killed, frozen, restarted. 2,000 traps/s and 500 INFORM senders run through all of it."""

import pytest

BEFORE, AFTER = 5, 5  # seconds of load


def test_one_broker_killed(make_run, three):
    run = make_run("one broker killed -9", three).start()
    run.steady(BEFORE)
    three.leader(run.topic, 0).kill()
    run.over()
    run.steady(AFTER)
    run.recovered()
    three.start()
    run.steady(AFTER)
    run.finish()


def test_leader_of_each_partition_killed(make_run, three):
    run = make_run("leader of every partition killed in turn", three, partitions=3).start()
    run.steady(BEFORE)
    for partition in range(3):
        three.wait_in_sync(run.topic)
        node = three.leader(run.topic, partition)
        node.kill()
        run.over()
        run.steady(2)
        run.recovered()
        three.start_node(node)
    run.steady(2)
    run.finish()


def test_all_brokers_away(make_run, three):
    run = make_run("all brokers killed -9, back after 60 s", three).start()
    run.steady(BEFORE)
    three.kill()
    run.hold(60)
    run.wait(lambda b: b["pending"] > 40 * run.rate)
    three.start()
    run.over()
    run.recovered()
    run.steady(AFTER)
    run.finish()


@pytest.mark.parametrize("which, seconds", [("one", 60), ("all", 20)])
def test_brokers_frozen(make_run, three, which, seconds):
    run = make_run(f"{which} frozen (SIGSTOP) for {seconds} s", three).start()
    run.steady(BEFORE)
    nodes = [three.leader(run.topic, 0)] if which == "one" else three.nodes
    for node in nodes:
        node.pause()
    run.hold(seconds)
    for node in nodes:
        node.resume()
    run.over()
    run.recovered()
    run.steady(AFTER)
    run.finish()


def test_rolling_restart(make_run, three):
    run = make_run("rolling restart", three).start()
    run.steady(BEFORE)
    for node in three.nodes:
        three.wait_in_sync(run.topic)
        node.stop()
        three.start_node(node)
    run.over()
    run.recovered()
    run.steady(2)
    run.finish()
