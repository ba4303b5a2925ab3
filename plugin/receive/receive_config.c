/* SPDX-License-Identifier: Apache-2.0 */
#include "receive/receive_config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "receive/trapd.h"
#include "dictionary/dictionary_builder.h"
#include "host/mib_snapshot.h"
#include "usm/self_test.h"

#define APP         "snmptrapd"
#define MAX_ERRORS  32 /* different ones that are printed */
#define ERROR_BYTES 512

static const struct tk_receive_sources *sources;
static struct tk_receive_config *receiver;
static struct tk_err *failure;

/* --- what net-snmp logs ---------------------------------------------------------------------------------------- */

static char shown[MAX_ERRORS][ERROR_BYTES];
static unsigned shown_count;

/* Errors that don't matter here: of directives that are skipped, and of includes that only the daemon can read. */
static bool is_tolerated(const char *text);

/* net-snmp reads the files twice, so each error comes twice. */
static bool is_new(const char *text)
{
    for (unsigned i = 0; i < shown_count; i++)
        if (strncmp(shown[i], text, ERROR_BYTES - 1) == 0)
            return false;
    if (shown_count < MAX_ERRORS)
        (void)snprintf(shown[shown_count++], ERROR_BYTES, "%s", text);
    return shown_count < MAX_ERRORS;
}

static int take_log_line(int major, int minor, void *server_arg, void *client_arg)
{
    const struct snmp_log_message *line = server_arg;
    char text[ERROR_BYTES];
    size_t len;

    (void)major, (void)minor, (void)client_arg;
    if (!receiver)
        return SNMP_ERR_NOERROR; /* about packets, which the report covers */
    len = (size_t)snprintf(text, sizeof(text), "%s", line->msg);
    len = len < sizeof(text) ? len : sizeof(text) - 1;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            text[i] = i + 1 == len ? '\0' : '?';
    if (strncmp(text, "trapkafka: ", 11) != 0 && !strstr(text, ": Error: ") && !strstr(text, ": Warning: "))
        return SNMP_ERR_NOERROR; /* about MIBs */
    if (is_tolerated(text) || !is_new(text))
        return SNMP_ERR_NOERROR;
    receiver->errors += strstr(text, ": Error: ") != NULL || line->priority <= LOG_ERR;
    (void)fprintf(stderr, "%s\n", text);
    return SNMP_ERR_NOERROR;
}

/* --- which lines are read -------------------------------------------------------------------------------------- */

/* clang-format off */
static const char *const wanted[] = {
    "createUser", "usmUser", "engineID", "oldEngineID", "exactEngineID", "engineIDType", "engineIDNic",
    "engineBoots", "group", "access", "setaccess", "view", "vacmView", "vacmGroup", "vacmAccess",
    "vacmAuthAccess", "authcommunity", "authuser", "authgroup", "authaccess", "disableAuthorization",
    "kafkaEngines", "kafkaReplayGuard", "defAuthType", "defPrivType", "mibs", "mibdirs", "persistentDir",
};
/* clang-format on */

static bool is_wanted(const char *token, size_t len)
{
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        if (strlen(wanted[i]) == len && strncasecmp(token, wanted[i], len) == 0)
            return true;
    for (size_t i = 0; i < tk_directive_count && sources->takes_directives; i++)
        if (strlen(tk_directives[i].token) == len && strncasecmp(token, tk_directives[i].token, len) == 0)
            return true;
    return false;
}

static bool is_tolerated(const char *text)
{
    static const char blank[] = "Blank line following ";
    const char *token = strstr(text, blank);

    if (token) {
        token += sizeof(blank) - 1;
        return !is_wanted(token, strcspn(token, " "));
    }
    return strstr(text, ": Error: Included config '") || strstr(text, ": Error: No handlers reg");
}

/* Directives that set this receiver's engine ID, and net-snmp's own parsers of them. */
static struct {
    const char *token;
    void (*parse)(const char *token, char *line);
} engine_tokens[] = {
    {"engineID", NULL}, {"exactEngineID", NULL}, {"engineIDType", NULL}, {"engineIDNic", NULL}, {"oldEngineID", NULL},
};
#define ENGINE_TOKENS (sizeof(engine_tokens) / sizeof(engine_tokens[0]))

static void parse_engine(const char *token, char *line)
{
    for (size_t i = 0; i < ENGINE_TOKENS; i++)
        if (strcasecmp(token, engine_tokens[i].token) == 0 && engine_tokens[i].parse)
            engine_tokens[i].parse(token, line);
    if (receiver->engine_from == TK_ENGINE_INVENTED)
        receiver->engine_from = TK_ENGINE_CONFIGURED;
}

static void skip_line(const char *token, char *line)
{
    (void)token, (void)line;
}

static void filter(const char *type)
{
    for (struct config_line *l = read_config_get_handlers(type); l; l = l->next) {
        if (!is_wanted(l->config_token, strlen(l->config_token))) {
            l->parse_line = skip_line;
            l->free_func = NULL;
            continue;
        }
        for (size_t i = 0; i < ENGINE_TOKENS; i++)
            if (strcasecmp(l->config_token, engine_tokens[i].token) == 0) {
                engine_tokens[i].parse = l->parse_line;
                l->parse_line = parse_engine;
            }
    }
}

static void parse_setting(const char *token, char *line)
{
    struct tk_err err = {0};

    if (tk_settings_set(receiver->settings, token, line, NULL, &err) < 0)
        netsnmp_config_error("%s", err.text);
}

/* --- the files ------------------------------------------------------------------------------------------------- */

static void read_file(const char *path, const char *type, int when)
{
    struct config_line *handlers = read_config_get_handlers(type);

    if (handlers)
        (void)read_config(path, handlers, when);
}

/* Read the persistent file, its backups first, as net-snmp does. */
static void read_persistent(int when)
{
    char path[PATH_MAX];

    for (unsigned i = 0; i <= NETSNMP_MAX_PERSISTENT_BACKUPS; i++) {
        (void)snprintf(path, sizeof(path), "%s/" APP ".%u.conf", get_persistent_directory(), i);
        if (access(path, F_OK) != 0)
            break;
        read_file(path, APP, when);
    }
    (void)snprintf(path, sizeof(path), "%s/" APP ".conf", get_persistent_directory());
    if (access(path, R_OK) == 0)
        read_file(path, APP, when);
    else if (errno != ENOENT)
        (void)snprintf(receiver->unread, sizeof(receiver->unread), "%.400s: %s", path, strerror(errno));
}

/* Afterwards net-snmp writes an index of certificates into the persistent folder. So set one in which it can't. */
static void read_files(int when)
{
    static char persistent[PATH_MAX];
    const char *slash = strrchr(sources->config, '/');
    char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%.*ssnmp.conf", slash ? (int)(slash + 1 - sources->config) : 0,
                   sources->config);
    if (strcmp(path, sources->config) != 0)
        read_file(path, "snmp", when);
    if (persistent[0])
        set_persistent_directory(persistent);
    read_file(sources->config, APP, when);
    if (sources->persistent)
        set_persistent_directory(sources->persistent);
    (void)snprintf(persistent, sizeof(persistent), "%s", get_persistent_directory());
    /* usm/ takes no file for the persistent one while this is set, as with snmptrapd's option -C. */
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 0);
    read_persistent(when);
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    set_persistent_directory("/dev/null");
}

/* --- callbacks from init_snmp(), at the points where snmptrapd reads its configuration ------------------------- */

static void set_engine(const char *digits)
{
    char line[sizeof("exactEngineID 0x") + 2 * TK_ENGINE_BYTES];

    (void)snprintf(line, sizeof(line), "exactEngineID 0x%s", digits);
    (void)netsnmp_config(line);
}

static void settle_engine(void)
{
    char digits[2 * TK_ENGINE_BYTES + 1] = "";

    if (sources->engine) {
        receiver->engine_from = TK_ENGINE_GIVEN;
        set_engine(sources->engine);
    } else if (sources->assumed_len && receiver->engine_from != TK_ENGINE_CONFIGURED) {
        set_engine(tk_hex_text(digits, sizeof(digits), sources->assumed, sources->assumed_len));
        receiver->engine_from = TK_ENGINE_ASSUMED;
    }
}

static int before_premib(int major, int minor, void *server_arg, void *client_arg)
{
    (void)major, (void)minor, (void)server_arg, (void)client_arg;
    if (tk_usm_self_test(failure) < 0)
        return SNMP_ERR_NOERROR;
    tk_usm_register();
    for (size_t i = 0; i < tk_directive_count; i++)
        if (is_wanted(tk_directives[i].token, strlen(tk_directives[i].token)))
            (void)register_app_config_handler(tk_directives[i].token, parse_setting, NULL, NULL);
    filter("snmp");
    filter(APP);
    tk_usm_begin_reading();
    read_files(PREMIB_CONFIG);
    settle_engine();
    return SNMP_ERR_NOERROR;
}

static int before_normal(int major, int minor, void *server_arg, void *client_arg)
{
    (void)major, (void)minor, (void)server_arg, (void)client_arg;
    if (!failure->is_set)
        read_files(NORMAL_CONFIG);
    return SNMP_ERR_NOERROR;
}

static void start_netsnmp(void)
{
    (void)unsetenv("SNMP_PERSISTENT_FILE");
    (void)netsnmp_ds_set_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_APPTYPE, APP);
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    (void)netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_NO_TOKEN_WARNINGS, 1);
    (void)netsnmp_register_loghandler(NETSNMP_LOGHANDLER_CALLBACK, LOG_DEBUG);
    (void)snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, take_log_line, NULL);
    (void)netsnmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_PRE_PREMIB_READ_CONFIG, before_premib, NULL,
                                    NETSNMP_CALLBACK_LOWEST_PRIORITY);
    (void)netsnmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_PRE_READ_CONFIG, before_normal, NULL,
                                    NETSNMP_CALLBACK_LOWEST_PRIORITY);
    init_usm_conf(APP);
    init_netsnmp_trapd_auth(); /* registers access lines, opens nothing */
    init_snmp(APP);
}

/* --- before and after ------------------------------------------------------------------------------------------ */

static int check_sources(struct tk_err *err)
{
    size_t len = sources->engine ? strlen(sources->engine) : 0;

    if (access(sources->config, R_OK) != 0) {
        tk_err_set(err, sources->config, 0, "%s; give snmptrapd's configuration with --config", strerror(errno));
        return -EINVAL;
    }
    if (sources->engine && (len < 10 || len > 2 * TK_ENGINE_BYTES || len % 2 ||
                            strspn(sources->engine, "0123456789abcdefABCDEF") != len)) {
        tk_err_set(err, NULL, 0,
                   "--engine '%s': not an engine ID; write 5 to 32 octets as hex digits, as in snmptrapd's "
                   "persistent file behind oldEngineID",
                   sources->engine);
        return -EINVAL;
    }
    return 0;
}

static int configure_usm(const struct tk_usm_hooks *hooks)
{
    int ret = tk_usm_configure(receiver->settings, hooks, tk_clock_mono());

    if (ret == -ENOMEM)
        tk_err_set(failure, NULL, 0, "out of memory");
    else if (ret < 0)
        tk_err_set(failure, NULL, 0, "net-snmp %s can't be used (see above)", netsnmp_get_version());
    return ret;
}

int tk_receive_config_read(struct tk_receive_config *ret, const struct tk_receive_sources *from,
                           const struct tk_usm_hooks *hooks, struct tk_err *err)
{
    memset(ret, 0, sizeof(*ret));
    sources = from;
    failure = err;
    if (check_sources(err) < 0)
        return -EINVAL;
    ret->settings = tk_settings_new();
    if (!ret->settings) {
        tk_err_set(err, NULL, 0, "out of memory");
        return -EINVAL;
    }
    receiver = ret;
    start_netsnmp();
    if (!err->is_set)
        (void)configure_usm(hooks);
    ret->engine_len = snmpv3_get_engineID(ret->engine, sizeof(ret->engine));
    receiver = NULL;
    sources = NULL;
    return err->is_set ? -ENOTSUP : 0;
}

struct tk_dict *tk_receive_config_mibs(struct tk_err *err)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *d = b && tk_mib_snapshot(b) >= 0 ? tk_dict_builder_finish(b) : NULL;

    tk_dict_builder_free(b);
    if (!d)
        tk_err_set(err, NULL, 0, "out of memory for the loaded MIBs");
    return d;
}
