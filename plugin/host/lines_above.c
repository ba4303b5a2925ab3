/* SPDX-License-Identifier: Apache-2.0 */
#include "host/lines_above.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/conf_lines.h"
#include "host/trapd_api.h"

#define MODULE     "trapkafka"
#define MOST_FOUND 32

/* The lines that were found; they matter only if the dlmod line is found below them. */
struct search {
    struct tk_conf_walk walk; /* it ends at the dlmod line */
    unsigned count;
    struct found {
        char file[PATH_MAX], token[64];
        unsigned line;
        bool is_protective;
    } found[MOST_FOUND];
};

static void search_line(void *arg, const struct tk_conf_line *line)
{
    enum tk_line_kind kind = tk_settings_line_kind(line->token, line->rest);
    struct search *s = arg;
    struct found *f;

    if (strcasecmp(line->token, "dlmod") == 0) {
        line->rest[strcspn(line->rest, " \t")] = '\0';
        s->walk.is_done = strcasecmp(line->rest, MODULE) == 0;
        return;
    }
    if (kind == TK_LINE_FOREIGN || (kind == TK_LINE_ORDINARY && s->count == MOST_FOUND))
        return;
    if (s->count == MOST_FOUND) /* one that protects takes the last place, so that it is not missed */
        s->count--;
    f = &s->found[s->count++];
    (void)snprintf(f->file, sizeof(f->file), "%s", line->file);
    (void)snprintf(f->token, sizeof(f->token), "%s", line->token);
    f->line = line->number;
    f->is_protective = kind == TK_LINE_PROTECTIVE;
}

static void search_all(struct tk_conf_walk *walk)
{
    const char *optional = netsnmp_ds_get_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_OPTIONALCONFIG); /* option -c */
    const char *folders = getenv("SNMPCONFPATH");

    if (optional && *optional == '-') {
        tk_conf_walk_files(walk, optional + 1);
        optional = NULL;
    }
    if (!netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS)) /* option -C */
        tk_conf_walk_folders(walk, folders ? folders : get_configuration_directory());
    tk_conf_walk_files(walk, optional);
}

void tk_lines_above_find(struct tk_settings *cf)
{
    struct search *s = calloc(1, sizeof(*s));
    char what[160];

    if (!s) {
        tk_settings_distrust(cf, "out of memory: what stands above the dlmod line");
        return;
    }
    s->walk = (struct tk_conf_walk){.on_line = search_line, .arg = s};
    search_all(&s->walk);
    for (unsigned i = 0; s->walk.is_done && i < s->count; i++) {
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
