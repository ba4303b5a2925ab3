/* SPDX-License-Identifier: Apache-2.0 */
/* Change createUser and usmUser lines before net-snmp's own parsers get them. Two things change:
 *
 * - A createUser line of snmptrapd.conf without -e gets the option -M. net-snmp then keeps the user's master keys, so
 *   the user can be localized for any engine.
 * - snmptrapd.conf wins over the persistent file, in which snmptrapd stores users. A user of snmptrapd.conf is not
 *   stored there (storage type volatile), and a line for it there is skipped. When its createUser line is removed
 *   from snmptrapd.conf, SIGHUP removes the user. Stock snmptrapd reads the persistent file last, so there an old
 *   password stays valid forever.
 *
 * Owner:  snmptrapd's thread.
 * Memory: 120 bytes for each user that snmptrapd.conf had since the process started. */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "usm/usm_internal.h"

struct written {
    struct tk_user_key key;
    bool is_there;  /* in the configuration that is being read, or was read last */
    bool was_there; /* in the configuration read before that */
    bool is_lost;   /* uthash had no memory to index it */
    UT_hash_handle hh;
};
static struct written *all;
static bool is_store_due; /* the persistent file has a line for a user of snmptrapd.conf: store it without */

static struct written *find(const struct tk_user_key *key)
{
    struct written *w;

    HASH_FIND(hh, all, key, sizeof(*key), w);
    return w;
}

static void note(const struct tk_user_key *key)
{
    struct written *w = find(key);

    if (!w) {
        w = calloc(1, sizeof(*w));
        if (!w)
            return;
        w->key = *key;
        HASH_ADD(hh, all, key, sizeof(w->key), w);
        if (w->is_lost) {
            free(w);
            return;
        }
    }
    w->is_there = true;
}

/* net-snmp's own look-up is not used, because it returns a user even for an empty name. */
static struct usmUser *find_in_list(const struct tk_user_key *key)
{
    struct usmUser *u = tk_netsnmp.usm_get_userList();

    while (u && !(u->name && strcmp(u->name, key->name) == 0 && u->engineIDLen == key->engine_len &&
                  (!u->engineIDLen || memcmp(u->engineID, key->engine, u->engineIDLen) == 0)))
        u = u->next;
    return u;
}

/* --- is this the persistent file? ------------------------------------------------------------------------------ */

/* Is @p rest what is behind "FOLDER/snmptrapd" in the path of the persistent file or of one of its backups: ".conf",
 * ".0.conf", ".1.conf"? */
static bool is_persistent_ending(const char *rest)
{
    if (rest[0] == '.' && isdigit((unsigned char)rest[1]))
        for (rest++; isdigit((unsigned char)*rest);)
            rest++;
    return strcmp(rest, ".conf") == 0;
}

/* Is @p path the persistent file? Any other file in its folder is a configuration file.
 * @param real  that file, or its folder */
static bool is_persistent(const char *path, const char *real, bool is_folder)
{
    const char *app = netsnmp_ds_get_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_APPTYPE);
    size_t len = strlen(real), app_len = app ? strlen(app) : 0;

    if (strncmp(path, real, len) != 0)
        return false;
    if (!is_folder)
        return path[len] == '\0';
    return app && path[len] == '/' && strncmp(path + len + 1, app, app_len) == 0 &&
           is_persistent_ending(path + len + 1 + app_len);
}

/* net-snmp does not tell which file it is reading, so look for the persistent file among the open descriptors. With
 * snmptrapd's option -C it reads no persistent file.
 * @param ret_is_sure  false: the descriptors could not be listed, or there is no persistent folder */
static bool is_reading_persistent_file(bool *ret_is_sure)
{
    const char *file = netsnmp_getenv("SNMP_PERSISTENT_FILE");
    bool is_never = netsnmp_ds_get_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS);
    char *real = realpath(file ? file : get_persistent_directory(), NULL);
    DIR *dir = real && !is_never ? opendir("/proc/self/fd") : NULL;
    const struct dirent *entry;
    bool is_open = false;

    *ret_is_sure = dir != NULL || is_never;
    while (dir && !is_open && (entry = readdir(dir))) {
        char path[PATH_MAX];
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, path, sizeof(path) - 1);

        path[len > 0 ? len : 0] = '\0';
        is_open = is_persistent(path, real, !file);
    }
    if (dir)
        (void)closedir(dir);
    free(real);
    return is_open;
}

/* --- createUser ------------------------------------------------------------------------------------------------ */

/** What a createUser line says. */
struct named {
    struct tk_user_key key;
    bool has_engine, keeps_key; /* -e, -M */
    bool is_incomplete;         /* a password or key is missing */
};

static bool set_key(struct tk_user_key *key, const u_char *engine, size_t engine_len, const char *name)
{
    return tk_user_key_set(key, engine, engine_len, name, strlen(name));
}

/* net-snmp up to 5.9.5 crashes on a line without a password or key (NULL pointer).
 * @param line  the rest of the line behind the name */
static bool is_incomplete(const char *line)
{
    char word[SNMP_MAXBUF_MEDIUM];
    bool ret = false;

    for (int i = 0; line && i < 2 && !ret; i++) { /* authentication, privacy */
        line = copy_nword_const(line, word, sizeof(word));
        if (!line)
            ret = i == 0; /* without a privacy password net-snmp uses the authentication password */
        else
            line = copy_nword_const(line, word, sizeof(word));
        if (!ret && (strcmp(word, "-m") == 0 || strcmp(word, "-l") == 0)) {
            ret = !line;
            line = copy_nword_const(line, word, sizeof(word));
        }
    }
    explicit_bzero(word, sizeof(word));
    return ret;
}

/* Parse the line as net-snmp does.
 * @returns false if net-snmp will refuse the line, or the engine ID or name is too long for USM */
static bool read_named(struct named *n, const char *line)
{
    u_char own[TK_ENGINE_BYTES], *engine = NULL;
    size_t room = 0, len = 0;
    bool is_right;
    char word[SNMP_MAXBUF_MEDIUM];

    memset(n, 0, sizeof(*n));
    line = copy_nword_const(line, word, sizeof(word));
    n->keeps_key = strcmp(word, "-M") == 0;
    if (n->keeps_key)
        line = copy_nword_const(line, word, sizeof(word));
    n->has_engine = strcmp(word, "-e") == 0;
    if (n->has_engine) {
        line = copy_nword_const(line, word, sizeof(word));
        is_right = snmp_hex_to_binary(&engine, &room, &len, 1, word);
        line = copy_nword_const(line, word, sizeof(word));
        is_right = is_right && set_key(&n->key, engine, len, word);
        free(engine);
    } else {
        is_right = set_key(&n->key, own, tk_netsnmp.snmpv3_get_engineID(own, sizeof(own)), word);
    }
    n->is_incomplete = is_incomplete(line);
    return is_right;
}

/* Call net-snmp's parser, with @p front put before the line. */
static void hand_on(const char *token, const char *front, const char *line)
{
    size_t size = strlen(front) + strlen(line) + 1;
    char *whole = malloc(size);

    if (!whole) {
        netsnmp_config_error("createUser: out of memory");
        return;
    }
    (void)snprintf(whole, size, "%s%s", front, line);
    tk_netsnmp.usm_parse_create_usmUser(token, whole);
    explicit_bzero(whole, size); /* passwords */
    free(whole);
}

static void parse_create_user(const char *token, char *line)
{
    bool is_sure, is_persistent = is_reading_persistent_file(&is_sure);
    const struct usmUser *before = NULL;
    const struct written *known;
    struct usmUser *user;
    struct named n;

    if (!read_named(&n, line)) {
        hand_on(token, "", line);
        return;
    }
    known = find(&n.key);
    if (is_persistent && known && known->is_there) {
        is_store_due = true;
        return;
    }
    if (known || n.is_incomplete)
        before = find_in_list(&n.key);
    if (n.is_incomplete)
        netsnmp_config_error("createUser: '%s': a password is missing; write createUser %s SHA-256 AUTH_PASSWORD AES "
                             "PRIV_PASSWORD",
                             n.key.name, n.key.name);
    else
        hand_on(token, n.has_engine || n.keeps_key || is_persistent ? "" : "-M ", line);
    user = find_in_list(&n.key);
    if (user && user != before) {
        if (!is_persistent) {
            if (is_sure) /* else it may be the persistent file's, where a volatile user would not be stored again */
                user->userStorageType = ST_VOLATILE;
            note(&n.key);
        }
    } else if (user && known) {
        netsnmp_config_warn("createUser: the user '%s' keeps the passwords and protocols that it had before",
                            n.key.name);
        note(&n.key);
    }
}

/* --- usmUser: the persistent file's lines ----------------------------------------------------------------------- */

static void parse_usm_user(const char *token, char *line)
{
    u_char *engine = NULL, *name = NULL;
    size_t engine_len = 0, name_len = 0;
    struct tk_user_key key;
    const char *at;
    bool is_written;

    at = skip_token_const(line);
    at = at ? skip_token_const(at) : NULL;
    at = at ? read_config_read_octet_string_const(at, &engine, &engine_len) : NULL;
    at = at ? read_config_read_octet_string_const(at, &name, &name_len) : NULL;
    is_written = name && tk_user_key_set(&key, engine, engine_len, (const char *)name, name_len) && find(&key);
    free(engine);
    free(name);
    if (is_written)
        is_store_due = true;
    else
        tk_netsnmp.usm_parse_config_usmUser(token, line);
}

/* --- readings -------------------------------------------------------------------------------------------------- */

void tk_create_user_begin_reading(void)
{
    for (struct written *w = all; w; w = w->hh.next) {
        w->was_there = w->is_there;
        w->is_there = false;
    }
}

void tk_create_user_end_reading(void)
{
    for (struct written *w = all; w; w = w->hh.next) {
        struct usmUser *gone = w->was_there && !w->is_there ? find_in_list(&w->key) : NULL;

        if (!gone)
            continue;
        (void)tk_netsnmp.usm_remove_user(gone);
        gone->next = gone->prev = NULL;
        (void)tk_netsnmp.usm_free_user(gone);
        snmp_log(
            LOG_NOTICE,
            "trapkafka: the SNMPv3 user '%s' is removed, because snmptrapd.conf has no createUser line for it now\n",
            w->key.name);
    }
}

/* Store the persistent file without the skipped lines. Else they stay there until an orderly stop. If snmptrapd
 * crashed first and the createUser line was removed by then, the old user would be read again. */
void tk_create_user_store(void)
{
    if (!is_store_due)
        return;
    is_store_due = false;
    snmp_store(netsnmp_ds_get_string(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_APPTYPE));
}

void tk_create_user_register(void)
{
    (void)register_app_config_handler("createUser", parse_create_user, NULL,
                                      "[-e ENGINEID] USER [AUTHPROTOCOL AUTHPASSWORD [PRIVPROTOCOL [PRIVPASSWORD]]]");
    (void)register_app_config_handler("usmUser", parse_usm_user, NULL, NULL);
}
