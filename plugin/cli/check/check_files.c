/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/check_files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_access.h"
#include "queue/ring_open.h"
#include "queue/ring_peek.h"

bool tk_check_become(const char *user, struct tk_err *err)
{
    const struct passwd *entry = getpwnam(user);

    if (!entry) {
        tk_err_set(err, NULL, 0, "--user '%s': there is no such user; write the user that snmptrapd runs as", user);
        return false;
    }
    if (geteuid() == entry->pw_uid)
        return true;
    if (geteuid() != 0) {
        tk_err_set(err, NULL, 0, "--user '%s': only root can take a user's rights; run it as root, or as that user",
                   user);
        return false;
    }
    if (initgroups(user, entry->pw_gid) < 0 || setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) < 0 ||
        setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) < 0) {
        tk_err_set(err, NULL, 0, "--user '%s': %s; run it as that user", user, strerror(errno));
        return false;
    }
    (void)setenv("HOME", entry->pw_dir, 1); /* net-snmp looks for files there */
    return true;
}

/* What is in a file that may be used. */
static void check_contents(const struct tk_settings *cf, struct tk_check_place at, struct tk_check_findings *findings)
{
    struct tk_err err = {0};
    struct tk_peek *peek = tk_peek_open(cf->queue_path, &err);
    const struct tk_peek_facts *facts;

    if (!peek) {
        tk_check_say(findings, TK_CHECK_ERROR, at, "kafkaQueue '%s': %s; name another path, or remove the file",
                     cf->queue_path, err.text);
        return;
    }
    facts = tk_peek_facts(peek);
    tk_check_say(findings, TK_CHECK_OK, at, "kafkaQueue '%s': %llu records wait%s", cf->queue_path,
                 (unsigned long long)(facts->head_seq - facts->tail_seq),
                 facts->is_in_use ? "; snmptrapd has it open" : "");
    tk_peek_free(peek);
}

static void check_queue(const struct tk_check_config *c, struct tk_check_findings *findings)
{
    const struct tk_settings *cf = c->settings;
    struct tk_check_place at = tk_check_config_place(c, TK_DIRECTIVE_kafkaQueue);
    struct tk_err err = {0};
    struct stat st;

    if (!cf->queue_path)
        tk_check_say(findings, TK_CHECK_OK, at, "the queue is in memory: %llu bytes",
                     (unsigned long long)cf->queue_bytes);
    else if (!tk_ring_check(cf->queue_path, cf->queue_bytes, &err))
        tk_check_say(findings, TK_CHECK_ERROR, at, "kafkaQueue '%s': %s", cf->queue_path, err.text);
    else if (stat(cf->queue_path, &st) == 0 && st.st_size > 0)
        check_contents(cf, at, findings);
    else
        tk_check_say(findings, TK_CHECK_OK, at, "kafkaQueue '%s' can be made", cf->queue_path);
}

/* The file is written beside its place and renamed. */
static void check_statistics(const struct tk_check_config *c, struct tk_check_findings *findings)
{
    struct tk_check_place at = tk_check_config_place(c, TK_DIRECTIVE_kafkaStatsFile);
    const char *file = c->settings->stats_file;
    char folder[PATH_MAX], *slash;

    (void)snprintf(folder, sizeof(folder), "%s", file);
    slash = strrchr(folder, '/');
    slash[slash == folder] = '\0';
    if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
        tk_check_say(findings, TK_CHECK_OK, at, "kafkaStatsFile '%s' can be written", file);
    else
        tk_check_say(
            findings, TK_CHECK_ERROR, at,
            "kafkaStatsFile '%s': a file cannot be made in its folder: %s; make the folder writable for the user "
            "that snmptrapd runs as",
            file, strerror(errno));
}

void tk_check_files(const struct tk_check_config *c, struct tk_check_findings *findings)
{
    check_queue(c, findings);
    if (c->settings->stats_file)
        check_statistics(c, findings);
}
