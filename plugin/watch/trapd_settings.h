/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file trapd_settings.h
 * @brief Read the module's directives out of snmptrapd's configuration, with the files that includeFile and includeDir
 *        name, without net-snmp.
 */
#ifndef TK_TRAPD_SETTINGS_H
#define TK_TRAPD_SETTINGS_H

#include "config/settings.h"

/** What snmptrapd reads if it is told nothing else. */
#define TK_DEFAULT_CONFIG "/etc/snmp/snmptrapd.conf"

/**
 * @brief Read the directives of @p path into @p cf. Lines of others are skipped. So is a line of ours that is refused,
 *        unless it decides where events go or how they are protected on the way.
 * @param property  checks properties of librdkafka; NULL: they are not checked
 * @retval 0        read
 * @retval -ENOENT  there is no such file, @p err set
 * @retval -EINVAL  it can't be read, or such a line is refused, @p err set
 * @locality any  @locks none
 */
int tk_trapd_settings_read(struct tk_settings *cf, const char *path, tk_property_check *property, struct tk_err *err);

#endif /* TK_TRAPD_SETTINGS_H */
