-- SPDX-License-Identifier: Apache-2.0
-- Events of trapkafka (schema 1) in DuckDB, from 1.0 on. DuckDB reads files, so take the topic out of Kafka first:
--
--     kcat -C -b kafka1:9092 -t snmp-traps -o beginning -e -q >snmp-traps.jsonl
--     duckdb traps.db <duckdb.sql
--
-- The primary key drops an event that Kafka delivered twice. A second run adds what is new.

SET TimeZone = 'UTC';

CREATE TABLE IF NOT EXISTS snmp_traps (
    "schema" UTINYINT,
    type VARCHAR,
    event_id VARCHAR PRIMARY KEY,
    fingerprint VARCHAR,
    received TIMESTAMP,
    receiver STRUCT(host VARCHAR, queue VARCHAR, seq UBIGINT),
    source STRUCT(device VARCHAR, address VARCHAR, port USMALLINT, transport VARCHAR, agent_address VARCHAR,
                  address_from VARCHAR),
    snmp STRUCT(version VARCHAR, pdu VARCHAR, security_name VARCHAR, security_level VARCHAR, engine_id VARCHAR,
                context_engine_id VARCHAR, context_name VARCHAR, request_id INTEGER, uptime UINTEGER,
                clock_checked BOOLEAN),
    trap STRUCT(oid VARCHAR, name VARCHAR, mib VARCHAR),
    severity VARCHAR,
    itil_priority UTINYINT,
    severity_rule VARCHAR,
    summary VARCHAR,
    alarm STRUCT(state VARCHAR, "key" VARCHAR, "type" VARCHAR, event_type VARCHAR, transition VARCHAR, since TIMESTAMP,
                 "count" UINTEGER, previous_severity VARCHAR, clears VARCHAR[]),
    dedup STRUCT("key" VARCHAR, repeats UBIGINT),
    missing VARCHAR[],
    topology MAP(VARCHAR, VARCHAR),
    "fields" MAP(VARCHAR, VARCHAR),
    varbinds STRUCT(oid VARCHAR, name VARCHAR, mib VARCHAR, "index" VARCHAR[], index_names VARCHAR[], type VARCHAR,
                    "value" VARCHAR, number DOUBLE, text VARCHAR, units VARCHAR, hex VARCHAR, redacted BOOLEAN,
                    unexpected BOOLEAN)[]
);

CREATE OR REPLACE TEMP TABLE snmp_traps_read AS FROM snmp_traps LIMIT 0;
COPY snmp_traps_read FROM 'snmp-traps.jsonl' (FORMAT json, TIMESTAMPFORMAT 'iso');
INSERT OR IGNORE INTO snmp_traps FROM snmp_traps_read;

-- Which links are down now: the alarm keys whose last event raised the alarm.
CREATE OR REPLACE VIEW snmp_links_down AS
SELECT alarm.key AS alarm_key, source.device AS device, received AS last_event
FROM snmp_traps
WHERE trap.name IN ('linkDown', 'linkUp') AND alarm.key IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY alarm.key ORDER BY received DESC, receiver.queue DESC, receiver.seq DESC) = 1
    AND alarm.state = 'raise';
