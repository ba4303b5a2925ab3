/* SPDX-License-Identifier: Apache-2.0 */
/* createUser and usmUser lines, on their way to net-snmp's own parsers.
 *
 * Two things are changed. A createUser line of snmptrapd.conf without -e keeps its master keys (-M), so that the
 * user can be localized for any engine. And snmptrapd.conf wins over the persistent file, snmptrapd's own memory of
 * users: a
 * user written in snmptrapd.conf is not written there (storage type volatile), its line there is passed over, and it
 * goes
 * when its createUser line goes. Stock snmptrapd reads the persistent file last, where an old password lives on for
 * ever.
 *
 * Owner:  snmptrapd's thread.
 * Memory: 120 bytes for each user that was ever written in snmptrapd.conf in this life. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "usm/usm_internal.h"

struct written {
    struct tk_user_key key;
    bool is_there;  /* in the reading under way, or the last one */
    bool was_there; /* in the one before */
    bool is_lost;   /* no memory for the index */
    UT_hash_handle hh;
};
static struct written *all;
static bool is_store_due; /* the persistent file has a user who is written in snmptrapd.conf now */

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

/* net-snmp's own look-up returns a user for an empty name, too. */
static struct usmUser *find_in_list(const struct tk_user_key *key)
{
    struct usmUser *u = tk_netsnmp.usm_get_userList();

    while (u && !(u->name && strcmp(u->name, key->name) == 0 && u->engineIDLen == key->engine_len &&
                  (!u->engineIDLen || memcmp(u->engineID, key->engine, u->engineIDLen) == 0)))
        u = u->next;
    return u;
}

/* --- which file ------------------------------------------------------------------------------------------------ */

/* Is @p path the file that is meant, or in that folder itself (the persistent file or one of its backups)? */
static bool is_among(const char *path, const char *real, bool is_folder)
{
    size_t len = strlen(real), path_len = strlen(path);

    if (strncmp(path, real, len) != 0)
        return false;
    if (!is_folder)
        return path[len] == '\0';
    return path[len] == '/' && !strchr(path + len + 1, '/') && path_len > 5 &&
           strcmp(path + path_len - 5, ".conf") == 0;
}

/* net-snmp does not tell which file it is reading, but it has it open. @param ret_is_sure  false: it can't be seen */
static bool is_reading_persistent_file(bool *ret_is_sure)
{
    const char *file = netsnmp_getenv("SNMP_PERSISTENT_FILE");
    char *real = realpath(file ? file : get_persistent_directory(), NULL);
    DIR *dir = real ? opendir("/proc/self/fd") : NULL;
    const struct dirent *entry;
    bool is_open = false;

    *ret_is_sure = dir != NULL;
    while (dir && !is_open && (entry = readdir(dir))) {
        char path[PATH_MAX];
        ssize_t len = readlinkat(dirfd(dir), entry->d_name, path, sizeof(path) - 1);

        path[len > 0 ? len : 0] = '\0';
        is_open = is_among(path, real, !file);
    }
    if (dir)
        (void)closedir(dir);
    free(real);
    return is_open;
}

/* --- createUser ------------------------------------------------------------------------------------------------ */

/** What such a line names. */
struct named {
    struct tk_user_key key;
    bool has_engine, keeps_key; /* -e, -M */
    bool is_incomplete;         /* a password or key is missing */
};

static bool set_key(struct tk_user_key *key, const u_char *engine, size_t engine_len, const char *name)
{
    return tk_user_key_set(key, engine, engine_len, name, strlen(name));
}

/* net-snmp up to 5.9.5 reads through a null pointer where a password or key is missing. @param line  behind the name */
static bool is_incomplete(const char *line)
{
    char word[SNMP_MAXBUF_MEDIUM];
    bool ret = false;

    for (int i = 0; line && i < 2 && !ret; i++) { /* authentication, privacy */
        line = copy_nword_const(line, word, sizeof(word));
        if (!line)
            ret = i == 0; /* privacy may go without: its password is the same */
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

/* As net-snmp reads it. @returns false: it will refuse the line, or the user is none that can be */
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

/* net-snmp's parser, with what is put in front of the line. */
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
            if (is_sure) /* else it might be lost with the persistent file's next writing */
                user->userStorageType = ST_VOLATILE;
            note(&n.key);
        }
    } else if (user && known) {
        netsnmp_config_warn("createUser: the user '%s' stays as it was before", n.key.name);
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
        snmp_log(LOG_NOTICE, "trapkafka: the user '%s' is gone, as its createUser line is\n", w->key.name);
    }
}

/* The line that was passed over would be read again after a crash, when the user may be gone from snmptrapd.conf. */
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
