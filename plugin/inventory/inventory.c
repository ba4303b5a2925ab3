/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/inventory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"

/*
 * The key words of a row are string numbers. An address is its 4 or 16 bytes, a prefix is the address's bytes and one
 * byte for the length, an engine ID is its bytes. Each string is kept once, so equal keys have equal words.
 */
enum key { KEY_ADDRESS, KEY_PREFIX, KEY_ENGINE, KEY_NAME, KEY_COUNT };

static const char *const key_name[KEY_COUNT] = {"address", "prefix", "engine_id", "name"};

struct prefix_lengths {
    bool is_used[129];
    uint8_t length[129]; /* the lengths in use, longest first */
    unsigned count;
};

struct tk_inventory {
    struct tk_topology topology;
    struct tk_rowmap map[KEY_COUNT];
    struct prefix_lengths v4, v6;
    uint64_t seed;
};

/* Clear the bits after the first @p length. Returns whether any of them was set. */
static bool mask_address(uint8_t *bytes, size_t len, unsigned length)
{
    uint8_t lost = 0;

    for (size_t i = length / 8; i < len; i++) {
        uint8_t keep = i == length / 8 ? (uint8_t)(0xff00 >> length % 8) : 0;

        lost |= (uint8_t)(bytes[i] & ~keep);
        bytes[i] &= keep;
    }
    return lost != 0;
}

static void format_prefix(char *dst, size_t dst_bytes, const uint8_t *key, size_t key_len)
{
    char text[INET6_ADDRSTRLEN];

    (void)inet_ntop(key_len == 5 ? AF_INET : AF_INET6, key, text, sizeof(text));
    (void)snprintf(dst, dst_bytes, "%s/%u", text, key[key_len - 1]);
}

/* Read "address/length" into address bytes and a length byte. Returns the key's length, or -EINVAL. */
static int read_prefix(const struct tk_csv *csv, unsigned field, uint8_t ret_key[17], struct tk_err_list *errs)
{
    struct tk_csv_field f = tk_csv_field(csv, field), head = f;
    const char *slash = memchr(f.text, '/', f.len);
    unsigned length = 0, digits = 0;
    size_t len;

    head.len = slash ? (size_t)(slash - f.text) : 0;
    for (const char *p = slash ? slash + 1 : NULL; p && p < f.text + f.len; p++, digits++) {
        if (*p < '0' || *p > '9' || digits == 3) {
            digits = 0;
            break;
        }
        length = length * 10 + (unsigned)(*p - '0');
    }
    len = tk_key_parse_address(head, ret_key);
    if (len == 4 && memchr(head.text, ':', head.len)) { /* IPv4-mapped */
        digits = length >= 96 ? digits : 0;
        length -= 96;
    }
    if (!len || !digits || length > len * 8)
        return tk_csv_complain(csv, field, errs,
                               "is not a prefix; write address/length, such as 192.0.2.0/24 or 2001:db8::/32");
    ret_key[len] = (uint8_t)length;
    if (mask_address(ret_key, len, length)) {
        char prefix[64], complaint[128];

        format_prefix(prefix, sizeof(prefix), ret_key, len + 1);
        (void)snprintf(complaint, sizeof(complaint), "has address bits after its length; write %s", prefix);
        return tk_csv_complain(csv, field, errs, complaint);
    }
    return (int)len + 1;
}

static int check_name(const struct tk_csv *csv, unsigned field, struct tk_err_list *errs)
{
    struct tk_csv_field f = tk_csv_field(csv, field);

    if (f.len > TK_INVENTORY_MAX_NAME)
        return tk_csv_complain(csv, field, errs, "is not a device name; write at most 255 bytes");
    for (size_t i = 0; i < f.len; i++)
        if ((uint8_t)f.text[i] < 0x20 || f.text[i] == 0x7f)
            return tk_csv_complain(csv, field, errs, "is not a device name; write it without control characters");
    return 0;
}

/* Convert one key of the current row to the form in which it is looked up, and intern it. @returns 0, -EINVAL: the value is
 * wrong, or an error of tk_topology_intern() */
static int read_key(struct tk_inventory *inv, const struct tk_csv *csv, enum key key, unsigned field, uint32_t *ret_id,
                    struct tk_err_list *errs)
{
    struct tk_csv_field f = tk_csv_field(csv, field);
    uint8_t bytes[TK_KEY_MAX_ENGINE];
    size_t len;
    int r;

    switch (key) {
    case KEY_ADDRESS:
        len = tk_key_parse_address(f, bytes);
        if (!len)
            return tk_csv_complain(csv, field, errs, TK_KEY_ADDRESS_COMPLAINT);
        break;
    case KEY_PREFIX:
        r = read_prefix(csv, field, bytes, errs);
        if (r < 0)
            return r;
        len = (size_t)r;
        (len == 5 ? &inv->v4 : &inv->v6)->is_used[bytes[len - 1]] = true;
        break;
    case KEY_ENGINE:
        len = tk_key_parse_engine(f, bytes);
        if (!len)
            return tk_csv_complain(csv, field, errs, TK_KEY_ENGINE_COMPLAINT);
        break;
    default:
        r = check_name(csv, field, errs);
        return r < 0 ? r : tk_topology_intern(&inv->topology, csv, f.text, f.len, ret_id, errs);
    }
    return tk_topology_intern(&inv->topology, csv, bytes, len, ret_id, errs);
}

/* @returns 0; -EINVAL: the row is wrong, and in no map; another error: reading has to end */
static int read_row(struct tk_inventory *inv, const struct tk_csv *csv, const int *key_field, struct tk_err_list *errs)
{
    uint32_t *words = tk_topology_add_row(&inv->topology, csv, errs);
    bool has_key = false;
    int ret = 0;

    if (!words)
        return -ENOMEM;
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        int r;

        if (key_field[k] < 0 || !tk_csv_field(csv, (unsigned)key_field[k]).len)
            continue;
        has_key = true;
        r = read_key(inv, csv, k, (unsigned)key_field[k], &words[k], errs);
        if (r < 0 && r != -EINVAL)
            return r;
        ret = r < 0 ? r : ret;
    }
    if (!has_key) {
        tk_err_list_add(
            errs, tk_csv_path(csv), tk_csv_line(csv),
            "no key: 'address', 'prefix', 'engine_id' and 'name' are empty or not in the header; write one");
        ret = -EINVAL;
    }
    if (ret < 0)
        memset(words, 0, KEY_COUNT * sizeof(*words));
    return ret;
}

static int read_header(struct tk_inventory *inv, const struct tk_csv *csv, int key_field[KEY_COUNT],
                       struct tk_err_list *errs, struct tk_err_list *warnings)
{
    int r = tk_topology_read_header(&inv->topology, csv, key_name, KEY_COUNT, key_field, errs, warnings);

    for (unsigned k = 0; k < KEY_COUNT; k++)
        if (r < 0 || key_field[k] >= 0)
            return r;
    tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                    "header: no key column, the first name is '%s'; name a column 'address', 'prefix', 'engine_id' or "
                    "'name'",
                    tk_csv_column(csv, 0));
    return -EINVAL;
}

/* @returns 0; -EINVAL: some rows are wrong; another error: reading has ended early */
static int read_rows(struct tk_inventory *inv, struct tk_csv *csv, const int *key_field, struct tk_err_list *errs)
{
    int r, ret = 0;

    while ((r = tk_csv_next(csv, errs)) != 0) {
        if (r == 1)
            r = read_row(inv, csv, key_field, errs);
        if (r < 0 && r != -EINVAL)
            return r;
        ret = r < 0 ? r : ret;
    }
    return ret;
}

/* The key by which a row is found in the map of @p key, or TK_STRINGS_NONE. */
static uint32_t key_of(const struct tk_inventory *inv, enum key key, uint32_t row)
{
    const uint32_t *words = tk_topology_row(&inv->topology, row);

    if (key == KEY_NAME && (words[KEY_ADDRESS] || words[KEY_PREFIX] || words[KEY_ENGINE]))
        return TK_STRINGS_NONE;
    return words[key];
}

static void complain_duplicate(const struct tk_inventory *inv, const char *path, enum key key, uint32_t row,
                               uint32_t earlier, struct tk_err_list *errs)
{
    size_t len;
    const char *bytes = tk_strings_get(&inv->topology.strings, key_of(inv, key, row), &len);
    char value[96];

    switch (key) {
    case KEY_ADDRESS: (void)inet_ntop(len == 4 ? AF_INET : AF_INET6, bytes, value, sizeof(value)); break;
    case KEY_PREFIX: format_prefix(value, sizeof(value), (const uint8_t *)bytes, len); break;
    case KEY_ENGINE: (void)tk_hex_text(value, sizeof(value), bytes, len); break;
    default: tk_escape(value, sizeof(value), bytes, len);
    }
    tk_err_list_add(errs, path, tk_topology_line(&inv->topology, row),
                    "column '%s': '%s' is also in line %u%s; remove one of the two lines", key_name[key], value,
                    tk_topology_line(&inv->topology, earlier),
                    key == KEY_NAME ? ", and neither line has another key" : "");
}

/* Another row before @p row that has its key. *at: where the key belongs, if there is none. */
static uint32_t find_twin(const struct tk_inventory *inv, enum key key, uint32_t row, uint64_t hash, uint32_t *at)
{
    uint32_t id = key_of(inv, key, row), other;

    while ((other = tk_rowmap_next(&inv->map[key], hash, at)) != TK_ROW_NONE)
        if (key_of(inv, key, other) == id)
            break;
    return other;
}

/* Index the rows by one key. @returns 0; -EINVAL: some have the same; -ENOMEM */
static int build_map(struct tk_inventory *inv, const char *path, enum key key, struct tk_err_list *errs)
{
    struct tk_rowmap *map = &inv->map[key];
    uint32_t row_count = inv->topology.row_count, key_count = 0;
    int ret = 0;

    for (uint32_t row = 0; row < row_count; row++)
        key_count += key_of(inv, key, row) != TK_STRINGS_NONE;
    if (tk_rowmap_init(map, key_count) < 0) {
        tk_err_list_add(errs, path, 0, "out of memory for the index of %u rows; nothing was loaded", key_count);
        return -ENOMEM;
    }
    for (uint32_t row = 0; row < row_count; row++) {
        uint32_t id = key_of(inv, key, row), at, twin;
        const char *bytes;
        uint64_t hash;
        size_t len;

        if (id == TK_STRINGS_NONE)
            continue;
        bytes = tk_strings_get(&inv->topology.strings, id, &len);
        hash = tk_hash64(bytes, len, inv->seed);
        at = tk_rowmap_begin(map, hash);
        twin = find_twin(inv, key, row, hash, &at);
        if (twin == TK_ROW_NONE) {
            tk_rowmap_put(map, hash, at, row);
        } else {
            complain_duplicate(inv, path, key, row, twin, errs);
            ret = -EINVAL;
        }
    }
    return ret;
}

static void list_lengths(struct prefix_lengths *lengths)
{
    for (int length = 128; length >= 0; length--)
        if (lengths->is_used[length])
            lengths->length[lengths->count++] = (uint8_t)length;
}

/* @returns 0, or an error: the table is not to be used */
static int read_table(struct tk_inventory *inv, struct tk_csv *csv, struct tk_err_list *errs,
                      struct tk_err_list *warnings)
{
    int key_field[KEY_COUNT];
    int ret = read_header(inv, csv, key_field, errs, warnings);

    if (ret < 0)
        return ret;
    ret = read_rows(inv, csv, key_field, errs);
    for (unsigned k = 0; k < KEY_COUNT && (ret == 0 || ret == -EINVAL); k++) {
        int r = build_map(inv, tk_csv_path(csv), k, errs);

        ret = r < 0 ? r : ret;
    }
    return ret;
}

struct tk_inventory *tk_inventory_load(const char *path, uint64_t seed, struct tk_err_list *errs,
                                       struct tk_err_list *warnings)
{
    struct tk_csv *csv = tk_csv_new(path, errs);
    struct tk_inventory *inv;
    int r;

    if (!csv)
        return NULL;
    inv = calloc(1, sizeof(*inv));
    if (!inv) {
        tk_err_list_add(errs, path, 0, "out of memory; nothing was loaded");
        tk_csv_free(csv);
        return NULL;
    }
    inv->seed = seed;
    tk_topology_init(&inv->topology, KEY_COUNT, seed);
    r = read_table(inv, csv, errs, warnings);
    tk_csv_free(csv);
    if (r < 0) {
        tk_inventory_free(inv);
        return NULL;
    }
    list_lengths(&inv->v4);
    list_lengths(&inv->v6);
    tk_topology_seal(&inv->topology);
    return inv;
}

void tk_inventory_free(struct tk_inventory *inv)
{
    if (!inv)
        return;
    for (unsigned k = 0; k < KEY_COUNT; k++)
        tk_rowmap_done(&inv->map[k]);
    tk_topology_done(&inv->topology);
    free(inv);
}

static uint32_t find(const struct tk_inventory *inv, enum key key, const void *bytes, size_t len)
{
    const struct tk_rowmap *map = &inv->map[key];
    uint64_t hash = tk_hash64(bytes, len, inv->seed);
    uint32_t at = tk_rowmap_begin(map, hash), row;

    while ((row = tk_rowmap_next(map, hash, &at)) != TK_ROW_NONE) {
        size_t known_len;
        const char *known = tk_strings_get(&inv->topology.strings, tk_topology_row(&inv->topology, row)[key],
                                           &known_len);

        if (known_len == len && memcmp(known, bytes, len) == 0)
            break;
    }
    return row;
}

uint32_t tk_inventory_find_address(const struct tk_inventory *inv, int family, const uint8_t *bytes)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    const struct prefix_lengths *lengths;
    uint8_t key[17];
    uint32_t row;
    size_t len;

    if (family == AF_INET6 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
        bytes += sizeof(mapped);
        family = AF_INET;
    }
    if (family != AF_INET && family != AF_INET6)
        return TK_ROW_NONE;
    len = family == AF_INET ? 4 : 16;
    lengths = family == AF_INET ? &inv->v4 : &inv->v6;
    row = find(inv, KEY_ADDRESS, bytes, len);
    memcpy(key, bytes, len);
    /* The lengths are descending, so one copy of the address can be masked again and again. */
    for (unsigned i = 0; i < lengths->count && row == TK_ROW_NONE; i++) {
        (void)mask_address(key, len, lengths->length[i]);
        key[len] = lengths->length[i];
        row = find(inv, KEY_PREFIX, key, len + 1);
    }
    return row;
}

uint32_t tk_inventory_find_engine(const struct tk_inventory *inv, const uint8_t *engine_id, size_t len)
{
    return len ? find(inv, KEY_ENGINE, engine_id, len) : TK_ROW_NONE;
}

uint32_t tk_inventory_find_name(const struct tk_inventory *inv, const char *name, size_t len)
{
    return len ? find(inv, KEY_NAME, name, len) : TK_ROW_NONE;
}

const char *tk_inventory_name(const struct tk_inventory *inv, uint32_t row, size_t *ret_len)
{
    uint32_t id = tk_topology_row(&inv->topology, row)[KEY_NAME];

    return id == TK_STRINGS_NONE ? NULL : tk_strings_get(&inv->topology.strings, id, ret_len);
}

const struct tk_topology *tk_inventory_topology(const struct tk_inventory *inv)
{
    return inv ? &inv->topology : NULL;
}

uint32_t tk_inventory_count(const struct tk_inventory *inv)
{
    return inv->topology.row_count;
}

size_t tk_inventory_bytes(const struct tk_inventory *inv)
{
    size_t bytes = sizeof(*inv) - sizeof(inv->topology) + tk_topology_bytes(&inv->topology);

    for (unsigned k = 0; k < KEY_COUNT; k++)
        bytes += ((size_t)inv->map[k].mask + 1) * sizeof(*inv->map[k].slots);
    return bytes;
}
