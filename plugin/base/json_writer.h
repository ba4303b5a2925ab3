/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file json_writer.h
 * @brief Write one JSON document into one growing buffer, append-only.
 *
 * Owner:  one thread; no locks.
 * Memory: one buffer, kept between documents; doubled when full. When memory runs out, `is_failed` is set and later
 *         calls append nothing, so that the caller checks only once, at the end.
 * The writer puts the commas; the caller puts braces and names.
 */
#ifndef TK_JSON_WRITER_H
#define TK_JSON_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct tk_json {
    char *buf; /* not terminated */
    size_t len;
    size_t cap;
    bool is_failed; /* out of memory: the document is incomplete */
    bool needs_comma;
};

/** @brief Start an empty writer; allocates at the first append. @locality any @locks none */
void tk_json_init(struct tk_json *j);
/** @brief Free the buffer. @locality any @locks none */
void tk_json_done(struct tk_json *j);
/** @brief Begin a new document in the same buffer. @locality any @locks none */
void tk_json_clear(struct tk_json *j);

/* Structure. tk_json_name() takes plain ASCII names that need no escape. @locality any @locks none */
void tk_json_object_begin(struct tk_json *j);
void tk_json_object_end(struct tk_json *j);
void tk_json_array_begin(struct tk_json *j);
void tk_json_array_end(struct tk_json *j);
void tk_json_name(struct tk_json *j, const char *name, size_t len);
/** The same for a literal: comma, quotes and colon are part of it, and its length is known at compile time. */
#define TK_JSON_NAME(j, literal) tk_json_name_piece((j), ",\"" literal "\":", sizeof(",\"" literal "\":") - 1)

/** @brief Make room for @p more bytes. @returns false when out of memory @locality any @locks none */
bool tk_json_grow(struct tk_json *j, size_t more);

/** For TK_JSON_NAME only. Inline, because the members' names take half of the time of writing an event. */
static inline void tk_json_name_piece(struct tk_json *j, const char *piece, size_t len)
{
    if ((j->cap - j->len < len || j->is_failed) && !tk_json_grow(j, len))
        return;
    if (j->needs_comma) {
        memcpy(j->buf + j->len, piece, len);
        j->len += len;
    } else {
        memcpy(j->buf + j->len, piece + 1, len - 1);
        j->len += len - 1;
    }
    j->needs_comma = false;
}

/* Values. @locality any @locks none */
void tk_json_null(struct tk_json *j);
void tk_json_bool(struct tk_json *j, bool value);
void tk_json_u64(struct tk_json *j, uint64_t value);
void tk_json_i64(struct tk_json *j, int64_t value);
/** @brief A finite double in a short form that reads back the same; NaN and infinities as null. */
void tk_json_double(struct tk_json *j, double value);
/** @brief A string that must be valid UTF-8; quotes, backslashes and control bytes are escaped. */
void tk_json_string(struct tk_json *j, const char *text, size_t len);
/** @brief The same for a terminated string; NULL writes null. */
void tk_json_cstring(struct tk_json *j, const char *text);
/** @brief The bytes as a string of lower-case hex digits. */
void tk_json_hex(struct tk_json *j, const uint8_t *bytes, size_t len);
/** @brief The same with "0x" in front, where plain text could stand too. */
void tk_json_marked_hex(struct tk_json *j, const uint8_t *bytes, size_t len);
/** @brief Dotted decimal of an OID as a string. */
void tk_json_oid(struct tk_json *j, const uint32_t *subid, size_t len);
/** @brief Text that is already JSON: one value, or members of an object ("\"a\":1,\"b\":2"). */
void tk_json_raw(struct tk_json *j, const char *json, size_t len);
/** @brief The value that stands at @p at in this document, again. */
void tk_json_repeat(struct tk_json *j, size_t at, size_t len);

#endif /* TK_JSON_WRITER_H */
