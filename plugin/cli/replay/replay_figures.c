/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replay/replay_figures.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

void tk_replayed_count(struct tk_replayed *r, enum tk_verdict verdict, const struct tk_renderer *result)
{
    const struct tk_event *ev = &result->event;

    if (verdict != TK_PASS) {
        r->duplicates += verdict == TK_DROP_DUPLICATE;
        r->by_rule += verdict == TK_DROP_BY_RULE;
        r->dropped += verdict == TK_DROP_MALFORMED || verdict == TK_DROP_NO_MEMORY;
        return;
    }
    r->published++;
    r->bytes += result->json.len;
    r->severities[ev->severity == TK_SEV_UNSET ? TK_SEV_INDETERMINATE : ev->severity]++;
    r->transitions[ev->alarm.transition]++;
    r->unresolved += result->found.is_unresolved;
    r->no_rule += result->found.has_no_rule;
    r->no_device += result->found.has_no_device;
}

/* --- for a program ------------------------------------------------------------------------------------------------ */

static json_t *replayed_json(const struct tk_replayed *r)
{
    json_t *severities = json_object(), *transitions = json_object();

    for (unsigned i = TK_SEV_CRITICAL; i < TK_SEV_COUNT_; i++)
        (void)json_object_set_new(severities, tk_severity_name((enum tk_severity)i),
                                  json_integer((json_int_t)r->severities[i]));
    for (unsigned i = TK_ALARM_RAISED; i < TK_ALARM_TRANSITIONS; i++)
        (void)json_object_set_new(transitions, tk_alarm_transition_name((enum tk_alarm_transition)i),
                                  json_integer((json_int_t)r->transitions[i]));
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:I}", "published", (json_int_t)r->published,
                     "suppressed_duplicate", (json_int_t)r->duplicates, "suppressed_rule", (json_int_t)r->by_rule,
                     "dropped", (json_int_t)r->dropped, "bytes", (json_int_t)r->bytes, "severities", severities,
                     "alarms", transitions, "alarms_standing", (json_int_t)r->standing, "unresolved",
                     (json_int_t)r->unresolved, "no_rule", (json_int_t)r->no_rule, "no_device",
                     (json_int_t)r->no_device);
}

static void print_json(const struct tk_figures *f, FILE *out)
{
    json_t *json = json_pack("{s:s, s:I, s:I, s:I, s:I, s:f, s:o}", "type", "figures", "notifications",
                             (json_int_t)f->notifications, "refused", (json_int_t)f->refused, "unfit",
                             (json_int_t)f->unfit, "passed_over", (json_int_t)f->passed_over, "seconds", f->seconds,
                             "events", replayed_json(&f->of[0]));
    char *text;

    if (f->has_other) {
        (void)json_object_set_new(json, "other", replayed_json(&f->of[1]));
        (void)json_object_set_new(json, "different", json_integer((json_int_t)f->different));
    }
    text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
    if (text)
        (void)fprintf(out, "%s\n", text);
    free(text);
    json_decref(json);
}

/* --- for a person ------------------------------------------------------------------------------------------------- */

static void print_row(const struct tk_figures *f, FILE *out, const char *name, uint64_t a, uint64_t b)
{
    if (!a && !b)
        return;
    (void)fprintf(out, "  %-22s %12" PRIu64, name, a);
    if (f->has_other)
        (void)fprintf(out, " %12" PRIu64 " %+12" PRId64, b, (int64_t)(b - a));
    (void)fputc('\n', out);
}

static void print_replayed(const struct tk_figures *f, FILE *out)
{
    const struct tk_replayed *a = &f->of[0], *b = &f->of[1];

    if (f->has_other)
        (void)fprintf(out, "  %-22s %12s %12s %12s\n", "", "--config", "--diff", "difference");
    print_row(f, out, "published", a->published, b->published);
    print_row(f, out, "suppressed, duplicate", a->duplicates, b->duplicates);
    print_row(f, out, "suppressed, rule", a->by_rule, b->by_rule);
    print_row(f, out, "dropped", a->dropped, b->dropped);
    for (unsigned i = TK_SEV_CRITICAL; i < TK_SEV_COUNT_; i++)
        print_row(f, out, tk_severity_name((enum tk_severity)i), a->severities[i], b->severities[i]);
    for (unsigned i = TK_ALARM_RAISED; i < TK_ALARM_TRANSITIONS; i++) {
        char name[32];

        (void)snprintf(name, sizeof(name), "alarms, %s", tk_alarm_transition_name((enum tk_alarm_transition)i));
        print_row(f, out, name, a->transitions[i], b->transitions[i]);
    }
    print_row(f, out, "alarms that stand", a->standing, b->standing);
    print_row(f, out, "without a name", a->unresolved, b->unresolved);
    print_row(f, out, "without a rule", a->no_rule, b->no_rule);
    print_row(f, out, "not in the inventory", a->no_device, b->no_device);
    print_row(f, out, "bytes of events", a->bytes, b->bytes);
}

void tk_figures_print(const struct tk_figures *f, bool is_json, bool is_stderr)
{
    FILE *out = is_stderr ? stderr : stdout;

    if (is_json) {
        print_json(f, out);
        return;
    }
    (void)fprintf(out,
                  "%" PRIu64 " notifications in %.2f s (%.0f a second); refused: %" PRIu64 ", no event: %" PRIu64
                  "; other packets: %" PRIu64 "\n",
                  f->notifications, f->seconds, f->seconds > 0 ? (double)f->notifications / f->seconds : 0.0,
                  f->refused, f->unfit, f->passed_over);
    print_replayed(f, out);
    if (f->has_other)
        (void)fprintf(out, "%" PRIu64 " notifications whose events differ\n", f->different);
}
