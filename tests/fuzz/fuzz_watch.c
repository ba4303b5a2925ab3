/* SPDX-License-Identifier: Apache-2.0 */
/* Input: messages of a topic, one a line; an empty line is a tombstone. What is printed of them moves no cursor, is UTF-8,
 * and fits; as JSON it is the same document. The table of alarms has what stands. The same bytes are a statistics file and
 * the health topic of `trapkafka status`. */
#include "fuzz.h"

#include <string.h>

#include "base/text.h"
#include "watch/alarm_table.h"
#include "watch/event_page.h"
#include "watch/safe_text.h"
#include "watch/status_json.h"
#include "watch/status_page.h"

#define KEYS 4

static char *printed;
static size_t printed_len;

static FILE *begin(void)
{
    FILE *f = open_memstream(&printed, &printed_len);

    FUZZ_CHECK(f);
    return f;
}

static void end(FILE *f)
{
    FUZZ_CHECK(fclose(f) == 0 && tk_utf8_is_valid((const uint8_t *)printed, printed_len));
    for (size_t i = 0; i < printed_len; i++)
        FUZZ_CHECK(printed[i] == '\n' || ((unsigned char)printed[i] >= 0x20 && printed[i] != 0x7f));
}

/* Each line takes at most @p columns. */
static void check_width(unsigned columns)
{
    for (const char *line = printed; *line;) {
        size_t len = strcspn(line, "\n");

        FUZZ_CHECK(tk_safe_columns(line, len, columns + 1) <= columns);
        line += len + (line[len] != '\0');
    }
}

static void check_record(const char *value, size_t len)
{
    struct tk_seen seen;
    json_t *again;
    FILE *f;

    if (!tk_seen_read(&seen, value, len))
        return;
    f = begin();
    tk_event_page(f, &seen, false);
    end(f);
    free(printed);
    for (unsigned columns = 1; columns < 300; columns = columns * 3 + 1) {
        f = begin();
        tk_event_line(f, &seen, columns, false);
        end(f);
        check_width(columns);
        free(printed);
    }
    f = begin();
    tk_safe_print_json(f, value, len);
    FUZZ_CHECK(fclose(f) == 0);
    again = json_loadb(printed, printed_len, JSON_ALLOW_NUL, NULL);
    FUZZ_CHECK(again && json_equal(again, seen.root));
    json_decref(again);
    free(printed);
    tk_seen_done(&seen);
}

static void check_table(struct tk_standing *standing)
{
    size_t count = tk_standing_count(standing);

    FUZZ_CHECK(count <= KEYS);
    for (int order = 0; order < TK_ORDERS; order++) {
        const struct tk_standing_row *const *rows = tk_standing_sorted(standing, (enum tk_standing_order)order);

        FUZZ_CHECK(rows);
        for (unsigned columns = 20; columns < 300; columns = columns * 2 + 1) {
            FILE *f = begin();

            tk_alarm_table(f, rows, count, columns, false);
            end(f);
            check_width(columns);
            free(printed);
        }
    }
}

static void check_status(struct tk_status *st)
{
    char *json;
    json_t *root;

    tk_status_judge(st, 1795000000 * TK_SECOND);
    for (unsigned columns = 20; columns < 300; columns = columns * 2 + 1) {
        FILE *f = begin();

        tk_status_page(f, st, columns, false);
        end(f);
        check_width(columns);
        free(printed);
    }
    json = tk_status_json(st);
    root = json ? json_loads(json, 0, NULL) : NULL;
    FUZZ_CHECK(root);
    json_decref(root);
    free(json);
    tk_status_done(st);
    free(st);
}

static struct tk_status *begin_status(const char *text, size_t len)
{
    struct tk_status *st = calloc(1, sizeof(*st));

    FUZZ_CHECK(st);
    st->host = "h";
    st->stats_seconds = 15;
    for (int i = 0; i < TK_STATUS_SOURCES; i++)
        st->origin[i].absent = "none";
    tk_figures_read_text(&st->stats, text, len);
    st->origin[TK_SOURCE_STATS].name = "stats";
    st->origin[TK_SOURCE_STATS].is_read = st->stats.count > 0;
    return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tk_record_filter any;
    struct tk_standing *standing = tk_standing_new(&any, size + 4096);
    const char *at = (const char *)data, *stop = at + size;
    struct tk_status *st = begin_status(at, size);

    FUZZ_CHECK(standing);
    tk_safe_text_init();
    for (unsigned n = 0; at < stop; n++) {
        const char *line_end = memchr(at, '\n', (size_t)(stop - at));
        size_t len = (size_t)((line_end ? line_end : stop) - at);
        char *value = fuzz_text(at, len), key = (char)('a' + n % KEYS);

        if (len)
            check_record(value, len);
        tk_health_log_take(&st->log, len ? value : NULL, len);
        tk_standing_take(standing, &key, 1, len ? value : NULL, len);
        free(value);
        at = line_end ? line_end + 1 : stop;
    }
    check_status(st);
    check_table(standing);
    tk_standing_free(standing);
    return 0;
}
