# SPDX-License-Identifier: Apache-2.0
"""The cluster says no, or forgets: a topic deleted, a disk full."""

from lib import fault_run, faults
from lib.kafka import SmallDisk
from lib.proc import wait_until


def test_topic_deleted_and_recreated(make_run, three, folder):
    """What the old topic had is gone with it; that Kafka took each event is proved from the log of delivery reports."""
    log = folder / "delivered"
    run = make_run("topic deleted and recreated", three, env={"TRAPKAFKA_DELIVERY_LOG": log}).start()
    run.steady(5)
    three.delete_topic(run.topic)
    run.hold(5)
    three.create_topic(run.topic, 4)
    before = len(delivered(log))
    run.over()
    run.recovered()
    run.steady(5)
    figures, sent, books = run.end()
    reports = delivered(log)
    found = faults.read(three.bootstrap, run.topic)
    accepted = books["received"] - sum(books["suppressed"].values()) - sum(books["dropped"].values())
    lost = accepted - len(set(reports))
    run.row = {"fault": run.fault, "sent": sent, "rate/s": round(figures[0]["rate"]), "accepted": accepted,
               "published": len(reports), "duplicates": len(reports) - len(set(reports)), "lost": lost,
               "recovery s": round(run.recovery, 1), "informs": sum(len(f["numbers"]) for f in figures.values()),
               "note": f"delivery reports; {len(found):,} in the new topic"}
    assert lost == 0 and not any(books["dropped"].values()), books
    assert faults.gaps(set(reports)) == 0
    in_topic = {(one.ring.decode(), one.seq) for one in found}
    gone = [one for one in reports[before:] if one not in in_topic]
    assert not gone, f"{len(gone)} were reported after the topic was there again, and are not in it: {gone[:5]}"
    faults.check_order(found)
    faults.note(run.row)


def delivered(log):
    """[(ring, seq)] in the order of the reports."""
    lines = log.read_text().split("\n")[:-1]
    return [(ring, int(seq)) for ring, _, seq in (line.partition("-") for line in lines)]


def test_disk_of_a_broker_full(make_run, folder):
    cluster = fault_run.Cluster(folder / "kafka")
    node = cluster.nodes[1]
    node.data = folder / "disk" / "data"
    with SmallDisk(folder / "disk", 512) as disk:
        try:
            cluster.start()
            run = make_run("disk of a broker full", cluster).start()
            run.steady(5)
            disk.fill()
            run.over()
            wait_until(lambda: not node.alive(), 60, "the broker to give up")
            run.steady(2)
            run.recovered()
            disk.free()
            cluster.start_node(node)
            cluster.wait_in_sync(run.topic)
            run.steady(2)
            run.finish()
        finally:
            cluster.kill()


PASSWORD = "granted-2026"
SASL = ["kafkaProperty security.protocol SASL_SSL", "kafkaProperty sasl.mechanism SCRAM-SHA-512",
        "kafkaProperty sasl.username trapkafka", f"kafkaProperty sasl.password {PASSWORD}"]


def test_refused_then_granted(make_run, folder):
    """SASL/SCRAM over TLS: the password is wrong, then rights are missing, then they are taken away for a while."""
    cluster = fault_run.Cluster(folder / "kafka", outside="SASL_SSL").start()
    try:
        run = make_run("authentication, then rights refused (SASL/SCRAM, TLS)", cluster,
                       bootstrap=cluster.outside_bootstrap,
                       conf=[*SASL, f"kafkaProperty ssl.ca.location {cluster.ca}"])
        cluster.set_user("trapkafka", "another password")
        run.daemon.start()
        run.start_load()
        run.steady(5)
        cluster.set_user("trapkafka", PASSWORD)
        run.steady(5)
        assert run.books()["published"] == 0, "there are no rights yet"
        allow(cluster, run.topic)
        run.over()
        run.recovered()
        run.steady(3)
        cluster.revoke("trapkafka", run.topic, "WRITE")
        run.wait(lambda b: b["pending"] > 5 * run.rate)
        cluster.grant("trapkafka", run.topic, "WRITE")
        run.over()
        run.recovered()
        run.steady(2)
        books = run.books()
        assert not any(books["dropped"].values()), books
        run.finish(duplicates=True)
    finally:
        cluster.kill()


def allow(cluster, topic):
    for name in (topic, f"{topic}-health"):
        cluster.grant("trapkafka", name, "WRITE", "DESCRIBE", "CREATE")
