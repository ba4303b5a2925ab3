/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file_access.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_BYTES 64

static const char *user_name(char *dst, size_t dst_bytes, uid_t uid)
{
    struct passwd entry, *found = NULL;
    char buf[2048];

    if (getpwuid_r(uid, &entry, buf, sizeof(buf), &found) == 0 && found)
        (void)snprintf(dst, dst_bytes, "'%s'", found->pw_name);
    else
        (void)snprintf(dst, dst_bytes, "with ID %lu", (unsigned long)uid);
    return dst;
}

/* Find the first part of the path, from its root on, that can't be looked at.
 * @param ret_part  the path up to it, or the whole path
 * @param ret_last  the path up to the part before it: the folder in which it was looked for
 * @returns the errno of stat(); 0: all parts can be looked at */
static int find_part(const char *path, char ret_part[PATH_MAX], char ret_last[PATH_MAX])
{
    const char *end = path;
    struct stat st;

    (void)snprintf(ret_last, PATH_MAX, "%s", *path == '/' ? "/" : ".");
    *ret_part = '\0';
    if (strlen(path) >= PATH_MAX)
        return ENAMETOOLONG;
    for (;;) {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        memcpy(ret_part, path, (size_t)(end - path));
        ret_part[end - path] = '\0';
        if (stat(ret_part, &st) < 0)
            return errno;
        if (!end[strspn(end, "/")])
            return 0;
        memcpy(ret_last, ret_part, (size_t)(end - path) + 1);
    }
}

static void say_denied_file(char *dst, size_t dst_bytes, const char *path, const char *user)
{
    char owner[NAME_BYTES];
    struct stat st;

    if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
        (void)snprintf(
            dst, dst_bytes,
            "Permission denied: the modes of file and folders let user %s read it, so systemd's ProtectHome= or "
            "InaccessiblePaths=, AppArmor or SELinux forbids it",
            user);
    else if (stat(path, &st) == 0)
        (void)snprintf(dst, dst_bytes, "Permission denied: user %s may not read it (owner %s, mode %04o)", user,
                       user_name(owner, sizeof(owner), st.st_uid), (unsigned)(st.st_mode & 07777));
    else
        (void)snprintf(dst, dst_bytes, "Permission denied: user %s may not read it", user);
}

const char *tk_file_access_why(char *dst, size_t dst_bytes, const char *path, int error)
{
    char part[PATH_MAX], last[PATH_MAX], user[NAME_BYTES];
    int found = find_part(path, part, last);
    bool is_whole = strcmp(part, path) == 0;

    (void)user_name(user, sizeof(user), geteuid());
    if (error == EACCES && found == EACCES)
        (void)snprintf(dst, dst_bytes, "Permission denied: user %s may not enter the folder '%s'", user, last);
    else if (error == EACCES && found == 0)
        say_denied_file(dst, dst_bytes, path, user);
    else if (error == ENOENT && found == ENOENT)
        (void)snprintf(dst, dst_bytes, "%s: %s '%s' does not exist", strerror(error),
                       is_whole ? "the file" : "the folder", part);
    else if (error == ENOTDIR && found == ENOTDIR)
        (void)snprintf(dst, dst_bytes, "%s: '%s' is no folder", strerror(error), last);
    else
        (void)snprintf(dst, dst_bytes, "%s", strerror(error));
    return dst;
}
