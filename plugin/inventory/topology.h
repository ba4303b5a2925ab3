/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file topology.h
 * @brief The rows of an operator's CSV file, in a form that is fast to look up and to write into events.
 *
 * A row is a few key words, which inventory.c and circuits.c define, and one cell for each other column. A cell is
 * the number of a string that is JSON already, with its quotes, so that writing it into an event copies memory.
 * If both files have a column of one name, the member is written once, and the circuit's value is preferred.
 *
 * Owner:  the loader thread while it is built; once sealed it is immutable and the worker reads it without locks.
 * Memory: 4 bytes for each key word and each cell, each distinct string once; 4 bytes for each slot of a tk_rowmap.
 */
#ifndef TK_TOPOLOGY_H
#define TK_TOPOLOGY_H

#include "base/csv.h"
#include "base/devel.h"
#include "base/json_writer.h"
#include "base/strings.h"
#include "base/vector.h"

#define TK_TOPOLOGY_MAX_ROWS 16000000u  /* a slot of a tk_rowmap has 24 bits for a row */
#define TK_ROW_NONE          UINT32_MAX /* "no such row" */

struct tk_topology_column {
    unsigned field; /* of the file */
    uint32_t len;
    char name[TK_CSV_MAX_NAME + 1];
};

struct tk_topology {
    struct tk_strings strings;
    struct tk_vector rows;  /* each of `stride` words: key words, then cells */
    struct tk_vector lines; /* the line of each row, for errors; empty once sealed */
    uint32_t row_count, stride, key_words;
    struct tk_json scratch; /* a cell as JSON, while building */
    unsigned column_count;
    struct tk_topology_column column[TK_CSV_MAX_COLUMNS];
};

/** @brief Make an empty table; strings are hashed with @p seed. @locality loader @locks none */
void tk_topology_init(struct tk_topology *t, uint32_t key_words, uint64_t seed);
/** @brief Free everything. @locality any @locks none */
void tk_topology_done(struct tk_topology *t);
/**
 * @brief Read the header: find the key columns; all other columns become members of events.
 * @param key_name   names of the key columns, compared without regard to case; all others become members
 * @param ret_field  for each key: its column, or -1
 * @param warnings   columns whose names will surprise: those of members that every event has, and almost those of keys
 * @retval 0 / -EINVAL (two columns are the same key), added to @p errs
 * @locality loader  @locks none
 */
int tk_topology_read_header(struct tk_topology *t, const struct tk_csv *csv, const char *const *key_name,
                            unsigned key_count, int *ret_field, struct tk_err_list *errs, struct tk_err_list *warnings);
/** @brief Does a member of events have this name, at the top, or one of the names of "source"? @locality any @locks none */
bool tk_topology_is_event_member(const char *name);
/**
 * @brief Append the current row of @p csv: its cells are set, its key words are TK_STRINGS_NONE.
 * @returns the key words, valid until the next row, or NULL (memory, or too many rows), added to @p errs
 * @locality loader  @locks none
 */
uint32_t *tk_topology_add_row(struct tk_topology *t, const struct tk_csv *csv, struct tk_err_list *errs);
/**
 * @brief Intern a key of the current row.
 * @retval 0 / -ENOMEM / -EFBIG, added to @p errs
 * @locality loader  @locks none
 */
int tk_topology_intern(struct tk_topology *t, const struct tk_csv *csv, const void *bytes, size_t len, uint32_t *ret_id,
                       struct tk_err_list *errs);
/** @brief All rows are read: free what only building needs. @locality loader @locks none */
void tk_topology_seal(struct tk_topology *t);
/** @brief Memory held, bytes. @locality any @locks none */
size_t tk_topology_bytes(const struct tk_topology *t);

static inline const uint32_t *tk_topology_row(const struct tk_topology *t, uint32_t row)
{
    TK_ASSERT(row < t->row_count);
    return (const uint32_t *)t->rows.items + (size_t)row * t->stride;
}

/** @brief The line of the file that has this row; not once sealed. @locality loader @locks none */
static inline uint32_t tk_topology_line(const struct tk_topology *t, uint32_t row)
{
    TK_ASSERT(row < t->lines.count);
    return ((const uint32_t *)t->lines.items)[row];
}

#define TK_KEY_MAX_ENGINE 32 /* bytes; RFC 3411: SnmpEngineID has 5 to 32 */

/**
 * @brief Read an IPv4 or IPv6 address; an IPv4-mapped one is IPv4.
 * @returns its length, 4 or 16, or 0 if @p f is not an address
 * @locality any  @locks none
 */
size_t tk_key_parse_address(struct tk_csv_field f, uint8_t ret_bytes[16]);
/** @brief Read an engine ID in hex, with or without 0x. @returns its length, or 0 @locality any @locks none */
size_t tk_key_parse_engine(struct tk_csv_field f, uint8_t ret_bytes[TK_KEY_MAX_ENGINE]);
#define TK_KEY_ADDRESS_COMPLAINT "is not an IPv4 or IPv6 address; write one, such as 192.0.2.7 or 2001:db8::7"
#define TK_KEY_ENGINE_COMPLAINT \
    "is not an engine ID; write its 5 to 32 octets in hex, such as 0x80001f8880e9630000d61ff449"

/**
 * A hash map from keys to rows: open addressing over slots of 32 bits, 8 bits of the hash and 24 for the row's
 * number + 1. Keys are not in the map: the caller compares the key of each candidate row:
 *
 *     uint32_t at = tk_rowmap_begin(map, hash), row;
 *     while ((row = tk_rowmap_next(map, hash, &at)) != TK_ROW_NONE && !matches(row)) ;
 */
struct tk_rowmap {
    uint32_t *slots;
    uint32_t mask;
};

/** @brief Make a map with room for @p row_count rows. @retval 0 / -ENOMEM @locality loader @locks none */
int tk_rowmap_init(struct tk_rowmap *m, uint32_t row_count);
/** @brief Free the slots. @locality any @locks none */
void tk_rowmap_done(struct tk_rowmap *m);

/** @brief Where the search for @p hash begins. @locality any @locks none */
static inline uint32_t tk_rowmap_begin(const struct tk_rowmap *m, uint64_t hash)
{
    return (uint32_t)hash & m->mask;
}

/**
 * @brief The next row whose hash may be @p hash, or TK_ROW_NONE: then *at is the free slot for a new row.
 * @locality any  @locks none
 */
static inline uint32_t tk_rowmap_next(const struct tk_rowmap *m, uint64_t hash, uint32_t *at)
{
    uint32_t slot;

    while ((slot = m->slots[*at]) != 0) {
        *at = (*at + 1) & m->mask;
        if (slot >> 24 == hash >> 56)
            return (slot & 0xffffff) - 1;
    }
    return TK_ROW_NONE;
}

/** @brief Put @p row into the free slot @p at that tk_rowmap_next() found. @locality loader @locks none */
static inline void tk_rowmap_put(struct tk_rowmap *m, uint64_t hash, uint32_t at, uint32_t row)
{
    TK_ASSERT(at <= m->mask && !m->slots[at] && row < TK_TOPOLOGY_MAX_ROWS);
    m->slots[at] = (uint32_t)(hash >> 56) << 24 | (row + 1);
}

/** Which columns two tables have in common. Immutable once made; must not outlive its tables. */
struct tk_topology_join {
    const struct tk_topology *devices, *circuits; /* either may be NULL */
    int8_t twin[TK_CSV_MAX_COLUMNS]; /* for each device column: the circuits' column of the same name, or -1 */
};

/** @brief Find the columns that both tables have. Either may be NULL. @locality loader @locks none */
void tk_topology_join_init(struct tk_topology_join *join, const struct tk_topology *devices,
                           const struct tk_topology *circuits);

/**
 * @brief Write the members of both rows, in the order of the files' columns, devices first; empty cells are left out.
 *        The caller has opened the object and closes it.
 * @param device_row, circuit_row  TK_ROW_NONE: no row
 * @locality worker  @locks none
 */
void tk_topology_write(const struct tk_topology_join *join, uint32_t device_row, uint32_t circuit_row,
                       struct tk_json *j);

#endif /* TK_TOPOLOGY_H */
