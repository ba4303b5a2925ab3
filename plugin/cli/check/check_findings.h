/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file check_findings.h
 * @brief What `trapkafka check` finds: print each as a line, or as a JSON object, and count them.
 */
#ifndef TK_CHECK_FINDINGS_H
#define TK_CHECK_FINDINGS_H

#include <stdbool.h>

#include "base/err.h"

enum tk_check_level { TK_CHECK_OK, TK_CHECK_WARNING, TK_CHECK_ERROR, TK_CHECK_LEVELS };

struct tk_check_findings {
    bool is_json;
    bool wants_all; /* print what is sound too */
    unsigned count[TK_CHECK_LEVELS];
};

/** Where in the configuration something is said; all zeros: nowhere. */
struct tk_check_place {
    const char *file; /* NULL: no file is involved */
    unsigned line;    /* 0: the file as a whole */
};

/** @brief Print "FILE:LINE: error: TEXT". @locality any @locks none */
void tk_check_say(struct tk_check_findings *f, enum tk_check_level level, struct tk_check_place place, const char *fmt,
                  ...) __attribute__((format(printf, 4, 5)));

/** @brief The same for what a reader of a file found. @param place  used if the error names no file
 *  @locality any @locks none */
void tk_check_say_err(struct tk_check_findings *f, enum tk_check_level level, struct tk_check_place place,
                      const struct tk_err *err);

/** @brief Print how many there are. @param files  of the configuration, that were read @locality any @locks none */
void tk_check_summarize(const struct tk_check_findings *f, unsigned files);

#endif /* TK_CHECK_FINDINGS_H */
