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

/* A property from a file may be a secret, whatever its name. librdkafka's message may contain the value, so it is
 * used only if another value gives the same message. */
static int check_property(struct tk_setting *s, const char *name, const char *value, bool is_from_file)
{
    struct tk_err err = {0}, of_another_value = {0};

    if (!is_from_file)
        return s->property(name, value, s->err);
    if (s->property(name, value, &err) == 0)
        return 0;
    if (s->property(name, "?", &of_another_value) < 0 && strcmp(err.text, of_another_value.text) == 0)
        tk_err_set(s->err, NULL, 0, "%s", err.text);
    else
        (void)tk_setting_refuse(s, name, "librdkafka refuses its value (not shown, it may be a secret)",
                                "see CONFIGURATION.md of librdkafka for its values");
    return -EINVAL;
}

int tk_setting_add_property(struct tk_setting *s, const char *name, const char *value, bool is_from_file)
{
    struct tk_settings *cf = s->cf;
    struct tk_property *grown;

    for (size_t i = 0; i < cf->property_count; i++)
        if (strcmp(cf->properties[i].name, name) == 0)
            return tk_setting_refuse(s, name, "this property was given before", "remove one of the two");
    if (s->property && check_property(s, name, value, is_from_file) < 0)
        return -EINVAL;
    grown = realloc(cf->properties, (cf->property_count + 1) * sizeof(*grown));
    if (!grown)
        return tk_setting_refuse(s, name, "out of memory", "the property is left out");
    cf->properties = grown;
    grown += cf->property_count;
    grown->name = strdup(name);
    grown->value = strdup(value);
    grown->is_from_file = is_from_file;
    if (!grown->name || !grown->value) {
        free(grown->name);
        free(grown->value);
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
static int check_property_name(const struct tk_setting *s, const char *name)
{
    size_t len = strspn(name, TK_NAME_CHARACTERS);
    char sure[128];

    if (!name[len])
        return 0;
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
    if (!*line || !*value)
        return tk_setting_refuse(s, line, "the name or the value is missing", "write kafkaProperty NAME VALUE");
    return tk_setting_add_property(s, line, value, false);
}

int tk_set_property_file(struct tk_setting *s)
{
    char line[TK_SETTING_MAX_LINE];
    size_t count_before = s->cf->property_count;
    unsigned number = 0;
    struct stat st;
    int fd, ret = 0;
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
    while (ret == 0 && fgets(line, sizeof(line), f)) {
        bool is_whole = strlen(line) < sizeof(line) - 1 || line[sizeof(line) - 2] == '\n' || feof(f);
        char *name = trim(line), *value;

        number++;
        if (is_whole && (!*name || *name == '#'))
            continue;
        value = name + strcspn(name, " \t=");
        if (*value)
            *value++ = '\0';
        value = trim(value);
        if (*value == '=')
            value = trim(value + 1);
        if (!is_whole) /* the rest would be read as the next line's name, and errors show names */
            ret = tk_setting_refuse(s, "...", "a line is too long", "keep it under 4,096 characters");
        else if (check_property_name(s, name) < 0)
            ret = -EINVAL;
        else if (*value)
            ret = tk_setting_add_property(s, name, value, true);
        else
            /* The name is not shown: this may be a line of a key that was pasted. */
            ret = tk_setting_refuse(s, "...", "a line has no value", "write NAME=VALUE");
        if (ret < 0 && s->err) { /* name this file and its line, not those of snmptrapd.conf */
            s->err->line = number;
            (void)snprintf(s->err->file, sizeof(s->err->file), "%s", s->words[0]);
        }
    }
    (void)fclose(f);
    if (ret < 0)
        tk_settings_forget_properties(s->cf, count_before); /* all of the file's properties, or none */
    return ret;
}
