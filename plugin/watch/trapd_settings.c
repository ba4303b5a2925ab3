/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/trapd_settings.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "config/conf_lines.h"

struct reading {
    struct tk_conf_walk walk;
    struct tk_settings *cf;
    tk_property_check *property;
    struct tk_err *err;
    int ret;
};

static void take_line(void *arg, const struct tk_conf_line *line)
{
    struct reading *r = arg;
    struct tk_err err = {0};

    if (strcasecmp(line->type, "snmptrapd") != 0 || strncasecmp(line->token, "kafka", 5) != 0 ||
        tk_settings_set(r->cf, line->token, line->rest, r->property, &err) == 0 ||
        tk_settings_line_kind(line->token, line->rest) != TK_LINE_PROTECTIVE)
        return;
    tk_err_set(r->err, line->file, line->number, "%s: %s", line->token, err.text);
    r->ret = -EINVAL;
    r->walk.is_done = true;
}

/* An included file that is not there has no lines; any other may have the lines that are needed. */
static void take_unread(void *arg, const char *path, const struct tk_conf_line *by, int error)
{
    struct reading *r = arg;

    if (by && error == ENOENT)
        return;
    if (error == ELOOP)
        tk_err_set(r->err, path, 0, "more than %d files include each other; correct includeFile", TK_CONF_DEPTH);
    else
        tk_err_set(r->err, path, 0,
                   "%s; name snmptrapd's configuration file, and run the command as a user who can read it",
                   strerror(error));
    r->ret = error == ENOENT ? -ENOENT : -EINVAL;
    r->walk.is_done = true;
}

int tk_trapd_settings_read(struct tk_settings *cf, const char *path, tk_property_check *property, struct tk_err *err)
{
    struct reading r = {.cf = cf, .property = property, .err = err};

    r.walk = (struct tk_conf_walk){.on_line = take_line, .on_unread = take_unread, .arg = &r};
    tk_conf_walk_file(&r.walk, path);
    return r.ret;
}
