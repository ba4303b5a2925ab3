/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_internal.h"

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
    cf->has_headers = true;
    cf->queue_bytes = 16 << 20;
    cf->is_answering_delivered = true;
    cf->dedup_window_s = 300;
    cf->dedup_fields = TK_BY_ENGINE | TK_BY_TRAP_OID | TK_BY_UPTIME | TK_BY_VARBINDS;
    cf->engines_max = 100000;
    cf->engines_ttl_s = 7 * 86400;
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
    free(cf->queue_path);
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

static int take(struct tk_setting *s)
{
    char text[TK_SETTING_MAX_LINE];
    size_t i = find_directive(s->token);
    int ret;

    if (i == DIRECTIVE_COUNT)
        return tk_setting_refuse(s, s->token, "no such directive", "see `snmptrapd -H`");
    if (strlen(s->rest) >= sizeof(text))
        return tk_setting_refuse(s, "...", "the line is too long", "keep it under 4,096 characters");
    if (s->cf->raw[i] && setters[i] != tk_set_property)
        return tk_setting_refuse(s, s->rest, "this directive was given before", "remove one of the two lines");
    (void)snprintf(text, sizeof(text), "%s", s->rest);
    /* Not kafkaProperty: its value may contain quotes and #, and may be a secret, which errors of the split show. */
    ret = setters[i] == tk_set_property ? 0 : split_words(s, text);
    if (ret == 0)
        ret = setters[i](s);
    if (ret == 0 && !s->cf->raw[i])
        s->cf->raw[i] = strdup(s->rest);
    return ret;
}

int tk_settings_set(struct tk_settings *cf, const char *token, const char *args, tk_property_check *property,
                    struct tk_err *err)
{
    struct tk_setting s = {.cf = cf, .token = token, .rest = args, .property = property, .err = err};

    return take(&s);
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

bool tk_settings_keep(struct tk_settings *cf, const char *token, const char *args, const struct tk_settings *before)
{
    struct tk_setting s = {.cf = cf, .token = token, .rest = args};
    size_t i = find_directive(token);

    if (i == DIRECTIVE_COUNT || !before->raw[i])
        return false;
    if (setters[i] == tk_set_property || setters[i] == tk_set_property_file)
        return keep_properties(&s, before, setters[i] == tk_set_property_file);
    if (cf->raw[i])
        return false;
    s.rest = before->raw[i];
    s.is_kept = true;
    return take(&s) == 0;
}

int tk_settings_check(const struct tk_settings *cf, struct tk_err *err)
{
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
        a->has_headers != b->has_headers || a->property_count != b->property_count)
        return false;
    for (size_t i = 0; i < a->property_count; i++)
        if (!same_text(a->properties[i].name, b->properties[i].name) ||
            !same_text(a->properties[i].value, b->properties[i].value))
            return false;
    return true;
}
