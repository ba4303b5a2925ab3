# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the system tests, and the last lines of a run. See lib/ for the things behind them.

tests/run gives the tests to several pytest workers (pytest-xdist), except those marked `alone`, which run one by one after
that. Each worker has its own folder, its own Kafka and its own daemons. Tests that share a daemon or a broker of their
module run on one worker, in the order of the file.
"""

import itertools
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.dont_write_bytecode = True  # the tree may be read-only

# pylint: disable=wrong-import-position,redefined-outer-name
from lib import load
from lib.consume import Collector
from lib.kafka import Kafka
from lib.proc import spawn
from lib.send import NetSnmp
from lib.snmptrapd import Snmptrapd

_FAILED = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


#: Files whose tests share nothing: each may go to any worker. All other files go to one worker as a whole.
_APART = {"test_00_infra.py", "test_01_tree.py", "test_40_life.py", "test_45_inform.py", "test_46_queue_file.py",
          "test_49_mibs.py", "test_71_shipped_facts.py",
          "test_54_other_netsnmp.py", "test_56_v3_life.py", "test_58_hostile.py", "test_59_v3_check.py",
          "test_60_reference.py", "test_61_arrivals.py", "test_62_remedies.py",
          "test_70_storm.py"}
#: What takes longest begins first, so that no worker is left with it at the end.
_FIRST = ["faults", "test_51_secured_kafka.py", "test_50_kafka.py", "test_00_infra.py"]


def pytest_configure(config):
    config.addinivalue_line("markers", "alone: measures, or needs all of the machine; nothing else may run meanwhile")


def _unit(path, whole):
    """What goes to one worker together: a name for it. `path` is a test's file, `whole` its full name."""
    if "faults" in path.split("/"):  # they share a cluster of three; where these are all that runs, each worker has one
        return whole if os.environ.get("TK_FAULTS", "short") != "short" else "faults"
    name = path.split("/")[-1]
    return whole if name in _APART else name


def pytest_collection_modifyitems(items):
    for item in items:
        found = item._fixtureinfo.name2fixturedefs.values()  # pylint: disable=protected-access
        shared = {one[-1].argname for one in found if one[-1].scope == "module"} - {"broker", "files"}
        assert not shared or item.path.name not in _APART, f"{item.nodeid} shares {shared}: take its file out of _APART"

    def rank(item):
        names = [name for name in _FIRST if name in item.path.parts]
        return _FIRST.index(names[0]) if names else len(_FIRST)
    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling  # pylint: disable=import-outside-toplevel

    class Units(LoadScopeScheduling):
        """Units in the order of the tests; each goes to the next worker that is free."""

        def _split_scope(self, nodeid):
            return _unit(nodeid.split("::")[0], nodeid)
    return Units(config, log)


def pytest_terminal_summary(terminalreporter):
    tr = terminalreporter
    not_tested = {}
    for report in tr.stats.get("skipped", ()):
        not_tested.setdefault(report.longrepr[2].removeprefix("Skipped: "), []).append(report.nodeid)
    for reason, tests in not_tested.items():
        tr.write_line(f"NOT TESTED, {len(tests)} tests: {reason}: {', '.join(tests[:3])}"
                      f"{' ...' if len(tests) > 3 else ''}", red=True, bold=True)
    failed = len(tr.stats.get("failed", ())) + len(tr.stats.get("error", ()))
    tr.write_line(f"system: {len(tr.stats.get('passed', ()))} passed, {failed} failed, "
                  f"{len(tr.stats.get('skipped', ()))} skipped")


@pytest.fixture(scope="session")
def base_folder():
    """TK_SYSTEM_DIR (below it a folder for each worker), or a new folder that goes when it is empty at the end. Others than
    root may enter it."""
    given = os.environ.get("TK_SYSTEM_DIR")
    if given:
        path = Path(given) / os.environ.get("PYTEST_XDIST_WORKER", "")
    else:
        path = Path(tempfile.mkdtemp(prefix="trapkafka-system-"))
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o755)
    yield path
    if not given and not os.listdir(path):
        path.rmdir()


@pytest.fixture
def folder(request, base_folder):
    """This test's folder: kept when it failed, or when TK_KEEP is set."""
    path = base_folder / re.sub(r"\W+", "-", request.node.name).strip("-")
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o755)
    yield path
    if request.node.stash.get(_FAILED, False) or os.environ.get("TK_KEEP"):
        print(f"files of this test: {path}")
    else:
        shutil.rmtree(path)


@pytest.fixture(scope="session")
def kafka(base_folder):
    """One Apache Kafka for all tests that do it no harm; topics are made by use, with four partitions."""
    cluster = Kafka(base_folder / "kafka")
    try:
        yield cluster.start()
    finally:
        cluster.stop()
        if not os.environ.get("TK_KEEP"):
            shutil.rmtree(cluster.folder)


@pytest.fixture
def new_kafka(folder):
    """Makes a Kafka of the test's own, not started: to be stopped, killed, frozen."""
    made = []

    def make(**options):
        made.append(Kafka(folder / f"kafka{len(made) + 1}", **options))
        return made[-1]
    yield make
    for cluster in made:
        cluster.kill()


_numbers = itertools.count(1)


@pytest.fixture
def topic(request):
    """A name that no other test uses."""
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', request.node.name).strip('-')[:60]}.{next(_numbers)}"


@pytest.fixture
def snmptrapd(folder):
    """Makes a running snmptrapd (start=False: not started). All are stopped at the end, and have to end well."""
    made = []

    def make(conf=(), start=True, **options):
        made.append(Snmptrapd(folder / f"snmptrapd{len(made) + 1}", conf, **options))
        return made[-1].start() if start else made[-1]
    yield make
    errors = []
    for daemon in made:
        try:
            daemon.stop()
        except AssertionError as err:
            errors.append(str(err))
        print(f"--- {daemon.log.path}\n{daemon.log.tail(60)}")
    assert not errors, "\n".join(errors)


@pytest.fixture
def netsnmp(folder):
    """Makes a sender for an address: net-snmp's tools with a folder of their own."""
    count = itertools.count(1)
    return lambda address: NetSnmp(folder / f"sender{next(count)}", address)


@pytest.fixture
def collect():
    """Makes a Collector; at the end each is closed, and has to have seen valid events only."""
    made = []

    def make(brokers, topic, **options):
        made.append(Collector(brokers, topic, **options))
        return made[-1]
    yield make
    for collector in made:
        collector.close()
    for collector in made:
        collector.check()


@pytest.fixture
def background(folder):
    """Starts a program beside the test: background(argv) -> Popen, killed at the end; its output is in out.N."""
    made = []

    def start(argv, env=None):
        made.append(spawn([str(arg) for arg in argv], folder / f"out.{len(made) + 1}", env, folder))
        return made[-1]
    yield start
    for process in made:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.fixture(scope="session")
def trapstorm(base_folder):
    """The sender of storms, compiled once."""
    path = load.build_trapstorm(base_folder / "trapstorm")
    yield path
    if not os.environ.get("TK_KEEP"):
        path.unlink()


@pytest.fixture
def storm(folder, trapstorm):
    """Starts trapstorm beside the test: storm(port, count=1000, rate=500) -> load.Storm."""
    made = []

    def start(port, **options):
        made.append(load.Storm(trapstorm, folder / f"storm.{len(made) + 1}", port, **options))
        return made[-1]
    yield start
    for sender in made:
        sender.kill()
