/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/circuits.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/text.h"

/* The columns that are keys; the first four name the device, and the file has exactly one of them. */
enum column { COLUMN_DEVICE, COLUMN_NAME, COLUMN_ADDRESS, COLUMN_ENGINE, COLUMN_INDEX, COLUMN_IFNAME, COLUMN_COUNT };

static const char *const column_name[COLUMN_COUNT] = {"device", "name", "address", "engine_id", "ifIndex", "ifName"};

/* The key words of a row: the device's string number; ifIndex, or 0; ifName's string number, or TK_STRINGS_NONE. */
enum word { WORD_DEVICE, WORD_INDEX, WORD_IFNAME, WORD_COUNT };

struct tk_circuits {
    struct tk_topology topology;
    struct tk_rowmap by_index, by_ifname;
    uint64_t seed;
};

struct header {
    int field[COLUMN_COUNT]; /* of the file, or -1 */
    enum column device;      /* which of the first four columns the file has */
};

/* Interface keys are hashed with the device's hash as their seed. */
static uint64_t hash_interface(const struct tk_circuits *c, const char *device, size_t device_len, const void *key,
                               size_t key_len)
{
    return tk_hash64(key, key_len, tk_hash64(device, device_len, c->seed));
}

static int read_header(struct tk_circuits *c, const struct tk_csv *csv, struct header *h, struct tk_err_list *errs,
                       struct tk_err_list *warnings)
{
    unsigned device_count = 0;
    int r = tk_topology_read_header(&c->topology, csv, column_name, COLUMN_COUNT, h->field, errs, warnings);

    if (r < 0)
        return r;
    for (unsigned k = COLUMN_DEVICE; k <= COLUMN_ENGINE; k++) {
        if (h->field[k] >= 0) {
            device_count++;
            h->device = k;
        }
    }
    if (device_count != 1) {
        tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                        "header: %s; name exactly one column 'device', 'name', 'address' or 'engine_id'",
                        device_count ? "several columns name the device" : "no column names the device");
        r = -EINVAL;
    }
    if (h->field[COLUMN_INDEX] < 0 && h->field[COLUMN_IFNAME] < 0) {
        tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                        "header: no column names the interface; name a column 'ifIndex' or 'ifName'");
        r = -EINVAL;
    }
    return r;
}

/* Write the device to @p dst as events name it. Returns its length, or -EINVAL. */
static int read_device(const struct tk_csv *csv, enum column kind, unsigned field, char *dst, struct tk_err_list *errs)
{
    struct tk_csv_field f = tk_csv_field(csv, field);
    uint8_t bytes[TK_KEY_MAX_ENGINE];
    size_t len;

    if (!f.len)
        return tk_csv_complain(csv, field, errs, "is not a device; write the device as events name it");
    switch (kind) {
    case COLUMN_ADDRESS:
        len = tk_key_parse_address(f, bytes);
        if (!len)
            return tk_csv_complain(csv, field, errs, TK_KEY_ADDRESS_COMPLAINT);
        (void)inet_ntop(len == 4 ? AF_INET : AF_INET6, bytes, dst, INET6_ADDRSTRLEN);
        return (int)strlen(dst);
    case COLUMN_ENGINE:
        len = tk_key_parse_engine(f, bytes);
        if (!len)
            return tk_csv_complain(csv, field, errs, TK_KEY_ENGINE_COMPLAINT);
        return (int)tk_format_hex(dst, bytes, len);
    default: memcpy(dst, f.text, f.len); return (int)f.len;
    }
}

static int read_index(const struct tk_csv *csv, unsigned field, uint32_t *ret_index, struct tk_err_list *errs)
{
    struct tk_csv_field f = tk_csv_field(csv, field);
    uint64_t value = 0;

    for (size_t i = 0; i < f.len; i++) {
        if (f.text[i] < '0' || f.text[i] > '9' || value > INT32_MAX) {
            value = 0;
            break;
        }
        value = value * 10 + (uint64_t)(f.text[i] - '0');
    }
    if (value < 1 || value > INT32_MAX)
        return tk_csv_complain(csv, field, errs, "is not an ifIndex; write a number from 1 to 2147483647");
    *ret_index = (uint32_t)value;
    return 0;
}

/* Read the device of the current row. @returns 0, -EINVAL, or an error of tk_topology_intern() */
static int intern_device(struct tk_circuits *c, const struct tk_csv *csv, const struct header *h, uint32_t *ret_id,
                         struct tk_err_list *errs)
{
    char device[TK_CSV_MAX_FIELD];
    int len = read_device(csv, h->device, (unsigned)h->field[h->device], device, errs);

    return len < 0 ? len : tk_topology_intern(&c->topology, csv, device, (size_t)len, ret_id, errs);
}

/* Read ifIndex and ifName of the current row. @returns as intern_device() */
static int read_interface(struct tk_circuits *c, const struct tk_csv *csv, const struct header *h, uint32_t *words,
                          struct tk_err_list *errs)
{
    static const struct tk_csv_field none = {.text = "", .len = 0};
    int index_field = h->field[COLUMN_INDEX], name_field = h->field[COLUMN_IFNAME], ret = 0;
    struct tk_csv_field index = index_field >= 0 ? tk_csv_field(csv, (unsigned)index_field) : none;
    struct tk_csv_field name = name_field >= 0 ? tk_csv_field(csv, (unsigned)name_field) : none;

    if (!index.len && !name.len) {
        tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                        "no interface: 'ifIndex' and 'ifName' are empty or not in the header; write one of them");
        return -EINVAL;
    }
    if (name.len)
        ret = tk_topology_intern(&c->topology, csv, name.text, name.len, &words[WORD_IFNAME], errs);
    if (ret == 0 && index.len)
        ret = read_index(csv, (unsigned)index_field, &words[WORD_INDEX], errs);
    return ret;
}

/* @returns 0; -EINVAL: the row is wrong, and in no map; another error: reading has to end */
static int read_row(struct tk_circuits *c, const struct tk_csv *csv, const struct header *h, struct tk_err_list *errs)
{
    uint32_t *words = tk_topology_add_row(&c->topology, csv, errs);
    int of_device, of_interface;

    if (!words)
        return -ENOMEM;
    of_device = intern_device(c, csv, h, &words[WORD_DEVICE], errs);
    if (of_device < 0 && of_device != -EINVAL)
        return of_device;
    of_interface = read_interface(c, csv, h, words, errs);
    if (of_device < 0 || of_interface < 0)
        memset(words, 0, WORD_COUNT * sizeof(*words));
    return of_interface < 0 ? of_interface : of_device;
}

static void complain_duplicate(const struct tk_circuits *c, const char *path, enum word word, uint32_t row,
                               uint32_t earlier, struct tk_err_list *errs)
{
    const uint32_t *words = tk_topology_row(&c->topology, row);
    char device[96], interface[96];
    const char *text;
    size_t len;

    text = tk_strings_get(&c->topology.strings, words[WORD_DEVICE], &len);
    tk_escape(device, sizeof(device), text, len);
    if (word == WORD_INDEX) {
        (void)snprintf(interface, sizeof(interface), "%u", words[WORD_INDEX]);
    } else {
        text = tk_strings_get(&c->topology.strings, words[WORD_IFNAME], &len);
        tk_escape(interface, sizeof(interface), text, len);
    }
    tk_err_list_add(errs, path, tk_topology_line(&c->topology, row),
                    "column '%s': '%s' of device '%s' is also in line %u; remove one of the two lines",
                    column_name[word == WORD_INDEX ? COLUMN_INDEX : COLUMN_IFNAME], interface, device,
                    tk_topology_line(&c->topology, earlier));
}

/* Another row before @p row that has its device and interface. *at: where they belong, if there is none. */
static uint32_t find_twin(const struct tk_circuits *c, const struct tk_rowmap *map, enum word word, uint32_t row,
                          uint64_t hash, uint32_t *at)
{
    const uint32_t *words = tk_topology_row(&c->topology, row), *other_words;
    uint32_t other;

    while ((other = tk_rowmap_next(map, hash, at)) != TK_ROW_NONE) {
        other_words = tk_topology_row(&c->topology, other);
        if (other_words[WORD_DEVICE] == words[WORD_DEVICE] && other_words[word] == words[word])
            break;
    }
    return other;
}

/* Index the rows by device and one of the two words that name the interface. @returns 0; -EINVAL: some have the same;
 * -ENOMEM */
static int build_map(struct tk_circuits *c, const char *path, struct tk_rowmap *map, enum word word,
                     struct tk_err_list *errs)
{
    const struct tk_topology *t = &c->topology;
    uint32_t key_count = 0;
    int ret = 0;

    for (uint32_t row = 0; row < t->row_count; row++)
        key_count += tk_topology_row(t, row)[word] != 0;
    if (tk_rowmap_init(map, key_count) < 0) {
        tk_err_list_add(errs, path, 0, "out of memory for the index of %u rows; nothing was loaded", key_count);
        return -ENOMEM;
    }
    for (uint32_t row = 0; row < t->row_count; row++) {
        const uint32_t *words = tk_topology_row(t, row);
        size_t device_len, key_len = sizeof(words[word]);
        const void *key = &words[word];
        const char *device;
        uint32_t at, twin;
        uint64_t hash;

        if (!words[word])
            continue;
        device = tk_strings_get(&t->strings, words[WORD_DEVICE], &device_len);
        if (word == WORD_IFNAME)
            key = tk_strings_get(&t->strings, words[word], &key_len);
        hash = hash_interface(c, device, device_len, key, key_len);
        at = tk_rowmap_begin(map, hash);
        twin = find_twin(c, map, word, row, hash, &at);
        if (twin == TK_ROW_NONE) {
            tk_rowmap_put(map, hash, at, row);
        } else {
            complain_duplicate(c, path, word, row, twin, errs);
            ret = -EINVAL;
        }
    }
    return ret;
}

/* @returns 0; -EINVAL: some rows are wrong; another error: reading has ended early */
static int read_rows(struct tk_circuits *c, struct tk_csv *csv, const struct header *h, struct tk_err_list *errs)
{
    int r, ret = 0;

    while ((r = tk_csv_next(csv, errs)) != 0) {
        if (r == 1)
            r = read_row(c, csv, h, errs);
        if (r < 0 && r != -EINVAL)
            return r;
        ret = r < 0 ? r : ret;
    }
    return ret;
}

/* @returns 0, or an error: the table is not to be used */
static int read_table(struct tk_circuits *c, struct tk_csv *csv, struct tk_err_list *errs, struct tk_err_list *warnings)
{
    struct header h;
    int r, ret = read_header(c, csv, &h, errs, warnings);

    if (ret < 0)
        return ret;
    ret = read_rows(c, csv, &h, errs);
    if (ret < 0 && ret != -EINVAL)
        return ret;
    r = build_map(c, tk_csv_path(csv), &c->by_index, WORD_INDEX, errs);
    if (r == 0 || r == -EINVAL) {
        ret = r < 0 ? r : ret;
        r = build_map(c, tk_csv_path(csv), &c->by_ifname, WORD_IFNAME, errs);
    }
    return r < 0 ? r : ret;
}

struct tk_circuits *tk_circuits_load(const char *path, uint64_t seed, struct tk_err_list *errs,
                                     struct tk_err_list *warnings)
{
    struct tk_csv *csv = tk_csv_new(path, errs);
    struct tk_circuits *c;
    int r;

    if (!csv)
        return NULL;
    c = calloc(1, sizeof(*c));
    if (!c) {
        tk_err_list_add(errs, path, 0, "out of memory; nothing was loaded");
        tk_csv_free(csv);
        return NULL;
    }
    c->seed = seed;
    tk_topology_init(&c->topology, WORD_COUNT, seed);
    r = read_table(c, csv, errs, warnings);
    tk_csv_free(csv);
    if (r < 0) {
        tk_circuits_free(c);
        return NULL;
    }
    tk_topology_seal(&c->topology);
    return c;
}

void tk_circuits_free(struct tk_circuits *c)
{
    if (!c)
        return;
    tk_rowmap_done(&c->by_index);
    tk_rowmap_done(&c->by_ifname);
    tk_topology_done(&c->topology);
    free(c);
}

static bool is_device(const struct tk_circuits *c, const uint32_t *words, const char *device, size_t device_len)
{
    size_t len;
    const char *known = tk_strings_get(&c->topology.strings, words[WORD_DEVICE], &len);

    return len == device_len && memcmp(known, device, len) == 0;
}

uint32_t tk_circuits_find_index(const struct tk_circuits *c, const char *device, size_t device_len, uint32_t if_index)
{
    uint64_t hash = hash_interface(c, device, device_len, &if_index, sizeof(if_index));
    uint32_t at = tk_rowmap_begin(&c->by_index, hash), row;

    while ((row = tk_rowmap_next(&c->by_index, hash, &at)) != TK_ROW_NONE) {
        const uint32_t *words = tk_topology_row(&c->topology, row);

        if (words[WORD_INDEX] == if_index && is_device(c, words, device, device_len))
            break;
    }
    return row;
}

uint32_t tk_circuits_find_name(const struct tk_circuits *c, const char *device, size_t device_len, const char *if_name,
                               size_t if_name_len)
{
    uint64_t hash = hash_interface(c, device, device_len, if_name, if_name_len);
    uint32_t at = tk_rowmap_begin(&c->by_ifname, hash), row;

    while ((row = tk_rowmap_next(&c->by_ifname, hash, &at)) != TK_ROW_NONE) {
        const uint32_t *words = tk_topology_row(&c->topology, row);
        size_t len;
        const char *known = tk_strings_get(&c->topology.strings, words[WORD_IFNAME], &len);

        if (len == if_name_len && memcmp(known, if_name, len) == 0 && is_device(c, words, device, device_len))
            break;
    }
    return row;
}

const struct tk_topology *tk_circuits_topology(const struct tk_circuits *c)
{
    return c ? &c->topology : NULL;
}

uint32_t tk_circuits_count(const struct tk_circuits *c)
{
    return c->topology.row_count;
}

size_t tk_circuits_bytes(const struct tk_circuits *c)
{
    return sizeof(*c) - sizeof(c->topology) + tk_topology_bytes(&c->topology) +
           ((size_t)c->by_index.mask + 1 + c->by_ifname.mask + 1) * sizeof(*c->by_index.slots);
}
