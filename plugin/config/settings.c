/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_internal.h"

#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TK_DIRECTIVE(token, args, dflt, set, help) {#token, args, dflt, help},
const struct tk_directive tk_directives[] = {
#include "config/directives.def"
};
#undef TK_DIRECTIVE

#define TK_DIRECTIVE(token, args, dflt, set, help) tk_##set,
static tk_setter *const setters[] = {
#include "config/directives.def"
};
#undef TK_DIRECTIVE

#define DIRECTIVE_COUNT (sizeof(setters) / sizeof(setters[0]))
const size_t tk_directive_count = DIRECTIVE_COUNT;
_Static_assert(DIRECTIVE_COUNT == TK_DIRECTIVE_COUNT, "the enumeration in settings.h has one member for each row");

struct tk_settings *tk_settings_new(void)
{
    struct tk_settings *cf = calloc(1, sizeof(*cf));

    if (!cf)
        return NULL;
    atomic_init(&cf->refs, 1);
    cf->topic = strdup("snmp-traps");
    cf->health_topic = strdup("snmp-traps-health");
    cf->vendor_rules = TK_VENDOR_RULES_ALL;
    cf->rules_folder = TK_PKGDATADIR "/rules";
    cf->vendor_dictionary = TK_PKGDATADIR "/vendors.dict";
    cf->has_headers = true;
    cf->queue_bytes = 16 << 20;
    cf->is_answering_delivered = true;
    cf->dedup_window_s = 300;
    cf->dedup_fields = TK_BY_ENGINE | TK_BY_TRAP_OID | TK_BY_UPTIME | TK_BY_VARBINDS;
    cf->engines_max = 100000;
    cf->engines_ttl_s = 7 * 86400;
    cf->is_creating_topics = true;
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
    tk_settings_forget_properties(cf, 0);
    for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
        free(cf->raw[i]);
    free(cf->properties);
    free(cf->brokers);
    free(cf->topic);
    free(cf->health_topic);
    free(cf->dead_letter_topic);
    free(cf->alarm_topic);
    free(cf->queue_path);
    for (size_t i = 0; i < cf->dictionary_count; i++)
        free(cf->dictionaries[i]);
    free(cf->severity_rules);
    free(cf->inventory);
    free(cf->circuits);
    free(cf->stats_file);
    free(cf);
}

/* Split @p text into words, in place. Blanks separate words, quotes enclose one, and # begins a comment. */
static int split_words(struct tk_setting *s, char *text)
{
    for (s->count = 0;;) {
        char quote = 0;

        while (isspace((unsigned char)*text))
            text++;
        if (!*text || *text == '#')
            return 0;
        if (s->count == sizeof(s->words) / sizeof(s->words[0]))
            return tk_setting_refuse(s, s->rest, "too many words", "see `snmptrapd -H` for the directive's form");
        if (*text == '"' || *text == '\'')
            quote = *text++;
        s->words[s->count++] = text;
        while (*text && (quote ? *text != quote : !isspace((unsigned char)*text)))
            text++;
        if (quote && !*text)
            return tk_setting_refuse(s, s->rest, "a quote is not closed", "add the closing quote");
        if (*text)
            *text++ = '\0';
    }
}

static size_t find_directive(const char *token)
{
    size_t i;

    for (i = 0; i < DIRECTIVE_COUNT && strcasecmp(token, tk_directives[i].token) != 0; i++)
        ;
    return i;
}

/* May a refused line of this directive have been meant to protect events, or to name where they go? */
static bool is_protective(size_t directive)
{
    switch (directive) {
    case TK_DIRECTIVE_kafkaBrokers:
    case TK_DIRECTIVE_kafkaTopic:
    case TK_DIRECTIVE_kafkaHealthTopic:
    case TK_DIRECTIVE_kafkaDeadLetterTopic:
    case TK_DIRECTIVE_kafkaAlarmTopic:
    case TK_DIRECTIVE_kafkaPropertyFile: return true;
    default: return false; /* of kafkaProperty, the property's name decides */
    }
}

/* The fewest characters to insert, leave out or replace that make one word of the other, letters' case aside; words of
 * more than 31 characters differ in all. */
static size_t distance(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b), row[32];

    if (a_len >= 32 || b_len >= 32)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));

            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[b_len];
}

/* Is it a protective directive, mistyped? "kafkaTopics", "kafkaPropertiesFile", "kakfaTopic" */
static bool is_near_protective(const char *token)
{
    if (strcasestr(token, "kafka") && (strcasestr(token, "prop") || strcasestr(token, "topic")))
        return true;
    if (strcasestr(token, "propertyfile") || strcasestr(token, "propertiesfile"))
        return true;
    for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
        if ((is_protective(i) || i == TK_DIRECTIVE_kafkaProperty) && distance(token, tk_directives[i].token) <= 2)
            return true;
    return false;
}

enum tk_line_kind tk_settings_line_kind(const char *token, const char *args)
{
    size_t i = find_directive(token);

    if (i == DIRECTIVE_COUNT)
        return is_near_protective(token) ? TK_LINE_PROTECTIVE : TK_LINE_FOREIGN;
    if (is_protective(i) || i == TK_DIRECTIVE_kafkaCreateTopics ||
        (i == TK_DIRECTIVE_kafkaProperty && tk_settings_is_protective_property(args)))
        return TK_LINE_PROTECTIVE;
    return TK_LINE_ORDINARY;
}

/* The name that was probably meant differs by two letters at most. */
static int refuse_unknown(struct tk_setting *s)
{
    char remedy[80] = "see `snmptrapd -H`";
    size_t least = 3;

    for (size_t i = 0; i < DIRECTIVE_COUNT; i++) {
        size_t d = distance(s->token, tk_directives[i].token);

        if (d >= least)
            continue;
        least = d;
        (void)snprintf(remedy, sizeof(remedy), "write %s instead, if that is meant", tk_directives[i].token);
    }
    return tk_setting_refuse(s, s->token, "no such directive", remedy);
}

static bool may_be_repeated(size_t directive)
{
    return directive == TK_DIRECTIVE_kafkaProperty || directive == TK_DIRECTIVE_kafkaDictionary;
}

static int take(struct tk_setting *s)
{
    char text[TK_SETTING_MAX_LINE];
    size_t i = find_directive(s->token);
    int ret;

    if (i == DIRECTIVE_COUNT)
        return refuse_unknown(s);
    s->is_unsafe = is_protective(i);
    if (strlen(s->rest) >= sizeof(text)) {
        s->is_unsafe |= i == TK_DIRECTIVE_kafkaProperty;
        return tk_setting_refuse(s, "...", "the line is too long", "keep it under 4,096 characters");
    }
    if (s->cf->raw[i] && !s->cf->is_kept[i] && !may_be_repeated(i)) {
        s->is_unsafe = i == TK_DIRECTIVE_kafkaPropertyFile; /* of the others, the first line is in force */
        return tk_setting_refuse(s, s->rest, "this directive was given before", "remove one of the two lines");
    }
    (void)snprintf(text, sizeof(text), "%s", s->rest);
    /* Not kafkaProperty: its value may contain quotes and #, and may be a secret, which errors of the split show. */
    ret = i == TK_DIRECTIVE_kafkaProperty ? 0 : split_words(s, text);
    if (ret == 0)
        ret = setters[i](s);
    if (ret < 0)
        return ret;
    if (s->cf->is_kept[i]) {
        free(s->cf->raw[i]);
        s->cf->raw[i] = NULL;
    }
    s->cf->is_kept[i] = s->is_kept;
    if (!s->cf->raw[i])
        s->cf->raw[i] = strdup(s->rest);
    return 0;
}

/* "kafkaProperty sasl.password hunter2": only the name may be shown. */
static void distrust_line(const struct tk_setting *s)
{
    bool is_property = strcasecmp(s->token, "kafkaProperty") == 0;
    int len = (int)(is_property ? strspn(s->rest, TK_NAME_CHARACTERS) : strlen(s->rest));
    char what[sizeof(s->cf->refused)], shown[100];

    (void)tk_escape(shown, sizeof(shown), s->rest, (size_t)len);
    (void)snprintf(what, sizeof(what), "%s '%s'", s->token, shown);
    tk_settings_distrust(s->cf, what);
}

int tk_settings_read(struct tk_settings *cf, const char *token, const char *args, tk_property_check *property,
                     struct tk_remarks *remarks)
{
    struct tk_err err = {0};
    struct tk_setting s =
        {.cf = cf, .token = token, .rest = args, .property = property, .err = &err, .remarks = remarks};
    int ret = take(&s);

    if (ret < 0 && s.is_unsafe)
        distrust_line(&s);
    (void)tk_err_list_take(remarks ? &remarks->errors : NULL, &err);
    return ret;
}

int tk_settings_set(struct tk_settings *cf, const char *token, const char *args, tk_property_check *property,
                    struct tk_err *err)
{
    struct tk_remarks remarks = {0};
    int ret = tk_settings_read(cf, token, args, property, &remarks);

    if (ret < 0 && err && !err->is_set)
        *err = remarks.errors.err[0];
    return ret;
}

static bool keep_properties(struct tk_setting *s, const struct tk_settings *before, bool is_from_file)
{
    size_t name_len = strcspn(s->rest, " \t=");
    bool has_kept = false;

    for (size_t i = 0; i < before->property_count; i++) {
        const struct tk_property *p = &before->properties[i];

        if (p->is_from_file != is_from_file ||
            (!is_from_file && (strlen(p->name) != name_len || strncmp(p->name, s->rest, name_len) != 0)))
            continue;
        has_kept |= tk_setting_add_property(s, p->name, p->value, is_from_file) == 0;
    }
    return has_kept;
}

/* If the file was named before, it stays, because what was mapped of it does (dictionary_sources.h). Else the line may
 * be any of those before, mistyped: all stay. */
static bool keep_dictionaries(struct tk_setting *s, const struct tk_settings *before)
{
    size_t len = strcspn(s->rest, " \t");
    const char *path = s->rest, *same = NULL;
    bool has_kept = false;

    for (size_t i = 0; i < before->dictionary_count; i++)
        if (strlen(before->dictionaries[i]) == len && strncmp(before->dictionaries[i], path, len) == 0)
            same = before->dictionaries[i];
    s->is_kept = true;
    for (size_t i = 0; i < before->dictionary_count; i++) {
        if (same && before->dictionaries[i] != same)
            continue;
        s->rest = before->dictionaries[i];
        has_kept |= take(s) == 0;
    }
    return has_kept;
}

bool tk_settings_keep(struct tk_settings *cf, const char *token, const char *args, const struct tk_settings *before)
{
    struct tk_setting s = {.cf = cf, .token = token, .rest = args};
    size_t i = find_directive(token);

    if (i == DIRECTIVE_COUNT || !before->raw[i])
        return false;
    if (i == TK_DIRECTIVE_kafkaProperty || i == TK_DIRECTIVE_kafkaPropertyFile)
        return keep_properties(&s, before, i == TK_DIRECTIVE_kafkaPropertyFile);
    if (i == TK_DIRECTIVE_kafkaDictionary)
        return keep_dictionaries(&s, before);
    if (cf->raw[i])
        return cf->is_kept[i];
    s.rest = before->raw[i];
    s.is_kept = true;
    return take(&s) == 0;
}

bool tk_settings_fall_back(struct tk_settings *cf, const char *token)
{
    const size_t i = TK_DIRECTIVE_kafkaCreateTopics;

    if (find_directive(token) != i)
        return false;
    cf->is_creating_topics = false;
    cf->is_kept[i] |= !cf->raw[i]; /* an earlier line is doubted: a third one can't mend that */
    free(cf->raw[i]);
    cf->raw[i] = strdup("no");
    return true;
}

int tk_settings_check(const struct tk_settings *cf, struct tk_err *err)
{
    if (cf->is_held) {
        tk_err_set(err, NULL, 0,
                   "%s was refused: no event is published, because it could go out unprotected, or to a wrong place; "
                   "traps stay in the queue; correct the configuration, then send SIGHUP",
                   cf->refused);
        return -EINVAL;
    }
    if (cf->brokers)
        return 0;
    tk_err_set(err, NULL, 0,
               "kafkaBrokers is missing: traps stay in the queue and none is published; "
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
        !same_text(a->health_topic, b->health_topic) || !same_text(a->dead_letter_topic, b->dead_letter_topic) ||
        !same_text(a->alarm_topic, b->alarm_topic) || a->is_creating_topics != b->is_creating_topics ||
        a->has_headers != b->has_headers || a->property_count != b->property_count)
        return false;
    for (size_t i = 0; i < a->property_count; i++)
        if (!same_text(a->properties[i].name, b->properties[i].name) ||
            !same_text(a->properties[i].value, b->properties[i].value))
            return false;
    return true;
}

/* --- fail closed ------------------------------------------------------------------------------------------------- */

void tk_settings_distrust(struct tk_settings *cf, const char *what)
{
    if (!cf->refused[0])
        (void)snprintf(cf->refused, sizeof(cf->refused), "%s", what);
}

/* @returns false if out of memory: then @p cf has an incomplete copy */
static bool copy_text(char **dst, const char *text)
{
    free(*dst);
    *dst = text ? strdup(text) : NULL;
    return !text || *dst;
}

/* Exactly what tk_settings_same_producer() compares. */
static bool copy_producer(struct tk_settings *cf, const struct tk_settings *before)
{
    struct tk_setting s = {.cf = cf, .token = "kafkaProperty", .rest = ""};
    bool is_whole = copy_text(&cf->brokers, before->brokers) && copy_text(&cf->topic, before->topic) &&
                    copy_text(&cf->health_topic, before->health_topic) &&
                    copy_text(&cf->dead_letter_topic, before->dead_letter_topic) &&
                    copy_text(&cf->alarm_topic, before->alarm_topic);

    cf->is_creating_topics = before->is_creating_topics;
    cf->has_headers = before->has_headers;
    for (size_t i = 0; i < DIRECTIVE_COUNT; i++)
        if (is_protective(i) || i == TK_DIRECTIVE_kafkaProperty || i == TK_DIRECTIVE_kafkaCreateTopics ||
            i == TK_DIRECTIVE_kafkaHeaders)
            is_whole = copy_text(&cf->raw[i], before->raw[i]) && is_whole;
    tk_settings_forget_properties(cf, 0);
    for (size_t i = 0; is_whole && i < before->property_count; i++) {
        const struct tk_property *p = &before->properties[i];

        is_whole = tk_setting_add_property(&s, p->name, p->value, p->is_from_file) == 0;
    }
    return is_whole;
}

enum tk_settled tk_settings_settle(struct tk_settings *cf, const struct tk_settings *before)
{
    tk_setting_distrust_shared_topic(cf);
    if (!cf->refused[0])
        return TK_SETTLED;
    if (cf == before) /* settled before */
        return cf->is_held ? TK_SETTLED_HELD : TK_SETTLED_BEFORE;
    if (before && before->brokers && !before->is_held && copy_producer(cf, before))
        return TK_SETTLED_BEFORE;
    cf->is_held = true;
    return TK_SETTLED_HELD;
}

bool tk_settings_is_topic(const char *name)
{
    size_t len = strlen(name);

    return len && len <= 249 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           strspn(name, TK_NAME_CHARACTERS) == len;
}
