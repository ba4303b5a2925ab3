/* SPDX-License-Identifier: Apache-2.0 */
/** @file self_test.h
 *  @brief Test the functions of net-snmp on which usm/ depends, because they are not a documented interface. */
#ifndef TK_SELF_TEST_H
#define TK_SELF_TEST_H

#include "base/err.h"

/**
 * @brief Test net-snmp's version, its functions (tk_netsnmp_load()), and its keys by the vectors of RFC 3414 A.3. The
 *        decoder is tested later, by tk_usm_try_known_packet().
 * @retval 0         net-snmp passes
 * @retval -ENOTSUP  it fails, @p err says what; use net-snmp's USM as it is
 * @locality snmptrapd  @locks none
 */
int tk_usm_self_test(struct tk_err *err);

#endif /* TK_SELF_TEST_H */
