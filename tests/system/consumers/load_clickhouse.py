# SPDX-License-Identifier: Apache-2.0
"""load_clickhouse.py SQL EVENTS: the shipped tables in ClickHouse (chdb), the events put in where Kafka would bring them.
Prints one JSON object: the number of events, and the alarm keys of the links that are down."""

import json
import re
import sys

from chdb import session

sql, events = sys.argv[1:]
with open(sql, encoding="utf-8") as file:
    text = re.sub(r"--.*", "", file.read())
# chdb has no Kafka. A table of engine Null, too, hands what is inserted to the materialized view and keeps nothing.
(kafka,) = re.findall(r"ENGINE = Kafka\s+SETTINGS [^;]*", text)
reading = ", ".join(re.findall(r"(?:input|date)_\w+ = [^,]+", kafka))
text = text.replace(kafka, "ENGINE = Null")
db = session.Session()
for statement in text.split(";"):
    if statement.strip():
        db.query(statement)
db.query(f"INSERT INTO snmp_traps_kafka FROM INFILE '{events}' SETTINGS {reading} FORMAT JSONEachRow")


def rows(query):
    return [json.loads(line) for line in str(db.query(query, "JSONEachRow")).splitlines() if line]


print(json.dumps({
    "count": int(rows("SELECT count() AS n FROM snmp_traps FINAL")[0]["n"]),
    "down": [row["alarm_key"] for row in rows("SELECT alarm_key FROM snmp_links_down")],
}))
