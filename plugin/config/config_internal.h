/* SPDX-License-Identifier: Apache-2.0 */
/** @file config_internal.h
 *  @brief One directive while it is parsed into the settings; for the files of config/ only. */
#ifndef TK_CONFIG_INTERNAL_H
#define TK_CONFIG_INTERNAL_H

#include "config/settings.h"

#define TK_SETTING_MAX_LINE 4096

struct tk_setting {
    struct tk_settings *cf;
    const char *token;
    const char *rest; /* all arguments as written */
    char *words[4];   /* the arguments without quotes and trailing comment */
    size_t count;
    tk_property_check *property;
    struct tk_err *err;         /* of this line; NULL: nobody wants to know */
    struct tk_remarks *remarks; /* further errors, of a file's lines, and warnings; NULL: the same */
    bool is_unsafe;             /* refused, and it may have been meant to protect: see tk_settings_settle() */
    bool is_kept; /* accepted at an earlier reading: do not check its file, which may have been removed since */
};

typedef int tk_setter(struct tk_setting *s);

#define TK_DIRECTIVE(token, args, dflt, set, help) tk_setter tk_##set;
#include "config/directives.def"
#undef TK_DIRECTIVE

/** @brief Set the error "DIRECTIVE 'VALUE': REASON; REMEDY". @returns -EINVAL
 *  @locality snmptrapd @locks none */
int tk_setting_refuse(const struct tk_setting *s, const char *value, const char *reason, const char *remedy);

/** @brief Check that the directive has exactly one argument. @retval 0 / -EINVAL @locality snmptrapd @locks none */
int tk_setting_one_word(struct tk_setting *s);

/** What names of topics and of librdkafka's properties consist of. */
#define TK_NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/** @brief Does the property that @p line, "NAME VALUE", begins with protect events? @locality any @locks none */
bool tk_settings_is_protective_property(const char *line);

/** @brief Check a property and append it, unless it is to be left out.
 *  @retval 0 / -EINVAL @locality snmptrapd @locks none */
int tk_setting_add_property(struct tk_setting *s, const char *name, const char *value, bool is_from_file);
/** @brief Remove the properties with index @p from and above. @locality any @locks none */
void tk_settings_forget_properties(struct tk_settings *cf, size_t from);

/** @brief Refuse kafkaAlarmTopic if it names a topic of another directive: compaction would take away what else is in
 *  there, and its readers don't expect tombstones. @locality any @locks none */
void tk_setting_distrust_shared_topic(struct tk_settings *cf);

#endif /* TK_CONFIG_INTERNAL_H */
