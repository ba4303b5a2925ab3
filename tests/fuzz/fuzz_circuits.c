/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the text of a kafkaCircuits file. */
#include "fuzz.h"

#include <string.h>

#include "inventory/circuits.h"

static void check_row(const struct tk_circuits *c, uint32_t row)
{
    struct tk_topology_join join;
    struct tk_json json;

    FUZZ_CHECK(row < tk_circuits_count(c));
    tk_topology_join_init(&join, NULL, tk_circuits_topology(c));
    tk_json_init(&json);
    tk_json_object_begin(&json);
    tk_topology_write(&join, TK_ROW_NONE, row, &json);
    tk_json_object_end(&json);
    FUZZ_CHECK(!json.is_failed);
    fuzz_check_json(json.buf, json.len);
    tk_json_done(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_err_list errs = {0}, warnings = {0};
    struct tk_circuits *c = tk_circuits_load(fuzz_file(data, size), 1, &errs, &warnings);
    uint32_t row;

    for (unsigned i = 0; i < errs.kept + warnings.kept; i++)
        fuzz_check_error(i < errs.kept ? &errs.err[i] : &warnings.err[i - errs.kept]);
    if (!c) {
        FUZZ_CHECK(!tk_err_list_is_empty(&errs));
        return 0;
    }
    FUZZ_CHECK(tk_err_list_is_empty(&errs) && tk_circuits_bytes(c) > 0);
    for (row = 0; row < tk_circuits_count(c) && row < 64; row++)
        check_row(c, row);
    if ((row = tk_circuits_find_index(c, "pe1.fra", 7, 7)) != TK_ROW_NONE)
        check_row(c, row);
    if ((row = tk_circuits_find_name(c, "pe1.fra", 7, "xe-0/0/1", 8)) != TK_ROW_NONE)
        check_row(c, row);
    (void)tk_circuits_find_index(c, (const char *)data, size > 16 ? 16 : size, 1);
    tk_circuits_free(c);
    return 0;
}
