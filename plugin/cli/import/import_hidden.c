/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/import/import_hidden.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/offline.h"
#include "cli/rules/rules_dictionary.h"
#include "rules/rules_load.h"

#define RULES TK_PKGDATADIR "/rules"

struct tk_import_hidden {
    struct tk_offline *offline; /* the shipped rules alone */
    unsigned count;
    char rule[160], shipped[256]; /* of the first one */
};

/* Their errors are told where they matter, in the daemon's log and by trapkafka check. */
static void ignore(void *arg, const struct tk_err *err)
{
    (void)arg;
    (void)err;
}

/* The names of the shipped files are those of the installed dictionary, whatever dictionaries the import has. */
static struct tk_rules *load_shipped(const struct tk_dict *dict)
{
    struct tk_err err = {0};
    struct tk_dict *names = tk_rules_dictionary(NULL, 0, &err);
    const struct tk_rules_files files = {.shipped = access(TK_PKGDATADIR "/vendors.dict", R_OK) == 0 ? RULES : NULL,
                                         .vendors = TK_VENDOR_RULES_ALL,
                                         .names = names};
    struct tk_rules *rules = names ? tk_rules_load_told(&files, dict, ignore, NULL) : NULL;

    tk_dict_free(names);
    return rules;
}

struct tk_import_hidden *tk_import_hidden_new(struct tk_dict *dict)
{
    struct tk_import_hidden *h = calloc(1, sizeof(*h));
    struct tk_rules *rules = h ? load_shipped(dict) : NULL;
    struct tk_err err = {0};

    if (rules)
        h->offline = tk_offline_of_rules(dict, rules, &err);
    if (h && h->offline)
        return h;
    tk_import_hidden_free(h);
    return NULL;
}

void tk_import_hidden_free(struct tk_import_hidden *h)
{
    if (h)
        tk_offline_free(h->offline);
    free(h);
}

static bool is_same(const json_t *a, const json_t *b, const char *member)
{
    return json_equal(json_object_get(a, member), json_object_get(b, member));
}

void tk_import_hidden_compare(struct tk_import_hidden *h, const char *rule, const uint8_t *flat, size_t len,
                              const json_t *event)
{
    static const uint8_t queue[4];
    const struct tk_time now = tk_clock_now();
    const json_t *own = json_object_get(event, "alarm"), *alarm;
    size_t size = 0;
    const char *json = h ? tk_offline_event(h->offline, flat, len, queue, 1, &now, &size) : NULL;
    json_t *shipped = json ? json_loadb(json, size, 0, NULL) : NULL;

    alarm = json_object_get(shipped, "alarm");
    if (json_is_string(json_object_get(alarm, "state")) &&
        !(is_same(own, alarm, "state") && is_same(own, alarm, "key")) && !h->count++) {
        (void)snprintf(h->rule, sizeof(h->rule), "%s", rule);
        (void)snprintf(h->shipped, sizeof(h->shipped), "%s",
                       json_string_value(json_object_get(shipped, "severity_rule")));
    }
    json_decref(shipped);
}

void tk_import_hidden_tell(const struct tk_import_hidden *h, FILE *f)
{
    if (h && h->count)
        (void)fprintf(
            f,
            "hidden shipped rules that raise or clear alarms: %u, such as %s by '%s'; take out what says no more "
            "than these, or give it their state and key\n",
            h->count, h->shipped, h->rule);
}
