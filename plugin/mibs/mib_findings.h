/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_findings.h
 * @brief Find what of the sources could not be read, and what is defined twice.
 *
 * Owner: one thread. Memory: about 100 bytes a finding; names point into the sources.
 */
#ifndef TK_MIB_FINDINGS_H
#define TK_MIB_FINDINGS_H

#include "mibs/mib_sources.h"

/** What the report is about. Those up to the mark mean that something of the files is not in the dictionary. */
enum tk_mib_finding {
    TK_MIB_FOUND_UNREADABLE, /* a file */
    TK_MIB_FOUND_GIVEN_UP,   /* a module */
    TK_MIB_FOUND_LOST,       /* a definition */
    TK_MIB_FOUND_REDUCED,    /* a definition */
    TK_MIB_FOUND_NO_OID,     /* a module with definitions whose number nobody knows */
    TK_MIB_FOUND_MISSING,    /* a module that others import */
    TK_MIB_FOUND_UNNUMBERED, /* a notification without an OID */
    TK_MIB_FOUND_UNRESOLVED, /* an object of a notification */
    TK_MIB_FOUND_TROUBLE_,   /* the mark */
    TK_MIB_FOUND_NO_MODULE,  /* a file */
    TK_MIB_FOUND_TWICE,      /* a module in another file than the one that counts */
    TK_MIB_FOUND_SAME_OID,   /* a notification whose OID another one has */
    TK_MIB_FOUND_AMBIGUOUS,  /* a notification whose name another one has */
    TK_MIB_FOUND_ELSEWHERE,  /* a notification that is there under another module's name, or as one of RFC 3418 */
    TK_MIB_FOUND_REMARK,     /* what the parser said of something that it read all the same */
    TK_MIB_FOUND_COUNT_,
};

/** One thing that was found. */
struct tk_mib_row {
    enum tk_mib_finding finding;
    uint32_t file;             /* in the set */
    unsigned line;             /* 0: unknown */
    const char *module, *name; /* may be NULL */
    char *words;               /* printable */
};

/** @brief Find all. @param ret_rows  struct tk_mib_row, sorted by kind, file and line, for tk_mib_findings_done()
 *  @returns 0 / -ENOMEM  @locality any @locks none */
int tk_mib_findings(const struct tk_mib_sources *s, struct tk_vector *ret_rows);

/** @brief Free the rows. @locality any @locks none */
void tk_mib_findings_done(struct tk_vector *rows);

#endif /* TK_MIB_FINDINGS_H */
