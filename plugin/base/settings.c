/* SPDX-License-Identifier: Apache-2.0 */
#include "base/settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_LINE 4096

/** What a setter is given; `words` are the arguments without quotes and trailing comment. */
struct setting {
    struct tk_settings *cf;
    const char *token;
    const char *rest;   /* all arguments as written */
    char       *words[4];
    size_t      count;
    tk_property_check *property;
    struct tk_err *err;
};

typedef int setter(struct setting *s);

#define TK_DIRECTIVE(token, args, dflt, set, help) static setter set;
#include "base/directives.def"
#undef TK_DIRECTIVE

#define TK_DIRECTIVE(token, args, dflt, set, help) {#token, args, dflt, help},
const struct tk_directive tk_directives[] = {
#include "base/directives.def"
};
#undef TK_DIRECTIVE

#define TK_DIRECTIVE(token, args, dflt, set, help) set,
static setter *const setters[] = {
#include "base/directives.def"
};
#undef TK_DIRECTIVE

#define DIRECTIVE_COUNT (sizeof(setters) / sizeof(setters[0]))
const size_t tk_directive_count = DIRECTIVE_COUNT;
_Static_assert(DIRECTIVE_COUNT == TK_DIRECTIVE_COUNT, "settings.h counts the table");

/* --- values ---------------------------------------------------------------------------------------------------- */

static int refuse(const struct setting *s, const char *value, const char *reason, const char *remedy)
{
    char shown[128];

    tk_err_set(s->err, NULL, 0, "%s '%s': %s; %s", s->token, tk_escape(shown, sizeof(shown), value, strlen(value)),
               reason, remedy);
    return -EINVAL;
}

static int replace_string(struct setting *s, char **member, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        return refuse(s, value, "out of memory", "the value before stays in force");
    free(*member);
    *member = copy;
    return 0;
}

static int one_word(struct setting *s)
{
    if (s->count == 1)
        return 0;
    return refuse(s, s->rest, s->count ? "too many words" : "a value is missing",
                  "write the directive, one blank and one value");
}

static int parse_number(struct setting *s, const char *word, unsigned low, unsigned high, unsigned *ret)
{
    char range[64], *end;
    unsigned long v;

    errno = 0;
    v = strtoul(word, &end, 10);
    if (!isdigit((unsigned char)*word) || *end || errno || v < low || v > high) {
        (void)snprintf(range, sizeof(range), "write a whole number from %u to %u", low, high);
        return refuse(s, word, isdigit((unsigned char)*word) && !*end ? "out of range" : "not a number", range);
    }
    *ret = (unsigned)v;
    return 0;
}

static int parse_choice(struct setting *s, const char *yes, const char *no, bool *ret)
{
    char remedy[64];

    if (one_word(s) < 0)
        return -EINVAL;
    if (strcasecmp(s->words[0], yes) == 0)
        *ret = true;
    else if (strcasecmp(s->words[0], no) == 0)
        *ret = false;
    else {
        (void)snprintf(remedy, sizeof(remedy), "write %s or %s", yes, no);
        return refuse(s, s->words[0], "unknown word", remedy);
    }
    return 0;
}

static int set_brokers(struct setting *s)
{
    static const char remedy[] = "write HOST:PORT[,HOST:PORT...], such as kafka1.example.net:9092, or embedded";
    char *list, *next, *one;

    if (one_word(s) < 0)
        return -EINVAL;
    list = strdup(s->words[0]);
    for (next = list; (one = strsep(&next, ",")); ) {
        char *colon = strrchr(one, ':');
        unsigned port;
        size_t host = colon ? (size_t)(colon - one) : strlen(one);

        if (host == 0 || strspn(one, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_[]:%")
                             != strlen(one)) {
            free(list);
            return refuse(s, s->words[0], "not a list of brokers", remedy);
        }
        if (colon && !strchr(colon, ']') && parse_number(s, colon + 1, 1, 65535, &port) < 0) {
            free(list);
            return -EINVAL;
        }
    }
    free(list);
    return replace_string(s, &s->cf->brokers, s->words[0]);
}

static int topic_name(struct setting *s, char **member)
{
    const char *name = s->words[0];
    size_t len;

    if (one_word(s) < 0)
        return -EINVAL;
    len = strlen(name);
    if (len == 0 || len > 249 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != len)
        return refuse(s, name, "Kafka takes no such topic name",
                      "write up to 249 letters, digits, dots, hyphens and underscores");
    return replace_string(s, member, name);
}

static int set_topic(struct setting *s)
{
    return topic_name(s, &s->cf->topic);
}

static int set_health_topic(struct setting *s)
{
    if (s->count == 1 && s->words[0][0] == '\0') {
        free(s->cf->health_topic);
        s->cf->health_topic = NULL;
        return 0;
    }
    return topic_name(s, &s->cf->health_topic);
}

static int add_property(struct setting *s, const char *name, const char *value, bool is_from_file)
{
    struct tk_settings *cf = s->cf;
    struct tk_property *grown;

    for (size_t i = 0; i < cf->property_count; i++)
        if (strcmp(cf->properties[i].name, name) == 0)
            return refuse(s, name, "this property was given before", "remove one of the two");
    if (s->property && s->property(name, value, s->err) < 0)
        return -EINVAL;
    grown = realloc(cf->properties, (cf->property_count + 1) * sizeof(*grown));
    if (!grown)
        return refuse(s, name, "out of memory", "the property is left out");
    cf->properties = grown;
    grown += cf->property_count;
    grown->name = strdup(name);
    grown->value = strdup(value);
    grown->is_from_file = is_from_file;
    if (!grown->name || !grown->value) {
        free(grown->name);
        free(grown->value);
        return refuse(s, name, "out of memory", "the property is left out");
    }
    cf->property_count++;
    return 0;
}

static char *trim(char *text)
{
    char *end;

    while (isspace((unsigned char)*text))
        text++;
    for (end = text + strlen(text); end > text && isspace((unsigned char)end[-1]); )
        *--end = '\0';
    return text;
}

static int set_property(struct setting *s)
{
    char line[MAX_LINE], *value;

    (void)snprintf(line, sizeof(line), "%s", s->rest);
    value = line + strcspn(line, " \t=");
    if (*value)
        *value++ = '\0';
    value = trim(value);
    if (!*line || !*value)
        return refuse(s, line, "name or value is missing", "write kafkaProperty NAME VALUE");
    return add_property(s, line, value, false);
}

static int set_property_file(struct setting *s)
{
    char line[MAX_LINE];
    unsigned number = 0;
    struct stat st;
    int fd, ret = 0;
    FILE *f;

    if (one_word(s) < 0)
        return -EINVAL;
    fd = open(s->words[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return refuse(s, s->words[0], strerror(errno), "name a file that the daemon's user can read");
    f = fdopen(fd, "r");
    if (!f || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & S_IRWXO)) {
        if (f)
            (void)fclose(f);
        else
            (void)close(fd);
        return refuse(s, s->words[0], "not a regular file, or others may read or write it",
                      "chmod 0600 it and give it to the daemon's user");
    }
    while (ret == 0 && fgets(line, sizeof(line), f)) {
        char *name = trim(line), *value;

        number++;
        if (!*name || *name == '#')
            continue;
        value = name + strcspn(name, " \t=");
        if (*value)
            *value++ = '\0';
        value = trim(value);
        if (*value == '=')
            value = trim(value + 1);
        ret = *value ? add_property(s, name, value, true)
                     : refuse(s, name, "the value is missing", "write NAME=VALUE");
        if (ret < 0) { /* these lines have a place of their own */
            s->err->line = number;
            (void)snprintf(s->err->file, sizeof(s->err->file), "%s", s->words[0]);
        }
    }
    (void)fclose(f);
    return ret;
}

static int set_headers(struct setting *s)
{
    return parse_choice(s, "cloudevents", "none", &s->cf->has_headers);
}

static int set_queue(struct setting *s)
{
    static const char remedy[] = "write a size such as 16M or 2G, from 1M to 64G";
    unsigned long long v;
    unsigned shift = 0;
    char *end;

    if (s->count == 2)
        return refuse(s, s->words[1], "a queue in a file is not in this version", "write the size alone");
    if (one_word(s) < 0)
        return -EINVAL;
    errno = 0;
    v = strtoull(s->words[0], &end, 10);
    switch (toupper((unsigned char)*end)) {
    case 'K': shift = 10; end++; break;
    case 'M': shift = 20; end++; break;
    case 'G': shift = 30; end++; break;
    default: break;
    }
    if (!isdigit((unsigned char)s->words[0][0]) || *end || errno)
        return refuse(s, s->words[0], "not a size", remedy);
    if (v > 64ULL << 30 || v << shift < 1ULL << 20 || v << shift > 64ULL << 30)
        return refuse(s, s->words[0], "out of range", remedy);
    s->cf->queue_bytes = v << shift;
    return 0;
}

/* Whether the file is good is found by the loader; whether it can be opened at all is said here, with the line. */
static int readable_file(struct setting *s, char **member)
{
    struct stat st;

    if (one_word(s) < 0)
        return -EINVAL;
    if (s->words[0][0] != '/')
        return refuse(s, s->words[0], "not an absolute path", "write the path from / on");
    if (access(s->words[0], R_OK) < 0)
        return refuse(s, s->words[0], strerror(errno), "name a file that the daemon's user can read");
    if (stat(s->words[0], &st) < 0 || !S_ISREG(st.st_mode))
        return refuse(s, s->words[0], "not a regular file", "name a file that the daemon's user can read");
    return replace_string(s, member, s->words[0]);
}

static int set_severity_rules(struct setting *s)
{
    return readable_file(s, &s->cf->severity_rules);
}

static int set_inventory(struct setting *s)
{
    return readable_file(s, &s->cf->inventory);
}

static int set_circuits(struct setting *s)
{
    return readable_file(s, &s->cf->circuits);
}

static int set_dedup(struct setting *s)
{
    static const struct {
        const char *name;
        unsigned    bit;
    } fields[] = {
        {"contextEngineID", TK_BY_ENGINE}, {"trapOID", TK_BY_TRAP_OID}, {"sysUpTime", TK_BY_UPTIME},
        {"varbinds", TK_BY_VARBINDS}, {"source", TK_BY_SOURCE}, {"requestID", TK_BY_REQUEST_ID},
    };
    unsigned window = 0, bits = 0;
    char *next, *one;

    if (s->count < 1 || s->count > 2)
        return refuse(s, s->rest, s->count ? "too many words" : "the window is missing",
                      "write kafkaDedup SECONDS FIELD,FIELD or kafkaDedup off");
    if (strcasecmp(s->words[0], "off") != 0 && parse_number(s, s->words[0], 1, 86400, &window) < 0)
        return -EINVAL;
    for (next = s->count > 1 ? s->words[1] : NULL; next && (one = strsep(&next, ",")); ) {
        size_t i, n = sizeof(fields) / sizeof(fields[0]);

        for (i = 0; i < n && strcasecmp(one, fields[i].name) != 0; i++)
            ;
        if (i == n)
            return refuse(s, one, "unknown field",
                          "choose from contextEngineID, trapOID, sysUpTime, varbinds, source, requestID");
        if (bits & fields[i].bit)
            return refuse(s, one, "this field is given twice", "remove one of the two");
        bits |= fields[i].bit;
    }
    s->cf->dedup_window_s = window;
    if (bits)
        s->cf->dedup_fields = bits;
    return 0;
}

static int set_log_traps(struct setting *s)
{
    return parse_choice(s, "yes", "no", &s->cf->is_logging_traps);
}

static int set_publish_community(struct setting *s)
{
    return parse_choice(s, "yes", "no", &s->cf->is_publishing_community);
}

static int set_stats_file(struct setting *s)
{
    char folder[MAX_LINE], *slash;
    unsigned seconds = 15;
    struct stat st;

    if (s->count < 1 || s->count > 2)
        return refuse(s, s->rest, s->count ? "too many words" : "the file is missing",
                      "write kafkaStatsFile FILE [SECONDS]");
    if (s->words[0][0] != '/')
        return refuse(s, s->words[0], "not an absolute path", "write the path from / on");
    (void)snprintf(folder, sizeof(folder), "%s", s->words[0]);
    slash = strrchr(folder, '/');
    slash[slash == folder] = '\0';
    if (stat(folder, &st) < 0 || !S_ISDIR(st.st_mode))
        return refuse(s, s->words[0], "its folder does not exist",
                      "make the folder, writable by the daemon's user");
    if (s->count == 2 && parse_number(s, s->words[1], 1, 3600, &seconds) < 0)
        return -EINVAL;
    if (replace_string(s, &s->cf->stats_file, s->words[0]) < 0)
        return -EINVAL;
    s->cf->stats_seconds = seconds;
    return 0;
}

static int set_stop_timeout(struct setting *s)
{
    return one_word(s) < 0 ? -EINVAL : parse_number(s, s->words[0], 0, 60, &s->cf->flush_seconds);
}

/* --- the object ------------------------------------------------------------------------------------------------ */

struct tk_settings *tk_settings_new(void)
{
    struct tk_settings *cf = calloc(1, sizeof(*cf));

    if (!cf)
        return NULL;
    atomic_init(&cf->refs, 1);
    cf->topic = strdup("snmp-traps");
    cf->health_topic = strdup("snmp-traps-health");
    cf->has_headers = true;
    cf->queue_bytes = 16 << 20;
    cf->dedup_window_s = 300;
    cf->dedup_fields = TK_BY_ENGINE | TK_BY_TRAP_OID | TK_BY_UPTIME | TK_BY_VARBINDS;
    cf->is_logging_traps = true;
    cf->flush_seconds = 5;
    if (!cf->topic || !cf->health_topic) {
        tk_settings_unref(cf);
        return NULL;
    }
    return cf;
}

struct tk_settings *tk_settings_ref(struct tk_settings *cf)
{
    atomic_fetch_add_explicit(&cf->refs, 1, memory_order_relaxed);
    return cf;
}

void tk_settings_unref(struct tk_settings *cf)
{
    if (!cf || atomic_fetch_sub_explicit(&cf->refs, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < cf->property_count; i++) {
        free(cf->properties[i].name);
        free(cf->properties[i].value);
    }
    for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
        free(cf->raw[i]);
    free(cf->properties);
    free(cf->brokers);
    free(cf->topic);
    free(cf->health_topic);
    free(cf->severity_rules);
    free(cf->inventory);
    free(cf->circuits);
    free(cf->stats_file);
    free(cf);
}

/* Cut @p text into words in place: blanks part them, quotes hold them together, a word that begins with # ends them. */
static int split_words(struct setting *s, char *text)
{
    for (s->count = 0; ; ) {
        char quote = 0;

        while (isspace((unsigned char)*text))
            text++;
        if (!*text || *text == '#')
            return 0;
        if (s->count == sizeof(s->words) / sizeof(s->words[0]))
            return refuse(s, s->rest, "too many words", "see `snmptrapd -H` for the directive's form");
        if (*text == '"' || *text == '\'')
            quote = *text++;
        s->words[s->count++] = text;
        while (*text && (quote ? *text != quote : !isspace((unsigned char)*text)))
            text++;
        if (quote && !*text)
            return refuse(s, s->rest, "a quote is not closed", "close it");
        if (*text)
            *text++ = '\0';
    }
}

int tk_settings_set(struct tk_settings *cf, const char *token, const char *args, tk_property_check *property,
                    struct tk_err *err)
{
    struct setting s = {.cf = cf, .token = token, .rest = args, .property = property, .err = err};
    char text[MAX_LINE];
    size_t i;
    int ret;

    for (i = 0; i < DIRECTIVE_COUNT && strcasecmp(token, tk_directives[i].token) != 0; i++)
        ;
    if (i == DIRECTIVE_COUNT)
        return refuse(&s, token, "no such directive", "see `snmptrapd -H`");
    if (strlen(args) >= sizeof(text))
        return refuse(&s, "...", "the line is too long", "keep it under 4,096 characters");
    if (cf->raw[i] && setters[i] != set_property)
        return refuse(&s, args, "this directive was given before", "remove one of the two lines");
    (void)snprintf(text, sizeof(text), "%s", args);
    ret = setters[i] == set_property ? 0 : split_words(&s, text); /* a value may hold anything, and be a secret */
    if (ret == 0)
        ret = setters[i](&s);
    if (ret == 0 && !cf->raw[i])
        cf->raw[i] = strdup(args);
    return ret;
}

void tk_settings_keep(struct tk_settings *cf, const char *token, const struct tk_settings *before)
{
    for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
        if (strcasecmp(token, tk_directives[i].token) == 0 && before->raw[i] && !cf->raw[i])
            (void)tk_settings_set(cf, token, before->raw[i], NULL, NULL); /* it was good before */
}

int tk_settings_check(const struct tk_settings *cf, struct tk_err *err)
{
    if (cf->brokers)
        return 0;
    tk_err_set(err, NULL, 0, "kafkaBrokers is missing: traps are kept in the queue and none is published; "
               "write kafkaBrokers HOST:PORT (or kafkaBrokers embedded to try it out)");
    return -EINVAL;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool tk_settings_same_producer(const struct tk_settings *a, const struct tk_settings *b)
{
    if (!same_text(a->brokers, b->brokers) || !same_text(a->topic, b->topic) ||
        !same_text(a->health_topic, b->health_topic) || a->has_headers != b->has_headers ||
        a->property_count != b->property_count)
        return false;
    for (size_t i = 0; i < a->property_count; i++)
        if (!same_text(a->properties[i].name, b->properties[i].name) ||
            !same_text(a->properties[i].value, b->properties[i].value))
            return false;
    return true;
}
