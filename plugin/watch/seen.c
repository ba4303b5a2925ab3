/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/seen.h"

#include <string.h>

static const char *const names[TK_RANKS] = {
    [TK_RANK_CLEARED] = "cleared", [TK_RANK_INDETERMINATE] = "indeterminate",
    [TK_RANK_WARNING] = "warning", [TK_RANK_MINOR] = "minor",
    [TK_RANK_MAJOR] = "major",     [TK_RANK_CRITICAL] = "critical",
};

enum tk_rank tk_rank_of(const char *severity)
{
    for (int i = TK_RANK_NONE + 1; i < TK_RANKS; i++)
        if (strcmp(names[i], severity) == 0)
            return (enum tk_rank)i;
    return TK_RANK_NONE;
}

const char *tk_rank_name(enum tk_rank rank)
{
    return names[rank];
}

const char *tk_seen_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

json_int_t tk_seen_number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

/* The operator names the columns; these are the usual names. */
static const char *circuit_of(const json_t *topology)
{
    const char *circuit = tk_seen_text(topology, "circuit_id");

    return *circuit ? circuit : tk_seen_text(topology, "circuit");
}

bool tk_seen_read(struct tk_seen *ret, const void *json, size_t len)
{
    json_t *root = len <= TK_SEEN_MAX_BYTES ? json_loadb(json, len, JSON_ALLOW_NUL, NULL) : NULL;
    const json_t *source, *trap, *alarm, *topology;

    if (!json_is_object(root)) {
        json_decref(root);
        return false;
    }
    source = json_object_get(root, "source");
    trap = json_object_get(root, "trap");
    alarm = json_object_get(root, "alarm");
    topology = json_object_get(root, "topology");
    *ret = (struct tk_seen){
        .root = root,
        .type = tk_seen_text(root, "type"),
        .severity = tk_seen_text(root, "severity"),
        .rank = tk_rank_of(tk_seen_text(root, "severity")),
        .device = tk_seen_text(source, "device"),
        .name = tk_seen_text(trap, "name"),
        .mib = tk_seen_text(trap, "mib"),
        .oid = tk_seen_text(trap, "oid"),
        .site = tk_seen_text(topology, "site"),
        .circuit = circuit_of(topology),
        .alarm_type = tk_seen_text(alarm, "type"),
        .key = tk_seen_text(alarm, "key"),
        .since = tk_seen_text(alarm, "since"),
        .summary = tk_seen_text(root, "summary"),
        .count = tk_seen_number(alarm, "count"),
    };
    if (!*ret->device) /* of a report about refused packets */
        ret->device = tk_seen_text(source, "address");
    return true;
}

void tk_seen_done(struct tk_seen *s)
{
    json_decref(s->root);
    s->root = NULL;
}
