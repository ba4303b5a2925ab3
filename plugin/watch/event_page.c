/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/event_page.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "watch/safe_text.h"

#define OFF  "\033[0m"
#define BOLD "\033[1m"

bool tk_wants_colour(FILE *f)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    return isatty(fileno(f)) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

const char *tk_rank_colour(enum tk_rank rank, bool has_colour)
{
    static const char *const colours[TK_RANKS] = {
        [TK_RANK_NONE] = BOLD,
        [TK_RANK_CLEARED] = "\033[32m",
        [TK_RANK_INDETERMINATE] = BOLD,
        [TK_RANK_WARNING] = "\033[36m",
        [TK_RANK_MINOR] = "\033[33m",
        [TK_RANK_MAJOR] = "\033[31m",
        [TK_RANK_CRITICAL] = "\033[1;31m",
    };

    return has_colour ? colours[rank] : "";
}

static void put(FILE *f, const char *text)
{
    (void)tk_safe_print(f, text, strlen(text), TK_PAGE_COLUMNS);
}

/* A line "  NAME       TEXT TEXT ...": the texts are printed one after the other, up to NULL. */
static void put_line(FILE *f, const char *name, const char *const *texts)
{
    (void)fprintf(f, "  %-10s ", name);
    for (; *texts; texts++)
        put(f, *texts);
    (void)fputc('\n', f);
}
#define LINE(f, name, ...) put_line((f), (name), (const char *const[]){__VA_ARGS__, NULL})

/* A member of any simple type as text. @p buf is for numbers. */
static const char *text_of(const json_t *value, char buf[32])
{
    if (json_is_string(value))
        return json_string_value(value);
    if (json_is_integer(value))
        (void)snprintf(buf, 32, "%lld", (long long)json_integer_value(value));
    else
        (void)snprintf(buf, 32, "%s", json_is_true(value) ? "true" : json_is_false(value) ? "false" : "");
    return buf;
}

/* --- an event ---------------------------------------------------------------------------------------------------- */

static void put_received(FILE *f, const struct tk_seen *seen)
{
    const json_t *source = json_object_get(seen->root, "source"), *snmp = json_object_get(seen->root, "snmp");
    const char *address = tk_seen_text(source, "address"), *version = tk_seen_text(snmp, "version");
    char port[32];
    bool is_v3 = strcmp(version, "3") == 0;

    LINE(f, "received", tk_seen_text(seen->root, "received"), ", ", tk_seen_text(snmp, "pdu"), " by SNMP v", version,
         is_v3 ? " " : "", is_v3 ? tk_seen_text(snmp, "security_level") : "", is_v3 ? " user " : "",
         is_v3 ? tk_seen_text(snmp, "security_name") : "", ", ", tk_seen_text(source, "transport"), " from ",
         *address ? address : "no address", *address ? " port " : "",
         *address ? text_of(json_object_get(source, "port"), port) : "");
}

static void put_alarm(FILE *f, const struct tk_seen *seen)
{
    const json_t *alarm = json_object_get(seen->root, "alarm");
    const char *transition = tk_seen_text(alarm, "transition");
    char count[32];

    if (!*seen->key) {
        LINE(f, "alarm", "none");
        return;
    }
    LINE(f, "alarm", tk_seen_text(alarm, "state"), " ", seen->key, *transition ? ", " : "", transition,
         *seen->since ? ", since " : "", seen->since, seen->count > 1 ? ", raised " : "",
         seen->count > 1 ? text_of(json_object_get(alarm, "count"), count) : "", seen->count > 1 ? " times" : "");
}

static void put_pairs(FILE *f, const char *name, json_t *object)
{
    const char *key, *comma = "";
    json_t *value;
    char buf[32];

    if (!json_is_object(object) || json_object_size(object) == 0)
        return;
    (void)fprintf(f, "  %-10s ", name);
    json_object_foreach(object, key, value)
    {
        put(f, comma);
        put(f, key);
        (void)fputc(' ', f);
        put(f, text_of(value, buf));
        comma = ", ";
    }
    (void)fputc('\n', f);
}

/* ifDescr.7, bgpPeerState.192.0.2.1, or the number where no dictionary knows the OID. */
static void name_varbind(FILE *f, const json_t *vb)
{
    const char *name = tk_seen_text(vb, "name");
    json_t *index = json_object_get(vb, "index"), *part;
    size_t i;

    put(f, *name ? name : tk_seen_text(vb, "oid"));
    if (!*name)
        return;
    json_array_foreach(index, i, part)
    {
        (void)fputc('.', f);
        put(f, json_string_value(part) ? json_string_value(part) : "");
    }
}

static void put_varbind(FILE *f, const json_t *vb, unsigned width)
{
    const char *value = tk_seen_text(vb, "value"), *text = tk_seen_text(vb, "text");
    char *name = NULL;
    size_t len = 0;
    FILE *m = open_memstream(&name, &len);

    if (m) {
        name_varbind(m, vb);
        (void)fclose(m);
    }
    (void)fputs("    ", f);
    tk_safe_print_cell(f, name ? name : "", width, false);
    (void)fputs(" = ", f);
    put(f, text);
    if (strcmp(tk_seen_text(vb, "type"), "integer") == 0 && strcmp(text, value) != 0) {
        (void)fputs(" (", f);
        put(f, value);
        (void)fputc(')', f);
    }
    (void)fputc('\n', f);
    free(name);
}

/* As wide as the widest name, up to 60. */
static unsigned width_of_names(const json_t *varbinds)
{
    unsigned width = 1;
    json_t *vb;
    size_t i;

    json_array_foreach(varbinds, i, vb)
    {
        char *name = NULL;
        size_t len = 0;
        FILE *m = i < TK_PAGE_VARBINDS ? open_memstream(&name, &len) : NULL;
        unsigned columns;

        if (!m)
            break;
        name_varbind(m, vb);
        (void)fclose(m);
        columns = tk_safe_columns(name, len, 60);
        width = columns > width ? columns : width;
        free(name);
    }
    return width;
}

static void put_varbinds(FILE *f, const json_t *varbinds)
{
    unsigned width = width_of_names(varbinds);
    size_t i, count = json_array_size(varbinds);
    json_t *vb;

    json_array_foreach(varbinds, i, vb)
    {
        if (i == TK_PAGE_VARBINDS)
            break;
        put_varbind(f, vb, width);
    }
    if (count > TK_PAGE_VARBINDS)
        (void)fprintf(f, "    ... and %zu more\n", count - TK_PAGE_VARBINDS);
}

static void put_head(FILE *f, const char *word, const char *what, const char *between, const char *device,
                     const char *colour)
{
    (void)fputs(colour, f);
    put(f, word);
    (void)fputs("  ", f);
    put(f, what);
    if (*colour)
        (void)fputs(OFF, f);
    (void)fputs(between, f);
    put(f, device);
    (void)fputc('\n', f);
}

static const char *in_capitals(const char *severity, char buf[16])
{
    size_t i = 0;

    for (; i < 15 && severity[i]; i++)
        buf[i] = (char)(severity[i] >= 'a' && severity[i] <= 'z' ? severity[i] - 'a' + 'A' : severity[i]);
    buf[i] = '\0';
    return buf;
}

static void put_event(FILE *f, const struct tk_seen *seen, bool has_colour)
{
    json_int_t repeats = tk_seen_number(json_object_get(seen->root, "dedup"), "repeats");
    json_t *priority = json_object_get(seen->root, "itil_priority");
    char buf[32], number[32], capitals[16];

    put_head(f, in_capitals(seen->severity, capitals), *seen->name ? seen->name : seen->oid, "  on ", seen->device,
             tk_rank_colour(seen->rank, has_colour));
    if (*seen->oid)
        LINE(f, "trap", seen->oid, *seen->mib ? " of " : ", which no dictionary knows", seen->mib);
    put_received(f, seen);
    LINE(f, "summary", seen->summary);
    put_alarm(f, seen);
    LINE(f, "rule", tk_seen_text(seen->root, "severity_rule"), json_is_integer(priority) ? ", ITIL priority " : "",
         json_is_integer(priority) ? text_of(priority, buf) : "");
    (void)snprintf(number, sizeof(number), "%lld", (long long)repeats);
    if (repeats > 0)
        LINE(f, "repeats", number);
    put_pairs(f, "topology", json_object_get(seen->root, "topology"));
    put_pairs(f, "fields", json_object_get(seen->root, "fields"));
    put_varbinds(f, json_object_get(seen->root, "varbinds"));
}

/* --- other records ----------------------------------------------------------------------------------------------- */

static void put_rejected(FILE *f, const struct tk_seen *seen, bool has_colour)
{
    const json_t *snmp = json_object_get(seen->root, "snmp");
    const char *user = tk_seen_text(snmp, "security_name"), *engine = tk_seen_text(snmp, "engine_id");
    char count[32];

    put_head(f, "REJECTED", tk_seen_text(seen->root, "reason"), "  from ", *seen->device ? seen->device : "no address",
             has_colour ? BOLD : "");
    LINE(f, "who", *user ? "user " : "", user, *user ? ", " : "", *engine ? "engine " : "", engine, *engine ? ", " : "",
         "packets ", text_of(json_object_get(seen->root, "count"), count));
    LINE(f, "last", tk_seen_text(seen->root, "last"));
    LINE(f, "why", tk_seen_text(seen->root, "detail"));
    LINE(f, "remedy", tk_seen_text(seen->root, "remedy"));
}

static void put_health(FILE *f, const struct tk_seen *seen, bool has_colour)
{
    const json_t *books = json_object_get(seen->root, "books"), *receiver = json_object_get(seen->root, "receiver");
    const char *detail = tk_seen_text(seen->root, "detail");
    char received[32], published[32], pending[32];

    put_head(f, "HEALTH", tk_seen_text(seen->root, "cause"), "  of ", tk_seen_text(receiver, "host"),
             has_colour ? BOLD : "");
    LINE(f, "time", tk_seen_text(seen->root, "time"), ", queue ", tk_seen_text(receiver, "queue"));
    if (*detail)
        LINE(f, "detail", detail);
    LINE(f, "books", "received ", text_of(json_object_get(books, "received"), received), ", published ",
         text_of(json_object_get(books, "published"), published), ", pending ",
         text_of(json_object_get(books, "pending"), pending),
         json_is_false(json_object_get(seen->root, "is_balanced")) ? ", NOT BALANCED" : "");
}

static void put_other(FILE *f, const struct tk_seen *seen, bool has_colour)
{
    char capitals[16];

    put_head(f, in_capitals(seen->type, capitals), *seen->key ? seen->key : seen->severity,
             *seen->device ? "  on " : "", seen->device, tk_rank_colour(seen->rank, has_colour));
    if (*seen->summary)
        LINE(f, "summary", seen->summary);
}

void tk_event_page(FILE *f, const struct tk_seen *seen, bool has_colour)
{
    if (strcmp(seen->type, "trap") == 0)
        put_event(f, seen, has_colour);
    else if (strcmp(seen->type, "rejected") == 0)
        put_rejected(f, seen, has_colour);
    else if (strcmp(seen->type, "health") == 0)
        put_health(f, seen, has_colour);
    else
        put_other(f, seen, has_colour);
    (void)fputc('\n', f);
}

/* --- in one line ------------------------------------------------------------------------------------------------- */

/* As much as there is room for, and at most @p most columns. */
static void add(FILE *f, unsigned *room, const char *between, const char *text, size_t len, unsigned most)
{
    unsigned gap = (unsigned)strlen(between);

    if (!len || *room <= gap)
        return;
    *room -= gap;
    (void)fputs(between, f);
    *room -= tk_safe_print(f, text, len, *room < most ? *room : most);
}

static void add_severity(FILE *f, unsigned *room, const char *word, const char *colour)
{
    unsigned width = *room > 8 ? 8 : *room - (*room > 0);

    if (!width)
        return;
    (void)fprintf(f, " %s", colour);
    tk_safe_print_cell(f, word, width, false);
    (void)fputs(*colour ? OFF : "", f);
    *room -= 1 + width;
}

void tk_event_line(FILE *f, const struct tk_seen *seen, unsigned columns, bool has_colour)
{
    const char *received = tk_seen_text(seen->root, "received"), *device = *seen->device ? seen->device : "-";
    const char *what = *seen->name ? seen->name : *seen->oid ? seen->oid : tk_seen_text(seen->root, "reason");
    const char *text = *seen->summary ? seen->summary : tk_seen_text(seen->root, "detail");
    unsigned room = columns;

    what = *what ? what : tk_seen_text(seen->root, "cause");
    received = *received ? received : tk_seen_text(seen->root, "time");
    add(f, &room, "", received, strlen(received) < 19 ? strlen(received) : 19, 30);
    add_severity(f, &room, *seen->severity ? seen->severity : seen->type, tk_rank_colour(seen->rank, has_colour));
    add(f, &room, " ", device, strlen(device), 40);
    add(f, &room, " ", what, strlen(what), 48);
    add(f, &room, "  ", text, strlen(text), TK_ALL_COLUMNS);
    (void)fputc('\n', f);
}
