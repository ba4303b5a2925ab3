# SPDX-License-Identifier: Apache-2.0
"""Load under a fault: three brokers, the senders, a snmptrapd that may live several times. Proofs are in lib/faults.py."""

import json
import signal
import time

from confluent_kafka import KafkaError, KafkaException

from lib import faults, load
from lib.faults import SPACE, TRAPS, V2C, V3
from lib.kafka import Kafka
from lib.proc import PATIENCE, fds, send_signal, spawn, udp_queued, wait_until

SMALLEST_IN_SOCKET = 768  # bytes that the kernel counts for a small datagram
USER = ["createUser storm SHA stormauthpass AES stormprivpass", "authUser log,execute,net storm authPriv"]


class Cluster(Kafka):
    """Three brokers; each partition has three copies, of which two must have what is acknowledged."""

    def __init__(self, folder, **options):
        props = {"min.insync.replicas": 2, "unclean.leader.election.enable": "false",
                 "replica.lag.time.max.ms": 5000, **options.pop("props", {})}
        super().__init__(folder, nodes=3, auto_create=False, props=props, **options)

    def create_topic(self, name, partitions=1, **config):
        try:
            return super().create_topic(name, partitions, **config)
        except KafkaException as err:
            if err.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # the module may have been faster
                raise
        return name

    def resume_all(self):
        for node in self.nodes:
            if node.alive():
                node.resume()
            else:
                node.kill()

    def start_node(self, node):
        """Back on its data, without waiting for the others."""
        node.kill()
        node.start()
        node.wait_started(90)


class Senders:
    """One trapstorm beside the test, which ends when it is told to."""

    def __init__(self, binary, folder, name, port, **options):
        self.log = folder / f"storm.{name}"
        self.answered_file = folder / f"answered.{name}"
        if options.get("inform"):
            options["answered_file"] = self.answered_file
        words = [f"--{key.replace('_', '-')}={value}" for key, value in options.items()]
        self.is_endless = "count" not in options
        self.process = spawn([str(binary), f"--to=127.0.0.1:{port}", "--json=yes", "--ahead=16",
                              *(["--count=500000" if "inform" in options else "--count=20000000"][:self.is_endless]),
                              *words], self.log)

    def check(self):
        assert self.process.poll() is None, f"the load ended too early: {self.log.read_text()}"

    def stop(self, in_order=False):
        """Its figures, and `numbers`: of the INFORMs that were answered. in_order: it starts no new INFORM, and ends when
        each has its answer or was given up, which its retries bound (63 s)."""
        if self.is_endless:
            self.check()
            self.process.send_signal(signal.SIGUSR1 if in_order else signal.SIGTERM)
        code = self.process.wait(200 * PATIENCE)
        assert code in (0, 3), f"trapstorm ended with {code}: {self.log.read_text()}"
        figures = json.loads(self.log.read_text().splitlines()[-1])
        figures["numbers"] = set()
        if self.answered_file.exists():
            figures["numbers"] = set(map(int, self.answered_file.read_text().split()))
        return figures

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)


class Run:
    """Steady load on one topic through one snmptrapd, which may live several times.

        run.start(); run.steady(5)
        ...the fault...
        run.over(); run.recovered()
        run.finish()
    """

    def __init__(self, fault, binary, make_daemon, cluster, topic, *, conf=(), rate=2100, senders=500,
                 inform_rate=250, queue="1G", env=None, devices=20, ring=None, bootstrap=None, **daemon):
        self.fault = fault
        self.binary = binary
        self.cluster = cluster
        self.topic = topic
        self.rate = rate
        self.senders = senders
        self.inform_rate = inform_rate
        self.devices = devices
        self.bootstrap = bootstrap or cluster.bootstrap
        self.queue = queue
        self.storms = {}
        self.lives = []
        self.listens_since = None  # monotonic time
        self.deaf_since = None  # monotonic time, while nobody listens
        self.deaf_for = 0  # seconds: the longest time between two lives
        self.has_file = ring is None
        self.waits_for_answers = False  # at the end, each INFORM has to have its answer
        self.lost_before = False  # net-snmp may lose packets between the socket and the handler
        self.over_at = None
        self.recovery = None
        self.notes = []
        self.row = None
        self.figures = {}
        self.conf = list(conf)
        self.daemon = make_daemon((), start=False, env=env, **daemon)
        self.folder = self.daemon.folder
        self.stats = self.folder / "stats"
        self.ring = ring or self.folder / "ring"
        self.write_conf()

    def write_conf(self, *more):
        """For the daemon's next start, or SIGHUP."""
        self.daemon.write_conf(self.lines(*self.conf, *more))

    def lines(self, *more):
        given = {line.split()[0].lower() for line in more if not line.startswith("kafkaProperty")}
        usual = [*load.QUIET, *USER, f"kafkaBrokers {self.bootstrap}", f"kafkaTopic {self.topic}",
                 f"kafkaHealthTopic {self.topic}-health", f"kafkaStatsFile {self.stats} 1", "kafkaDedup off",
                 f"kafkaQueue {self.queue} {self.ring}",
                 "kafkaProperty compression.type lz4"]
        return [*(line for line in usual if line.split()[0].lower() not in given), *more]

    # -- load

    def start(self):
        self.daemon.start()
        self.start_load()
        self.wait(lambda b: b["published"] > self.rate // 2, 60)
        return self

    def start_load(self):
        self.listens_since = time.monotonic()
        self.add(TRAPS, rate=self.rate, sources=self.devices)
        if self.senders:
            inform = {"inform": "yes", "timeout": 1000, "retries": 5}
            v3 = self.senders // 5
            self.add(V2C, senders=self.senders - v3, rate=int(self.inform_rate * 0.8), **inform)
            self.add(V3, version=3, senders=v3, rate=int(self.inform_rate * 0.2), **inform)

    def add(self, space, **options):
        self.storms[space] = Senders(self.binary, self.folder, ("traps", "v2c", "v3", "burst")[space], self.daemon.port,
                                     first=space * SPACE + 1, **options)

    def books(self):
        return load.books_of(self.stats)

    def wait(self, condition, timeout=60):
        return load.wait_books(self.stats, condition, timeout)

    def steady(self, seconds):
        """Until as many notifications were received as that takes; the daemon has to be up."""
        if not self.stats.exists():
            self.wait(lambda b: True)
        goal = self.books()["received"] + self.rate * seconds
        self.wait(lambda b: b["received"] >= goal, 20 + 5 * seconds)
        for storm in self.storms.values():
            if storm.is_endless:
                storm.check()

    def hold(self, seconds):
        """A fault that lasts: for as long as it is told to, and no longer."""
        end = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= end, seconds + 5, "time to pass", step=0.1)

    # -- lives

    def life_ended(self):
        """Remember what the books said last; the next life writes them anew."""
        self.lives.append(self.books() if self.stats.exists() else None)
        self.stats.unlink(missing_ok=True)

    def kill(self):
        self.deaf_since = self.deaf_since or time.monotonic()
        self.daemon.kill()
        self.life_ended()

    def died(self, timeout=60):
        """It killed itself, where TRAPKAFKA_KILL_AT said; nobody saw when."""
        self.deaf_since = self.deaf_since or self.listens_since
        code = self.daemon.wait_exit(timeout)
        assert code == -9, f"it ended with {code}:\n{self.daemon.log.tail()}"
        self.life_ended()

    def stop_daemon(self):
        """In order; the books of that life are the last ones in `lives`."""
        self.deaf_since = time.monotonic()
        self.daemon.stop()
        self.life_ended()

    def signal(self, name):
        if name == "SIGTERM":  # it closes its socket, and hands over
            self.deaf_since = time.monotonic()
        send_signal(self.daemon.pid, name)

    def uses_file(self):
        assert str(self.ring) in fds(self.daemon.pid).values(), "the queue is the file"

    def revive(self, **env):
        for name, value in env.items():
            self.daemon.env[name] = value
        self.daemon.start()
        self.listens_since = time.monotonic()
        self.deaf_for = max(self.deaf_for, self.listens_since - self.deaf_since)
        self.deaf_since = None

    # -- the end

    def is_exact(self):
        """Each packet that was sent must be accounted for: the daemon had one life, and nobody else lost any."""
        return not self.lives and not self.lost_before

    def fresh_books(self):
        """Wait until the statistics file was written anew: it is a second old at most."""
        begin = self.stats.stat().st_mtime_ns if self.stats.exists() else 0
        wait_until(lambda: self.stats.exists() and self.stats.stat().st_mtime_ns > begin, 30, "news in the stats file")

    def near(self, books):
        """The backlog is gone: what waits is less than half a second's."""
        return books["pending"] <= self.rate // 2

    def over(self):
        self.over_at = time.monotonic()

    def recovered(self, timeout=120, after=None):
        """Wait for the end of the backlog."""
        self.fresh_books()
        books = self.wait(lambda b: self.near(b) and (after is None or after(b)), timeout)
        self.recovery = time.monotonic() - self.over_at
        return books

    def stop_load(self):
        """INFORMs first, while traps go on."""
        first = [space for space in (V2C, V3) if space in self.storms]
        figures = {space: self.storms[space].stop(self.waits_for_answers) for space in first}
        return figures | {space: storm.stop() for space, storm in self.storms.items() if space not in first}

    def end(self, timeout=120):
        """Stop the load, wait until nothing is under way, stop the daemon: (the senders' figures, packets, books)."""
        figures = self.figures = self.stop_load()
        sent = sum(f["sent"] for f in figures.values())
        if self.is_exact():
            self.wait(load.at_rest(sent), timeout)
        else:
            wait_until(lambda: not udp_queued(self.daemon.port), timeout, "snmptrapd to take what was sent")
            self.fresh_books()
            self.wait(lambda b: not b["pending"], timeout)
        if self.has_file:
            self.uses_file()
        self.daemon.stop(60)
        books = self.books()
        assert not books["pending"], books
        return figures, sent, books

    def finish(self, timeout=120, duplicates=False, may_miss=False, space=None, found=None):
        """Stop all, prove, and note the row.

        duplicates  whether any may be there
        may_miss    what was sent while nobody listened, because the daemon was killed; each time no more than that
        space       only these numbers are this run's: the topic has others
        found       what was read already
        """
        figures, sent, books = self.end(timeout)
        if found is None:
            # A broker that has just become a leader may not yet serve the last records, although they were acknowledged.
            self.cluster.wait_in_sync(self.topic)
            found = faults.read(self.cluster.bootstrap, self.topic)
        if space is not None:
            found = [one for one in found if one.number // SPACE == space]
        return self.prove(found, figures, sent, books, duplicates, may_miss)

    def prove(self, found, figures, sent, books, duplicates, may_miss):
        records = faults.distinct(found)
        numbers = set(records.values())
        print(f"books: {books}\nlives: {self.lives}\nfigures: "
              f"{ {space: {k: v for k, v in f.items() if k != 'numbers'} for space, f in figures.items()} }")
        dropped = sum(sum(life["dropped"].values()) for life in [*self.lives, books] if life)
        missing = faults.gaps(records)
        if not self.lives:
            accepted = books["received"] + books["recovered"] - dropped - sum(books["suppressed"].values())
            lost = accepted - len(records)
            if self.is_exact():
                assert books["received"] + books["kernel_dropped"] + books["unparsable"] == sent, (books, sent)
            else:
                gone = sent - books["received"] - books["kernel_dropped"] - books["unparsable"]
                self.notes.append(f"{gone} lost by net-snmp without a count")
        else:
            accepted, lost = len(records) + missing, missing
        rate = max(storm["rate"] for storm in figures.values())
        self.row = {"fault": self.fault, "sent": sent, "rate/s": round(rate), "accepted": accepted,
                    "published": len(found), "duplicates": len(found) - len(records), "lost": lost,
                    "recovery s": None if self.recovery is None else round(self.recovery, 1),
                    "informs": sum(len(f["numbers"]) for f in figures.values()), "note": "; ".join(self.notes)}
        print(self.row)
        if lost:
            holes = [faults.runs_of_missing(numbers, figure["first"], figure["last"]) for figure in figures.values()]
            first = sorted((one.seq, one.partition, one.key, one.number) for one in found)[:20]
            raise AssertionError(f"{lost} accepted records are not in Kafka, such as {faults.missing(records)[:5]}; the numbers "
                                 f"{[hole for one in holes for hole in one][:5]} are not there; the first are {first}")
        assert missing == 0 or dropped, f"{missing} records are missing among those in Kafka"
        assert duplicates or len(found) == len(records), f"{len(found) - len(records)} duplicates where none may be"
        faults.check_order(found)
        self.check_numbers(records, numbers, figures, books, dropped, may_miss)
        if self.waits_for_answers:
            for storm in (figures[space] for space in (V2C, V3) if space in figures):
                unanswered = storm["last"] - storm["first"] + 1 - storm["answered"]
                assert unanswered == 0, f"{unanswered} INFORMs were given up without an answer"
            assert books["informs_waiting"] == 0, f"places that no sender waits for any more: {books}"
        for storm in figures.values():
            unanswered = storm["numbers"] - numbers
            assert not unanswered, f"answered and not in Kafka: {len(unanswered)}, such as {sorted(unanswered)[:5]}"
        if self.senders:
            assert self.row["informs"], "INFORMs were answered at all"
        faults.note(self.row)
        return found

    def most_missing(self):
        """How many traps can get lost between two lives, by design: what is sent at the pace of the load while nobody listens
        (trapstorm catches up on 50 ms at most), and what the socket held when the daemon died."""
        with open("/proc/sys/net/core/rmem_max", encoding="ascii") as file:
            room = 2 * min(int(file.read()), load.RECEIVE_BUFFER)
        return int(self.rate * (self.deaf_for + 0.05)) + 1 + room // SMALLEST_IN_SOCKET

    def check_numbers(self, records, numbers, figures, books, dropped, may_miss):
        if not self.lives:
            assert len(records) == len(numbers), "a notification became two records"
        traps = figures.get(TRAPS)
        if not traps or dropped or self.lost_before or any((life or books)["kernel_dropped"] for life in [*self.lives, books]):
            return
        holes = faults.runs_of_missing(numbers, traps["first"], traps["last"])
        assert len(holes) <= len(self.lives), f"{len(holes)} holes in the traps' numbers: {holes[:5]}"
        for begin, end in holes:
            most = self.most_missing() if may_miss else 0
            assert end - begin < most, f"more than {most}, what met no daemon, is missing: {begin} to {end}"

    def abandon(self):
        for storm in self.storms.values():
            storm.kill()
        self.daemon.kill()
