/* SPDX-License-Identifier: Apache-2.0 */
/* Which files, and in which order: as read_configs() of net-snmp. */
#include "config/conf_lines.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define TYPE   "snmptrapd"
#define BLANKS " \t\r\n\v\f"

/* Cut the first word off. @returns it, "" at the end of the line; *rest is what follows */
static char *first_word(char *line, char **rest)
{
    char *word = line + strspn(line, BLANKS);
    char *end = word + strcspn(word, BLANKS);

    *rest = end + strspn(end, BLANKS);
    *end = '\0';
    return word;
}

static void unread(const struct tk_conf_walk *walk, const char *path, const struct tk_conf_line *by, int error)
{
    if (walk->on_unread)
        walk->on_unread(walk->arg, path, by, error);
}

static void read_file(struct tk_conf_walk *walk, const char *path, const struct tk_conf_line *by);

static void read_folder(struct tk_conf_walk *walk, const struct tk_conf_line *by)
{
    DIR *d = opendir(by->rest);
    char path[PATH_MAX];
    struct dirent *e;

    if (!d)
        unread(walk, by->rest, by, errno);
    while (d && !walk->is_done && (e = readdir(d))) {
        const char *end = strrchr(e->d_name, '.');

        if (e->d_name[0] == '.' || !end || strcmp(end, ".conf") != 0)
            continue;
        if (snprintf(path, sizeof(path), "%s/%s", by->rest, e->d_name) < (int)sizeof(path))
            read_file(walk, path, by);
    }
    if (d)
        (void)closedir(d);
}

/* A path that is not absolute is beside the file that includes it. */
static void read_included(struct tk_conf_walk *walk, const struct tk_conf_line *by)
{
    const char *slash = strrchr(by->file, '/');
    int folder_len = *by->rest == '/' || !slash ? 0 : (int)(slash - by->file + 1);
    char path[PATH_MAX];

    if (snprintf(path, sizeof(path), "%.*s%s", folder_len, by->file, by->rest) < (int)sizeof(path))
        read_file(walk, path, by);
    else
        unread(walk, by->rest, by, ENAMETOOLONG);
}

/* @param type  of the file's lines from here on; it has @p type_bytes */
static void take_line(struct tk_conf_walk *walk, const char *file, unsigned number, char *text, char *type,
                      size_t type_bytes)
{
    char *rest, *word = first_word(text, &rest), *end, own[64];
    struct tk_conf_line line = {.file = file, .number = number, .type = type};

    if (*word == '[') { /* [snmptrapd] TOKEN ... */
        (void)snprintf(own, sizeof(own), "%.*s", (int)strcspn(word + 1, "]"), word + 1);
        line.type = own;
        if (!*rest)
            (void)snprintf(type, type_bytes, "%s", own);
        word = first_word(rest, &rest);
    }
    if (!*word || *word == '#')
        return;
    for (end = rest + strlen(rest); end > rest && strchr(BLANKS, end[-1]);)
        *--end = '\0';
    line.token = word;
    line.rest = rest;
    if (strcasecmp(word, "includeFile") == 0)
        read_included(walk, &line);
    else if (strcasecmp(word, "includeDir") == 0)
        read_folder(walk, &line);
    if (!walk->is_done)
        walk->on_line(walk->arg, &line);
}

static FILE *open_file(const char *path, int *ret_error)
{
    FILE *f = fopen(path, "re");
    struct stat st;

    *ret_error = errno;
    if (f && fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        (void)fclose(f);
        *ret_error = EISDIR;
        return NULL;
    }
    return f;
}

static void read_file(struct tk_conf_walk *walk, const char *path, const struct tk_conf_line *by)
{
    char *text = NULL, type[64] = TYPE;
    unsigned number = 0;
    size_t size = 0;
    int error;
    FILE *f;

    if (walk->is_done)
        return;
    if (walk->depth == TK_CONF_DEPTH) {
        unread(walk, path, by, ELOOP);
        return;
    }
    f = open_file(path, &error);
    if (!f) {
        unread(walk, path, by, error);
        return;
    }
    walk->files++;
    walk->depth++;
    while (!walk->is_done && getline(&text, &size, f) >= 0)
        take_line(walk, path, ++number, text, type, sizeof(type));
    walk->depth--;
    free(text);
    (void)fclose(f);
}

void tk_conf_walk_file(struct tk_conf_walk *walk, const char *path)
{
    read_file(walk, path, NULL);
}

static void walk_standard(struct tk_conf_walk *walk, const char *folder)
{
    static const char *const ends[] = {".conf", ".local.conf"};
    char path[PATH_MAX];
    struct stat st;

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (snprintf(path, sizeof(path), "%s/" TYPE "%s", folder, ends[i]) < (int)sizeof(path) &&
            (stat(path, &st) == 0 || errno != ENOENT))
            read_file(walk, path, NULL);
}

/* Call @p each for each part of @p list, which may be NULL, between separators. */
static void split(struct tk_conf_walk *walk, const char *list, char separator,
                  void (*each)(struct tk_conf_walk *, const char *))
{
    char part[PATH_MAX];

    while (list && *list && !walk->is_done) {
        size_t len = strcspn(list, (const char[]){separator, '\0'});

        if (snprintf(part, sizeof(part), "%.*s", (int)len, list) < (int)sizeof(part) && len)
            each(walk, part);
        list += len + (list[len] != '\0');
    }
}

void tk_conf_walk_files(struct tk_conf_walk *walk, const char *list)
{
    split(walk, list, ',', tk_conf_walk_file);
}

void tk_conf_walk_folders(struct tk_conf_walk *walk, const char *list)
{
    split(walk, list, ':', walk_standard);
}
