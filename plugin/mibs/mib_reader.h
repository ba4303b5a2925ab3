/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file mib_reader.h
 * @brief Read the modules of a set with net-snmp's parser, each in a process of its own.
 *
 * One process a module, because the parser merges modules that give one number to two things, knows each module name
 * once, and may not survive a broken file. Each process loads the module and what it imports, and writes the module's
 * objects as facts. Where the parser gives a module up, the definition that it refused is taken out, and it is read
 * again.
 *
 * Owner:  one thread, which has not initialized net-snmp before.
 * Memory: the set's texts; a process has at most TK_MIB_PROCESS_BYTES, and TK_MIB_PROCESS_SECONDS of CPU.
 */
#ifndef TK_MIB_READER_H
#define TK_MIB_READER_H

#include "mibs/mib_set.h"

#define TK_MIB_PROCESS_BYTES   (2ul << 30)
#define TK_MIB_PROCESS_SECONDS 60

enum tk_mib_trouble_kind {
    TK_MIB_TROUBLE_REDUCED,  /* of this definition, name, number and objects were kept */
    TK_MIB_TROUBLE_LOST,     /* this definition was left out */
    TK_MIB_TROUBLE_UNLINKED, /* this definition has no OID; the text is the parent's name */
    TK_MIB_TROUBLE_MISSING,  /* this module is imported, and in no file */
    TK_MIB_TROUBLE_GIVEN_UP, /* nothing of the module was read */
    TK_MIB_TROUBLE_REMARK,   /* the parser's words on something that it read all the same */
};

/** Something about a module that is not as it should be. */
struct tk_mib_trouble {
    enum tk_mib_trouble_kind kind;
    uint32_t variant;
    unsigned line;
    char *name; /* the definition, or the missing module; may be NULL */
    char *text; /* the parser's words; may be NULL */
};

struct tk_mib_reading {
    struct tk_mib_set *set;
    struct tk_vector troubles; /* struct tk_mib_trouble */
    /** Take one line of facts (dictionary_facts.h; a TRAP-TYPE's type is "trap"), without its end. @returns false: stop */
    bool (*take)(void *arg, uint32_t variant, const char *line);
    void *arg;
};

/** @brief Read all modules. @returns 0 / -errno / -EINTR: SIGINT or SIGTERM came @locality any @locks none */
int tk_mib_read(struct tk_mib_reading *r);

/** @brief Free the troubles. @locality any @locks none */
void tk_mib_reading_done(struct tk_mib_reading *r);

#endif /* TK_MIB_READER_H */
