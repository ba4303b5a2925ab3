/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_make.h"

#include <string.h>

static json_t *braced(const char *text)
{
    char out[2 * TK_IMPORT_FIELD + 1];
    size_t n = 0;

    for (; *text && n + 2 < sizeof(out); text++) {
        out[n++] = *text;
        if (*text == '{' || *text == '}')
            out[n++] = *text;
    }
    out[n] = '\0';
    return json_string(out);
}

static void add_match(struct tk_import *im, const struct tk_import_make *m, json_t *match)
{
    if (m->sources)
        tk_import_put(im, match, "source", json_incref(m->sources));
    if (m->devices)
        tk_import_put(im, match, "device", json_incref(m->devices));
    if (m->c && json_array_size(m->c->varbinds))
        tk_import_put(im, match, "varbinds", json_incref(m->c->varbinds));
}

static json_t *summary_of(struct tk_import *im, const struct tk_import_make *m)
{
    json_t *summary;

    if (!m->summary || tk_import_text_is_empty(m->summary))
        return NULL;
    summary = tk_import_text_template(im, m->summary, false);
    if (!summary && !im->is_out_of_memory)
        tk_import_tell(im, m->text_line, m->name,
                       "its text has over 32 references and texts between them, or over %d bytes; write a shorter "
                       "summary; the rule has none",
                       TK_IMPORT_TEMPLATE);
    return summary;
}

static json_t *set_of(struct tk_import *im, const struct tk_import_make *m)
{
    json_t *set = json_object(), *value;
    const char *name;

    json_object_foreach(m->fields, name, value) tk_import_put(im, set, name, braced(json_string_value(value)));
    return set;
}

static void add_outcome(struct tk_import *im, const struct tk_import_make *m, json_t *rule, json_t *key)
{
    json_t *summary;

    if (m->is_dropped) {
        tk_import_put(im, rule, "drop", json_true());
        return;
    }
    if (m->severity)
        tk_import_put(im, rule, "severity", json_string(m->severity));
    if (key) {
        tk_import_put(im, rule, "state", json_string(m->state));
        tk_import_put(im, rule, "key", json_incref(key));
    }
    summary = summary_of(im, m);
    if (summary)
        tk_import_put(im, rule, "summary", summary);
    if (json_object_size(m->fields))
        tk_import_put(im, rule, "set", set_of(im, m));
}

static json_t *expected_alarm(struct tk_import *im, const struct tk_import_make *m,
                              const struct tk_import_samples *samples)
{
    json_t *alarm = json_object(), *key = tk_import_text_expected(im, m->key, samples, m->address, true);

    tk_import_put(im, alarm, "state", json_string(m->state));
    if (key)
        tk_import_put(im, alarm, "key", key);
    return alarm;
}

static json_t *expected_event(struct tk_import *im, const struct tk_import_make *m, const char *name, const json_t *key,
                              const struct tk_import_samples *samples)
{
    json_t *event, *summary;

    if (m->is_dropped)
        return json_null();
    event = json_object();
    tk_import_put(im, event, "severity", json_string(m->severity ? m->severity : "cleared"));
    tk_import_put(im, event, "severity_rule", json_sprintf("operator:%s", name));
    if (json_object_size(m->fields))
        tk_import_put(im, event, "fields", json_deep_copy(m->fields));
    if (key)
        tk_import_put(im, event, "alarm", expected_alarm(im, m, samples));
    summary = m->summary ? tk_import_text_expected(im, m->summary, samples, m->address, false) : NULL;
    if (summary)
        tk_import_put(im, event, "summary", summary);
    return event;
}

static json_t *make_test(struct tk_import *im, const struct tk_import_make *m, const char *name, const json_t *key,
                         const struct tk_import_samples *samples)
{
    json_t *test = json_object(), *trap = json_object();

    tk_import_put(im, trap, "trap", json_string(m->trap->test));
    tk_import_put(im, trap, "source", json_string(m->address));
    tk_import_put(im, trap, "varbinds", tk_import_samples_json(im, samples));
    tk_import_put(im, test, "name", json_string(name));
    tk_import_put(im, test, "trap", trap);
    tk_import_put(im, test, "event", expected_event(im, m, name, key, samples));
    return test;
}

static json_t *key_of(struct tk_import *im, const struct tk_import_make *m)
{
    json_t *key = m->state && !m->is_dropped ? tk_import_text_template(im, m->key, true) : NULL;

    if (m->state && !m->is_dropped && !key && !im->is_out_of_memory)
        tk_import_tell(im, m->line, m->name,
                       "its key has over 16 references and texts between them, or over %d bytes; write a shorter key; "
                       "the rule raises and clears nothing",
                       TK_IMPORT_TEMPLATE);
    return key;
}

void tk_import_make_rule(struct tk_import *im, const struct tk_import_make *m)
{
    struct tk_import_samples samples = {0};
    struct tk_import_make made = *m;
    char name[TK_IMPORT_NAME];
    json_t *rule, *test = NULL, *key = key_of(im, m);

    if (!key && !m->severity)
        made.severity = "indeterminate";
    (void)tk_import_rule_name(im, m->name, name);
    rule = tk_import_new_rule(im, name, m->line, m->trap->ref);
    add_match(im, m, json_object_get(rule, "match"));
    add_outcome(im, &made, rule, key);
    if (m->c)
        tk_import_samples_join(&samples, &m->c->samples);
    if (m->summary)
        tk_import_text_need(im, m->summary, &samples);
    if (key)
        tk_import_text_need(im, m->key, &samples);
    if (m->address && !(m->c && m->c->has_no_sample))
        test = make_test(im, &made, name, key, &samples);
    tk_import_samples_done(&samples);
    json_decref(key);
    tk_import_add(im, rule, test, m->line, m->rank);
}
