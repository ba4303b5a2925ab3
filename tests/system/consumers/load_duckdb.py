# SPDX-License-Identifier: Apache-2.0
"""load_duckdb.py SQL EVENTS: the shipped statements in DuckDB, run twice. Prints one JSON object: the number of events, and
the alarm keys of the links that are down."""

import json
import sys

import duckdb

sql, events = sys.argv[1:]
with open(sql, encoding="utf-8") as file:
    text = file.read()
assert text.count("'snmp-traps.jsonl'") == 1, "one place that names the file"
db = duckdb.connect()
for _ in range(2):
    for statement in db.extract_statements(text.replace("snmp-traps.jsonl", events)):
        db.execute(statement)
print(json.dumps({
    "count": db.execute("SELECT count(*) FROM snmp_traps").fetchone()[0],
    "down": [row[0] for row in db.execute("SELECT alarm_key FROM snmp_links_down").fetchall()],
}))
