/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_sources.h
 * @brief What the subcommands read: MIB files, folders of them, and files of facts; and what became of it.
 *
 * Owner: one thread, which has not initialized net-snmp before (mib_reader.h).
 */
#ifndef TK_MIB_SOURCES_H
#define TK_MIB_SOURCES_H

#include "mibs/mib_lines.h"
#include "mibs/mib_reader.h"

struct tk_err;

struct tk_mib_sources {
    struct tk_mib_set set;
    struct tk_mib_reading reading;
    struct tk_mib_lines lines; /* of all sources; settled by tk_mib_sources_read() */
    struct tk_vector paths;    /* const char *: what was added */
    uint32_t facts_files;
};

/** @brief Add a MIB file, a file of facts (NAME.facts), or a folder of both. @param path  stays the caller's
 *  @returns 0 / -ENOMEM  @locality any @locks none */
int tk_mib_sources_add(struct tk_mib_sources *s, const char *path);

/** @brief Add the built-in facts. @param counts  before all others; else they only say what names mean
 *  @returns 0 / -ENOMEM  @locality any @locks none */
int tk_mib_sources_add_standard(struct tk_mib_sources *s, bool counts);

/** @brief Read what was added. @returns 0, or a negative errno with @p reterr set @locality any @locks none */
int tk_mib_sources_read(struct tk_mib_sources *s, struct tk_err *reterr);

/** @brief Free what was read. @locality any @locks none */
void tk_mib_sources_done(struct tk_mib_sources *s);

#endif /* TK_MIB_SOURCES_H */
