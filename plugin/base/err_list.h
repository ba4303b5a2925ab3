/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file err_list.h
 * @brief The errors of one file that an operator wrote: the first ten, and how many more there are.
 *
 * A reader of a file adds one error for each cause and goes on where it safely can, so that the operator corrects them
 * all at once. Errors keep the order in which they were added. What a warning is, the caller decides: by a list of its
 * own. A function that adds to a list accepts NULL for it. Who wants all errors, as a command that prints them, gives the
 * list a function that is told each.
 *
 * Memory: fixed, no allocation: TK_ERR_LIST_MAX errors, about 8 KiB. A list of zeros is empty.
 * Owner:  one thread.
 */
#ifndef TK_ERR_LIST_H
#define TK_ERR_LIST_H

#include "base/err.h"

#define TK_ERR_LIST_MAX 10

/** Is told an error when it is added. */
typedef void tk_err_fn(void *arg, const struct tk_err *err);

struct tk_err_list {
    unsigned kept;    /* how many of `err` are set, in the order of adding: at most TK_ERR_LIST_MAX */
    unsigned further; /* errors beyond those, only counted; stays at its maximum */
    struct tk_err err[TK_ERR_LIST_MAX];
    tk_err_fn *tell; /* NULL: nobody is told */
    void *tell_arg;
};

/**
 * @brief Add one error; parameters as for tk_err_set().
 * @locality any  @locks none
 */
void tk_err_list_add(struct tk_err_list *list, const char *file, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/**
 * @brief Add @p err if it is set, then clear it for the next cause. It is cleared for a NULL list too.
 * @returns whether it was set
 * @locality any  @locks none
 */
bool tk_err_list_take(struct tk_err_list *list, struct tk_err *err);

/** @brief Has no error been added? NULL: true. @locality any @locks none */
bool tk_err_list_is_empty(const struct tk_err_list *list);

/** @brief Would another error only be counted, and nobody be told? Then a reader may stop looking for more. NULL: true.
 *  @locality any @locks none */
bool tk_err_list_is_full(const struct tk_err_list *list);

/** @brief Empty the list; the number of further errors is 0 again. NULL is a no-op. @locality any @locks none */
void tk_err_list_clear(struct tk_err_list *list);

/**
 * @brief Write error @p i as tk_err_format() does. In the last one kept, the number of further errors follows:
 *        "FILE: line 12: TEXT (and 37 further errors)".
 * @param i  less than `kept`
 * @returns @p dst
 * @locality any  @locks none
 */
const char *tk_err_list_format(const struct tk_err_list *list, unsigned i, char *dst, size_t dst_bytes);

#endif /* TK_ERR_LIST_H */
