# SPDX-License-Identifier: Apache-2.0
"""The books: every trap ends under exactly one name, and the sums agree."""

import re

HEALTH_TOPIC = "snmp-traps-health"


def check_books(health):
    """Assert that one health record balances; returns its books."""
    assert health.get("type") == "health", f"no health record: {health}"
    books = health["books"]
    came = books["recovered"] + books["received"]
    went = books["published"] + sum(books["suppressed"].values()) + sum(books["dropped"].values()) + books["pending"]
    assert came == went, f"the books do not balance: {came} came, {went} are accounted for: {books}"
    ended = books["derived_published"] + sum(books["derived_dropped"].values()) + books["derived_pending"]
    assert books["derived"] == ended, f"the book of messages about alarms does not balance: {books}"
    assert all(n >= 0 for n in [*books["suppressed"].values(), *books["dropped"].values(), books["pending"]]), books
    return books


def last_books(collector):
    """Check every health record that a Collector of the health topic holds; the books of the latest one."""
    records = [m.event for m in collector.messages() if m.event.get("type") == "health"]
    assert records, f"no health record in {collector.topic}"
    return [check_books(record) for record in records][-1]


def read_stats(path):
    """{(metric, ((label, value), ...)): number} of a file in Prometheus' text format."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#") or not line.strip():
                continue
            name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)\n?", line).groups()
            pairs = tuple(sorted(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")))
            found[name, pairs] = float(value)
    return found
