/* SPDX-License-Identifier: Apache-2.0 */
#include "host/unread_lines.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "host/host_internal.h"

#include <net-snmp/library/snmp_logging.h>

static struct {
    bool is_registered; /* the callback, once */
    bool is_quiet;      /* noTokenWarnings stands in snmp.conf, and is off meanwhile */
    netsnmp_log_handler *handler;
} watch;

/* The word behind @p text in @p line, without its full stop. @returns false: the line is another one */
static bool find_token(const char *line, const char *text, char *token, size_t size)
{
    const char *at = strstr(line, text);
    size_t len;

    if (!at)
        return false;
    at += strlen(text);
    len = strcspn(at, " .\r\n");
    if (len >= size)
        len = size - 1;
    memcpy(token, at, len);
    token[len] = '\0';
    return true;
}

static int on_line(int major, int minor, void *server_arg, void *client_arg)
{
    const struct snmp_log_message *message = server_arg;
    struct tk_host *h = &tk_host;
    char token[64], what[100];

    (void)major, (void)minor, (void)client_arg;
    if (!h->reading)
        return SNMPERR_SUCCESS;
    if (find_token(message->msg, "Blank line following ", token, sizeof(token))) {
        if (tk_settings_read(h->reading, token, "", NULL, NULL) < 0) /* and it fails closed if it has to */
            (void)tk_directive_refused(h, token, "");
    } else if (find_token(message->msg, "Unknown token: ", token, sizeof(token)) &&
               tk_settings_line_kind(token, "") == TK_LINE_PROTECTIVE) {
        (void)snprintf(what, sizeof(what), "the unknown directive '%s'", token);
        tk_settings_distrust(h->reading, what);
    }
    return SNMPERR_SUCCESS;
}

/* With noTokenWarnings in snmp.conf, net-snmp says nothing of a name that it does not know. */
static bool is_quiet(void)
{
    return netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_NO_TOKEN_WARNINGS);
}

static void set_quiet(bool on)
{
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_NO_TOKEN_WARNINGS, on);
}

void tk_unread_lines_begin(void)
{
    if (!watch.is_registered)
        watch.is_registered = snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_line, NULL) ==
                              SNMPERR_SUCCESS;
    /* Without any handler (snmptrapd -H, or no -L option) net-snmp writes to stderr, and would not once it had one. */
    if (!watch.handler && snmp_get_do_logging())
        watch.handler = netsnmp_register_loghandler(NETSNMP_LOGHANDLER_CALLBACK, LOG_WARNING);
    if (is_quiet()) {
        set_quiet(false);
        watch.is_quiet = true;
    }
}

void tk_unread_lines_end(void)
{
    if (watch.handler) {
        netsnmp_disable_this_loghandler(watch.handler); /* or net-snmp goes on counting it */
        (void)netsnmp_remove_loghandler(watch.handler); /* which frees it */
    }
    watch.handler = NULL;
    if (watch.is_quiet)
        set_quiet(true);
    watch.is_quiet = false;
}
