/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/check_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "base/file_access.h"
#include "cli/check/check_stock.h"
#include "config/conf_lines.h"
#include "sink/kafka_check.h"

#define OURS "snmptrapd" /* the type of lines that snmptrapd reads */

/** The line on which a directive was accepted. */
struct tk_check_where {
    char file[512];
    unsigned line; /* 0: on none */
};

/** One reading. */
struct reading {
    struct tk_check_config *config;
    struct tk_check_findings *findings;
    struct tk_check_stock stock;
    struct tk_check_place at; /* the line that is read */
    unsigned modules;         /* dlmod lines of the module in all files */
    struct tk_err *err;       /* of a file that no line names */
};

static bool is_type_ours(const struct tk_conf_line *line)
{
    return strcasecmp(line->type, OURS) == 0;
}

/* --- a line of the module ---------------------------------------------------------------------------------------- */

static void on_error(void *arg, const struct tk_err *err)
{
    const struct reading *r = arg;

    tk_check_say_err(r->findings, TK_CHECK_ERROR, r->at, err);
}

static void on_warning(void *arg, const struct tk_err *err)
{
    const struct reading *r = arg;

    tk_check_say_err(r->findings, TK_CHECK_WARNING, r->at, err);
}

/* At a start net-snmp does not know the directive yet. */
static void say_above(const struct reading *r, const struct tk_conf_line *line, bool is_protective)
{
    char what[100];

    tk_check_say(r->findings, is_protective ? TK_CHECK_ERROR : TK_CHECK_WARNING, r->at,
                 "%s stands above the dlmod line, so it is not in force%s; move it below that line", line->token,
                 is_protective ? ", and nothing is published" : " before the first SIGHUP");
    (void)snprintf(what, sizeof(what), "%s above the dlmod line", line->token);
    if (is_protective)
        tk_settings_distrust(r->config->settings, what);
}

static void note_place(struct tk_check_config *c, const struct tk_conf_line *line)
{
    for (size_t i = 0; i < tk_directive_count; i++)
        if (strcasecmp(line->token, tk_directives[i].token) == 0) {
            (void)snprintf(c->where[i].file, sizeof(c->where[i].file), "%s", line->file);
            c->where[i].line = line->number;
        }
}

static bool is_known(const char *token)
{
    for (size_t i = 0; i < tk_directive_count; i++)
        if (strcasecmp(token, tk_directives[i].token) == 0)
            return true;
    return false;
}

static void read_directive(struct reading *r, const struct tk_conf_line *line, enum tk_line_kind kind)
{
    struct tk_settings *cf = r->config->settings;
    struct tk_remarks remarks = {
        .errors = {.tell = on_error, .tell_arg = r},
        .warnings = {.tell = on_warning, .tell_arg = r},
    };
    char what[100];

    if (r->modules && !r->stock.has_module)
        say_above(r, line, kind == TK_LINE_PROTECTIVE);
    if (tk_settings_read(cf, line->token, line->rest, tk_kafka_check_property, &remarks) == 0)
        note_place(r->config, line);
    else
        (void)tk_settings_fall_back(cf, line->token);
    if (!is_known(line->token) && kind == TK_LINE_PROTECTIVE) {
        (void)snprintf(what, sizeof(what), "the unknown directive '%s'", line->token);
        tk_settings_distrust(cf, what);
    }
}

static void on_line(void *arg, const struct tk_conf_line *line)
{
    enum tk_line_kind kind = tk_settings_line_kind(line->token, line->rest);
    struct reading *r = arg;
    bool is_meant = kind != TK_LINE_FOREIGN || strncasecmp(line->token, "kafka", 5) == 0;

    r->at = (struct tk_check_place){line->file, line->number};
    if (!r->config->first[0])
        (void)snprintf(r->config->first, sizeof(r->config->first), "%s", line->file);
    if (is_meant && is_type_ours(line))
        read_directive(r, line, kind);
    else if (is_meant)
        tk_check_say(r->findings, TK_CHECK_ERROR, r->at,
                     "%s stands behind [%s], so snmptrapd does not read it; move it, or write [" OURS "] before it",
                     line->token, line->type);
    else if (is_type_ours(line))
        tk_check_stock_line(&r->stock, line);
}

static void on_unread(void *arg, const char *path, const struct tk_conf_line *by, int error)
{
    char why[TK_FILE_ACCESS_BYTES];
    struct reading *r = arg;

    if (error == ELOOP) {
        tk_check_say(r->findings, TK_CHECK_ERROR, (struct tk_check_place){by->file, by->number},
                     "%s '%s': files include each other more than %d deep; remove the circle", by->token, path,
                     TK_CONF_DEPTH);
        return;
    }
    (void)tk_file_access_why(why, sizeof(why), path, error);
    if (by)
        tk_check_say(r->findings, TK_CHECK_ERROR, (struct tk_check_place){by->file, by->number},
                     "%s '%s': %s; name one that snmptrapd's user can read", by->token, path, why);
    else
        tk_err_set(r->err, path, 0, "%s; name snmptrapd's configuration file", why);
}

/* --- all of them ------------------------------------------------------------------------------------------------- */

static void count_modules(void *arg, const struct tk_conf_line *line)
{
    struct reading *r = arg;

    r->modules += is_type_ours(line) && tk_check_is_module(line);
}

static const char *standard_folders(void)
{
    const char *folders = getenv("SNMPCONFPATH");

    return folders ? folders : get_configuration_directory();
}

/* @returns how many files were read */
static unsigned walk(struct reading *r, const char *path, tk_conf_line_fn *fn, tk_conf_unread_fn *unread)
{
    struct tk_conf_walk walk = {.on_line = fn, .on_unread = unread, .arg = r};

    if (path)
        tk_conf_walk_file(&walk, path);
    else
        tk_conf_walk_folders(&walk, standard_folders());
    return walk.files;
}

/* What no single line is to blame for. */
static void check_whole(struct reading *r)
{
    struct tk_check_config *c = r->config;
    struct tk_settings *cf = c->settings;
    struct tk_err err = {0};

    r->stock.is_logging_traps = cf->is_logging_traps;
    tk_check_stock_end(&r->stock, c->first);
    if (!cf->refused[0] && tk_kafka_check_together(cf, &err) < 0) {
        tk_check_say_err(r->findings, TK_CHECK_ERROR, tk_check_config_place(c, TK_DIRECTIVE_kafkaPropertyFile), &err);
        tk_settings_distrust(cf, "the combination of Kafka's properties");
    }
    tk_err_clear(&err);
    (void)tk_settings_settle(cf, NULL);
    if (tk_settings_check(cf, &err) < 0)
        tk_check_say_err(r->findings, TK_CHECK_ERROR, (struct tk_check_place){c->first, 0}, &err);
    if (cf->brokers && strcasecmp(cf->brokers, "embedded") == 0)
        tk_check_say(r->findings, TK_CHECK_WARNING, tk_check_config_place(c, TK_DIRECTIVE_kafkaBrokers),
                     "kafkaBrokers embedded is a test broker, which loses all events when snmptrapd stops; write "
                     "kafkaBrokers HOST:PORT");
}

bool tk_check_config_read(struct tk_check_config *c, const char *path, struct tk_check_findings *findings,
                          struct tk_err *err)
{
    struct reading r = {.config = c, .findings = findings, .stock = {.findings = findings}, .err = err};

    *c = (struct tk_check_config){.settings = tk_settings_new(),
                                  .where = calloc(TK_DIRECTIVE_COUNT, sizeof(struct tk_check_where))};
    if (!c->settings || !c->where) {
        tk_err_set(err, NULL, 0, "out of memory");
        return false;
    }
    (void)walk(&r, path, count_modules, NULL);
    c->files = walk(&r, path, on_line, on_unread);
    if (!c->files)
        tk_err_set(err, NULL, 0, "there is no snmptrapd.conf in %s; write the path of snmptrapd's configuration file",
                   standard_folders());
    if (err->is_set)
        return false;
    if (!c->first[0])
        (void)snprintf(c->first, sizeof(c->first), "%s", path ? path : "snmptrapd.conf"); /* it is empty */
    check_whole(&r);
    return true;
}

void tk_check_config_done(struct tk_check_config *c)
{
    tk_settings_unref(c->settings);
    free(c->where);
}

struct tk_check_place tk_check_config_place(const struct tk_check_config *c, enum tk_directive_number directive)
{
    const struct tk_check_where *w = &c->where[directive];

    return w->line ? (struct tk_check_place){w->file, w->line} : (struct tk_check_place){c->first, 0};
}
