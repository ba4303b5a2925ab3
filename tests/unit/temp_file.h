/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file temp_file.h
 * @brief A file that the tests of one program write anew: its path, and the functions for cmocka_run_group_tests().
 */
#ifndef TK_TEMP_FILE_H
#define TK_TEMP_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "temp_file.XXXXXX"; /* below the folder in which the program runs */

static inline int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static inline int remove_file(void **state)
{
    (void)state;
    (void)remove(path);
    return 0;
}

#endif /* TK_TEMP_FILE_H */
