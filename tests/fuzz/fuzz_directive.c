/* SPDX-License-Identifier: Apache-2.0 */
/* Input: lines of a configuration, "DIRECTIVE ARGUMENTS", all for the same settings. */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "config/settings.h"

static int check_property(const char *name, const char *value, bool is_from_file, struct tk_err *err)
{
    (void)is_from_file;
    FUZZ_CHECK(name[0] && value[0]);
    if (strncmp(name, "bad", 3) != 0)
        return 0;
    tk_err_set(err, NULL, 0, "bad property");
    return -EINVAL;
}

static void check_settings(const struct tk_settings *cf)
{
    FUZZ_CHECK(cf->topic && cf->topic[0] && strlen(cf->topic) <= 249);
    FUZZ_CHECK(!cf->health_topic || cf->health_topic[0]);
    FUZZ_CHECK(!cf->brokers || cf->brokers[0]);
    FUZZ_CHECK(cf->queue_bytes >= 1ULL << 20 && cf->queue_bytes <= (cf->queue_path ? 16ULL << 40 : 64ULL << 30));
    FUZZ_CHECK(!cf->queue_path || cf->queue_path[0] == '/');
    FUZZ_CHECK(!cf->queue_sync_ms || (cf->queue_sync_ms >= 10 && cf->queue_sync_ms <= 60000));
    FUZZ_CHECK(!cf->dead_letter_topic || cf->dead_letter_topic[0]);
    FUZZ_CHECK(cf->dedup_window_s <= 86400 && cf->dedup_fields && cf->flush_seconds <= 60);
    FUZZ_CHECK(cf->engines_max <= TK_ENGINES_MAX);
    FUZZ_CHECK(!cf->engines_max || (cf->engines_ttl_s >= 60 && cf->engines_ttl_s <= 3650 * 86400));
    FUZZ_CHECK(!cf->stats_file || (cf->stats_file[0] == '/' && cf->stats_seconds >= 1 && cf->stats_seconds <= 3600));
    FUZZ_CHECK(tk_settings_same_producer(cf, cf));
}

static void take_line(struct tk_settings *cf, struct tk_settings *other, char *line)
{
    char *args = line + strcspn(line, " ");
    size_t properties = cf->property_count;
    struct tk_err err = {0};

    if (*args)
        *args++ = '\0';
    if (tk_settings_set(cf, line, args, check_property, &err) < 0) {
        fuzz_check_error(&err);
        FUZZ_CHECK(cf->property_count == properties); /* a refused directive changes nothing */
        (void)tk_settings_keep(cf, line, args, other);
    }
    check_settings(cf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_settings *before = tk_settings_new(), *cf = tk_settings_new();
    struct tk_err err = {0};
    unsigned lines = 0;

    FUZZ_CHECK(before && cf);
    while (size && lines++ < 64) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end ? (size_t)(end - data) : size;
        char *line = fuzz_text(data, len);

        take_line(cf, before, line);
        free(line);
        data += end ? len + 1 : len;
        size -= end ? len + 1 : len;
        if (lines % 8 == 0) { /* what SIGHUP does */
            tk_settings_unref(before);
            before = cf;
            cf = tk_settings_new();
            FUZZ_CHECK(cf);
        }
    }
    if (tk_settings_check(cf, &err) < 0)
        fuzz_check_error(&err);
    tk_settings_unref(before);
    tk_settings_unref(cf);
    return 0;
}
