/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_text.h
 * @brief The text of a MIB file: which modules it holds, what they import, and which notifications they define.
 *
 * It is read here much more loosely than by net-snmp's parser, which gets a cleaned copy of each module: comments and
 * long strings are blanked. Lines keep their numbers.
 *
 * Owner:  one thread. Memory: the file, at most TK_MIB_MAX_BYTES, until tk_mib_text_forget().
 */
#ifndef TK_MIB_TEXT_H
#define TK_MIB_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "base/vector.h"
#include "mibs/mib_words.h"

#define TK_MIB_MAX_BYTES (16u << 20)

/** How a text is understood where MIB files do not keep to ASN.1. */
enum tk_mib_style {
    TK_MIB_STYLE_USUAL,    /* a comment ends with its line */
    TK_MIB_STYLE_COMMENTS, /* a comment also ends at the next "--", as ASN.1 says */
    TK_MIB_STYLE_STRINGS,  /* a string with a definition in it lacks its closing quote, and ends with its line */
    TK_MIB_STYLE_COUNT_,
};

/** A NOTIFICATION-TYPE or TRAP-TYPE. */
struct tk_mib_notification {
    char name[TK_MIB_MAX_NAME];
    unsigned line;
    bool is_trap;
};

/** One module of a file. */
struct tk_mib_module {
    char name[TK_MIB_MAX_NAME];
    size_t imports_end;   /* where the ';' of IMPORTS stands; 0: it has none */
    size_t at, body, end; /* its name; its text behind BEGIN, up to but without END */
    unsigned line;        /* of its name, from 1 */
    uint64_t updated;     /* LAST-UPDATED as YYYYMMDDHHMM; 0: none */
    uint32_t imports, import_count;
    uint32_t notifications, notification_count;
};

struct tk_mib_text {
    char *text; /* terminated */
    size_t len;
    struct tk_vector modules;       /* struct tk_mib_module */
    struct tk_vector imports;       /* char[TK_MIB_MAX_NAME]: names of modules */
    struct tk_vector notifications; /* struct tk_mib_notification */
};

/**
 * @brief Read a file's text and find its modules.
 * @returns 0; -errno; -EFBIG: over TK_MIB_MAX_BYTES. A file without a module is no error.
 * @locality any  @locks none
 */
int tk_mib_text_read(struct tk_mib_text *t, const char *path, enum tk_mib_style style);

/** @brief Read a file's text as it is. @returns 0 / -errno / -EFBIG @locality any @locks none */
int tk_mib_text_load(struct tk_mib_text *t, const char *path);

/** @brief The same as tk_mib_text_read() for a text in memory, which is taken over. @returns 0 / -ENOMEM
 *  @locality any @locks none */
int tk_mib_text_take(struct tk_mib_text *t, char *text, size_t len, enum tk_mib_style style);

/** @brief Free the text, keep what is known of its modules. @locality any @locks none */
void tk_mib_text_forget(struct tk_mib_text *t);

/** @brief Free all. @locality any @locks none */
void tk_mib_text_done(struct tk_mib_text *t);

/** @brief The name of a module that module @p m imports from. @locality any @locks none */
const char *tk_mib_text_import(const struct tk_mib_text *t, const struct tk_mib_module *m, uint32_t number);

/** @brief The line of a place behind @p at, which is in line @p line. @locality any @locks none */
unsigned tk_mib_text_line(const struct tk_mib_text *t, size_t at, unsigned line, size_t place);

/**
 * @brief Write a module alone, on the lines where it stands in its file, with @p last before its END.
 * @returns false: writing failed
 * @locality any  @locks none
 */
bool tk_mib_text_write(const struct tk_mib_text *t, const struct tk_mib_module *m, const char *last, FILE *out);

#endif /* TK_MIB_TEXT_H */
