/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file conf_lines.h
 * @brief Walk over the lines of snmptrapd's configuration, as net-snmp reads them: which files, in which order, and what
 *        they include.
 *
 * includeFile and includeDir are followed, at most TK_CONF_DEPTH deep; includeSearch is not. A line behind "[TYPE]" is
 * of that type, as are all lines of a file behind a line with nothing but "[TYPE]".
 *
 * Memory: one line at a time. Owner: one thread.
 */
#ifndef TK_CONF_LINES_H
#define TK_CONF_LINES_H

#include <stdbool.h>

#define TK_CONF_DEPTH 8 /* files that include files */

/** A line that is neither empty nor a comment. The texts are valid during the call. */
struct tk_conf_line {
    const char *file;
    unsigned number;
    const char *type;  /* "snmptrapd", or what "[TYPE]" says */
    const char *token; /* the first word */
    char *rest;        /* what follows it, without the blanks around it; empty: nothing. May be cut into words. */
};

/** Is called for each line, and may set walk->is_done. */
typedef void tk_conf_line_fn(void *arg, const struct tk_conf_line *line);
/** Is called for a file or folder that can't be read. @param by  the line that names it; NULL: none does
 *  @param error  an errno; ELOOP: files that include files, too deep */
typedef void tk_conf_unread_fn(void *arg, const char *path, const struct tk_conf_line *by, int error);

struct tk_conf_walk {
    tk_conf_line_fn *on_line;
    tk_conf_unread_fn *on_unread; /* NULL: nobody wants to know */
    void *arg;
    bool is_done;   /* no further line is wanted */
    unsigned files; /* that could be opened */
    unsigned depth; /* of the file that is read */
};

/** @brief Walk over one file and what it includes. @locality any @locks none */
void tk_conf_walk_file(struct tk_conf_walk *walk, const char *path);
/** @brief The same for several files, with commas between them. NULL: none. @locality any @locks none */
void tk_conf_walk_files(struct tk_conf_walk *walk, const char *list);
/** @brief Walk over snmptrapd.conf and snmptrapd.local.conf of each folder, with colons between them. NULL: none. One that
 *         does not exist is passed over in silence. @locality any @locks none */
void tk_conf_walk_folders(struct tk_conf_walk *walk, const char *list);

#endif /* TK_CONF_LINES_H */
