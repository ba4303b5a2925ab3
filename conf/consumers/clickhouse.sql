-- SPDX-License-Identifier: Apache-2.0
-- Events of trapkafka (schema 1) in ClickHouse, from 22.8 on. Replace kafka1:9092 by your brokers and snmp-traps by your
-- topic, then:
--
--     clickhouse-client --multiquery <clickhouse.sql
--
-- snmp_traps_kafka reads the topic, snmp_traps_from_kafka copies what it reads into snmp_traps. An event that Kafka
-- delivers twice has the same event_id; ReplacingMergeTree drops the second one when it merges, and FINAL in a query
-- drops it at once.

CREATE TABLE IF NOT EXISTS snmp_traps
(
    schema UInt8,
    type LowCardinality(String),
    event_id String,
    fingerprint String,
    received DateTime64(6, 'UTC'),
    receiver Tuple(host String, queue String, seq UInt64),
    source Tuple(device String, address Nullable(String), port Nullable(UInt16), transport String,
                 agent_address Nullable(String), address_from String),
    snmp Tuple(version String, pdu String, security_name Nullable(String), security_level String,
               engine_id Nullable(String), context_engine_id Nullable(String), context_name Nullable(String),
               request_id Nullable(Int32), uptime Nullable(UInt32), clock_checked Bool),
    trap Tuple(oid String, name Nullable(String), mib Nullable(String)),
    severity LowCardinality(String),
    itil_priority Nullable(UInt8),
    severity_rule String,
    summary String,
    alarm Tuple(state Nullable(String), key Nullable(String), type Nullable(String), event_type Nullable(String),
                transition Nullable(String), since Nullable(DateTime64(6, 'UTC')), count Nullable(UInt32),
                previous_severity Nullable(String), clears Array(String)),
    dedup Tuple(key Nullable(String), repeats UInt64),
    missing Array(String),
    topology Map(String, String),
    fields Map(String, String),
    varbinds Array(Tuple(oid String, name Nullable(String), mib Nullable(String), index Array(String),
                         index_names Array(String), type String, value Nullable(String), number Nullable(Float64),
                         text String, units Nullable(String), hex Nullable(String), redacted Nullable(Bool),
                         unexpected Nullable(Bool)))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(received)
ORDER BY (source.device, received, event_id);

CREATE TABLE IF NOT EXISTS snmp_traps_kafka AS snmp_traps
ENGINE = Kafka
SETTINGS kafka_broker_list = 'kafka1:9092',
         kafka_topic_list = 'snmp-traps',
         kafka_group_name = 'clickhouse-snmp-traps',
         kafka_format = 'JSONEachRow',
         date_time_input_format = 'best_effort',
         input_format_skip_unknown_fields = 1;

CREATE MATERIALIZED VIEW IF NOT EXISTS snmp_traps_from_kafka TO snmp_traps AS
SELECT * FROM snmp_traps_kafka;

-- Which links are down now: the alarm keys whose last event raised the alarm.
CREATE VIEW IF NOT EXISTS snmp_links_down AS
SELECT tupleElement(alarm, 'key') AS alarm_key,
       argMax(source.device, (received, receiver.queue, receiver.seq)) AS device,
       max(received) AS last_event
FROM snmp_traps
WHERE trap.name IN ('linkDown', 'linkUp') AND isNotNull(tupleElement(alarm, 'key'))
GROUP BY alarm_key
HAVING argMax(tupleElement(alarm, 'state'), (received, receiver.queue, receiver.seq)) = 'raise';
