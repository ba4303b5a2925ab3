/* SPDX-License-Identifier: Apache-2.0 */
/** @file self_test.h
 *  @brief Does net-snmp do what this room relies on? Its interfaces here are not public ones, so they are tried. */
#ifndef TK_SELF_TEST_H
#define TK_SELF_TEST_H

#include "base/err.h"

/**
 * @brief Check what this part relies on: net-snmp's version and symbols, the vectors of RFC 3414 A.3, the decoding
 *        of a known packet. Leaves no trace in net-snmp's lists.
 * @retval 0         all is as it must be
 * @retval -ENOTSUP  it is not, @p err says what: run without discovery
 * @locality snmptrapd  @locks none
 */
int tk_usm_self_test(struct tk_err *err);

#endif /* TK_SELF_TEST_H */
