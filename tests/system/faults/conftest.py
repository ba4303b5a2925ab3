# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the fault matrix. tests/faults runs it; in an ordinary run of the system tests only the short cases do.

TK_FAULTS  short (also when it is unset), all: those and the others but not the long ones, long: only these
"""

import os
import shutil

import pytest

from lib import fault_run, faults

HERE = os.path.dirname(__file__)


def pytest_configure(config):
    config.addinivalue_line("markers", "short: less than about 15 s; runs with the other system tests too")
    config.addinivalue_line("markers", "long: takes more than ten minutes; only when it is asked for")
    faults.rows_to(os.environ.get("TK_FAULTS_ROWS") or os.devnull)


def _wanted(item):
    which = os.environ.get("TK_FAULTS", "short")
    is_long = item.get_closest_marker("long") is not None
    if which == "long" or is_long:
        return is_long and which == "long"
    return which == "all" or item.get_closest_marker("short") is not None


def pytest_collection_modifyitems(config, items):
    out = [item for item in items if str(item.path).startswith(HERE) and not _wanted(item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]


class Three:
    """A real Kafka of three brokers that the cases share; one that a case left broken is replaced."""

    def __init__(self, base):
        self.base = base
        self.count = 0
        self.cluster = None

    def get(self):
        if self.cluster:
            try:
                self.cluster.resume_all()
                return self.cluster.start()
            except AssertionError as err:
                print(f"a new cluster: {err}")
                self.close()
        self.count += 1
        self.cluster = fault_run.Cluster(self.base / f"three{self.count}")
        return self.cluster.start()

    def close(self):
        if self.cluster:
            self.cluster.kill()
            shutil.rmtree(self.cluster.folder, ignore_errors=True)
            self.cluster = None


@pytest.fixture(scope="session")
def _three(base_folder):
    made = Three(base_folder)
    yield made
    made.close()


@pytest.fixture
def three(_three):
    """A healthy cluster of three."""
    return _three.get()


@pytest.fixture
def make_run(trapstorm, snmptrapd, topic):
    """Makes a Run on a topic of this test's own: make_run("broker killed", cluster, ...)."""
    made = []

    def make(fault, cluster, create=True, partitions=4, **options):
        if create:
            cluster.create_topic(topic, partitions)
        made.append(fault_run.Run(fault, trapstorm, snmptrapd, cluster, topic, **options))
        return made[-1]
    yield make
    for run in made:
        run.abandon()
        if run.cluster and any(node.alive() for node in run.cluster.nodes):
            try:  # room on the disk for the next
                run.cluster.delete_topic(topic)
            except Exception as err:  # pylint: disable=broad-except
                print(f"{topic} stays: {err}")
