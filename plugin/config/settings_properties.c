/* SPDX-License-Identifier: Apache-2.0 */
/* kafkaProperty and kafkaPropertyFile: librdkafka's properties, whose values may be secrets. */
#include "config/config_internal.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Words of which one is in the names of all properties that protect: security.protocol, enable.ssl.certificate... */
static bool is_protective(const char *name)
{
    return strstr(name, "security") || strstr(name, "sasl") || strstr(name, "ssl");
}

bool tk_settings_is_protective_property(const char *line)
{
    char name[128];

    (void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, " \t="), line);
    return is_protective(name);
}

/* @returns 0, TK_PROPERTY_LEFT_OUT, or -EINVAL. A name that librdkafka does not know may be a mistyped protective one. */
static int check_property(struct tk_setting *s, const char *name, const char *value, bool is_from_file)
{
    struct tk_err warning = {0};
    int ret = s->property(name, value, is_from_file, &warning);

    if (ret == 0)
        return 0;
    if (ret < 0) {
        s->is_unsafe |= ret == -ENOENT || is_protective(name);
        if (s->err && !s->err->is_set)
            *s->err = warning;
        return -EINVAL;
    }
    (void)tk_err_list_take(s->remarks ? &s->remarks->warnings : NULL, &warning);
    return TK_PROPERTY_LEFT_OUT;
}

int tk_setting_add_property(struct tk_setting *s, const char *name, const char *value, bool is_from_file)
{
    struct tk_settings *cf = s->cf;
    struct tk_property *grown;
    int ret;

    for (size_t i = 0; i < cf->property_count; i++)
        if (strcmp(cf->properties[i].name, name) == 0) {
            s->is_unsafe |= is_protective(name) && strcmp(cf->properties[i].value, value) != 0;
            return tk_setting_refuse(s, name, "this property was given before", "remove one of the two");
        }
    ret = s->property ? check_property(s, name, value, is_from_file) : 0;
    if (ret != 0)
        return ret < 0 ? ret : 0;
    grown = realloc(cf->properties, (cf->property_count + 1) * sizeof(*grown));
    if (!grown) {
        s->is_unsafe = true;
        return tk_setting_refuse(s, name, "out of memory", "the property is left out");
    }
    cf->properties = grown;
    grown += cf->property_count;
    grown->name = strdup(name);
    grown->value = strdup(value);
    grown->is_from_file = is_from_file;
    if (!grown->name || !grown->value) {
        free(grown->name);
        free(grown->value);
        s->is_unsafe = true;
        return tk_setting_refuse(s, name, "out of memory", "the property is left out");
    }
    cf->property_count++;
    return 0;
}

static char *trim(char *text)
{
    char *end;

    while (isspace((unsigned char)*text))
        text++;
    for (end = text + strlen(text); end > text && isspace((unsigned char)end[-1]);)
        *--end = '\0';
    return text;
}

void tk_settings_forget_properties(struct tk_settings *cf, size_t from)
{
    while (cf->property_count > from) {
        cf->property_count--;
        free(cf->properties[cf->property_count].name);
        free(cf->properties[cf->property_count].value);
    }
}

/* A mistyped "sasl.password:SECRET" must not show the secret, so the error shows only the characters that a name may
 * have. */
static int check_property_name(struct tk_setting *s, const char *name)
{
    size_t len = strspn(name, TK_NAME_CHARACTERS);
    char sure[128];

    if (!name[len])
        return 0;
    s->is_unsafe = true;
    (void)snprintf(sure, sizeof(sure), "%.*s", (int)len, name);
    return tk_setting_refuse(s, sure, "the next character cannot be part of a property's name",
                             "separate name and value by a blank or =");
}

int tk_set_property(struct tk_setting *s)
{
    char line[TK_SETTING_MAX_LINE], *value;

    (void)snprintf(line, sizeof(line), "%s", s->rest);
    value = line + strcspn(line, " \t=");
    if (*value)
        *value++ = '\0';
    if (check_property_name(s, line) < 0)
        return -EINVAL;
    value = trim(value);
    if (!*line || !*value) {
        s->is_unsafe = !*line || is_protective(line);
        return tk_setting_refuse(s, line, "the name or the value is missing", "write kafkaProperty NAME VALUE");
    }
    return tk_setting_add_property(s, line, value, false);
}

/* Take one line of the file, without its end. @returns 0 / -EINVAL */
static int take_file_line(struct tk_setting *s, char *line, bool is_whole)
{
    char *name = trim(line), *value;

    if (!is_whole) /* the rest would be read as the next line's name, and errors show names */
        return tk_setting_refuse(s, "...", "a line is too long", "keep it under 4,096 characters");
    if (!*name || *name == '#')
        return 0;
    value = name + strcspn(name, " \t=");
    if (*value)
        *value++ = '\0';
    value = trim(value);
    if (*value == '=')
        value = trim(value + 1);
    if (check_property_name(s, name) < 0)
        return -EINVAL;
    if (!*value) /* the name is not shown: this may be a line of a key that was pasted */
        return tk_setting_refuse(s, "...", "a line has no value", "write NAME=VALUE");
    return tk_setting_add_property(s, name, value, true);
}

/* What was said about a line names the file and that line, not those of snmptrapd.conf. */
static void name_place(struct tk_err *err, const char *file, unsigned line)
{
    err->line = line;
    (void)snprintf(err->file, sizeof(err->file), "%s", file);
}

/* All unsuitable lines are told at once. @returns 0 / -EINVAL */
static int take_file(struct tk_setting *s, FILE *f)
{
    struct tk_err_list *warnings = s->remarks ? &s->remarks->warnings : NULL;
    char line[TK_SETTING_MAX_LINE];
    bool is_continued = false; /* this is the rest of a line that was too long */
    int ret = 0;

    for (unsigned number = 1; fgets(line, sizeof(line), f); number += !is_continued) {
        bool is_whole = strlen(line) < sizeof(line) - 1 || line[sizeof(line) - 2] == '\n' || feof(f);
        unsigned told = warnings ? warnings->kept : 0;

        if (!is_continued && take_file_line(s, line, is_whole) < 0) {
            name_place(s->err, s->words[0], number);
            (void)tk_err_list_take(s->remarks ? &s->remarks->errors : NULL, s->err);
            ret = -EINVAL;
        }
        if (warnings && warnings->kept > told)
            name_place(&warnings->err[told], s->words[0], number);
        is_continued = !is_whole;
    }
    return ret;
}

int tk_set_property_file(struct tk_setting *s)
{
    size_t count_before = s->cf->property_count;
    struct stat st;
    int fd, ret;
    FILE *f;

    if (tk_setting_one_word(s) < 0)
        return -EINVAL;
    fd = open(s->words[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return tk_setting_refuse(s, s->words[0], strerror(errno), "name a file that snmptrapd's user can read");
    f = fdopen(fd, "r");
    if (!f || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & S_IRWXO)) {
        if (f)
            (void)fclose(f);
        else
            (void)close(fd);
        return tk_setting_refuse(s, s->words[0], "not a regular file, or others may read or write it",
                                 "chmod 0600 it, and chown it to snmptrapd's user");
    }
    ret = take_file(s, f);
    if (ret == 0 && ferror(f))
        ret = tk_setting_refuse(s, s->words[0], strerror(errno), "it could not be read to its end");
    (void)fclose(f);
    if (ret < 0)
        tk_settings_forget_properties(s->cf, count_before); /* all of the file's properties, or none */
    return ret;
}
