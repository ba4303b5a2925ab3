/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/mibs/mibs_say.h"

#include "base/err.h"
#include "cli/cli_internal.h"
#include "cli/command_line.h"

int tk_mibs_complain(const struct tk_words *words, const struct tk_err *err)
{
    char text[1024];

    (void)fprintf(stderr, "trapkafka %s: %s\n", words->command->name, tk_err_format(err, text, sizeof(text)));
    return TK_EXIT_USAGE;
}

int tk_mibs_say_counts(const struct tk_mib_counts *c, FILE *out)
{
    uint32_t left_out = c->found[TK_MIB_FOUND_LOST] + c->found[TK_MIB_FOUND_REDUCED];

    (void)fprintf(out, "%u files, %u modules: %u notifications, %u other names\n", c->files, c->modules,
                  c->notifications, c->objects);
    if (c->trouble)
        (void)
            fprintf(out,
                    "not all was read: %u files unreadable, %u modules given up, %u definitions refused by the parser, "
                    "%u modules with definitions without OID, %u modules missing\n",
                    c->found[TK_MIB_FOUND_UNREADABLE], c->found[TK_MIB_FOUND_GIVEN_UP], left_out,
                    c->found[TK_MIB_FOUND_NO_OID], c->found[TK_MIB_FOUND_MISSING]);
    return fflush(out) != 0 || c->trouble ? TK_EXIT_TROUBLE : 0;
}
