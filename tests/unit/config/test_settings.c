/* SPDX-License-Identifier: Apache-2.0 */
#include "config/settings.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[256], file[300], other[300];

static int setup(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    (void)snprintf(folder, sizeof(folder), "%s/settings.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(file, sizeof(file), "%s/file", folder);
    (void)snprintf(other, sizeof(other), "%s/other", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(file);
    (void)unlink(other);
    return rmdir(folder);
}

static void write_file(const char *text, mode_t mode)
{
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(file, mode), 0);
}

/* In place of librdkafka's check: refuses what a test wants refused, with a message that names the property. */
static int check_property(const char *name, const char *value, struct tk_err *err)
{
    (void)value;
    if (strncmp(name, "bad", 3) != 0)
        return 0;
    tk_err_set(err, NULL, 0, "kafkaProperty '%s': not a property", name);
    return -EINVAL;
}

static struct tk_settings *take(const char *token, const char *args)
{
    struct tk_settings *cf = tk_settings_new();
    struct tk_err err = {0};

    assert_non_null(cf);
    if (tk_settings_set(cf, token, args, check_property, &err) < 0)
        fail_msg("%s", err.text);
    assert_false(err.is_set);
    return cf;
}

static void refuse(struct tk_settings *given, const char *token, const char *args, const char *part)
{
    struct tk_settings *cf = given ? given : tk_settings_new();
    struct tk_err err = {0};

    assert_int_equal(tk_settings_set(cf, token, args, check_property, &err), -EINVAL);
    assert_true(err.is_set);
    if (!strstr(err.text, part))
        fail_msg("%s %s: '%s' does not say '%s'", token, args, err.text, part);
    assert_null(strstr(err.text, "s3cr3t"));
    if (!given)
        tk_settings_unref(cf);
}

#define TAKES(token, args, condition) \
    do { \
        struct tk_settings *cf = take(token, args); \
        assert_true(condition); \
        tk_settings_unref(cf); \
    } while (0)

static void test_defaults(void **state)
{
    struct tk_settings *cf = tk_settings_new();
    struct tk_err err = {0};

    (void)state;
    assert_null(cf->brokers);
    assert_string_equal(cf->topic, "snmp-traps");
    assert_string_equal(cf->health_topic, "snmp-traps-health");
    assert_true(cf->has_headers && cf->is_logging_traps && !cf->is_publishing_community);
    assert_int_equal(cf->queue_bytes, 16 << 20);
    assert_int_equal(cf->dedup_window_s, 300);
    assert_int_equal(cf->dedup_fields, TK_BY_ENGINE | TK_BY_TRAP_OID | TK_BY_UPTIME | TK_BY_VARBINDS);
    assert_int_equal(cf->engines_max, 100000);
    assert_int_equal(cf->engines_ttl_s, 7 * 86400);
    assert_int_equal(cf->flush_seconds, 5);
    assert_int_equal(tk_settings_check(cf, &err), -EINVAL);
    assert_non_null(strstr(err.text, "kafkaBrokers is missing"));
    assert_ptr_equal(tk_settings_ref(cf), cf);
    tk_settings_unref(cf);
    tk_settings_unref(cf);
    tk_settings_unref(NULL);
    for (size_t i = 0; i < tk_directive_count; i++) {
        assert_true(tk_directives[i].help[0] && tk_directives[i].args[0] && tk_directives[i].default_text[0]);
        assert_int_equal(strncmp(tk_directives[i].token, "kafka", 5), 0);
    }
}

static void test_good_values(void **state)
{
    (void)state;
    write_file("", 0600);
    TAKES("kafkaBrokers", "a:9092,[::1]:1,b-1.example.net,10.0.0.1:65535",
          strcmp(cf->brokers, "a:9092,[::1]:1,b-1.example.net,10.0.0.1:65535") == 0 &&
              tk_settings_check(cf, NULL) == 0);
    TAKES("KAFKABROKERS", " embedded   # for now", strcmp(cf->brokers, "embedded") == 0);
    TAKES("kafkaBrokers", "[fe80::1%eth0]", strcmp(cf->brokers, "[fe80::1%eth0]") == 0);
    TAKES("kafkaTopic", "\"a.B_c-9\"", strcmp(cf->topic, "a.B_c-9") == 0);
    TAKES("kafkaHealthTopic", "h", strcmp(cf->health_topic, "h") == 0);
    TAKES("kafkaHealthTopic", "\"\"", cf->health_topic == NULL);
    TAKES("kafkaHealthTopic", "''", cf->health_topic == NULL);
    TAKES("kafkaHeaders", "none", !cf->has_headers);
    TAKES("kafkaHeaders", "CloudEvents", cf->has_headers);
    TAKES("kafkaQueue", "1048576", cf->queue_bytes == 1 << 20);
    TAKES("kafkaQueue", "1024K", cf->queue_bytes == 1 << 20);
    TAKES("kafkaQueue", "2m", cf->queue_bytes == 2 << 20);
    TAKES("kafkaQueue", "100M", cf->queue_bytes == 100ULL << 20 && !cf->queue_path);
    TAKES("kafkaQueue", "1T /var/lib/snmp/q",
          cf->queue_bytes == 1ULL << 40 && strcmp(cf->queue_path, "/var/lib/snmp/q") == 0);
    TAKES("kafkaQueueSync", "10", cf->queue_sync_ms == 10);
    TAKES("kafkaQueueSync", "off", cf->queue_sync_ms == 0);
    TAKES("kafkaInformReply", "queued", !cf->is_answering_delivered);
    TAKES("kafkaInformReply", "Delivered", cf->is_answering_delivered);
    TAKES("kafkaDeadLetterTopic", "dead", strcmp(cf->dead_letter_topic, "dead") == 0);
    TAKES("kafkaDeadLetterTopic", "\"\"", !cf->dead_letter_topic);
    TAKES("kafkaDedup", "off", cf->dedup_window_s == 0);
    TAKES("kafkaDedup", "1", cf->dedup_window_s == 1 && cf->dedup_fields == 15);
    TAKES("kafkaDedup", "86400 source,requestid",
          cf->dedup_window_s == 86400 && cf->dedup_fields == (TK_BY_SOURCE | TK_BY_REQUEST_ID));
    TAKES("kafkaDedup", "60 contextEngineID,trapOID,sysUpTime,varbinds", cf->dedup_fields == 15);
    TAKES("kafkaEngines", "1 60", cf->engines_max == 1 && cf->engines_ttl_s == 60);
    TAKES("kafkaEngines", "10000000 3650d", cf->engines_max == TK_ENGINES_MAX && cf->engines_ttl_s == 3650u * 86400);
    TAKES("kafkaEngines", "5 60s", cf->engines_ttl_s == 60);
    TAKES("kafkaEngines", "5 1m", cf->engines_ttl_s == 60);
    TAKES("kafkaEngines", "5 36H", cf->engines_ttl_s == 36 * 3600);
    TAKES("kafkaEngines", "5 87600h", cf->engines_ttl_s == 3650u * 86400);
    TAKES("kafkaEngines", "OFF", cf->engines_max == 0);
    TAKES("kafkaLogTraps", "NO", !cf->is_logging_traps);
    TAKES("kafkaPublishCommunity", "yes", cf->is_publishing_community);
    TAKES("kafkaStopTimeout", "0", cf->flush_seconds == 0);
    TAKES("kafkaStopTimeout", "60", cf->flush_seconds == 60);
    TAKES("kafkaSeverityRules", file, strcmp(cf->severity_rules, file) == 0);
    TAKES("kafkaInventory", file, strcmp(cf->inventory, file) == 0);
    TAKES("kafkaCircuits", file, strcmp(cf->circuits, file) == 0);
    TAKES("kafkaStatsFile", other, strcmp(cf->stats_file, other) == 0 && cf->stats_seconds == 15);
    TAKES("kafkaStatsFile", "/stats 3600", strcmp(cf->stats_file, "/stats") == 0 && cf->stats_seconds == 3600);
    TAKES("kafkaProperty", "linger.ms 5 ",
          cf->property_count == 1 && strcmp(cf->properties[0].name, "linger.ms") == 0 &&
              strcmp(cf->properties[0].value, "5") == 0 && !cf->properties[0].is_from_file);
    TAKES("kafkaProperty", "sasl.password a b#\"c", strcmp(cf->properties[0].value, "a b#\"c") == 0);
}

static void test_refused_values(void **state)
{
    static const struct {
        const char *token, *args, *part;
    } t[] = {
        {"kafkaNothing", "1", "no such directive"},
        {"kafkaBrokers", "", "a value is missing"},
        {"kafkaBrokers", "# none", "a value is missing"},
        {"kafkaBrokers", "a b", "too many words"},
        {"kafkaBrokers", "a b c d e", "too many words"},
        {"kafkaBrokers", "a,,b", "not a list of brokers"},
        {"kafkaBrokers", ":9092", "not a list of brokers"},
        {"kafkaBrokers", "http://a", "not a list"},
        {"kafkaBrokers", "a:0", "out of range"},
        {"kafkaBrokers", "a:65536", "write a whole number from 1 to 65535"},
        {"kafkaBrokers", "a:x", "not a number"},
        {"kafkaBrokers", "a:", "not a number"},
        {"kafkaBrokers", "\"a:1", "a quote is not closed"},
        {"kafkaTopic", "\"\"", "not a valid Kafka topic name"},
        {"kafkaTopic", ".", "not a valid Kafka topic name"},
        {"kafkaTopic", "..", "not a valid Kafka topic name"},
        {"kafkaTopic", "a/b", "not a valid Kafka topic name"},
        {"kafkaTopic", "\xc3\xa4", "not a valid Kafka topic name"},
        {"kafkaTopic", "", "a value is missing"},
        {"kafkaTopic", "'a", "a quote is not closed"},
        {"kafkaHealthTopic", "a b", "too many words"},
        {"kafkaHealthTopic", "\"\" x", "too many words"},
        {"kafkaHeaders", "all", "write cloudevents or none"},
        {"kafkaHeaders", "", "a value is missing"},
        {"kafkaQueue", "1023K", "write a size"},
        {"kafkaQueue", "65G", "write a size"},
        {"kafkaQueue", "x", "not a size"},
        {"kafkaQueue", "1T", "out of range"},
        {"kafkaQueue", "17T /q", "out of range"},
        {"kafkaQueue", "-1", "not a size"},
        {"kafkaQueue", "1M1", "not a size"},
        {"kafkaQueue", "17179869185G", "write a size"},
        {"kafkaQueue", "99999999999999999999", "not a size"},
        {"kafkaQueue", "16M queue", "not an absolute path"},
        {"kafkaQueue", "16M /q 3", "too many words"},
        {"kafkaQueueSync", "9", "out of range"},
        {"kafkaQueueSync", "60001", "out of range"},
        {"kafkaQueueSync", "on", "not a number"},
        {"kafkaInformReply", "never", "unknown word"},
        {"kafkaDeadLetterTopic", "a/b", "not a valid Kafka topic name"},
        {"kafkaQueue", "", "a value is missing"},
        {"kafkaDedup", "", "the window is missing"},
        {"kafkaDedup", "0", "out of range"},
        {"kafkaDedup", "86401", "out of range"},
        {"kafkaDedup", "never", "not a number"},
        {"kafkaDedup", "1 a", "unknown field"},
        {"kafkaDedup", "1 source,source", "given twice"},
        {"kafkaDedup", "1 source,", "unknown field"},
        {"kafkaDedup", "1 source varbinds", "too many words"},
        {"kafkaEngines", "", "MAX or TTL is missing"},
        {"kafkaEngines", "100", "MAX or TTL is missing"},
        {"kafkaEngines", "off 7d", "write a whole number from 1 to 10000000"},
        {"kafkaEngines", "5 7d x", "too many words"},
        {"kafkaEngines", "0 7d", "out of range"},
        {"kafkaEngines", "10000001 7d", "out of range"},
        {"kafkaEngines", "-1 7d", "not a number"},
        {"kafkaEngines", "5 59", "out of range"},
        {"kafkaEngines", "5 59s", "out of range"},
        {"kafkaEngines", "5 0m", "out of range"},
        {"kafkaEngines", "5 3651d", "out of range"},
        {"kafkaEngines", "5 87601h", "out of range"},
        {"kafkaEngines", "5 99999999999999999999s", "out of range"},
        {"kafkaEngines", "5 18446744073709551615d", "out of range"},
        {"kafkaEngines", "5 7w", "not a duration"},
        {"kafkaEngines", "5 7dd", "not a duration"},
        {"kafkaEngines", "5 d", "not a duration"},
        {"kafkaEngines", "5 -7d", "not a duration"},
        {"kafkaEngines", "5 1.5d", "write seconds, or a number with s, m, h or d"},
        {"kafkaLogTraps", "1", "write yes or no"},
        {"kafkaPublishCommunity", "on", "write yes or no"},
        {"kafkaStopTimeout", "61", "out of range"},
        {"kafkaStopTimeout", "1.5", "not a number"},
        {"kafkaStopTimeout", "99999999999999999999", "out of range"},
        {"kafkaStopTimeout", " ", "a value is missing"},
        {"kafkaStatsFile", "", "the file is missing"},
        {"kafkaStatsFile", "stats", "not an absolute path"},
        {"kafkaStatsFile", "/no/such/folder/stats", "its folder does not exist"},
        {"kafkaStatsFile", "/stats 0", "out of range"},
        {"kafkaStatsFile", "/stats 1 2", "too many words"},
        {"kafkaInventory", "devices.csv", "not an absolute path"},
        {"kafkaInventory", "", "a value is missing"},
        {"kafkaInventory", "/no/such/file", "No such file"},
        {"kafkaCircuits", "/", "not a regular file"},
        {"kafkaSeverityRules", "/no/such/file", "No such file"},
        {"kafkaProperty", "", "the name or the value is missing"},
        {"kafkaProperty", "linger.ms", "the name or the value is missing"},
        {"kafkaProperty", "=s3cr3t", "the name or the value is missing"},
        {"kafkaProperty", "bad.name s3cr3t", "not a property"},
        {"kafkaPropertyFile", "/no/such/file", "No such file"},
        {"kafkaPropertyFile", "", "a value is missing"},
        {"kafkaPropertyFile", "/", "not a regular file"},
    };
    char text[300], line[5000];

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++)
        refuse(NULL, t[i].token, t[i].args, t[i].part);
    memset(text, 'a', sizeof(text));
    text[250] = '\0';
    refuse(NULL, "kafkaTopic", text, "not a valid Kafka topic name");
    text[249] = '\0';
    TAKES("kafkaTopic", text, strlen(cf->topic) == 249);
    memset(line, 'a', sizeof(line));
    line[sizeof(line) - 1] = '\0';
    refuse(NULL, "kafkaTopic", line, "the line is too long");
    refuse(NULL, "kafkaProperty", line, "the line is too long");
}

static void test_unreadable_file(void **state)
{
    (void)state;
    if (geteuid() == 0)
        skip(); /* root reads everything */
    write_file("", 0);
    refuse(NULL, "kafkaInventory", file, "Permission denied");
    refuse(NULL, "kafkaPropertyFile", file, "Permission denied");
}

static void test_given_twice(void **state)
{
    struct tk_settings *cf = take("kafkaTopic", "a");

    (void)state;
    refuse(cf, "kafkaTopic", "b", "given before");
    refuse(cf, "kafkatopic", "a", "given before");
    assert_string_equal(cf->topic, "a");
    assert_int_equal(tk_settings_set(cf, "kafkaProperty", "p s3cr3t", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaProperty", "q=1", NULL, NULL), 0);
    refuse(cf, "kafkaProperty", "p s3cr3t", "this property was given before");
    assert_int_equal(cf->property_count, 2);
    assert_int_equal(tk_settings_set(cf, "kafkaDedup", "x", NULL, NULL), -EINVAL); /* without a struct tk_err */
    assert_int_equal(tk_settings_set(cf, "kafkaDedup", "5", NULL, NULL),
                     0); /* a refused line does not count as given */
    tk_settings_unref(cf);
}

static void test_property_file(void **state)
{
    static const mode_t open_modes[] = {0604, 0602, 0666, 0644};
    struct tk_err err = {0};
    struct tk_settings *cf;

    (void)state;
    write_file("# comment\n\nsasl.username=u\n  sasl.password = s3cr3t x = y \nlinger.ms 5\nlast=1", 0640);
    cf = take("kafkaPropertyFile", file);
    assert_int_equal(cf->property_count, 4);
    assert_string_equal(cf->properties[1].name, "sasl.password");
    assert_string_equal(cf->properties[1].value, "s3cr3t x = y");
    assert_true(cf->properties[1].is_from_file);
    assert_string_equal(cf->properties[2].value, "5");
    tk_settings_unref(cf);
    for (size_t i = 0; i < sizeof(open_modes) / sizeof(open_modes[0]); i++) {
        write_file("a=s3cr3t\n", open_modes[i]);
        refuse(NULL, "kafkaPropertyFile", file, "others may read or write it");
    }
    /* A bad line refuses the whole file. The error has file and line but no text of it: it may be a pasted key. */
    write_file("good=1\nMIIs3cr3tKey\n", 0600);
    cf = tk_settings_new();
    refuse(cf, "kafkaPropertyFile", file, "a line has no value");
    assert_int_equal(cf->property_count, 0);
    assert_int_equal(tk_settings_set(cf, "kafkaPropertyFile", file, NULL, NULL), -EINVAL);
    write_file("good=1\n\nbad.one=s3cr3t\n", 0600);
    assert_int_equal(tk_settings_set(cf, "kafkaPropertyFile", file, check_property, &err), -EINVAL);
    assert_string_equal(err.file, file);
    assert_int_equal(err.line, 3);
    assert_null(strstr(err.text, "s3cr3t"));
    write_file("good=1\ngood=2\n", 0600);
    refuse(cf, "kafkaPropertyFile", file, "given before");
    tk_settings_unref(cf);
}

static void test_keep(void **state)
{
    struct tk_settings *before = tk_settings_new(), *cf = tk_settings_new();

    (void)state;
    write_file("from.file=1\n", 0600);
    assert_int_equal(tk_settings_set(before, "kafkaTopic", "old", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(before, "kafkaProperty", "a 1", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(before, "kafkaProperty", "b 2", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(before, "kafkaPropertyFile", file, NULL, NULL), 0);
    assert_int_equal(tk_settings_set(before, "kafkaInventory", file, NULL, NULL), 0);
    assert_int_equal(unlink(file), 0);

    assert_true(tk_settings_keep(cf, "kafkaTopic", "o/d", before));
    assert_string_equal(cf->topic, "old");
    assert_false(tk_settings_keep(cf, "kafkaTopic", "o/d", before)); /* the topic is set by now */
    assert_true(tk_settings_keep(cf, "kafkaProperty", "b bad", before));
    assert_int_equal(cf->property_count, 1);
    assert_string_equal(cf->properties[0].value, "2");
    assert_false(tk_settings_keep(cf, "kafkaProperty", "c bad", before));
    assert_true(tk_settings_keep(cf, "kafkaPropertyFile", file, before));
    assert_int_equal(cf->property_count, 2);
    assert_true(tk_settings_keep(cf, "kafkaInventory", file, before)); /* the file was removed */
    assert_string_equal(cf->inventory, file);
    assert_false(tk_settings_keep(cf, "kafkaDedup", "x", before));
    assert_false(tk_settings_keep(cf, "kafkaNothing", "x", before));
    tk_settings_unref(cf);
    tk_settings_unref(before);
}

static void test_same_producer(void **state)
{
    static const struct {
        const char *token, *args;
        bool is_same;
    } t[] = {
        {"kafkaBrokers", "b", false},        {"kafkaTopic", "t", false},         {"kafkaHealthTopic", "t", false},
        {"kafkaHealthTopic", "\"\"", false}, {"kafkaHeaders", "none", false},    {"kafkaProperty", "a 1", false},
        {"kafkaDedup", "5", true},           {"kafkaStopTimeout", "7", true},    {"kafkaLogTraps", "no", true},
        {"kafkaEngines", "7 1d", true},      {"kafkaTopic", "snmp-traps", true},
    };
    struct tk_settings *a = tk_settings_new(), *b;

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        b = take(t[i].token, t[i].args);
        assert_int_equal(tk_settings_same_producer(a, b), t[i].is_same);
        assert_int_equal(tk_settings_same_producer(b, a), t[i].is_same);
        tk_settings_unref(b);
    }
    tk_settings_unref(a);
    a = take("kafkaProperty", "a 1");
    b = take("kafkaProperty", "a 2");
    assert_false(tk_settings_same_producer(a, b));
    tk_settings_unref(b);
    b = take("kafkaProperty", "b 1");
    assert_false(tk_settings_same_producer(a, b));
    assert_true(tk_settings_same_producer(a, a));
    tk_settings_unref(a);
    tk_settings_unref(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),       cmocka_unit_test(test_good_values),
        cmocka_unit_test(test_refused_values), cmocka_unit_test(test_unreadable_file),
        cmocka_unit_test(test_given_twice),    cmocka_unit_test(test_property_file),
        cmocka_unit_test(test_keep),           cmocka_unit_test(test_same_producer),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
