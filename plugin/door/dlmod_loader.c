/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file dlmod_loader.c
 * @brief Register the directive `dlmod NAME PATH` in a stock snmptrapd, whose libraries have it but where only snmpd
 *        switches it on.
 *
 * This object is loaded by embedded Perl (trapkafka.pl) while snmptrapd reads its configuration, or by LD_PRELOAD
 * before main(). Its constructor does the same in both cases. It registers for the configuration file "snmptrapd",
 * which works at any time; before main() a registration for "this application" would crash. If the directive is
 * registered already (loaded both ways, or by a future snmptrapd), nothing is done. If a future snmptrapd registers
 * later, it replaces our functions.
 *
 * Why not net-snmp's own init_dlmod(): it also registers UCD-DLMOD-MIB, through which a remote manager with write
 * access to the AgentX master can load code here. If that MIB were unregistered afterwards, a connected master would
 * have it for a moment, and we would depend on internals of libnetsnmpmibs. This directive does not touch the MIB
 * tree. It also names file and line in errors, refuses a module that is loaded twice, and checks a file before ld.so
 * maps it.
 *
 * net-snmp is not linked: weak references bind to the libraries of the host process, whatever their soname. In a
 * process without net-snmp (a traphandle's shell that inherited LD_PRELOAD) they are NULL, and this object does
 * nothing. Link with `-z nodelete`, because net-snmp calls our functions after embedded Perl has ended.
 *
 * Owner:  snmptrapd's thread. No locks.
 * Memory: one small block for each dlmod line in force.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#pragma weak read_config_get_handlers
#pragma weak register_config_handler
#pragma weak netsnmp_config_error
#pragma weak snmp_log

#define CONF_TYPE  "snmptrapd" /* snmptrapd.conf, in net-snmp's words */
#define DIRECTIVE  "dlmod"
#define NAME_BYTES 65 /* net-snmp's own limit */
#define USAGE      "NAME /absolute/path/of/module.so"
#define EXAMPLE    "write: " DIRECTIVE " " USAGE

struct tk_module {
    struct tk_module *next;
    void *handle;
    char name[NAME_BYTES];
    char path[]; /* as opened */
};

static struct tk_module *modules; /* the one loaded last is first */

/** Call the module's function PREFIX_NAME(). @returns false: it has none */
static bool module_call(void *handle, const char *prefix, const char *name)
{
    char symbol[NAME_BYTES + sizeof("shutdown_")];
    void *address;
    void (*function)(void);

    (void)snprintf(symbol, sizeof(symbol), "%s_%s", prefix, name);
    address = dlsym(handle, symbol);
    if (address == NULL)
        return false;
    memcpy(&function, &address, sizeof(function)); /* ISO C has no cast between the two */
    function();
    return true;
}

/**
 * @brief Can ld.so map this file safely? It would wait on a FIFO, and crash with SIGBUS on a file that is shorter
 *        than its headers say (an incomplete copy). For a file that is not ELF, dlopen() reports the error.
 * @returns NULL, or the reason why not, in @p buf or as a literal
 */
static const char *file_trouble(const char *path, char *buf, size_t buf_bytes)
{
    const char *trouble = NULL;
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return strerror(errno);
    if (fstat(fd, &st) != 0) {
        trouble = strerror(errno);
    } else if (!S_ISREG(st.st_mode)) {
        trouble = "not a regular file";
    } else if (pread(fd, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
               memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_phentsize == sizeof(segment)) {
        for (unsigned i = 0; i < header.e_phnum && trouble == NULL; i++) {
            off_t at = (off_t)(header.e_phoff + i * sizeof(segment));

            if (pread(fd, &segment, sizeof(segment), at) != (ssize_t)sizeof(segment))
                trouble = "cut short within its program headers";
            else if (segment.p_type == PT_LOAD && (segment.p_filesz > (ElfW(Xword))st.st_size ||
                                                   segment.p_offset > (ElfW(Xword))st.st_size - segment.p_filesz)) {
                (void)snprintf(buf, buf_bytes, "cut short: it has %lld bytes, its headers say more; copy it again",
                               (long long)st.st_size);
                trouble = buf;
            }
        }
    }
    (void)close(fd);
    return trouble;
}

/**
 * @brief Find the file of a dlmod line: an absolute path as it is, anything else as DIR/PATH.so in net-snmp's
 *        folders. As in snmpd, $SNMPDLMODPATH replaces these folders, or adds to them if it begins with a colon.
 * @returns false: not found, or too long
 */
static bool path_resolve(char *dst, size_t dst_bytes, const char *path)
{
    const char *env = getenv("SNMPDLMODPATH");
    const char *lists[] = {env == NULL || env[0] == ':' ? SNMPDLMODPATH : "", env != NULL ? env : ""};

    if (path[0] == '/')
        return (size_t)snprintf(dst, dst_bytes, "%s", path) < dst_bytes;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (const char *dir = lists[i]; *dir != '\0'; dir += strspn(dir, ":")) {
            int len = (int)strcspn(dir, ":");

            if (len > 0 && (size_t)snprintf(dst, dst_bytes, "%.*s/%s.so", len, dir, path) < dst_bytes &&
                access(dst, F_OK) == 0)
                return true;
            dir += len;
        }
    }
    return false;
}

static bool is_identifier(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return len > 0 && len < NAME_BYTES && name[len] == '\0';
}

/** Load a module, add it to the list, call its init function. Every failure is reported as an error of the line. */
static void module_load(const char *name, const char *path)
{
    char reason[160];
    const char *trouble;
    struct tk_module *m;

    for (m = modules; m != NULL; m = m->next) {
        if (strcmp(m->name, name) == 0) {
            netsnmp_config_error(DIRECTIVE " %s: an earlier line has loaded it from '%s'; "
                                           "remove one of the two lines",
                                 name, m->path);
            return;
        }
    }
    trouble = file_trouble(path, reason, sizeof(reason));
    if (trouble != NULL) {
        netsnmp_config_error(DIRECTIVE " %s: cannot load '%s': %s", name, path, trouble);
        return;
    }
    m = calloc(1, sizeof(*m) + strlen(path) + 1);
    if (m == NULL) {
        netsnmp_config_error(DIRECTIVE " %s: out of memory", name);
        return;
    }
    (void)snprintf(m->name, sizeof(m->name), "%s", name);
    memcpy(m->path, path, strlen(path) + 1);
    m->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* NOW: a missing symbol is an error here, not a crash later */
    if (m->handle == NULL) {
        netsnmp_config_error(DIRECTIVE " %s: cannot load '%s': %s", name, path, dlerror());
        goto fail;
    }
    for (struct tk_module *other = modules; other != NULL; other = other->next) {
        if (other->handle == m->handle) { /* ld.so recognizes a file also under another path */
            netsnmp_config_error(DIRECTIVE " %s: '%s' is the file that an earlier line has loaded as '%s'; "
                                           "remove one of the two lines",
                                 name, path, other->name);
            goto fail;
        }
    }
    if (!module_call(m->handle, "init", name)) {
        netsnmp_config_error(DIRECTIVE " %s: '%s' has no function init_%s(): is this the module's name? " EXAMPLE, name,
                             path, name);
        goto fail;
    }
    m->next = modules;
    modules = m;
    return;

fail:
    if (m->handle != NULL)
        (void)dlclose(m->handle); /* one of several references, or the module has not started */
    free(m);
}

/** Parse the rest of a dlmod line. @locality snmptrapd @locks none */
static void directive_parse(const char *token, char *line)
{
    char path[PATH_MAX];
    char *save = NULL;
    const char *name;
    const char *where;
    const char *extra;

    (void)token;
    line[strcspn(line, "#;\r\n")] = '\0'; /* comments end a dlmod line in net-snmp */
    name = strtok_r(line, " \t", &save);
    where = strtok_r(NULL, " \t", &save);
    extra = strtok_r(NULL, " \t", &save);
    if (name == NULL) {
        netsnmp_config_error(DIRECTIVE ": name and path are missing; " EXAMPLE);
    } else if (!is_identifier(name)) {
        netsnmp_config_error(DIRECTIVE ": '%s' is no module name: at most %d letters, digits and underscores; " EXAMPLE,
                             name, NAME_BYTES - 1);
    } else if (extra != NULL) {
        netsnmp_config_error(DIRECTIVE " %s: unexpected '%s' after the path, which must have no blanks; " EXAMPLE, name,
                             extra);
    } else if (!path_resolve(path, sizeof(path), where != NULL ? where : name)) {
        netsnmp_config_error(DIRECTIVE " %s: '%s' is in none of net-snmp's module folders; " EXAMPLE, name,
                             where != NULL ? where : name);
    } else {
        module_load(name, path);
    }
}

/** Unload all modules, the last one first. Called before each re-read and at the end. @locality snmptrapd @locks
 *  none */
static void directive_free(void)
{
    while (modules != NULL) {
        struct tk_module *m = modules;

        modules = m->next;
        if (!module_call(m->handle, "deinit", m->name))
            (void)module_call(m->handle, "shutdown", m->name); /* the older name; a module may have neither */
        (void)dlclose(m->handle);
        free(m);
    }
}

/** In another process than snmptrapd this does no harm, because it does not read snmptrapd.conf. */
__attribute__((constructor)) static void loader_enter(void)
{
    if (register_config_handler == NULL)
        return; /* no net-snmp in this process */
    for (const struct config_line *l = read_config_get_handlers(CONF_TYPE); l != NULL; l = l->next)
        if (strcasecmp(l->config_token, DIRECTIVE) == 0)
            return; /* registered by another copy of this object, or by snmptrapd itself */
    if (register_config_handler(CONF_TYPE, DIRECTIVE, directive_parse, directive_free, USAGE) == NULL)
        snmp_log(LOG_ERR, "trapkafka_loader: out of memory, the directive " DIRECTIVE " stays unknown\n");
}
