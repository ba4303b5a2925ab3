/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the text of a rules file. If the rules compile, they are matched with a trap with a varbind of each type. */
#include "fuzz.h"

#include <string.h>

#include "rules/rules_load.h"

static struct fuzz_world world;
static uint8_t trap[4096];
static size_t trap_len;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_world_init(&world, NULL, NULL, NULL);
    trap_len = fuzz_rich_trap(trap, sizeof(trap));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct tk_rules_report report;
    uint64_t dropped;
    struct tk_rules *rules = tk_rules_parse_sound(text, size, "rules.json", fuzz_dict(), &report);

    free(text);
    FUZZ_CHECK(rules && report.in_force <= report.rule_count && report.in_force == tk_rules_count(rules));
    for (unsigned i = 0; i < report.errors.kept; i++)
        fuzz_check_error(report.errors.err + i);
    fuzz_world_rules(&world, rules);
    dropped = tk_stats_get(&world.stats, TK_SUPPRESSED_RULE);
    fuzz_world_body(&world, trap, trap_len);
    FUZZ_CHECK(world.events + (tk_stats_get(&world.stats, TK_SUPPRESSED_RULE) - dropped) == 1);
    return 0;
}
