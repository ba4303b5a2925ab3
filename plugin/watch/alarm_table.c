/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/alarm_table.h"

#include <string.h>

#include "watch/event_page.h"
#include "watch/safe_text.h"

#define GAP 2

enum column { SEVERITY, SINCE, COUNT, DEVICE, SITE, CIRCUIT, KEY, SUMMARY, COLUMNS };

static const struct {
    const char *title;
    unsigned least, most; /* width: what it needs, and what it is given before others have what they need */
    bool is_right;
} about[COLUMNS] = {
    [SEVERITY] = {"SEVERITY", 8, 13, false}, [SINCE] = {"SINCE (UTC)", 11, 19, false},
    [COUNT] = {"COUNT", 5, 12, true},        [DEVICE] = {"DEVICE", 10, 30, false},
    [SITE] = {"SITE", 4, 20, false},         [CIRCUIT] = {"CIRCUIT", 7, 24, false},
    [KEY] = {"KEY", 12, 60, false},          [SUMMARY] = {"SUMMARY", 20, 500, false},
};

/* What is left out first where not all columns fit; then, who is given the rest first. */
static const enum column dispensable[] = {CIRCUIT, SITE, KEY, COUNT};
static const enum column growing[] = {SEVERITY, SINCE, COUNT, DEVICE, SUMMARY, SITE, CIRCUIT, KEY};

struct cells {
    const char *text[COLUMNS];
    char since[20], count[24];
};

/* "2026-11-22 05:45:26", or in a narrow column "11-22 05:45" */
static void put_since(char dst[20], const char *since, bool is_narrow)
{
    size_t len = strlen(since);

    (void)snprintf(dst, 20, "%.*s", is_narrow ? 11 : 19, is_narrow && len >= 16 ? since + 5 : since);
    if (len >= 16)
        dst[is_narrow ? 5 : 10] = ' ';
}

static void read_cells(struct cells *c, const struct tk_seen *seen, const struct tk_standing_row *row, bool is_narrow)
{
    put_since(c->since, seen->since, is_narrow);
    (void)snprintf(c->count, sizeof(c->count), "%lld", (long long)seen->count);
    c->text[SEVERITY] = seen->severity;
    c->text[SINCE] = c->since;
    c->text[COUNT] = seen->count ? c->count : "";
    c->text[DEVICE] = seen->device;
    c->text[SITE] = seen->site;
    c->text[CIRCUIT] = seen->circuit;
    c->text[KEY] = row->key;
    c->text[SUMMARY] = seen->summary;
}

/* How wide each column would like to be; 0: no row has a value. */
static void measure(unsigned wanted[COLUMNS], const struct tk_standing_row *const *rows, size_t count)
{
    struct tk_seen seen;
    struct cells c;

    memset(wanted, 0, COLUMNS * sizeof(*wanted));
    for (size_t i = 0; i < count; i++) {
        if (!tk_seen_read(&seen, rows[i]->value, rows[i]->value_len))
            continue;
        read_cells(&c, &seen, rows[i], false);
        for (int k = 0; k < COLUMNS; k++) {
            unsigned width = tk_safe_columns(c.text[k], strlen(c.text[k]), about[k].most);

            wanted[k] = width > wanted[k] ? width : wanted[k];
        }
        tk_seen_done(&seen);
    }
    for (int k = 0; k < COLUMNS; k++)
        if (wanted[k] && wanted[k] < strlen(about[k].title))
            wanted[k] = (unsigned)strlen(about[k].title);
}

static unsigned least(const unsigned wanted[COLUMNS], int k)
{
    return wanted[k] < about[k].least ? wanted[k] : about[k].least;
}

static unsigned total(const unsigned widths[COLUMNS])
{
    unsigned sum = 0;

    for (int k = 0; k < COLUMNS; k++)
        sum += widths[k] ? widths[k] + (sum ? GAP : 0) : 0;
    return sum;
}

/* The widths of all columns; 0: left out. */
static void lay_out(unsigned widths[COLUMNS], const unsigned wanted[COLUMNS], unsigned columns)
{
    for (int k = 0; k < COLUMNS; k++)
        widths[k] = least(wanted, k);
    for (size_t i = 0; i < sizeof(dispensable) / sizeof(dispensable[0]) && total(widths) > columns; i++)
        widths[dispensable[i]] = 0;
    for (size_t i = 0; i < sizeof(growing) / sizeof(growing[0]) && total(widths) < columns; i++) {
        unsigned k = growing[i], room = columns - total(widths);

        if (widths[k] && k == SINCE)
            widths[k] += wanted[k] - widths[k] <= room ? wanted[k] - widths[k] : 0; /* one form or the other */
        else if (widths[k])
            widths[k] += wanted[k] - widths[k] < room ? wanted[k] - widths[k] : room;
    }
}

static int last_of(const unsigned widths[COLUMNS])
{
    int last = 0;

    for (int k = 0; k < COLUMNS; k++)
        if (widths[k])
            last = k;
    return last;
}

static void put_row(FILE *f, const unsigned widths[COLUMNS], const char *const text[COLUMNS], const char *colour,
                    unsigned columns)
{
    int last = last_of(widths);
    unsigned used = 0;

    for (int k = 0; k <= last; k++) {
        unsigned gap = used ? GAP : 0, room = columns > used + gap ? columns - used - gap : 0;
        unsigned width = widths[k] < room ? widths[k] : room;

        if (!widths[k] || !width)
            continue;
        (void)fprintf(f, "%*s%s", (int)gap, "", k == SEVERITY ? colour : "");
        if (k == last)
            (void)tk_safe_print(f, text[k], strlen(text[k]), width);
        else
            tk_safe_print_cell(f, text[k], width, about[k].is_right);
        if (k == SEVERITY && *colour)
            (void)fputs("\033[0m", f);
        used += gap + width;
    }
    (void)fputc('\n', f);
}

void tk_alarm_table(FILE *f, const struct tk_standing_row *const *rows, size_t count, unsigned columns, bool has_colour)
{
    unsigned wanted[COLUMNS], widths[COLUMNS];
    const char *titles[COLUMNS];
    struct tk_seen seen;
    struct cells c;

    if (!count)
        return;
    measure(wanted, rows, count);
    lay_out(widths, wanted, columns);
    for (int k = 0; k < COLUMNS; k++)
        titles[k] = about[k].title;
    put_row(f, widths, titles, "", columns);
    for (size_t i = 0; i < count; i++) {
        if (!tk_seen_read(&seen, rows[i]->value, rows[i]->value_len))
            continue;
        read_cells(&c, &seen, rows[i], widths[SINCE] < about[SINCE].most);
        put_row(f, widths, c.text, tk_rank_colour(seen.rank, has_colour), columns);
        tk_seen_done(&seen);
    }
}

void tk_alarm_totals(FILE *f, const struct tk_standing *s)
{
    size_t count = tk_standing_count(s), none = tk_standing_of_rank(s, TK_RANK_NONE);
    const char *between = ": ";

    (void)fprintf(f, "%zu alarm%s", count, count == 1 ? "" : "s");
    for (int rank = TK_RANKS - 1; rank > TK_RANK_NONE; rank--) {
        size_t n = tk_standing_of_rank(s, (enum tk_rank)rank);

        if (n) {
            (void)fprintf(f, "%s%zu %s", between, n, tk_rank_name((enum tk_rank)rank));
            between = ", ";
        }
    }
    if (none)
        (void)fprintf(f, "%s%zu without a severity", between, none);
}
