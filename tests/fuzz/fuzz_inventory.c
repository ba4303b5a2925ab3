/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the text of a kafkaInventory file. */
#include "base/text.h"
#include "fuzz.h"

#include <string.h>
#include <sys/socket.h>

#include "inventory/inventory.h"

static void check_row(const struct tk_inventory *inv, uint32_t row)
{
    const struct tk_topology *t = tk_inventory_topology(inv);
    struct tk_topology_join join;
    struct tk_json json;
    const char *name;
    size_t len = 0;

    FUZZ_CHECK(row < tk_inventory_count(inv));
    name = tk_inventory_name(inv, row, &len);
    FUZZ_CHECK(!name || (len > 0 && len <= TK_INVENTORY_MAX_NAME && tk_utf8_is_valid((const uint8_t *)name, len)));
    tk_topology_join_init(&join, t, NULL);
    tk_json_init(&json);
    tk_json_object_begin(&json);
    tk_topology_write(&join, row, TK_ROW_NONE, &json);
    tk_json_object_end(&json);
    FUZZ_CHECK(!json.is_failed);
    fuzz_check_json(json.buf, json.len);
    tk_json_done(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t v4[4] = {192, 0, 2, 7}, engine[8] = {0x80, 0, 0x1f, 0x88, 4, 'p', 'e', '2'};
    static const uint8_t v6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 7}, mapped[16] = {[10] = 0xff, 0xff, 192, 0, 2, 7};
    struct tk_err_list errs = {0}, warnings = {0};
    struct tk_inventory *inv = tk_inventory_load(fuzz_file(data, size), 1, &errs, &warnings);
    uint32_t row;

    for (unsigned i = 0; i < errs.kept + warnings.kept; i++)
        fuzz_check_error(i < errs.kept ? &errs.err[i] : &warnings.err[i - errs.kept]);
    if (!inv) {
        FUZZ_CHECK(!tk_err_list_is_empty(&errs));
        return 0;
    }
    FUZZ_CHECK(tk_err_list_is_empty(&errs) && tk_inventory_bytes(inv) > 0);
    for (row = 0; row < tk_inventory_count(inv) && row < 64; row++)
        check_row(inv, row);
    FUZZ_CHECK(tk_inventory_find_address(inv, AF_INET, v4) == tk_inventory_find_address(inv, AF_INET6, mapped));
    if ((row = tk_inventory_find_address(inv, AF_INET, v4)) != TK_ROW_NONE)
        check_row(inv, row);
    if ((row = tk_inventory_find_address(inv, AF_INET6, v6)) != TK_ROW_NONE)
        check_row(inv, row);
    if ((row = tk_inventory_find_engine(inv, engine, sizeof(engine))) != TK_ROW_NONE)
        check_row(inv, row);
    if ((row = tk_inventory_find_name(inv, "olt7.muc", 8)) != TK_ROW_NONE)
        check_row(inv, row);
    tk_inventory_free(inv);
    return 0;
}
