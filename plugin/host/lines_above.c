/* SPDX-License-Identifier: Apache-2.0 */
/* Which files, and in which order: as read_configs() of net-snmp. */
#include "host/lines_above.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/trapd_api.h"

#define NAME       "snmptrapd"
#define MODULE     "trapkafka"
#define BLANKS     " \t\r\n"
#define MOST_DEPTH 8 /* files that include files */
#define MOST_FOUND 32

/* The lines that were found; they matter only if the dlmod line is found below them. */
struct search {
    bool is_done; /* at the dlmod line */
    unsigned depth, count;
    struct found {
        char file[PATH_MAX], token[64];
        unsigned line;
        bool is_protective;
    } found[MOST_FOUND];
};

static void search_file(struct search *s, const char *path);

static bool is_word(const char *word, const char *expected)
{
    return strcasecmp(word, expected) == 0;
}

/* Cut the first word off. @returns it, "" at the end of the line; *rest is what follows */
static char *first_word(char *line, char **rest)
{
    char *word = line + strspn(line, BLANKS);
    char *end = word + strcspn(word, BLANKS);

    *rest = end + strspn(end, BLANKS);
    *end = '\0';
    return word;
}

static void search_folder(struct search *s, const char *folder)
{
    DIR *d = opendir(folder);
    char path[PATH_MAX];
    struct dirent *e;

    while (d && !s->is_done && (e = readdir(d))) {
        const char *end = strrchr(e->d_name, '.');

        if (e->d_name[0] == '.' || !end || strcmp(end, ".conf") != 0)
            continue;
        if (snprintf(path, sizeof(path), "%s/%s", folder, e->d_name) < (int)sizeof(path))
            search_file(s, path);
    }
    if (d)
        (void)closedir(d);
}

/* A path that is not absolute is beside the file that includes it. */
static void search_included(struct search *s, const char *by, const char *file)
{
    const char *slash = strrchr(by, '/');
    int folder_len = *file == '/' || !slash ? 0 : (int)(slash - by + 1);
    char path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%.*s%s", folder_len, by, file) < (int)sizeof(path))
        search_file(s, path);
}

static void search_line(struct search *s, const char *file, unsigned number, char *line)
{
    char *rest, *word = first_word(line, &rest);
    enum tk_line_kind kind;
    struct found *f;

    if (*word == '[') /* [snmptrapd] TOKEN ... */
        word = first_word(rest, &rest);
    if (!*word || *word == '#')
        return;
    rest[strcspn(rest, "\r\n")] = '\0';
    if (is_word(word, "dlmod")) {
        s->is_done = is_word(first_word(rest, &rest), MODULE);
        return;
    }
    if (is_word(word, "includeFile"))
        search_included(s, file, rest);
    else if (is_word(word, "includeDir"))
        search_folder(s, rest);
    kind = tk_settings_line_kind(word, rest);
    if (kind == TK_LINE_FOREIGN || (kind == TK_LINE_ORDINARY && s->count == MOST_FOUND))
        return;
    if (s->count == MOST_FOUND) /* one that protects takes the last place, so that it is not missed */
        s->count--;
    f = &s->found[s->count++];
    (void)snprintf(f->file, sizeof(f->file), "%s", file);
    (void)snprintf(f->token, sizeof(f->token), "%s", word);
    f->line = number;
    f->is_protective = kind == TK_LINE_PROTECTIVE;
}

static void search_file(struct search *s, const char *path)
{
    unsigned number = 0;
    char *line = NULL;
    size_t size = 0;
    FILE *f;

    if (s->is_done || s->depth == MOST_DEPTH || !(f = fopen(path, "re")))
        return;
    s->depth++;
    while (!s->is_done && getline(&line, &size, f) >= 0)
        search_line(s, path, ++number, line);
    s->depth--;
    free(line);
    (void)fclose(f);
}

/* Call @p each for each part of @p list, which may be NULL, between separators. */
static void split(struct search *s, const char *list, char separator, void (*each)(struct search *, const char *))
{
    char part[PATH_MAX];

    while (list && *list && !s->is_done) {
        size_t len = strcspn(list, (const char[]){separator, '\0'});

        if (snprintf(part, sizeof(part), "%.*s", (int)len, list) < (int)sizeof(part) && len)
            each(s, part);
        list += len + (list[len] != '\0');
    }
}

static void search_standard(struct search *s, const char *folder)
{
    static const char *const ends[] = {".conf", ".local.conf"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (snprintf(path, sizeof(path), "%s/" NAME "%s", folder, ends[i]) < (int)sizeof(path))
            search_file(s, path);
}

static void search_all(struct search *s)
{
    const char *optional = netsnmp_ds_get_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_OPTIONALCONFIG); /* option -c */
    const char *folders = getenv("SNMPCONFPATH");

    if (optional && *optional == '-') {
        split(s, optional + 1, ',', search_file);
        optional = NULL;
    }
    if (!netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS)) /* option -C */
        split(s, folders ? folders : get_configuration_directory(), ':', search_standard);
    split(s, optional, ',', search_file);
}

void tk_lines_above_find(struct tk_settings *cf)
{
    struct search *s = calloc(1, sizeof(*s));
    char what[160];

    if (!s) {
        tk_settings_distrust(cf, "out of memory: what stands above the dlmod line");
        return;
    }
    search_all(s);
    for (unsigned i = 0; s->is_done && i < s->count; i++) {
        const struct found *f = &s->found[i];

        snmp_log(f->is_protective ? LOG_ERR : LOG_WARNING,
                 "%s: line %u: trapkafka: %s stands above the dlmod line, so it is not in force%s: move it below that "
                 "line\n",
                 f->file, f->line, f->token, f->is_protective ? "" : " before the next SIGHUP");
        if (!f->is_protective)
            continue;
        (void)snprintf(what, sizeof(what), "%s above the dlmod line", f->token);
        tk_settings_distrust(cf, what);
    }
    free(s);
}
