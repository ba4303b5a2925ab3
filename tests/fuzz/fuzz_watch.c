/* SPDX-License-Identifier: Apache-2.0 */
/* Input: messages of a topic, one a line; an empty line is a tombstone. What is printed of them moves no cursor, is UTF-8,
 * and fits; as JSON it is the same document. The table of alarms has what stands. */
#include "fuzz.h"

#include <string.h>

#include "base/text.h"
#include "watch/alarm_table.h"
#include "watch/event_page.h"
#include "watch/safe_text.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tk_record_filter any;
    struct tk_standing *standing = tk_standing_new(&any, size + 4096);
    const char *at = (const char *)data, *stop = at + size;

    FUZZ_CHECK(standing);
    tk_safe_text_init();
    for (unsigned n = 0; at < stop; n++) {
        const char *line_end = memchr(at, '\n', (size_t)(stop - at));
        size_t len = (size_t)((line_end ? line_end : stop) - at);
        char *value = fuzz_text(at, len), key = (char)('a' + n % KEYS);

        if (len)
            check_record(value, len);
        tk_standing_take(standing, &key, 1, len ? value : NULL, len);
        free(value);
        at = line_end ? line_end + 1 : stop;
    }
    check_table(standing);
    tk_standing_free(standing);
    return 0;
}
