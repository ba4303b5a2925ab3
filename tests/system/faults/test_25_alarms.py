# SPDX-License-Identifier: Apache-2.0
"""Standing alarms under faults: after each, the alarm topic has exactly the alarms that stand by the events published."""

import pytest

from lib.alarms import check_same, read_all, standing, told_by
from lib.send import LINK_UP

BURST = 3


@pytest.fixture(name="alarm_run")
def _alarm_run(make_run, topic, three):
    """A run whose load raises and clears the alarms of 20 devices with 64 interfaces."""
    def make(fault, rate=1000, **options):
        three.create_topic(f"{topic}.alarms", 3, cleanup_policy="compact")
        run = make_run(fault, three, conf=[f"kafkaAlarmTopic {topic}.alarms", *options.pop("conf", ())], rate=rate,
                       senders=50, inform_rate=100, **options).start()
        run.add(BURST, rate=rate * 7 // 10, sources=run.devices, trap=LINK_UP)
        return run
    return make


def check_alarms(run):
    """Stop all; the two topics agree, and nothing was given up."""
    _, _, books = run.end()
    assert books["derived_pending"] == 0 and sum(books["derived_dropped"].values()) == 0, books
    for life in run.lives:
        assert life is None or sum(life["derived_dropped"].values()) == 0, life
    run.cluster.wait_in_sync(run.topic)
    run.cluster.wait_in_sync(f"{run.topic}.alarms")
    events = {}
    for _, event in read_all(run.cluster.bootstrap, run.topic, 120):
        events[event["event_id"]] = event
    by_events = told_by(events.values())
    assert len(by_events) > 100, "many stand"
    check_same(standing(read_all(run.cluster.bootstrap, f"{run.topic}.alarms", 120)), by_events)


def test_alarms_while_a_leader_dies(alarm_run, three):
    run = alarm_run("alarms: leaders killed -9")
    for name in (run.topic, f"{run.topic}.alarms"):
        run.steady(1)
        node = three.leader(name)
        node.kill()
        run.steady(2)
        three.start_node(node)
        three.wait_in_sync(name)
    run.over()
    run.recovered()
    check_alarms(run)


@pytest.mark.short
def test_alarms_after_an_outage(alarm_run, three):
    run = alarm_run("alarms: all brokers frozen")
    three.pause()
    run.wait(lambda b: b["pending"] > 2 * run.rate)
    three.resume()
    run.over()
    run.recovered()
    check_alarms(run)


@pytest.mark.short
def test_alarms_of_killed_daemons(alarm_run):
    run = alarm_run("alarms: snmptrapd killed -9, 5 times")
    for tenths in (2, 11, 5, 17, 8):
        run.hold(tenths / 10)
        run.kill()
        run.revive()
    run.over()
    run.recovered()
    check_alarms(run)


@pytest.mark.short
def test_alarms_with_a_dead_alarm_topic(alarm_run, three):
    """Its partitions have too few replicas in sync for a while: events go on, and all is told afterwards."""
    run = alarm_run("alarms: only their topic takes nothing", rate=100)  # the window takes over a minute to fill
    # More than the replicas that there are would not do: Kafka takes their number then.
    three.set_config(f"{run.topic}.alarms", min_insync_replicas=3)
    three.nodes[-1].kill()
    three.wait_in_sync(run.topic, 2)
    run.wait(lambda b: b["derived_pending"] > 500)
    before = run.books()["published"]
    run.wait(lambda b: b["published"] > before + run.rate)
    three.set_config(f"{run.topic}.alarms", min_insync_replicas=2)
    three.start_node(three.nodes[-1])
    run.over()
    run.recovered()
    check_alarms(run)
