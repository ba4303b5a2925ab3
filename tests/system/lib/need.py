# SPDX-License-Identifier: Apache-2.0
"""What a test needs and may not have. Without it: skipped, with a loud line at the end (conftest.py); under CI: failed."""

import functools
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).resolve().parents[2] / "lib" / "setup.sh"


def missing(what, why):
    """End the running test: `what` is not here because of `why`."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is needed under CI: {why}", pytrace=False)
    pytest.skip(f"{what}: {why}")


@functools.lru_cache(maxsize=None)
def _setup(function):
    """(what a function of tests/lib/setup.sh printed, "") or (None, why not)."""
    done = subprocess.run(["bash", "-c", f'. "$1" && {function}', "-", SETUP], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace")
    if done.returncode != 0:
        return None, (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return done.stdout.strip(), ""


def need_kafka():
    """The folder with Apache Kafka's jars: TK_KAFKA_LIB, else what tk_kafka fetches."""
    if not shutil.which("java"):
        missing("Apache Kafka", "no java in PATH")
    jars, why = os.environ.get("TK_KAFKA_LIB"), ""
    if not jars:
        jars, why = _setup("tk_kafka")
    if not jars:
        missing("Apache Kafka", why)
    if not list(Path(jars).glob("kafka_*.jar")):
        missing("Apache Kafka", f"no kafka_*.jar in {jars}")
    return Path(jars)


def need_consumers():
    """A folder with opensearch, flink (jars) and python (a venv with chdb and duckdb): TK_CONSUMERS, else by tk_consumers."""
    if not shutil.which("javac"):
        missing("consumers of the topic", "no javac in PATH")
    folder, why = os.environ.get("TK_CONSUMERS"), ""
    if not folder:
        folder, why = _setup("tk_consumers")
    if not folder:
        missing("consumers of the topic", why)
    return Path(folder)


def need_perl():
    """A folder for PERL5LIB that has NetSNMP::TrapReceiver."""
    folder, why = _setup("tk_perl")
    if not folder:
        missing("libsnmp-perl", why)
    return folder


@functools.lru_cache(maxsize=None)
def _gosnmp():
    path = os.environ.get("TRAPKAFKA_TEST_GOSNMP")
    return (path, "") if path else _setup("tk_go")


def need_gosnmp():
    """The sender of tests/senders/gosnmp: TRAPKAFKA_TEST_GOSNMP, else what tk_go builds."""
    path, why = _gosnmp()
    if not path:
        missing("gosnmp", why)
    return path


def need_tool(name):
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not path:
        missing(name, "not in PATH")
    return path


def need_root():
    if os.geteuid() != 0:
        missing("root", "this test changes users, namespaces or limits")


def need_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.bind(("::1", 0))
    except OSError as err:
        missing("IPv6", f"no ::1 here ({err.strerror})")


def captures():
    """Packet captures that TK_CAPTURES names (a folder), none by default: they are extra, not needed."""
    folder = os.environ.get("TK_CAPTURES")
    return sorted(Path(folder).glob("*.pcap")) if folder else []
