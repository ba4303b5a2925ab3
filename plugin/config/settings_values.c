/* SPDX-License-Identifier: Apache-2.0 */
/* The setters that config/directives.def names: each checks one directive's arguments and stores them. */
#include "base/file_access.h"
#include "base/text.h"
#include "config/config_internal.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

int tk_setting_refuse(const struct tk_setting *s, const char *value, const char *reason, const char *remedy)
{
    char shown[128];

    tk_err_set(s->err, NULL, 0, "%s '%s': %s; %s", s->token, tk_escape(shown, sizeof(shown), value, strlen(value)),
               reason, remedy);
    return -EINVAL;
}

static int replace_string(struct tk_setting *s, char **member, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        return tk_setting_refuse(s, value, "out of memory", "the earlier value stays in force");
    free(*member);
    *member = copy;
    return 0;
}

int tk_setting_one_word(struct tk_setting *s)
{
    if (s->count == 1)
        return 0;
    return tk_setting_refuse(s, s->rest, s->count ? "too many words" : "a value is missing",
                             "write the directive, one blank and one value");
}

static int parse_number(struct tk_setting *s, const char *word, unsigned low, unsigned high, unsigned *ret)
{
    char range[64], *end;
    unsigned long v;

    errno = 0;
    v = strtoul(word, &end, 10);
    if (!isdigit((unsigned char)*word) || *end || errno || v < low || v > high) {
        (void)snprintf(range, sizeof(range), "write a whole number from %u to %u", low, high);
        return tk_setting_refuse(s, word, isdigit((unsigned char)*word) && !*end ? "out of range" : "not a number",
                                 range);
    }
    *ret = (unsigned)v;
    return 0;
}

static int parse_choice(struct tk_setting *s, const char *yes, const char *no, bool *ret)
{
    char remedy[64];

    if (tk_setting_one_word(s) < 0)
        return -EINVAL;
    if (strcasecmp(s->words[0], yes) == 0)
        *ret = true;
    else if (strcasecmp(s->words[0], no) == 0)
        *ret = false;
    else {
        (void)snprintf(remedy, sizeof(remedy), "write %s or %s", yes, no);
        return tk_setting_refuse(s, s->words[0], "unknown word", remedy);
    }
    return 0;
}

int tk_set_brokers(struct tk_setting *s)
{
    static const char remedy[] = "write HOST:PORT[,HOST:PORT...], such as kafka1.example.net:9092, or embedded";
    char *list, *next, *one;

    if (tk_setting_one_word(s) < 0)
        return -EINVAL;
    list = strdup(s->words[0]);
    for (next = list; (one = strsep(&next, ","));) {
        char *colon = strrchr(one, ':');
        unsigned port;
        size_t host = colon ? (size_t)(colon - one) : strlen(one);

        if (host == 0 ||
            strspn(one, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_[]:%") != strlen(one)) {
            free(list);
            return tk_setting_refuse(s, s->words[0], "not a list of brokers", remedy);
        }
        if (colon && !strchr(colon, ']') && parse_number(s, colon + 1, 1, 65535, &port) < 0) {
            free(list);
            return -EINVAL;
        }
    }
    free(list);
    return replace_string(s, &s->cf->brokers, s->words[0]);
}

static int topic_name(struct tk_setting *s, char **member)
{
    const char *name = s->words[0];

    if (tk_setting_one_word(s) < 0)
        return -EINVAL;
    if (!tk_settings_is_topic(name))
        return tk_setting_refuse(s, name, "not a valid Kafka topic name",
                                 "write up to 249 letters, digits, dots, hyphens and underscores");
    return replace_string(s, member, name);
}

int tk_set_topic(struct tk_setting *s)
{
    return topic_name(s, &s->cf->topic);
}

static int topic_name_or_off(struct tk_setting *s, char **member)
{
    if (s->count == 1 && s->words[0][0] == '\0') {
        free(*member);
        *member = NULL;
        return 0;
    }
    return topic_name(s, member);
}

int tk_set_health_topic(struct tk_setting *s)
{
    return topic_name_or_off(s, &s->cf->health_topic);
}

int tk_set_dead_letter_topic(struct tk_setting *s)
{
    return topic_name_or_off(s, &s->cf->dead_letter_topic);
}

int tk_set_alarm_topic(struct tk_setting *s)
{
    return topic_name_or_off(s, &s->cf->alarm_topic);
}

int tk_set_headers(struct tk_setting *s)
{
    return parse_choice(s, "cloudevents", "none", &s->cf->has_headers);
}

/* Linux overcommits memory: when a queue larger than the memory fills, the OOM killer would end snmptrapd. */
static unsigned long long half_of_memory(void)
{
    return (unsigned long long)sysconf(_SC_PHYS_PAGES) * (unsigned long long)sysconf(_SC_PAGESIZE) / 2;
}

#define QUEUE_SIZE_REMEDY "write a size such as 16M or 2G, from 1M to 64G (16T in a file)"

/* @returns the size in bytes, 0 after an error */
static uint64_t parse_size(struct tk_setting *s, const char *word, unsigned long long most)
{
    static const char suffixes[] = "KMGT";
    unsigned long long v;
    const char *suffix;
    unsigned shift = 0;
    char *end;

    errno = 0;
    v = strtoull(word, &end, 10);
    if (*end && (suffix = strchr(suffixes, toupper((unsigned char)*end)))) {
        shift = 10 * (unsigned)(suffix - suffixes + 1);
        end++;
    }
    if (!isdigit((unsigned char)*word) || *end || errno) {
        (void)tk_setting_refuse(s, word, "not a size", QUEUE_SIZE_REMEDY);
        return 0;
    }
    if (v > most >> shift || v << shift < 1ULL << 20) {
        (void)tk_setting_refuse(s, word, "out of range", QUEUE_SIZE_REMEDY);
        return 0;
    }
    return v << shift;
}

int tk_set_queue(struct tk_setting *s)
{
    uint64_t bytes;

    if (s->count != 2 && tk_setting_one_word(s) < 0)
        return -EINVAL;
    bytes = parse_size(s, s->words[0], s->count == 2 ? 16ULL << 40 : 64ULL << 30);
    if (!bytes)
        return -EINVAL;
    if (s->count == 1 && bytes > half_of_memory())
        return tk_setting_refuse(s, s->words[0], "more than half of this machine's memory",
                                 "write a smaller size, or a PATH after it for a queue in a file");
    if (s->count == 2 && (s->words[1][0] != '/' || strlen(s->words[1]) >= PATH_MAX - 16))
        return tk_setting_refuse(s, s->words[1], "not an absolute path, or too long",
                                 "write a path that begins with /");
    if (s->count == 2 && replace_string(s, &s->cf->queue_path, s->words[1]) < 0)
        return -EINVAL;
    if (s->count == 1) { /* a kept value may have had one */
        free(s->cf->queue_path);
        s->cf->queue_path = NULL;
    }
    s->cf->queue_bytes = bytes;
    return 0;
}

int tk_set_queue_sync(struct tk_setting *s)
{
    if (tk_setting_one_word(s) < 0)
        return -EINVAL;
    if (strcasecmp(s->words[0], "off") == 0) {
        s->cf->queue_sync_ms = 0;
        return 0;
    }
    return parse_number(s, s->words[0], 10, 60000, &s->cf->queue_sync_ms);
}

int tk_set_inform_reply(struct tk_setting *s)
{
    return parse_choice(s, "delivered", "queued", &s->cf->is_answering_delivered);
}

/* Check here that the file can be read, because here net-snmp names the line in the error. The loader thread checks
 * its content. */
static int readable_file(struct tk_setting *s, char **member)
{
    char why[TK_FILE_ACCESS_BYTES];
    struct stat st;

    if (tk_setting_one_word(s) < 0)
        return -EINVAL;
    if (s->words[0][0] != '/')
        return tk_setting_refuse(s, s->words[0], "not an absolute path", "write a path that begins with /");
    if (s->is_kept)
        return replace_string(s, member, s->words[0]);
    if (access(s->words[0], R_OK) < 0)
        return tk_setting_refuse(s, s->words[0], tk_file_access_why(why, sizeof(why), s->words[0], errno),
                                 "name a file that snmptrapd's user can read");
    if (stat(s->words[0], &st) < 0 || !S_ISREG(st.st_mode))
        return tk_setting_refuse(s, s->words[0], "not a regular file", "name a file that snmptrapd's user can read");
    return replace_string(s, member, s->words[0]);
}

static void remove_dictionary(struct tk_settings *cf, size_t i)
{
    free(cf->dictionaries[i]);
    cf->dictionary_count--;
    for (; i < cf->dictionary_count; i++) {
        cf->dictionaries[i] = cf->dictionaries[i + 1];
        cf->is_dictionary_kept[i] = cf->is_dictionary_kept[i + 1];
    }
}

int tk_set_dictionary(struct tk_setting *s)
{
    struct tk_settings *cf = s->cf;
    char *path = NULL;
    size_t same = 0;

    while (s->count && same < cf->dictionary_count && strcmp(s->words[0], cf->dictionaries[same]) != 0)
        same++;
    if (s->count == 1 && same < cf->dictionary_count && !cf->is_dictionary_kept[same])
        return tk_setting_refuse(s, s->words[0], "this file was named before", "remove one of the two lines");
    if (cf->dictionary_count == TK_DICTIONARIES_MAX && same == cf->dictionary_count)
        return tk_setting_refuse(s, s->rest, "there are 8 dictionaries already",
                                 "build one of several folders: trapkafka mibs build -o FILE DIR DIR");
    if (readable_file(s, &path) < 0)
        return -EINVAL;
    if (same < cf->dictionary_count)
        remove_dictionary(cf, same);
    cf->is_dictionary_kept[cf->dictionary_count] = s->is_kept;
    cf->dictionaries[cf->dictionary_count++] = path;
    return 0;
}

int tk_set_severity_rules(struct tk_setting *s)
{
    return readable_file(s, &s->cf->severity_rules);
}

int tk_set_vendor_rules(struct tk_setting *s)
{
    static const char *const words[] = {"off", "curated", "all"}; /* as enum tk_vendor_rules */

    if (tk_setting_one_word(s) < 0)
        return -EINVAL;
    for (int i = 0; i < 3; i++)
        if (strcasecmp(s->words[0], words[i]) == 0) {
            s->cf->vendor_rules = (enum tk_vendor_rules)i;
            return 0;
        }
    return tk_setting_refuse(s, s->words[0], "unknown word", "write all, curated or off");
}

int tk_set_inventory(struct tk_setting *s)
{
    return readable_file(s, &s->cf->inventory);
}

int tk_set_circuits(struct tk_setting *s)
{
    return readable_file(s, &s->cf->circuits);
}

int tk_set_dedup(struct tk_setting *s)
{
    static const struct {
        const char *name;
        unsigned bit;
    } fields[] = {
        {"contextEngineID", TK_BY_ENGINE}, {"trapOID", TK_BY_TRAP_OID}, {"sysUpTime", TK_BY_UPTIME},
        {"varbinds", TK_BY_VARBINDS},      {"source", TK_BY_SOURCE},    {"requestID", TK_BY_REQUEST_ID},
    };
    unsigned window = 0, bits = 0;
    char *next, *one;

    if (s->count < 1 || s->count > 2)
        return tk_setting_refuse(s, s->rest, s->count ? "too many words" : "the window is missing",
                                 "write kafkaDedup SECONDS FIELD,FIELD or kafkaDedup off");
    if (strcasecmp(s->words[0], "off") != 0 && parse_number(s, s->words[0], 1, 86400, &window) < 0)
        return -EINVAL;
    for (next = s->count > 1 ? s->words[1] : NULL; next && (one = strsep(&next, ","));) {
        size_t i, n = sizeof(fields) / sizeof(fields[0]);

        for (i = 0; i < n && strcasecmp(one, fields[i].name) != 0; i++)
            ;
        if (i == n)
            return tk_setting_refuse(s, one, "unknown field",
                                     "choose from contextEngineID, trapOID, sysUpTime, varbinds, source, requestID");
        if (bits & fields[i].bit)
            return tk_setting_refuse(s, one, "this field is given twice", "remove one of the two");
        bits |= fields[i].bit;
    }
    s->cf->dedup_window_s = window;
    if (bits)
        s->cf->dedup_fields = bits;
    return 0;
}

#define TTL_REMEDY "write seconds, or a number with s, m, h or d, from 1m to 3650d"

/* Seconds, or a number with its unit. */
static int parse_ttl(struct tk_setting *s, const char *word, unsigned *ret)
{
    static const struct {
        char letter;
        unsigned seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    unsigned long long v, unit = 1;
    char *end;

    errno = 0;
    v = strtoull(word, &end, 10);
    for (size_t i = 0; *end && i < sizeof(units) / sizeof(units[0]); i++)
        if (tolower((unsigned char)*end) == units[i].letter && !end[1]) {
            unit = units[i].seconds;
            end++;
        }
    if (!isdigit((unsigned char)*word) || *end)
        return tk_setting_refuse(s, word, "not a duration", TTL_REMEDY);
    if (errno || v > 3650ULL * 86400 / unit || v * unit < 60)
        return tk_setting_refuse(s, word, "out of range", TTL_REMEDY);
    *ret = (unsigned)(v * unit);
    return 0;
}

int tk_set_engines(struct tk_setting *s)
{
    unsigned max, ttl = 0;

    if (s->count == 1 && strcasecmp(s->words[0], "off") == 0) {
        s->cf->engines_max = 0;
        return 0;
    }
    if (s->count != 2)
        return tk_setting_refuse(s, s->rest, s->count > 2 ? "too many words" : "MAX or TTL is missing",
                                 "write kafkaEngines MAX TTL, such as 100000 7d, or kafkaEngines off");
    if (parse_number(s, s->words[0], 1, TK_ENGINES_MAX, &max) < 0 || parse_ttl(s, s->words[1], &ttl) < 0)
        return -EINVAL;
    s->cf->engines_max = max;
    s->cf->engines_ttl_s = ttl;
    return 0;
}

int tk_set_replay_guard(struct tk_setting *s)
{
    return parse_choice(s, "strict", "compatible", &s->cf->is_replay_strict);
}

int tk_set_create_topics(struct tk_setting *s)
{
    return parse_choice(s, "yes", "no", &s->cf->is_creating_topics);
}

int tk_set_log_traps(struct tk_setting *s)
{
    return parse_choice(s, "yes", "no", &s->cf->is_logging_traps);
}

int tk_set_publish_community(struct tk_setting *s)
{
    return parse_choice(s, "yes", "no", &s->cf->is_publishing_community);
}

int tk_set_stats_file(struct tk_setting *s)
{
    char folder[TK_SETTING_MAX_LINE], *slash;
    unsigned seconds = 15;
    struct stat st;

    if (s->count < 1 || s->count > 2)
        return tk_setting_refuse(s, s->rest, s->count ? "too many words" : "the file is missing",
                                 "write kafkaStatsFile FILE [SECONDS]");
    if (s->words[0][0] != '/')
        return tk_setting_refuse(s, s->words[0], "not an absolute path", "write a path that begins with /");
    (void)snprintf(folder, sizeof(folder), "%s", s->words[0]);
    slash = strrchr(folder, '/');
    slash[slash == folder] = '\0';
    if (!s->is_kept && (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode)))
        return tk_setting_refuse(s, s->words[0], "its folder does not exist",
                                 "create the folder, writable by snmptrapd's user");
    if (s->count == 2 && parse_number(s, s->words[1], 1, 3600, &seconds) < 0)
        return -EINVAL;
    if (replace_string(s, &s->cf->stats_file, s->words[0]) < 0)
        return -EINVAL;
    s->cf->stats_seconds = seconds;
    return 0;
}

int tk_set_stop_timeout(struct tk_setting *s)
{
    return tk_setting_one_word(s) < 0 ? -EINVAL : parse_number(s, s->words[0], 0, 60, &s->cf->flush_seconds);
}
