/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "rules/rules_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char *read_all(int fd, size_t size, size_t *ret_len)
{
    char *text = malloc(size + 1);
    size_t len = 0;

    if (!text)
        return NULL;
    while (len < size) {
        ssize_t got = read(fd, text + len, size - len);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            free(text);
            return NULL;
        }
        if (got == 0)
            break;
        len += (size_t)got;
    }
    text[len] = '\0';
    *ret_len = len;
    return text;
}

char *tk_rules_read_file(const char *path, size_t *ret_len, struct tk_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not block the loader */
    struct stat st;
    char *text = NULL;

    if (fd < 0 || fstat(fd, &st) < 0) {
        tk_err_set(err, path, 0, "can't be opened: %s; write the path of a readable file", strerror(errno));
        goto done;
    }
    if (!S_ISREG(st.st_mode)) {
        tk_err_set(err, path, 0, "is not a regular file; write the path of a file with rules in JSON");
        goto done;
    }
    if ((uintmax_t)st.st_size > TK_RULES_MAX_BYTES) {
        tk_err_set(err, path, 0,
                   "has %jd bytes, more than the %zu that are allowed; use fewer rules: one rule can match a subtree "
                   "(OID.*) or a list of notifications",
                   (intmax_t)st.st_size, TK_RULES_MAX_BYTES);
        goto done;
    }
    text = read_all(fd, (size_t)st.st_size, ret_len);
    if (!text)
        tk_err_set(err, path, 0, "can't be read: %s; check the file and its permissions", strerror(errno));
done:
    if (fd >= 0)
        (void)close(fd); /* it was only read, so an error loses nothing */
    return text;
}

/* ---- errors ---- */

bool tk_rules_complain(struct tk_rules_compiler *c, const char *fmt, ...)
{
    char text[sizeof(((struct tk_err *)NULL)->text)];
    unsigned line = tk_rules_line(c, "rules", c->number);
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    if (c->rule[0])
        tk_err_list_add(c->errors, c->file, line, "rule '%s': %s", c->rule, text);
    else
        tk_err_list_add(c->errors, c->file, line, "rule number %zu: %s", c->number + 1, text);
    return false;
}

bool tk_rules_no_memory(struct tk_rules_compiler *c)
{
    if (!c->is_out_of_memory)
        tk_err_list_add(c->errors, c->file, 0,
                        "out of memory after %u rules; use fewer rules or give snmptrapd more memory",
                        c->r->rules.count);
    c->is_out_of_memory = true;
    return false;
}

const char *tk_rules_show(char *dst, size_t dst_bytes, const json_t *value)
{
    char *text;

    if (json_is_string(value))
        return tk_escape(dst, dst_bytes, json_string_value(value), json_string_length(value));
    if (tk_rules_big_number(value))
        return tk_escape(dst, dst_bytes, tk_rules_big_number(value), strlen(tk_rules_big_number(value)));
    text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    (void)tk_escape(dst, dst_bytes, text ? text : "nothing", text ? strlen(text) : strlen("nothing"));
    free(text);
    return dst;
}

bool tk_rules_members_ok(struct tk_rules_compiler *c, json_t *object, const char *where, const char *const *allowed)
{
    char list[200] = "", shown[64];
    const char *name;
    json_t *value;
    bool ok = true;

    json_object_foreach(object, name, value)
    {
        size_t i = 0, used = 0;

        while (allowed[i] && strcmp(allowed[i], name) != 0)
            i++;
        if (allowed[i])
            continue;
        for (i = 0; allowed[i] && used < sizeof(list); i++)
            used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", allowed[i]);
        ok = tk_rules_complain(c, "%s has an unknown member '%s'; the members are: %s", where,
                               tk_escape(shown, sizeof(shown), name, strlen(name)), list);
    }
    return ok;
}
