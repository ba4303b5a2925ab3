/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain_print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

#define BOLD  "1"
#define GREEN "32"
#define RED   "31"
#define FAINT "2"

static bool has_colours;

/* --- pieces ------------------------------------------------------------------------------------------------------- */

static void paint(const char *colour, const char *text)
{
    if (has_colours)
        (void)printf("\033[%sm%s\033[0m", colour, text);
    else
        (void)printf("%s", text);
}

/* The beginning of a line: what it is about. Lines of one step have one title. */
static void title(const char *text)
{
    char padded[16];

    (void)snprintf(padded, sizeof(padded), "%-11s", text);
    paint(BOLD, padded);
}

static void more(void)
{
    (void)printf("%-11s", "");
}

/* A member's text, safe for a terminal; "-" without one. */
static const char *text_at(const json_t *object, const char *name)
{
    static char room[8][2048];
    static unsigned next;
    const json_t *value = json_object_get(object, name);
    char *dst = room[next++ % 8];

    if (!json_is_string(value))
        return "-";
    return tk_escape(dst, sizeof(room[0]), json_string_value(value), json_string_length(value));
}

static json_int_t number_at(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

static bool has(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return value && !json_is_null(value);
}

/* Any value as compact JSON; a text in quotes. */
static void print_value(const json_t *value)
{
    char *text = value && !json_is_null(value) ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    char safe[2048];

    (void)fputs(text ? tk_escape(safe, sizeof(safe), text, strlen(text)) : "nothing", stdout);
    free(text);
}

static void print_list(const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)(void) printf("%s%s", i ? ", " : "", json_string_value(item));
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

static void print_reception(const json_t *facts)
{
    const json_t *r = json_object_get(facts, "reception"), *access = json_object_get(r, "access");

    title("received");
    (void)printf("from %s at %s", text_at(r, "source"), text_at(r, "received"));
    if (has(r, "bytes"))
        (void)printf(", a message of %" JSON_INTEGER_FORMAT " bytes", number_at(r, "bytes"));
    (void)putchar('\n');
    if (!json_is_object(access))
        return;
    title("access");
    if (json_is_true(json_object_get(access, "is_permitted"))) {
        (void)printf("snmptrapd accepts it\n");
        return;
    }
    paint(RED, "snmptrapd refuses it");
    (void)printf(": %s: %s\n", text_at(access, "reason"), text_at(access, "detail"));
    more();
    (void)printf("remedy: %s\n", text_at(access, "remedy"));
}

/* @param head  the title, or "" */
static void print_row(const char *head, const char *lead, const json_t *row)
{
    const char *name;
    json_t *value;

    title(head);
    (void)printf("%s%s, line %" JSON_INTEGER_FORMAT ":", lead, text_at(row, "file"), number_at(row, "line"));
    json_object_foreach(json_object_get(row, "row"), name, value)
    {
        (void)printf(" %s=", name);
        print_value(value);
    }
    (void)putchar('\n');
}

static void print_device(const json_t *facts)
{
    static const char *const words[][2] = {
        {"engine_id", "its SNMP engine ID"},
        {"agent_address", "the agent's address in the notification"},
        {"source_address", "the address that it came from"},
        {"sysName", "the varbind sysName.0"},
        {"nothing", "no address: the transport has none"},
    };
    const json_t *d = json_object_get(facts, "device");
    const char *by = json_string_value(json_object_get(d, "found_by"));

    title("device");
    paint(BOLD, text_at(d, "name"));
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (by && strcmp(by, words[i][0]) == 0)
            (void)printf(", by %s\n", words[i][1]);
    if (json_is_true(json_object_get(d, "is_forwarded"))) {
        more();
        (void)printf("forwarded: the agent's address is %s, it came from %s\n", text_at(d, "agent_address"),
                     text_at(d, "source_address"));
    }
    if (has(d, "inventory"))
        print_row("", "inventory ", json_object_get(d, "inventory"));
    else {
        more();
        (void)printf("no row of an inventory\n");
    }
}

static void print_object(const json_t *o)
{
    paint(BOLD, has(o, "name") ? text_at(o, "name") : text_at(o, "oid"));
    if (has(o, "index"))
        (void)printf(".%s", text_at(o, "index"));
    if (has(o, "text"))
        (void)printf(" = %s", text_at(o, "text"));
    if (!has(o, "name"))
        (void)printf(" (in no dictionary)\n");
    else
        (void)printf(" (%s, from %s)\n", text_at(o, "oid"), text_at(o, "dictionary"));
}

static void print_names(const json_t *facts)
{
    const json_t *list = json_object_get(facts, "varbinds"), *missing = json_object_get(facts, "missing"), *varbind;
    size_t i;

    title("trap");
    print_object(json_object_get(facts, "trap"));
    json_array_foreach(list, i, varbind)
    {
        title(i ? "" : "varbinds");
        print_object(varbind);
    }
    if (!json_array_size(missing))
        return;
    more();
    (void)printf("missing, although the MIB lists them: ");
    print_list(missing);
    (void)putchar('\n');
}

static void print_place(const json_t *rule)
{
    if (has(rule, "line"))
        (void)printf(" (%s, line %" JSON_INTEGER_FORMAT ")", text_at(rule, "file"), number_at(rule, "line"));
}

static void print_choice(const json_t *rule, const char *member)
{
    const json_t *choice = json_object_get(rule, member);

    if (!json_is_object(choice))
        return;
    more();
    (void)printf("%s: %s is %s: %s\n", member, text_at(choice, "object"),
                 has(choice, "seen") ? text_at(choice, "seen") : "not there",
                 has(choice, "result") ? text_at(choice, "result") : "not in the map");
}

static void print_key(const json_t *rule)
{
    const json_t *key = json_object_get(rule, "key"), *value;
    size_t i;

    if (!json_is_object(key))
        return;
    more();
    (void)printf("key %s is %s", text_at(key, "template"), text_at(key, "text"));
    json_array_foreach(json_object_get(key, "values"), i, value)(void)
        printf("%s%s is %s", i ? ", " : ": ", text_at(value, "reference"), text_at(value, "value"));
    (void)putchar('\n');
}

static void print_near(const json_t *rule)
{
    const json_t *miss;
    size_t i;

    json_array_foreach(json_object_get(rule, "near"), i, miss)
    {
        title(i ? "" : "not");
        (void)printf("%s", text_at(miss, "name"));
        print_place(miss);
        (void)printf(": %s wants ", text_at(miss, "condition"));
        print_value(json_object_get(miss, "wanted"));
        (void)printf(", seen: ");
        print_value(json_object_get(miss, "seen"));
        (void)putchar('\n');
    }
}

static void print_rule(const json_t *facts)
{
    const json_t *rule = json_object_get(facts, "rule");

    title("rule");
    paint(BOLD, text_at(rule, "name"));
    print_place(rule);
    if (has(rule, "found_by"))
        (void)printf(", found by %s; failed before it: %" JSON_INTEGER_FORMAT
                     ", not asked after it: %" JSON_INTEGER_FORMAT "\n",
                     text_at(rule, "found_by"), number_at(rule, "failed"), number_at(rule, "later"));
    else
        (void)printf(": no rule matches; failed: %" JSON_INTEGER_FORMAT "\n", number_at(rule, "failed"));
    more();
    (void)printf("severity %s, state %s\n", text_at(rule, "severity"), text_at(rule, "state"));
    print_choice(rule, "severity_from");
    print_choice(rule, "state_from");
    print_key(rule);
    if (json_array_size(json_object_get(rule, "clears"))) {
        more();
        (void)printf("clears ");
        print_list(json_object_get(rule, "clears"));
        (void)putchar('\n');
    }
    print_near(rule);
}

static void print_dedup(const json_t *facts)
{
    const json_t *dedup = json_object_get(facts, "dedup");

    title("dedup");
    if (!json_is_object(dedup)) {
        (void)printf("off\n");
        return;
    }
    (void)printf("key of ");
    print_list(json_object_get(dedup, "fields"));
    (void)printf("%s, window %" JSON_INTEGER_FORMAT " s\n",
                 json_is_true(json_object_get(dedup, "has_alarm")) ? ", alarm and state" : "",
                 number_at(dedup, "window"));
    if (!json_object_get(dedup, "suppressed_until"))
        return;
    more();
    if (has(dedup, "suppressed_until"))
        (void)printf("the same again is suppressed until %s\n", text_at(dedup, "suppressed_until"));
    else
        (void)printf("the same again is published\n");
}

static void print_alarm(const json_t *facts)
{
    const json_t *alarm = json_object_get(facts, "alarm");

    if (!json_is_object(alarm))
        return;
    title("alarm");
    (void)printf("%s: %s; now it %s", text_at(alarm, "key"), text_at(alarm, "transition"),
                 json_is_true(json_object_get(alarm, "stands")) ? "stands" : "does not stand");
    if (has(alarm, "since"))
        (void)printf(", since %s, raises: %" JSON_INTEGER_FORMAT, text_at(alarm, "since"), number_at(alarm, "count"));
    (void)putchar('\n');
}

static void print_message(const json_t *facts)
{
    const json_t *m = json_object_get(facts, "message");

    if (has(facts, "circuit"))
        print_row("circuit", "", json_object_get(facts, "circuit"));
    if (!json_is_object(m))
        return;
    title("message");
    (void)printf("topic %s, key %s, ", text_at(m, "topic"), text_at(m, "key"));
    if (has(m, "partition"))
        (void)printf("partition %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT ", ", number_at(m, "partition"),
                     number_at(m, "partitions"));
    (void)printf("%" JSON_INTEGER_FORMAT " bytes\n", number_at(m, "bytes"));
}

static void print_result(const json_t *facts)
{
    static const char *const words[][2] = {
        {"published", "the event is published"},
        {"refused", "snmptrapd refuses the notification: nothing is published"},
        {"suppressed_duplicate", "suppressed: a repeat within the window of kafkaDedup"},
        {"suppressed_rule", "suppressed: the rule says drop"},
        {"dropped_malformed", "dropped: it can be no event"},
        {"dropped_no_memory", "no event: out of memory"},
    };
    const char *result = json_string_value(json_object_get(facts, "result"));

    title("result");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (result && strcmp(result, words[i][0]) == 0)
            paint(i ? RED : GREEN, words[i][1]);
    (void)putchar('\n');
}

void tk_explain_print(const json_t *facts, const char *event)
{
    const char *no_color = getenv("NO_COLOR");

    has_colours = isatty(STDOUT_FILENO) && !(no_color && *no_color);
    print_reception(facts);
    if (json_object_get(facts, "device")) {
        print_device(facts);
        print_names(facts);
        print_rule(facts);
        print_dedup(facts);
        print_alarm(facts);
        print_message(facts);
    }
    print_result(facts);
    if (event) {
        title("event");
        (void)printf("%s\n", event);
    }
}

void tk_explain_print_json(const json_t *facts, const char *event)
{
    char *text = json_dumps(facts, JSON_COMPACT);

    if (text) /* its closing brace comes behind the event */
        (void)printf("%.*s,\"event\":%s}\n", (int)strlen(text) - 1, text, event ? event : "null");
    free(text);
}
