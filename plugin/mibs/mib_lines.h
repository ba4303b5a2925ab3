/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_lines.h
 * @brief Lines of facts from many modules: which one counts where several are about one OID, and which are needed.
 *
 * Owner:  one thread. Memory: the lines, and about 100 bytes each.
 */
#ifndef TK_MIB_LINES_H
#define TK_MIB_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/vector.h"

/* Variants that are no module of a file. */
#define TK_MIB_STANDARD UINT32_MAX       /* built-in facts, which count before all others */
#define TK_MIB_KNOWN    (UINT32_MAX - 1) /* built-in facts that are there only to say what names mean */
#define TK_MIB_FACTS    (UINT32_MAX - 2) /* of a file of facts */

/** One line, cut into its first words. */
struct tk_mib_line {
    char *oid, *name, *module, *type; /* in one block that oid begins; it is freed with the lines */
    char *rest;                       /* t=..., without a space in front; "" if there is none */
    uint32_t variant;
    uint64_t updated; /* of its module */
    bool is_lost;     /* another line counts for this OID */
    bool is_needed;
    uint32_t winner; /* the line that counts for this OID */
};

struct tk_mib_lines {
    struct tk_vector lines; /* struct tk_mib_line; after tk_mib_lines_settle() sorted by OID, what counts first */
    uint32_t *by_name;      /* sorted by name, then module */
};

/** @brief Add a line, as struct tk_mib_reading takes them. @returns 0 / -EINVAL / -ENOMEM @locality any @locks none */
int tk_mib_lines_add(struct tk_mib_lines *l, const char *line, uint32_t variant, uint64_t updated);

/** @brief Decide which line counts for each OID. @returns 0 / -ENOMEM @locality any @locks none */
int tk_mib_lines_settle(struct tk_mib_lines *l);

/**
 * @brief Find the line that counts for "NAME" or "MODULE::NAME" as a line of @p module says it.
 * @returns the line; NULL: nothing has that name, or several bare ones do
 * @locality any  @locks none
 */
struct tk_mib_line *tk_mib_lines_find(const struct tk_mib_lines *l, const char *ref, size_t len, const char *module);

/** @brief Is there a line of this name and module, whether it counts or not? @locality any @locks none */
bool tk_mib_lines_has(const struct tk_mib_lines *l, const char *name, const char *module);

/** @brief Is it of a source, and not built in? @locality any @locks none */
static inline bool tk_mib_line_is_of_source(const struct tk_mib_line *line)
{
    return line->variant < TK_MIB_KNOWN;
}

/** @brief Is it of a MIB file? @locality any @locks none */
static inline bool tk_mib_line_is_of_mib(const struct tk_mib_line *line)
{
    return line->variant < TK_MIB_FACTS;
}

/** @brief Is it a NOTIFICATION-TYPE or a TRAP-TYPE? @locality any @locks none */
bool tk_mib_line_is_notification(const struct tk_mib_line *line);

/** @brief The value of an attribute such as 'i', up to a space or, of 'h', the end. @returns NULL: the line has none
 *  @locality any @locks none */
const char *tk_mib_line_attribute(const struct tk_mib_line *line, char key);

/** @brief Mark the notifications of MIB files, and what is needed to read what they carry. @locality any @locks none */
void tk_mib_lines_need_notifications(struct tk_mib_lines *l);

/** @brief Write a line, its references by the names that count. @returns false: out of memory, or writing failed
 *  @locality any @locks none */
bool tk_mib_lines_write(const struct tk_mib_lines *l, const struct tk_mib_line *line, FILE *out);

/** @brief Free the lines. @locality any @locks none */
void tk_mib_lines_done(struct tk_mib_lines *l);

#endif /* TK_MIB_LINES_H */
