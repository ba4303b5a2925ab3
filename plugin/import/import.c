/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file_access.h"
#include "base/text.h"

bool tk_import_init(struct tk_import *im, const struct tk_dict *dict, const struct tk_dict *standard, FILE *notes)
{
    memset(im, 0, sizeof(*im));
    im->dict = dict;
    im->standard = standard;
    im->notes = notes;
    im->names = json_object();
    im->severities = json_object();
    im->taken = json_object();
    im->is_out_of_memory = !im->names || !im->severities || !im->taken;
    return !im->is_out_of_memory;
}

void tk_import_done(struct tk_import *im)
{
    for (uint32_t i = 0; i < im->rules.count; i++) {
        json_decref(((struct tk_import_rule *)im->rules.items)[i].rule);
        json_decref(((struct tk_import_rule *)im->rules.items)[i].test);
    }
    for (uint32_t i = 0; i < im->files.count; i++)
        free(((char **)im->files.items)[i]);
    tk_vector_done(&im->rules);
    tk_vector_done(&im->files);
    json_decref(im->names);
    json_decref(im->severities);
    json_decref(im->taken);
}

/* ---- reading ---- */

static bool begin_file(struct tk_import *im, const char *path)
{
    char **kept = tk_vector_push(&im->files, 1, sizeof(*kept));

    if (kept)
        *kept = strdup(path);
    im->file = kept ? *kept : NULL;
    im->is_out_of_memory |= !im->file;
    return im->file;
}

/* Every byte of ISO 8859-1 takes at most two of UTF-8. */
static char *from_latin1(const char *text, size_t len, size_t *ret_len)
{
    char *dst = malloc(2 * len + 1);
    size_t n = 0;

    for (size_t i = 0; dst && i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c >= 0x80) {
            dst[n++] = (char)(0xc0 | c >> 6);
            c = 0x80 | (c & 0x3f);
        }
        dst[n++] = (char)(c ? c : ' ');
    }
    if (dst)
        dst[n] = '\0';
    *ret_len = n;
    return dst;
}

char *tk_import_take_text(struct tk_import *im, const char *name, const char *text, size_t len, size_t *ret_len)
{
    char *copy;

    if (!begin_file(im, name))
        return NULL;
    if (tk_utf8_is_valid((const uint8_t *)text, len)) {
        copy = strndup(text, len);
        *ret_len = len;
    } else {
        copy = from_latin1(text, len, ret_len);
    }
    im->is_out_of_memory |= !copy;
    return copy;
}

char *tk_import_read(struct tk_import *im, const char *path, size_t *ret_len, struct tk_err *err)
{
    char why[TK_FILE_ACCESS_BYTES], *bytes = NULL, *text = NULL;
    FILE *f = fopen(path, "re");
    struct stat st = {.st_size = 0};
    size_t len = 0;

    if (!f || fstat(fileno(f), &st) < 0 || S_ISDIR(st.st_mode)) {
        tk_err_set(err, path, 0, "%s; name a file that can be read",
                   f ? "it is a folder" : tk_file_access_why(why, sizeof(why), path, errno));
    } else if ((uintmax_t)st.st_size > TK_IMPORT_MAX_BYTES) {
        tk_err_set(err, path, 0, "it has over %zu bytes; cut it into several files", TK_IMPORT_MAX_BYTES);
    } else {
        bytes = malloc((size_t)st.st_size + 1);
        if (bytes)
            len = fread(bytes, 1, (size_t)st.st_size, f);
        text = bytes && !ferror(f) ? tk_import_take_text(im, path, bytes, len, ret_len) : NULL;
        if (!text)
            tk_err_set(err, path, 0, "%s", ferror(f) ? "it can't be read; name another file" : "out of memory");
    }
    free(bytes);
    if (f)
        (void)fclose(f);
    return text;
}

/* ---- notes ---- */

void tk_import_tell(struct tk_import *im, unsigned line, const char *value, const char *fmt, ...)
{
    char shown[200], file[512];
    va_list ap;

    im->note_count++;
    if (!im->notes)
        return;
    (void)fprintf(im->notes, "%s:%u: ", tk_escape(file, sizeof(file), im->file, strlen(im->file)), line);
    if (value)
        (void)fprintf(im->notes, "'%s': ", tk_escape(shown, sizeof(shown), value, strlen(value)));
    va_start(ap, fmt);
    (void)vfprintf(im->notes, fmt, ap);
    va_end(ap);
    (void)fputc('\n', im->notes);
}

/* ---- severities ---- */

static const char *const severities[] = {"critical", "major", "minor", "warning", "indeterminate", "cleared"};

/* What the formats' documentation names, and what writers of files use. */
static const struct {
    const char *theirs, *ours;
} known[] = {
    {"critical", "critical"},
    {"fatal", "critical"},
    {"severe", "critical"},
    {"major", "major"},
    {"minor", "minor"},
    {"warning", "warning"},
    {"normal", "indeterminate"},
    {"ok", "indeterminate"},
    {"informational", "indeterminate"},
    {"info", "indeterminate"},
    {"information", "indeterminate"},
    {"indeterminate", "indeterminate"},
    {"unknown", "indeterminate"},
    {"cleared", "cleared"},
};

static void lower(char *dst, size_t bytes, const char *src, size_t len)
{
    size_t n = 0;

    for (; n < len && n + 1 < bytes; n++)
        dst[n] = (char)tolower((unsigned char)src[n]);
    dst[n] = '\0';
}

bool tk_import_map_severity(struct tk_import *im, const char *text)
{
    const char *equals = strrchr(text, '=');
    char name[128];

    if (!equals || equals == text)
        return false;
    lower(name, sizeof(name), text, (size_t)(equals - text));
    for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++)
        if (strcmp(severities[i], equals + 1) == 0)
            return json_object_set_new(im->severities, name, json_string(equals + 1)) == 0;
    return false;
}

const char *tk_import_severity(struct tk_import *im, unsigned line, const char *name)
{
    char small[128];
    json_t *mapped;

    lower(small, sizeof(small), name, strlen(name));
    mapped = json_object_get(im->severities, small);
    if (mapped)
        return json_string_value(mapped);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].theirs, small) == 0)
            return known[i].ours;
    tk_import_tell(im, line, name,
                   "no severity is known for this name, the rule has indeterminate; write --severity '%.60s=SEVERITY'",
                   strpbrk(name, "'\n\r\33") ? "NAME" : name);
    return "indeterminate";
}

/* ---- rules ---- */

void tk_import_put(struct tk_import *im, json_t *object, const char *member, json_t *value)
{
    im->is_out_of_memory |= json_object_set_new(object, member, value) < 0;
}

void tk_import_append(struct tk_import *im, json_t *array, json_t *value)
{
    im->is_out_of_memory |= json_array_append_new(array, value) < 0;
}

const char *tk_import_rule_name(struct tk_import *im, const char *wanted, char *dst)
{
    char base[TK_IMPORT_NAME - 12];
    size_t n = 0;
    json_t *uses;
    unsigned number;

    for (; wanted[n] && n + 1 < sizeof(base); n++)
        base[n] = isalnum((unsigned char)wanted[n]) || strchr("._/-", wanted[n]) ? wanted[n] : '_';
    if (!n)
        base[n++] = '_';
    base[n] = '\0';
    (void)snprintf(dst, TK_IMPORT_NAME, "%s", base);
    /* The name may be taken by another's number: "a/2" is a name too. */
    uses = json_object_get(im->taken, base);
    number = uses ? (unsigned)json_integer_value(uses) : 0;
    while (json_object_get(im->taken, dst))
        (void)snprintf(dst, TK_IMPORT_NAME, "%s/%u", base, number = number < 2 ? 2 : number + 1);
    tk_import_put(im, im->taken, base, json_integer(number ? number : 1));
    if (strcmp(base, dst) != 0)
        tk_import_put(im, im->taken, dst, json_integer(1));
    return dst;
}

json_t *tk_import_new_rule(struct tk_import *im, const char *name, unsigned line, const char *trap)
{
    const char *slash = strrchr(im->file, '/');
    json_t *rule = json_object(), *match = json_object();

    tk_import_put(im, rule, "name", json_string(name));
    tk_import_put(im, rule, "comment", json_sprintf("%s:%u", slash ? slash + 1 : im->file, line));
    tk_import_put(im, match, "trap", json_string(trap));
    tk_import_put(im, rule, "match", match);
    return rule;
}

void tk_import_add(struct tk_import *im, json_t *rule, json_t *test, unsigned line, unsigned rank)
{
    struct tk_import_rule *kept;

    if (im->rules.count == TK_IMPORT_MAX_RULES) {
        tk_import_tell(im, line, json_string_value(json_object_get(rule, "name")),
                       "a file has at most %d rules; import fewer files at a time", TK_IMPORT_MAX_RULES);
        json_decref(rule);
        json_decref(test);
        return;
    }
    kept = rule ? tk_vector_push(&im->rules, 1, sizeof(*kept)) : NULL;
    if (!kept) {
        im->is_out_of_memory = true;
        json_decref(rule);
        json_decref(test);
        return;
    }
    *kept = (struct tk_import_rule){.rule = rule,
                                    .test = test,
                                    .file = im->file,
                                    .line = line,
                                    .rank = rank,
                                    .order = im->rules.count};
}

static int compare_rules(const void *a, const void *b)
{
    const struct tk_import_rule *x = a, *y = b;

    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void tk_import_sort(struct tk_import *im)
{
    if (im->rules.count)
        qsort(im->rules.items, im->rules.count, sizeof(struct tk_import_rule), compare_rules);
}

/* ---- the file ---- */

static unsigned print_names(const struct tk_import *im, FILE *f)
{
    const char *name, *separator = "";
    unsigned lines = 0;
    json_t *oid;

    if (!json_object_size(im->names))
        return 0;
    (void)fputs("\"names\": {\n", f);
    json_object_foreach(im->names, name, oid)
    {
        json_t *text = json_string(name);

        (void)fputs(separator, f);
        (void)json_dumpf(text, f, JSON_ENCODE_ANY);
        (void)fprintf(f, ": \"%s\"", json_string_value(oid));
        json_decref(text);
        separator = ",\n";
        lines++;
    }
    (void)fputs("\n},\n", f);
    return lines + 2;
}

static void print_list(const struct tk_import *im, FILE *f, bool wants_tests)
{
    const char *separator = "";

    for (uint32_t i = 0; i < im->rules.count; i++) {
        const struct tk_import_rule *r = (const struct tk_import_rule *)im->rules.items + i;
        const json_t *item = wants_tests ? r->test : r->rule;

        if (!r->rule || !item)
            continue;
        (void)fputs(separator, f);
        (void)json_dumpf(item, f, 0);
        separator = ",\n";
    }
    (void)fputs(*separator ? "\n" : "", f);
}

char *tk_import_print(struct tk_import *im, size_t *ret_len, unsigned *ret_first)
{
    char *text = NULL;
    FILE *f = open_memstream(&text, ret_len);
    bool is_good;

    if (!f)
        return NULL;
    (void)fputs("{\n", f);
    *ret_first = 3 + print_names(im, f);
    (void)fputs("\"rules\": [\n", f);
    print_list(im, f, false);
    (void)fputs("],\n\"tests\": [\n", f);
    print_list(im, f, true);
    (void)fputs("]\n}\n", f);
    is_good = !ferror(f);
    is_good &= fclose(f) == 0;
    if (is_good)
        return text;
    free(text);
    return NULL;
}
