/* SPDX-License-Identifier: Apache-2.0 */
/** @file settings_internal.h
 *  @brief One directive's arguments on their way into the settings; for settings*.c only. */
#ifndef TK_SETTINGS_INTERNAL_H
#define TK_SETTINGS_INTERNAL_H

#include "config/settings.h"

#define TK_SETTING_MAX_LINE 4096

struct tk_setting {
    struct tk_settings *cf;
    const char *token;
    const char *rest; /* all arguments as written */
    char *words[4];   /* the arguments without quotes and trailing comment */
    size_t count;
    tk_property_check *property;
    struct tk_err *err;
    bool is_kept; /* it was good before: a file may be gone meanwhile */
};

typedef int tk_setter(struct tk_setting *s);

#define TK_DIRECTIVE(token, args, dflt, set, help) tk_setter tk_##set;
#include "config/directives.def"
#undef TK_DIRECTIVE

/** @brief Say what is wrong with @p value, why, and what to write instead. @returns -EINVAL
 *  @locality snmptrapd @locks none */
int tk_setting_refuse(const struct tk_setting *s, const char *value, const char *reason, const char *remedy);

/** @brief Is there one word, and no more? @retval 0 / -EINVAL @locality snmptrapd @locks none */
int tk_setting_one_word(struct tk_setting *s);

/** Of topics and of librdkafka's properties. */
#define TK_NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/** @brief Append a property, checked. @retval 0 / -EINVAL @locality snmptrapd @locks none */
int tk_setting_add_property(struct tk_setting *s, const char *name, const char *value, bool is_from_file);
/** @brief Drop the properties from number @p from on. @locality any @locks none */
void tk_settings_forget_properties(struct tk_settings *cf, size_t from);

#endif /* TK_SETTINGS_INTERNAL_H */
