/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file key_shape.h
 * @brief Which texts a template of an alarm key can make, and whether two templates can make the same one.
 */
#ifndef TK_KEY_SHAPE_H
#define TK_KEY_SHAPE_H

#include "rules/rules_store.h"

#define KEY_SHAPE_MAX 512

/** What may stand at one place of a key. */
enum key_shape_kind {
    KEY_SHAPE_BYTE,   /* this byte */
    KEY_SHAPE_DEVICE, /* the device: the same in both keys */
    KEY_SHAPE_DIGITS, /* an integer */
    KEY_SHAPE_DOTTED, /* an OID, an IPv4 address */
    KEY_SHAPE_COLONS, /* octets in hexadecimal, as MAC addresses */
    KEY_SHAPE_WORD,   /* any text that another part follows: it has no '/' */
    KEY_SHAPE_TEXT,   /* any text */
};

struct key_shape {
    struct {
        unsigned char kind, byte;
        bool is_repeated; /* any number of them, or none */
    } places[KEY_SHAPE_MAX];
    unsigned count;
};

/** @brief What a template can make. @retval false it is too long @locality any @locks none */
bool key_shape_of(struct key_shape *ret, const struct tk_rules *r, const struct tk_dict *dict,
                  struct tk_rule_span template);

/** @brief Can both make the same key, of values that a device might send? @locality any @locks none */
bool key_shape_meets(const struct key_shape *a, const struct key_shape *b);

#endif /* TK_KEY_SHAPE_H */
