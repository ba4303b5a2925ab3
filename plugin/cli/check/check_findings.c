/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/check_findings.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/text.h"

#define TEXT_BYTES 6000 /* a test of a rule shows two values */

static const char *const names[TK_CHECK_LEVELS] = {"ok", "warning", "error"};

/* What came out of files need not be UTF-8. */
static void write_text(struct tk_json *j, const char *text)
{
    char ascii[4 * TEXT_BYTES];

    if (text && !tk_utf8_is_valid((const uint8_t *)text, strlen(text)))
        text = tk_escape_ascii(ascii, sizeof(ascii), text, strlen(text));
    tk_json_cstring(j, text);
}

static void print_json(enum tk_check_level level, struct tk_check_place place, const char *text)
{
    struct tk_json j;

    tk_json_init(&j);
    tk_json_object_begin(&j);
    TK_JSON_NAME(&j, "level");
    tk_json_cstring(&j, names[level]);
    TK_JSON_NAME(&j, "file");
    write_text(&j, place.file);
    TK_JSON_NAME(&j, "line");
    if (place.line)
        tk_json_u64(&j, place.line);
    else
        tk_json_null(&j);
    TK_JSON_NAME(&j, "text");
    write_text(&j, text);
    tk_json_object_end(&j);
    if (!j.is_failed)
        (void)printf("%.*s\n", (int)j.len, j.buf);
    tk_json_done(&j);
}

static void print_line(enum tk_check_level level, struct tk_check_place place, const char *text)
{
    if (place.file)
        (void)printf("%s:", place.file);
    if (place.file && place.line)
        (void)printf("%u:", place.line);
    (void)printf("%s%s: %s\n", place.file ? " " : "", names[level], text);
}

void tk_check_say(struct tk_check_findings *f, enum tk_check_level level, struct tk_check_place place, const char *fmt,
                  ...)
{
    char text[TEXT_BYTES];
    va_list ap;

    f->count[level]++;
    if (level == TK_CHECK_OK && !f->wants_all)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (f->is_json)
        print_json(level, place, text);
    else
        print_line(level, place, text);
}

void tk_check_say_err(struct tk_check_findings *f, enum tk_check_level level, struct tk_check_place place,
                      const struct tk_err *err)
{
    if (err->file[0])
        place = (struct tk_check_place){err->file, err->line};
    tk_check_say(f, level, place, "%s", err->text);
}

static const char *plural(unsigned n)
{
    return n == 1 ? "" : "s";
}

void tk_check_summarize(const struct tk_check_findings *f, unsigned files)
{
    const unsigned errors = f->count[TK_CHECK_ERROR], warnings = f->count[TK_CHECK_WARNING];

    if (f->is_json)
        (void)printf("{\"level\":\"summary\",\"errors\":%u,\"warnings\":%u,\"ok\":%u,\"files\":%u}\n", errors, warnings,
                     f->count[TK_CHECK_OK], files);
    else
        (void)printf("%u error%s, %u warning%s, %u ok, in %u file%s\n", errors, plural(errors), warnings,
                     plural(warnings), f->count[TK_CHECK_OK], files, plural(files));
}
