/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/check_stock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file_access.h"

#define MODULE     "trapkafka"
#define START_FILE TK_PKGDATADIR "/trapkafka.pl"
#define BLANKS     " \t"

/* The n-th word of the rest, from 0; "" if there are fewer. */
static const char *word_of(const struct tk_conf_line *line, unsigned n, char *dst, size_t dst_bytes)
{
    const char *at = line->rest;

    for (; n && *at; n--) {
        at += strcspn(at, BLANKS);
        at += strspn(at, BLANKS);
    }
    (void)snprintf(dst, dst_bytes, "%.*s", (int)strcspn(at, BLANKS), at);
    return dst;
}

static struct tk_check_place place_of(const struct tk_conf_line *line)
{
    return (struct tk_check_place){line->file, line->number};
}

bool tk_check_is_module(const struct tk_conf_line *line)
{
    char name[64];

    return strcasecmp(line->token, "dlmod") == 0 && strcmp(word_of(line, 0, name, sizeof(name)), MODULE) == 0;
}

static void check_file(struct tk_check_stock *s, const struct tk_conf_line *line, const char *path)
{
    char why[TK_FILE_ACCESS_BYTES];

    if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0)
        tk_check_say(s->findings, TK_CHECK_ERROR, place_of(line),
                     "%s '%s': %s; name an installed file that snmptrapd's user can read", line->token, path,
                     tk_file_access_why(why, sizeof(why), path, errno));
}

/* --- what loads the module --------------------------------------------------------------------------------------- */

static void see_module(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    char path[512];

    if (!tk_check_is_module(line))
        return;
    if (s->has_module) {
        tk_check_say(s->findings, TK_CHECK_ERROR, place_of(line),
                     "dlmod " MODULE ": the module is loaded by an earlier line; remove one of the two");
        return;
    }
    s->has_module = true;
    (void)word_of(line, 1, path, sizeof(path));
    if (path[0] != '/')
        tk_check_say(s->findings, TK_CHECK_ERROR, place_of(line),
                     "dlmod '%s': not an absolute path, so net-snmp looks in its own folders only; write dlmod " MODULE
                     " /PATH/TO/trapkafka.so",
                     path);
    else
        check_file(s, line, path);
    if (!s->has_start_file)
        tk_check_say(
            s->findings, TK_CHECK_WARNING, place_of(line),
            "stock snmptrapd does not know dlmod, and no perlInitFile line stands above; write perlInitFile " START_FILE
            " and then perl 1 above it, unless snmptrapd is started with LD_PRELOAD of "
            "trapkafka_loader.so");
    else if (!s->has_perl_since)
        tk_check_say(s->findings, TK_CHECK_ERROR, place_of(line),
                     "perlInitFile alone starts no Perl, so dlmod is not known here; write perl 1 between perlInitFile "
                     "and this line");
}

static void see_start_file(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    bool is_ours = strstr(line->rest, MODULE ".pl") != NULL;

    check_file(s, line, line->rest);
    if (is_ours && s->has_perl)
        tk_check_say(s->findings, TK_CHECK_ERROR, place_of(line),
                     "a perl line stands above, so snmptrapd has run another start file; move perlInitFile above all "
                     "perl lines");
    s->has_start_file |= is_ours;
    s->has_perl_since = false;
}

static void see_perl(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    s->has_perl = s->has_perl_since = true;
    if (strcasestr(line->rest, "embedded") || strcasestr(line->rest, "TrapReceiver"))
        tk_check_say(s->findings, TK_CHECK_WARNING, place_of(line),
                     "net-snmp registers a Perl handler once more at each SIGHUP, so it then handles each trap twice; "
                     "restart snmptrapd instead of reloading it, or remove this line");
}

/* --- who may send ------------------------------------------------------------------------------------------------ */

/* authCommunity TYPES COMMUNITY, authUser TYPES USER, authGroup TYPES GROUP; authAccess has the group first */
static void see_access(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    char types[128];
    bool has_log = false;

    (void)word_of(line, strcasecmp(line->token, "authAccess") == 0 ? 1 : 0, types, sizeof(types));
    for (char *next = types, *one; (one = strsep(&next, ",|:"));)
        has_log |= strcasecmp(one, "log") == 0;
    if (!s->has_access) {
        (void)snprintf(s->access_file, sizeof(s->access_file), "%s", line->file);
        s->first_access = (struct tk_check_place){s->access_file, line->number};
    }
    s->has_access = true;
    s->has_log_right |= has_log;
    if (!has_log)
        tk_check_say(s->findings, TK_CHECK_WARNING, place_of(line),
                     "%s without the right log: notifications of this sender are not published; write log,%s in place "
                     "of %s",
                     line->token,
                     word_of(line, strcasecmp(line->token, "authAccess") == 0 ? 1 : 0, types, sizeof(types)), types);
}

static void see_view(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    (void)line;
    s->has_access = s->has_log_right = true; /* VACM's own lines may give any right */
}

static bool is_yes(const char *word)
{
    return strcasecmp(word, "yes") == 0 || strcasecmp(word, "true") == 0 || strcmp(word, "1") == 0;
}

static void see_open_door(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    if (!is_yes(line->rest))
        return;
    s->has_access = s->has_log_right = true;
    tk_check_say(
        s->findings, TK_CHECK_WARNING, place_of(line),
        "snmptrapd accepts v1 and v2c notifications with any community, from everybody; write authCommunity log "
        "COMMUNITY instead");
}

static void see_user(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    char word[128];
    unsigned n = strcmp(word_of(line, 0, word, sizeof(word)), "-e") == 0 ? 2 : 0;

    if (*word_of(line, n + 1, word, sizeof(word)) == '\0' || *word_of(line, n + 2, word, sizeof(word)))
        return;
    tk_check_say(
        s->findings, TK_CHECK_ERROR, place_of(line),
        "createUser '%s': the password is missing, and net-snmp up to 5.9.5 crashes on such a line without the "
        "module; write createUser NAME SHA-256 PASSWORD AES PASSWORD",
        word_of(line, n, word, sizeof(word)));
}

/* --- what has no effect ------------------------------------------------------------------------------------------ */

static void see_number(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    if (line->rest[strspn(line->rest, "0123456789")])
        tk_check_say(s->findings, TK_CHECK_WARNING, place_of(line),
                     "%s takes a number, and net-snmp reads '%s' as 0; write %s %d", line->token, line->rest,
                     line->token, is_yes(line->rest));
}

static void see_buffer(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    tk_check_say(
        s->findings, TK_CHECK_WARNING, place_of(line),
        "%s has no effect here; write it into snmp.conf, or ReceiveBuffer= into the socket unit if systemd opens "
        "the port",
        line->token);
}

static void see_format(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    if (s->first_format.file)
        return;
    (void)snprintf(s->format_file, sizeof(s->format_file), "%s", line->file);
    s->first_format = (struct tk_check_place){s->format_file, line->number};
}

static void see_search(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    tk_check_say(
        s->findings, TK_CHECK_WARNING, place_of(line),
        "this check does not follow includeSearch; write includeFile with the absolute path, or check that file "
        "too");
}

static const struct {
    const char *token;
    void (*see)(struct tk_check_stock *s, const struct tk_conf_line *line);
} lines[] = {
    {"dlmod", see_module},
    {"perlInitFile", see_start_file},
    {"perl", see_perl},
    {"authCommunity", see_access},
    {"authUser", see_access},
    {"authGroup", see_access},
    {"authAccess", see_access},
    {"setAccess", see_view},
    {"vacmAccess", see_view},
    {"vacmAuthAccess", see_view},
    {"disableAuthorization", see_open_door},
    {"createUser", see_user},
    {"doNotLogTraps", see_number},
    {"doNotFormatTraps", see_number},
    {"serverRecvBuf", see_buffer},
    {"serverSendBuf", see_buffer},
    {"clientRecvBuf", see_buffer},
    {"clientSendBuf", see_buffer},
    {"format1", see_format},
    {"format2", see_format},
    {"outputOption", see_format},
    {"logOption", see_format},
    {"includeSearch", see_search},
};

void tk_check_stock_line(struct tk_check_stock *s, const struct tk_conf_line *line)
{
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (strcasecmp(line->token, lines[i].token) == 0)
            lines[i].see(s, line);
}

void tk_check_stock_end(struct tk_check_stock *s, const char *where)
{
    const struct tk_check_place whole = {where, 0};

    if (!s->has_module)
        tk_check_say(s->findings, TK_CHECK_ERROR, whole,
                     "no dlmod line loads the module; write perlInitFile " START_FILE
                     ", perl 1 and dlmod trapkafka /PATH/TO/trapkafka.so as the first lines");
    if (!s->has_access)
        tk_check_say(s->findings, TK_CHECK_WARNING, whole,
                     "no line says who may send, so snmptrapd refuses every notification; write authCommunity log "
                     "COMMUNITY, or createUser and authUser log NAME");
    if (s->first_format.file && !s->is_logging_traps)
        tk_check_say(
            s->findings, TK_CHECK_WARNING, s->first_format,
            "kafkaLogTraps is no, so snmptrapd logs no trap, and its formats have no effect; remove this line, or "
            "write kafkaLogTraps yes");
    if (s->has_module)
        tk_check_say(s->findings, TK_CHECK_OK, whole, "the module is loaded");
    if (s->has_log_right)
        tk_check_say(s->findings, TK_CHECK_OK, s->first_access, "senders with the right log");
}
