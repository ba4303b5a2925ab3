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
static int check_property(const char *name, const char *value, bool is_from_file, struct tk_err *err)
{
    (void)value, (void)is_from_file;
    if (strncmp(name, "consumers", 9) == 0) {
        tk_err_set(err, NULL, 0, "property '%s' is left out", name);
        return TK_PROPERTY_LEFT_OUT;
    }
    if (strncmp(name, "typo", 4) == 0) {
        tk_err_set(err, NULL, 0, "property '%s' is unknown", name);
        return -ENOENT;
    }
    if (!strstr(name, "bad"))
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
    TAKES("kafkaReplayGuard", "Strict", cf->is_replay_strict);
    TAKES("kafkaReplayGuard", "compatible", !cf->is_replay_strict);
    TAKES("kafkaDeadLetterTopic", "dead", strcmp(cf->dead_letter_topic, "dead") == 0);
    TAKES("kafkaDeadLetterTopic", "\"\"", !cf->dead_letter_topic);
    TAKES("kafkaAlarmTopic", "alarms", strcmp(cf->alarm_topic, "alarms") == 0);
    TAKES("kafkaAlarmTopic", "\"\"", !cf->alarm_topic);
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
    TAKES("kafkaCreateTopics", "No", !cf->is_creating_topics);
    TAKES("kafkaCreateTopics", "yes", cf->is_creating_topics);
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
        {"kafkaReplayGuard", "lenient", "unknown word"},
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
        {"kafkaCreateTopics", "never", "write yes or no"},
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

/* Ten errors at once, each with its own line; warnings apart from them. What was left out is not there. */
static void test_all_lines_of_a_property_file(void **state)
{
    struct tk_settings *cf = tk_settings_new();
    struct tk_remarks remarks = {0};
    char text[2000] = "consumers.group=s3cr3t\nbad.one=s3cr3t\ngood=1\ns3cr3t\n";
    char line[1000];

    (void)state;
    for (int i = 0; i < 11; i++)
        strcat(text, "typo=s3cr3t\n");
    write_file(text, 0600);
    assert_int_equal(tk_settings_read(cf, "kafkaPropertyFile", file, check_property, &remarks), -EINVAL);
    assert_int_equal(cf->property_count, 0);
    assert_int_equal(remarks.errors.kept, TK_ERR_LIST_MAX);
    assert_int_equal(remarks.errors.further, 3);
    for (unsigned i = 0; i < remarks.errors.kept; i++) {
        static const unsigned lines[] = {2, 4, 5, 6, 7, 8, 9, 10, 11, 12};

        assert_int_equal(remarks.errors.err[i].line, lines[i]);
        assert_string_equal(remarks.errors.err[i].file, file);
        assert_null(strstr(tk_err_list_format(&remarks.errors, i, line, sizeof(line)), "s3cr3t"));
    }
    assert_int_equal(remarks.warnings.kept, 1);
    assert_int_equal(remarks.warnings.err[0].line, 1);

    memset(&remarks, 0, sizeof(remarks));
    write_file("good=1\n# shared\nconsumers.group=g\n", 0600);
    assert_int_equal(tk_settings_read(cf, "kafkaPropertyFile", file, check_property, &remarks), 0);
    assert_int_equal(cf->property_count, 1);
    assert_true(tk_err_list_is_empty(&remarks.errors));
    assert_int_equal(remarks.warnings.kept, 1);
    assert_int_equal(remarks.warnings.err[0].line, 3);
    assert_string_equal(remarks.warnings.err[0].file, file);

    /* A line that is too long is one error, and the lines behind it keep their numbers. */
    memset(&remarks, 0, sizeof(remarks));
    {
        static char large[10000];

        memset(large, 'a', 9000);
        (void)snprintf(large + 9000, sizeof(large) - 9000, "\nbad=1\n");
        write_file(large, 0600);
    }
    tk_settings_unref(cf);
    cf = tk_settings_new();
    assert_int_equal(tk_settings_read(cf, "kafkaPropertyFile", file, check_property, &remarks), -EINVAL);
    assert_int_equal(remarks.errors.kept, 2);
    assert_int_equal(remarks.errors.err[0].line, 1);
    assert_int_equal(remarks.errors.err[1].line, 2);
    tk_settings_unref(cf);
}

/* Each way in which a line is refused: does it fail closed? */
static void test_what_fails_closed(void **state)
{
    static const struct {
        const char *first; /* a good line before it, or NULL */
        const char *token, *args;
        bool is_closed;
    } t[] = {
        {NULL, "kafkaBrokers", "http://a", true},
        {NULL, "kafkaTopic", "a/b", true},
        {NULL, "kafkaTopic", "\"open", true},
        {NULL, "kafkaTopic", "", true},
        {NULL, "kafkaHealthTopic", "a/b", true},
        {NULL, "kafkaDeadLetterTopic", "a b", true},
        {NULL, "kafkaPropertyFile", "", true},
        {NULL, "kafkaPropertyFile", "/no/such/file", true},
        {NULL, "kafkaPropertyFile", "/", true},
        {NULL, "kafkaPropertyFile", "FILE of a bad line", true},
        {"kafkaPropertyFile FILE", "kafkaPropertyFile", "/other", true},
        {NULL, "kafkaProperty", "sasl.bad x", true},
        {NULL, "kafkaProperty", "security.bad=x", true},
        {NULL, "kafkaProperty", "enable.ssl.bad x", true},
        {NULL, "kafkaProperty", "typo.protocol SASL_SSL", true}, /* nobody knows what it was meant to be */
        {NULL, "kafkaProperty", "security.protocol", true},
        {NULL, "kafkaProperty", "security.protocol:SASL_SSL", true},
        {NULL, "kafkaProperty", "\"security.protocol\" SASL_SSL", true},
        {NULL, "kafkaProperty", "=SASL_SSL", true},
        {"kafkaProperty security.protocol PLAINTEXT", "kafkaProperty", "security.protocol SASL_SSL", true},
        {"kafkaProperty security.protocol SASL_SSL", "kafkaProperty", "security.protocol SASL_SSL", false},
        {NULL, "kafkaProperty", "bad.linger x", false},
        {NULL, "kafkaProperty", "linger.ms", false},
        {NULL, "kafkaProperty", "consumers.group x", false},
        {"kafkaProperty linger.ms 5", "kafkaProperty", "linger.ms 6", false},
        {"kafkaTopic a", "kafkaTopic", "b", false}, /* the first line is what the operator asked for */
        {NULL, "kafkaAlarmTopic", "noc/alarms", true},
        {NULL, "kafkaAlarmTopic", "alarms", false},
        {NULL, "kafkaHeaders", "maybe", false},
        {NULL, "kafkaQueue", "lots", false},
        {NULL, "kafkaDedup", "soon", false},
        {NULL, "kafkaInventory", "/no/such/file", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tk_settings *cf = tk_settings_new();
        bool is_of_a_bad_line = strncmp(t[i].args, "FILE", 4) == 0;
        char first[100] = "";

        write_file(is_of_a_bad_line ? "good=1\nbad=2\n" : "good=1\n", 0600);
        (void)snprintf(first, sizeof(first), "%s", t[i].first ? t[i].first : "");
        if (t[i].first) {
            char *args = first + strcspn(first, " ");

            *args++ = '\0';
            assert_int_equal(tk_settings_set(cf, first, strcmp(args, "FILE") == 0 ? file : args, check_property, NULL),
                             0);
        }
        (void)tk_settings_set(cf, t[i].token, is_of_a_bad_line ? file : t[i].args, check_property, NULL);
        if (!cf->refused[0] == t[i].is_closed)
            fail_msg("%s %s: refused is '%s'", t[i].token, t[i].args, cf->refused);
        assert_null(strstr(cf->refused, "SASL_SSL")); /* a value may be a secret */
        assert_int_equal(tk_settings_settle(cf, NULL), t[i].is_closed ? TK_SETTLED_HELD : TK_SETTLED);
        assert_int_equal(cf->is_held, t[i].is_closed);
        tk_settings_unref(cf);
    }
}

/* With a good state before, all of the producer's settings stay, and none of the new ones is mixed in. */
/* kafkaAlarmTopic needs a topic of its own, whatever comes first. */
static void test_alarm_topic_shared(void **state)
{
    static const char *const others[] = {"kafkaTopic", "kafkaHealthTopic", "kafkaDeadLetterTopic"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tk_settings *cf = tk_settings_new();

        assert_int_equal(tk_settings_set(cf, "kafkaAlarmTopic", "same", NULL, NULL), 0);
        assert_int_equal(tk_settings_set(cf, others[i], "same", NULL, NULL), 0);
        assert_int_equal(tk_settings_settle(cf, NULL), TK_SETTLED_HELD);
        assert_non_null(strstr(cf->refused, "kafkaAlarmTopic same"));
        assert_non_null(strstr(cf->refused, others[i]));
        tk_settings_unref(cf);
    }
}

static void test_settle(void **state)
{
    struct tk_settings *before = tk_settings_new(), *cf = tk_settings_new(), *next = tk_settings_new();
    struct tk_err err = {0};

    (void)state;
    assert_int_equal(tk_settings_set(before, "kafkaBrokers", "old:9092", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(before, "kafkaTopic", "old", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(before, "kafkaHealthTopic", "\"\"", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(before, "kafkaProperty", "sasl.password of-old", NULL, NULL), 0);
    assert_int_equal(tk_settings_settle(before, NULL), TK_SETTLED);

    assert_int_equal(tk_settings_set(cf, "kafkaBrokers", "new:9092", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaTopic", "new", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaProperty", "sasl.username of-new", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaHeaders", "none", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaCreateTopics", "no", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaDedup", "7", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaPropertyFile", "/no/such/file", NULL, NULL), -EINVAL);
    assert_int_equal(tk_settings_settle(cf, before), TK_SETTLED_BEFORE);
    assert_true(tk_settings_same_producer(cf, before));
    assert_int_equal(cf->dedup_window_s, 7);
    assert_false(cf->is_held);
    assert_int_equal(tk_settings_check(cf, NULL), 0);
    assert_int_equal(tk_settings_settle(cf, cf), TK_SETTLED_BEFORE); /* put in force a second time */

    /* And once more, from a state that itself was kept. */
    assert_int_equal(tk_settings_set(next, "kafkaTopic", "a/b", NULL, NULL), -EINVAL);
    assert_int_equal(tk_settings_settle(next, cf), TK_SETTLED_BEFORE);
    assert_true(tk_settings_same_producer(next, before));

    /* Neither a held state nor one without brokers is a good one. */
    tk_settings_unref(cf);
    cf = tk_settings_new();
    assert_int_equal(tk_settings_settle(cf, NULL), TK_SETTLED);
    tk_settings_unref(next);
    next = tk_settings_new();
    assert_int_equal(tk_settings_set(next, "kafkaBrokers", "new:9092", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(next, "kafkaPropertyFile", "/no/such/file", NULL, NULL), -EINVAL);
    assert_int_equal(tk_settings_settle(next, cf), TK_SETTLED_HELD);
    assert_int_equal(tk_settings_check(next, &err), -EINVAL);
    assert_non_null(strstr(err.text, "kafkaPropertyFile '/no/such/file' was refused: no event is published"));
    tk_settings_unref(cf);
    cf = tk_settings_new();
    assert_int_equal(tk_settings_set(cf, "kafkaBrokers", "new:9092", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaTopic", "a/b", NULL, NULL), -EINVAL);
    assert_int_equal(tk_settings_settle(cf, next), TK_SETTLED_HELD);
    tk_settings_unref(next);
    tk_settings_unref(cf);
    tk_settings_unref(before);
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
    assert_true(tk_settings_keep(cf, "kafkaTopic", "o/d", before));            /* still */
    assert_int_equal(tk_settings_set(cf, "kafkaTopic", "new", NULL, NULL), 0); /* a later line takes its place */
    assert_string_equal(cf->topic, "new");
    assert_false(tk_settings_keep(cf, "kafkaTopic", "o/d", before));
    refuse(cf, "kafkaTopic", "newer", "given before");
    assert_int_equal(tk_settings_set(before, "kafkaQueue", "2M /q", NULL, NULL), 0);
    assert_true(tk_settings_keep(cf, "kafkaQueue", "lots", before));
    assert_string_equal(cf->queue_path, "/q");
    assert_int_equal(tk_settings_set(cf, "kafkaQueue", "1M", NULL, NULL), 0);
    assert_null(cf->queue_path);
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
        {"kafkaEngines", "7 1d", true},      {"kafkaTopic", "snmp-traps", true}, {"kafkaCreateTopics", "no", false},
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

static void test_kinds_of_lines(void **state)
{
    static const struct {
        const char *token, *args;
        enum tk_line_kind kind;
    } rows[] = {
        {"kafkaTopic", "x", TK_LINE_PROTECTIVE},
        {"KAFKABROKERS", "x", TK_LINE_PROTECTIVE},
        {"kafkaCreateTopics", "no", TK_LINE_PROTECTIVE},
        {"kafkaPropertyFile", "", TK_LINE_PROTECTIVE},
        {"kafkaProperty", "sasl.password x", TK_LINE_PROTECTIVE},
        {"kafkaProperty", "ssl.ca.location=x", TK_LINE_PROTECTIVE},
        {"kafkaProperty", "client.id ssl", TK_LINE_ORDINARY},
        {"kafkaProperty", "", TK_LINE_ORDINARY},
        {"kafkaQueue", "1M", TK_LINE_ORDINARY},
        {"kafkaHeaders", "none", TK_LINE_ORDINARY},
        /* mistyped */
        {"kafkaTopics", "x", TK_LINE_PROTECTIVE},
        {"kafkaTopc", "x", TK_LINE_PROTECTIVE},
        {"kakfaTopic", "x", TK_LINE_PROTECTIVE},
        {"kfkaHealthTopic", "x", TK_LINE_PROTECTIVE},
        {"kafkaBroker", "x", TK_LINE_PROTECTIVE},
        {"kafkaPropertiesFile", "x", TK_LINE_PROTECTIVE},
        {"kafaPropertyFile", "x", TK_LINE_PROTECTIVE},
        {"PropertyFile", "x", TK_LINE_PROTECTIVE},
        {"kakfaPropety", "x", TK_LINE_FOREIGN}, /* three characters */
        /* others' */
        {"", "", TK_LINE_FOREIGN},
        {"kafka", "x", TK_LINE_FOREIGN},
        {"authCommunity", "x", TK_LINE_FOREIGN},
        {"disableAuthorization", "yes", TK_LINE_FOREIGN},
        {"aVeryLongWordOfMoreThanThirtyOneCharacters", "x", TK_LINE_FOREIGN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (tk_settings_line_kind(rows[i].token, rows[i].args) != rows[i].kind)
            fail_msg("%s %s: not %d", rows[i].token, rows[i].args, (int)rows[i].kind);
    for (size_t i = 0; i < tk_directive_count; i++)
        assert_int_not_equal(tk_settings_line_kind(tk_directives[i].token, ""), TK_LINE_FOREIGN);
}

/* What may have been meant to forbid the creation of topics does so. */
static void test_refused_creation(void **state)
{
    struct tk_settings *cf = tk_settings_new(), *next = tk_settings_new();

    (void)state;
    assert_int_equal(tk_settings_set(cf, "kafkaCreateTopics", "none", NULL, NULL), -EINVAL);
    assert_false(tk_settings_fall_back(cf, "kafkaTopic"));
    assert_true(cf->is_creating_topics);
    assert_true(tk_settings_fall_back(cf, "kafkacreatetopics"));
    assert_false(cf->is_creating_topics);

    assert_int_equal(tk_settings_set(cf, "kafkaCreateTopics", "yes", NULL, NULL), 0);
    assert_int_equal(tk_settings_set(cf, "kafkaCreateTopics", "no", NULL, NULL), -EINVAL); /* twice: which one? */
    assert_true(tk_settings_fall_back(cf, "kafkaCreateTopics"));
    assert_int_equal(tk_settings_set(cf, "kafkaCreateTopics", "yes", NULL, NULL), -EINVAL);
    assert_false(cf->is_creating_topics);

    assert_int_equal(tk_settings_set(next, "kafkaCreateTopics", "none", NULL, NULL), -EINVAL);
    assert_true(tk_settings_keep(next, "kafkaCreateTopics", "none", cf));
    assert_false(next->is_creating_topics);
    tk_settings_unref(cf);
    tk_settings_unref(next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_good_values),
        cmocka_unit_test(test_refused_values),
        cmocka_unit_test(test_unreadable_file),
        cmocka_unit_test(test_given_twice),
        cmocka_unit_test(test_property_file),
        cmocka_unit_test(test_all_lines_of_a_property_file),
        cmocka_unit_test(test_what_fails_closed),
        cmocka_unit_test(test_alarm_topic_shared),
        cmocka_unit_test(test_settle),
        cmocka_unit_test(test_refused_creation),
        cmocka_unit_test(test_kinds_of_lines),
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_same_producer),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
