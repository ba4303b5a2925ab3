# SPDX-License-Identifier: Apache-2.0
"""A real Apache Kafka (KRaft, no ZooKeeper) on loopback: each node is broker and controller in one JVM.

Tests look into a cluster through its plain listener (Kafka.bootstrap), which nothing disturbs. What is tested may come
through a second one (outside=, Kafka.outside_bootstrap): SASL/SCRAM over TLS with rights that have to be granted, another
address, or a relay in between.
"""

import contextlib
import hashlib
import itertools
import os
import time
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic,
                                   ResourcePatternType, ResourceType, ScramCredentialInfo, ScramMechanism,
                                   UserScramCredentialUpsertion)

from lib.need import missing, need_kafka, need_root, need_tool
from lib.proc import PATIENCE, Log, free_port, memory, run, send_signal, spawn, state, wait_until

_archives = itertools.count(1)
_CLUSTER = "dHJhcGthZmthLXRlc3RzLQ"  # any 16 bytes in base64
_LOG4J = """log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=[%d] %p %m (%c)%n
"""


class Node:
    """One JVM. Its ports and its data stay the same from start to start."""

    def __init__(self, number, folder, jars):
        self.number = number
        self.folder = folder
        self.data = folder / "data"  # may be set to another place before the first start
        self.jars = jars
        self.port = free_port("tcp")
        self.outside_port = free_port("tcp")
        self.advertised = None  # (host, port) that clients from outside are told; None: where the node listens
        self.controller_port = free_port("tcp")
        self.log = Log(folder / "server.log")
        self.process = None
        self._since = 0
        self._archive_part = None
        folder.mkdir(parents=True)
        (folder / "log4j.properties").write_text(_LOG4J)

    def _java(self, archive_flag, *more):
        path = ":".join(str(jar) for jar in sorted(self.jars.glob("*.jar")))
        return ["java", "-Xms96m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                *archive_flag, f"-Dlog4j.configuration=file:{self.folder}/log4j.properties", "-cp", path, *more]

    def write(self, props):
        lines = "".join(f"{key}={value}\n" for key, value in props.items())
        (self.folder / "server.properties").write_text(lines)

    def format(self):
        run(self._java((), "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c",
                       self.folder / "server.properties"))

    def start(self):
        assert not self.process, "runs already"
        # Half of the start is loading classes: the first JVM to end in good order leaves an archive of them for the
        # later ones.
        archive = self.jars.with_name(f"{self.jars.name}-{_java_id()}.jsa")
        flag = ()
        if archive.exists():
            flag = (f"-XX:SharedArchiveFile={archive}",)
        elif self.number == 1 and os.access(archive.parent, os.W_OK):
            self._archive_part = archive.with_suffix(f".{os.getpid()}-{next(_archives)}")
            flag = (f"-XX:ArchiveClassesAtExit={self._archive_part}",)
        self._since = self.log.mark()
        self.process = spawn(self._java(flag, "kafka.Kafka", self.folder / "server.properties"), self.log.path)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def wait_started(self, timeout):
        self.log.wait(r"Kafka Server started", timeout, self._since, self.alive)

    def stop(self, timeout=60):
        """Orderly: what clients were told is on disk."""
        if not self.process:
            return
        if state(self.process.pid) == "T":
            self.resume()
        self.process.terminate()
        self.process.wait(timeout * PATIENCE)
        self.process = None
        if self._archive_part:
            if self._archive_part.exists():
                self._archive_part.rename(self._archive_part.with_suffix(".jsa"))
            self._archive_part = None

    def kill(self):
        """kill -9."""
        if not self.process:
            return
        self.process.kill()
        self.process.wait(30)
        self.process = None
        if self._archive_part:
            self._archive_part.unlink(missing_ok=True)
            self._archive_part = None

    def pause(self):
        """SIGSTOP: connections stay open, nothing is answered."""
        send_signal(self.process.pid, "SIGSTOP")
        wait_until(lambda: state(self.process.pid) == "T", 5, "the broker to stop running")

    def resume(self):
        send_signal(self.process.pid, "SIGCONT")

    def memory(self):
        """Resident bytes."""
        return memory(self.process.pid, "VmRSS")


def _java_id():
    return hashlib.sha256(run(["java", "-version"]).stdout.encode()).hexdigest()[:12]


class Kafka:
    """A cluster of `nodes` brokers, each with its own log in folder/nodeN/server.log.

    props are server properties on top; they and auto_create count from the next start on.

    outside   a second listener of each node, "PLAINTEXT" or "SASL_SSL". With SASL_SSL the cluster has users
              (set_user()), who may do what was granted (grant()); tests themselves are the super user ANONYMOUS.
    host      the address of that listener, which has to exist when the cluster is started
    """

    def __init__(self, folder, nodes=1, auto_create=True, partitions=4, props=None, outside=None, host="127.0.0.1"):
        assert outside in (None, "PLAINTEXT", "SASL_SSL"), outside
        self.folder = Path(folder)
        self.outside = outside
        self.host = host
        self.auto_create = auto_create
        self.partitions = partitions
        self.props = dict(props or {})
        jars = need_kafka()
        self.nodes = [Node(n, self.folder / f"node{n}", jars) for n in range(1, nodes + 1)]
        self.bootstrap = ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)
        self._formatted = False
        self.start_seconds = None
        self.ca = None  # certificate file for clients, with SASL_SSL
        if outside == "SASL_SSL":
            self.ca, self._keys = _make_certificates(self.folder, host)

    @property
    def outside_bootstrap(self):
        return ",".join("{}:{}".format(*self._advertised(node)) for node in self.nodes)

    def _advertised(self, node):
        return node.advertised or (self.host, node.outside_port)

    def _outside_properties(self, node):
        host, port = self._advertised(node)
        props = {"listeners": f"OUTSIDE://{self.host}:{node.outside_port}",
                 "advertised.listeners": f"OUTSIDE://{host}:{port}",
                 "listener.security.protocol.map": f"OUTSIDE:{self.outside}"}
        if self.outside == "SASL_SSL":
            scram = "listener.name.outside.scram-sha-512.sasl.jaas.config"
            props |= {"ssl.keystore.type": "PEM", "ssl.keystore.location": self._keys, "ssl.client.auth": "none",
                      "sasl.enabled.mechanisms": "SCRAM-SHA-512",
                      scram: "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                      "super.users": "User:ANONYMOUS", "allow.everyone.if.no.acl.found": "false"}
        return props

    def _properties(self, node):
        copies = min(len(self.nodes), 3)
        plain = f"PLAINTEXT://127.0.0.1:{node.port}"
        voters = ",".join(f"{n.number}@127.0.0.1:{n.controller_port}" for n in self.nodes)
        props = {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "controller.quorum.voters": voters,
            "listeners": f"{plain},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": plain,
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "log.dirs": node.data,
            "auto.create.topics.enable": "true" if self.auto_create else "false",
            "num.partitions": self.partitions,
            "default.replication.factor": copies,
            "offsets.topic.num.partitions": 1,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": 1,
            "group.initial.rebalance.delay.ms": 0,
            # A node that was killed may come back when its old session is over.
            "broker.heartbeat.interval.ms": 500,
            "broker.session.timeout.ms": 3000,
            "num.network.threads": 1,
            "num.io.threads": 2,
            "log.cleaner.dedupe.buffer.size": 4 << 20,
        }
        if self.outside:
            for key, value in self._outside_properties(node).items():
                props[key] = f"{props[key]},{value}" if key in props else value
        return props | self.props

    def start(self, timeout=90):
        """Start what does not run, and return when all brokers serve."""
        begin = time.monotonic()
        for node in self.nodes:
            if not node.alive():
                node.write(self._properties(node))
                if not self._formatted:
                    node.format()
                node.start()
        self._formatted = True
        self.wait_ready(timeout)
        self.start_seconds = time.monotonic() - begin
        return self

    def wait_ready(self, timeout=90):
        def serves():
            for node in self.nodes:
                if not node.alive():
                    raise AssertionError(f"broker {node.number} ended:\n{node.log.tail()}")
            try:
                return len(admin.list_topics(timeout=1).brokers) == len(self.nodes)
            except KafkaException:
                return False
        # librdkafka takes a refused connection for news worth a line and a pause: ask it when somebody listens.
        for node in self.nodes:
            node.wait_started(timeout)
        admin = self._admin()
        wait_until(serves, timeout, lambda: f"Kafka to serve:\n{self.nodes[0].log.tail()}")

    def stop(self):
        # With a majority gone the rest can't hand over and would wait for it: all at once.
        for node in self.nodes:
            if node.alive():
                if state(node.process.pid) == "T":
                    node.resume()
                node.process.terminate()
        for node in self.nodes:
            node.stop()

    def kill(self):
        for node in self.nodes:
            node.kill()

    def pause(self):
        for node in self.nodes:
            node.pause()

    def resume(self):
        for node in self.nodes:
            node.resume()

    def restart(self):
        """On the same ports and data."""
        self.stop()
        return self.start()

    def _admin(self):
        # A client of its own for each use: none is left that would log about brokers the tests took away.
        return AdminClient({"bootstrap.servers": self.bootstrap, "reconnect.backoff.ms": 20,
                            "reconnect.backoff.max.ms": 200, "log_level": 0})

    def topics(self):
        """{name: number of partitions}, Kafka's own topics left out."""
        found = self._admin().list_topics(timeout=20).topics
        return {name: len(topic.partitions) for name, topic in found.items() if not name.startswith("__")}

    def create_topic(self, name, partitions=1, **config):
        """config: topic properties with _ for the dot, e.g. max_message_bytes=1000."""
        admin = self._admin()
        props = {key.replace("_", "."): str(value) for key, value in config.items()}
        for attempt in range(5):
            try:
                admin.create_topics([NewTopic(name, partitions, min(len(self.nodes), 3), config=props)])[name].result(30)
                break
            except KafkaException as err:
                # librdkafka gives up requests to the bootstrap address when it learns the brokers' own.
                if attempt and err.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                    break
                if attempt == 4 or err.args[0].code() != KafkaError._DESTROY_BROKER:  # pylint: disable=protected-access
                    raise

        def led():
            topic = admin.list_topics(timeout=10).topics.get(name)
            return topic and len(topic.partitions) == partitions and all(
                p.leader > 0 for p in topic.partitions.values())
        wait_until(led, 30, f"topic {name} to have leaders")
        return name

    def publish(self, topic, value, seconds_ahead=0):
        """One record, with a time of its own."""
        producer = Producer({"bootstrap.servers": self.bootstrap})
        producer.produce(topic, value, timestamp=int((time.time() + seconds_ahead) * 1000))
        assert producer.flush(30) == 0

    def set_config(self, topic, **config):
        """Change properties of a topic, with _ for the dot."""
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        for key, value in config.items():
            resource.add_incremental_config(ConfigEntry(key.replace("_", "."), str(value),
                                                        incremental_operation=AlterConfigOpType.SET))
        admin = self._admin()
        admin.incremental_alter_configs([resource])[resource].result(30)

    def delete_topic(self, name):
        admin = self._admin()
        admin.delete_topics([name])[name].result(30)
        wait_until(lambda: name not in admin.list_topics(timeout=10).topics, 30, f"topic {name} to go")

    def leaders(self, topic):
        """{partition: number of the node that leads it, -1: none}"""
        found = self._admin().list_topics(topic, timeout=20).topics[topic]
        return {number: part.leader for number, part in found.partitions.items()}

    def leader(self, topic, partition=0):
        """The Node that leads a partition, as soon as one does."""
        def led():
            number = self.leaders(topic).get(partition, -1)
            return next((node for node in self.nodes if node.number == number), None)
        return wait_until(led, 30, f"a leader of {topic}[{partition}]", step=0.1)

    def wait_in_sync(self, topic, replicas=None, timeout=60):
        """Wait until every partition has a leader, and this number of replicas is in sync (None: all that it has)."""
        def in_sync():
            try:
                parts = self._admin().list_topics(topic, timeout=5).topics[topic].partitions.values()
            except KafkaException:
                return False
            return parts and all(p.leader > 0 and len(p.isrs) == (replicas or len(p.replicas)) for p in parts)
        wait_until(in_sync, timeout, f"{replicas or 'all'} replicas of {topic} to be in sync", step=0.2)

    # -- users and rights, with outside="SASL_SSL" --------------------------------------------------------------------

    def set_user(self, name, password):
        """Create a user, or change the password."""
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        change = UserScramCredentialUpsertion(name, info, password.encode())
        admin = self._admin()  # has to outlive its request
        admin.alter_user_scram_credentials([change])[name].result(30)

    def client_properties(self, user, password):
        """What a client needs for the outside listener."""
        return {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": user,
                "sasl.password": password, "ssl.ca.location": str(self.ca)}

    def _acls(self, user, topic, operations, make):
        return [make(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{user}", "*", AclOperation[operation],
                     AclPermissionType.ALLOW) for operation in operations]

    def grant(self, user, topic, *operations):
        """Rights on one topic: "WRITE", "DESCRIBE", "CREATE" ..."""
        acls = self._acls(user, topic, operations, AclBinding)
        admin = self._admin()
        for done in admin.create_acls(acls).values():
            done.result(30)

    def revoke(self, user, topic, *operations):
        acls = self._acls(user, topic, operations, AclBindingFilter)
        admin = self._admin()
        for done in admin.delete_acls(acls).values():
            assert done.result(30), f"{user} had no such right on {topic}"


def _make_certificates(folder, host):
    """An authority, and a key with its certificate for `host`: (the authority's certificate, the brokers' PEM file)."""
    openssl = need_tool("openssl")
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, ca, key, request, cert, extra = (folder / name for name in (
        "ca.key", "ca.pem", "broker.key", "broker.csr", "broker.crt", "broker.ext"))
    run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=trapkafka tests",
         "-keyout", ca_key, "-out", ca])
    run([openssl, "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=broker", "-keyout", key, "-out", request])
    extra.write_text(f"subjectAltName=IP:127.0.0.1,IP:{host}\n")
    run([openssl, "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "30",
         "-extfile", extra, "-out", cert])
    both = folder / "broker.pem"
    both.write_text(key.read_text() + cert.read_text() + ca.read_text())
    return ca, both


class SmallDisk:
    """A file system of `megabytes` at `path`, in memory; to be filled, for a broker that can write no more."""

    def __init__(self, path, megabytes):
        self.path = Path(path)
        self._filler = self.path / "filler"
        need_root()
        self.path.mkdir(parents=True)
        done = run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "trapkafka-test", self.path], check=False)
        if done.returncode != 0:
            missing("a file system of its own", done.stdout.strip())

    def fill(self):
        """Leave not one block."""
        with open(self._filler, "ab", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))

    def free(self):
        self._filler.unlink(missing_ok=True)

    def close(self):
        run(["umount", "-l", self.path])

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
