# SPDX-License-Identifier: Apache-2.0
"""snmptrapd dies or is stopped, at random moments and at the worst ones. What it accepted is in the ring's file."""

import random

import pytest


def test_killed_50_times(make_run, three):
    """At random moments. Half of the lives answer INFORMs once the queue has them: what only it has is promised."""
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    run = make_run("snmptrapd killed -9, 50 times at random", three).start()
    for life in range(50):
        run.hold(chance.uniform(0, 0.8))
        run.kill()
        run.write_conf(f"kafkaInformReply {'queued' if life % 2 else 'delivered'}")
        run.revive()
    run.over()
    run.recovered()
    run.finish(duplicates=True, may_miss=True)


@pytest.mark.short
def test_killed_while_the_ring_is_full(make_run, three):
    run = make_run("snmptrapd killed -9 with a full ring", three, queue="2M", senders=100).start()
    three.pause()
    run.wait(lambda b: b["dropped"]["queue_full"] > 100)
    run.kill()
    run.revive()
    three.resume()
    run.over()
    books = run.recovered()
    assert books["recovered"] > 500, books
    run.finish(duplicates=True)


@pytest.mark.short
def test_killed_during_sighup(make_run, three):
    run = make_run("snmptrapd killed -9 during SIGHUP, 5 times", three, senders=100).start()
    for tenths_of_ms in (0, 20, 60, 200, 600):
        run.steady(0.5)
        run.signal("SIGHUP")
        run.hold(tenths_of_ms / 10000)
        run.kill()
        run.revive()
    run.over()
    run.recovered()
    run.finish(duplicates=True, may_miss=True)


@pytest.mark.short
def test_stopped_during_an_outage(make_run, three):
    run = make_run("stopped orderly during an outage", three, conf=["kafkaStopTimeout 2"], senders=100).start()
    three.pause()
    run.wait(lambda b: b["pending"] > 2 * run.rate)
    run.stop_daemon()
    left = run.lives[-1]["pending"]
    assert left > 2 * run.rate, "they stay in the file"
    run.revive()
    three.resume()
    run.over()
    books = run.recovered()
    again = books["recovered"] - left
    assert again >= 0, "what the last books had as pending is there again"
    run.finish(duplicates=True, may_miss=True)
    assert run.row["duplicates"] >= again, "what more is there was published, behind one that was not"


@pytest.mark.short
def test_sigterm_then_sigkill(make_run, three):
    run = make_run("SIGTERM, SIGKILL after 2 s (outage)", three, conf=["kafkaStopTimeout 30"], senders=100).start()
    three.pause()
    run.wait(lambda b: b["pending"] > run.rate)
    run.signal("SIGTERM")
    run.hold(2)
    assert run.daemon.alive(), "it still hands over"
    run.kill()
    run.revive()
    three.resume()
    run.over()
    assert run.recovered()["recovered"] > run.rate
    run.finish(duplicates=True, may_miss=True)


@pytest.mark.parametrize("point", ["ring-body:3000", "ring-head:3000", "ring-tail-before:20", "ring-tail-after:20"])
@pytest.mark.short
def test_killed_at(make_run, three, point):
    run = make_run(f"killed at {point.partition(':')[0]}", three, queue="4M", senders=100,
                   env={"TRAPKAFKA_KILL_AT": point})
    run.daemon.start()
    run.start_load()
    run.died()
    run.revive(TRAPKAFKA_KILL_AT=None)
    run.over()
    run.recovered()
    run.steady(1)
    run.finish(duplicates=True, may_miss=True)


@pytest.mark.short
def test_killed_while_the_file_is_created(make_run, three):
    run = make_run("killed at ring-create", three, queue="4M", senders=100, env={"TRAPKAFKA_KILL_AT": "ring-create"})
    run.daemon.start(wait=False)
    run.start_load()
    run.died()
    run.revive(TRAPKAFKA_KILL_AT=None)
    run.over()
    run.recovered()
    run.steady(1)
    run.finish(duplicates=True, may_miss=True)


@pytest.mark.parametrize("point, size", [("ring-reopen", "4M"), ("ring-grow", "8M")])
@pytest.mark.short
def test_killed_while_the_file_is_reopened(make_run, three, point, size):
    """With a backlog in it."""
    run = make_run(f"killed at {point}", three, queue="4M", senders=100).start()
    three.pause()
    run.wait(lambda b: b["pending"] > run.rate)
    run.kill()
    run.queue = size
    run.write_conf()
    run.daemon.env["TRAPKAFKA_KILL_AT"] = point
    run.daemon.start(wait=False)
    run.died()
    run.revive(TRAPKAFKA_KILL_AT=None)
    three.resume()
    run.over()
    assert run.recovered()["recovered"] > run.rate
    run.finish(duplicates=True, may_miss=True)


@pytest.mark.short
def test_two_daemons_on_one_file(make_run, three):
    """The second says so, takes memory, and both lose nothing."""
    run = make_run("two daemons on one ring file: the first", three, senders=0).start()
    other = make_run("two daemons on one ring file: the second", three, create=False, senders=0, ring=run.ring)
    other.daemon.start()
    other.add(1, rate=500)
    other.daemon.log.wait(r"trapkafka: .*\b(memory|another)\b", 20, 0, other.daemon.alive)
    assert other.daemon.alive()
    run.steady(2)
    run.finish(space=0)
    other.wait(lambda b: b["published"] > 500)
    other.finish(space=1)
