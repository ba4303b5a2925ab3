/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snmptt_nodes.h
 * @brief NODES lines of an EVENT of SNMPTT: from which devices.
 */
#ifndef TK_SNMPTT_NODES_H
#define TK_SNMPTT_NODES_H

#include "import/import.h"

/** What the NODES lines of one EVENT say. All zeros: nothing. */
struct tk_snmptt_nodes {
    struct tk_vector ranges; /* of IPv4 addresses */
    json_t *others;          /* IPv6 addresses and prefixes; NULL: none */
    json_t *devices;         /* names; NULL: none */
    bool is_negative;        /* MODE=NEG: none of them */
    bool is_there;           /* there was a line with nodes */
};

/** @brief Free. @locality any @locks none */
void tk_snmptt_nodes_done(struct tk_snmptt_nodes *n);

/**
 * @brief Read one line, what follows the word: names, addresses, prefixes, ranges, paths of files with these, MODE=NEG.
 * @returns false: a node can't be carried over; that is told
 * @locality any  @locks none
 */
bool tk_snmptt_nodes_add(struct tk_import *im, unsigned line, const char *text, struct tk_snmptt_nodes *n);

/**
 * @brief The prefixes for "source" of a rule. Of MODE=NEG they are all addresses but those.
 * @param ret_address  an address that is in one of them, INET6_ADDRSTRLEN bytes
 * @returns NULL: none
 * @locality any  @locks none
 */
json_t *tk_snmptt_nodes_sources(struct tk_import *im, struct tk_snmptt_nodes *n, char *ret_address);

#endif /* TK_SNMPTT_NODES_H */
