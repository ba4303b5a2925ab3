# SPDX-License-Identifier: Apache-2.0
"""A long outage: a million traps wait in the file, and the memory of snmptrapd stays what it was."""

import time

import pytest

TRAPS = 1_000_000
MIB = 1 << 20


@pytest.mark.alone
@pytest.mark.long
def test_a_million_traps_while_all_brokers_are_away(make_run, three):
    run = make_run("1,000,000 traps while all brokers are away", three, rate=1700, senders=0, queue="2G", devices=50)
    run.start()
    run.steady(5)
    anon = [run.daemon.memory()]
    three.kill()
    begin = time.monotonic()
    for goal in range(TRAPS // 20, TRAPS + 1, TRAPS // 20):
        run.wait(lambda b, goal=goal: b["pending"] >= goal, 120)
        anon.append(run.daemon.memory())
    away = time.monotonic() - begin
    three.start()
    run.over()
    waiting = run.books()["pending"]
    run.recovered(600)
    anon.append(run.daemon.memory())
    # librdkafka's own queue is 16 MiB at most, and fills within the first seconds. From then on nothing may grow.
    run.notes.append(f"away {away:.0f} s; drained {(waiting + run.rate * run.recovery) / run.recovery:,.0f}/s; RssAnon "
                     f"{anon[0] / MIB:.1f} MiB before, {anon[1] / MIB:.1f} with librdkafka's queue full, at most "
                     f"{max(anon) / MIB:.1f}")
    print(run.notes)
    run.finish(300)
    assert anon[1] - anon[0] < 24 * MIB and max(anon) - anon[1] < 4 * MIB, [round(n / MIB, 1) for n in anon]
