/* SPDX-License-Identifier: Apache-2.0 */
/* The program trapkafka: its commands run the module's code without snmptrapd and Kafka. */
#include <stdio.h>
#include <string.h>

#include "cli/cli_internal.h"

static const struct {
    const char *name, *args, *help;
    tk_command *run;
} commands[] = {
    {"queue", "[--records] [--config FILE] PATH", "what waits in a queue that is a file", tk_command_queue},
    {"v3", "check [OPTIONS] (--listen ADDRESS | CAPTURE)",
     "would these SNMPv3 notifications be accepted, and if not, why", tk_command_v3},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_usage(FILE *f)
{
    for (size_t i = 0; i < COMMANDS; i++)
        (void)fprintf(f, "%s trapkafka %s %s\n           %s\n", i ? "      " : "usage:", commands[i].name,
                      commands[i].args, commands[i].help);
    (void)fprintf(f, "       trapkafka --help | --version\n");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        (void)printf("trapkafka %s\n", PACKAGE_VERSION);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return 0;
    }
    for (size_t i = 0; argc > 1 && i < COMMANDS; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (argc > 1)
        (void)fprintf(stderr, "trapkafka: unknown command '%s'\n", argv[1]);
    print_usage(stderr);
    return TK_EXIT_USAGE;
}
