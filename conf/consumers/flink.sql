-- SPDX-License-Identifier: Apache-2.0
-- Events of trapkafka (schema 1) in Flink SQL, from 1.18 on, with flink-sql-connector-kafka and flink-json. Replace
-- kafka1:9092 by your brokers and snmp-traps by your topic, then:
--
--     sql-client.sh --init flink.sql
--     Flink SQL> SELECT * FROM snmp_links_down;
--
-- The answer is kept current as events come in. An event that Kafka delivers twice changes nothing in it.

CREATE TABLE snmp_traps (
    `schema` INT,
    `type` STRING,
    `event_id` STRING,
    `fingerprint` STRING,
    `received` TIMESTAMP_LTZ(6),
    `receiver` ROW<`host` STRING, `queue` STRING, `seq` BIGINT>,
    `source` ROW<`device` STRING, `address` STRING, `port` INT, `transport` STRING, `agent_address` STRING,
                 `address_from` STRING>,
    `snmp` ROW<`version` STRING, `pdu` STRING, `security_name` STRING, `security_level` STRING, `engine_id` STRING,
               `context_engine_id` STRING, `context_name` STRING, `request_id` INT, `uptime` BIGINT,
               `clock_checked` BOOLEAN>,
    `trap` ROW<`oid` STRING, `name` STRING, `mib` STRING>,
    `severity` STRING,
    `itil_priority` INT,
    `severity_rule` STRING,
    `summary` STRING,
    `alarm` ROW<`state` STRING, `key` STRING, `type` STRING, `event_type` STRING, `transition` STRING, `since` TIMESTAMP_LTZ(6),
                `count` BIGINT, `previous_severity` STRING, `clears` ARRAY<STRING>>,
    `dedup` ROW<`key` STRING, `repeats` BIGINT>,
    `missing` ARRAY<STRING>,
    `topology` MAP<STRING, STRING>,
    `fields` MAP<STRING, STRING>,
    `varbinds` ARRAY<ROW<`oid` STRING, `name` STRING, `mib` STRING, `index` ARRAY<STRING>,
                         `index_names` ARRAY<STRING>, `type` STRING, `value` STRING, `number` DOUBLE, `text` STRING,
                         `units` STRING, `hex` STRING, `redacted` BOOLEAN, `unexpected` BOOLEAN>>
) WITH (
    'connector' = 'kafka',
    'properties.bootstrap.servers' = 'kafka1:9092',
    'topic' = 'snmp-traps',
    'scan.startup.mode' = 'earliest-offset',
    'format' = 'json',
    'json.timestamp-format.standard' = 'ISO-8601'
);

-- Which links are down now: the alarm keys whose last event raised the alarm.
CREATE VIEW snmp_links_down AS
SELECT `alarm_key`, `device`, `received` AS `last_event`
FROM (
    SELECT `alarm`.`key` AS `alarm_key`, `source`.`device` AS `device`, `received`, `alarm`.`state` AS `state`,
           ROW_NUMBER() OVER (PARTITION BY `alarm`.`key`
                              ORDER BY `received` DESC, `receiver`.`queue` DESC, `receiver`.`seq` DESC) AS `place`
    FROM snmp_traps
    WHERE `trap`.`name` IN ('linkDown', 'linkUp') AND `alarm`.`key` IS NOT NULL
)
WHERE `place` = 1 AND `state` = 'raise';
