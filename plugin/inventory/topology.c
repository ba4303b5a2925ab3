/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory/topology.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <strings.h>

void tk_topology_init(struct tk_topology *t, uint32_t key_words, uint64_t seed)
{
    memset(t, 0, sizeof(*t));
    tk_strings_init(&t->strings, seed);
    tk_json_init(&t->scratch);
    t->key_words = key_words;
    t->stride = key_words;
}

void tk_topology_done(struct tk_topology *t)
{
    tk_strings_done(&t->strings);
    tk_json_done(&t->scratch);
    tk_vector_done(&t->rows);
    tk_vector_done(&t->lines);
}

static void add_column(struct tk_topology *t, const char *name, unsigned field)
{
    struct tk_topology_column *c;

    TK_ASSERT(t->column_count < TK_CSV_MAX_COLUMNS);
    c = &t->column[t->column_count++];
    c->field = field;
    c->len = (uint32_t)strlen(name);
    memcpy(c->name, name, c->len + 1);
    t->stride++;
}

bool tk_topology_is_event_member(const char *name)
{
    static const char *const members[] = {"schema",      "type",          "event_id",
                                          "fingerprint", "received",      "receiver",
                                          "source",      "snmp",          "trap",
                                          "severity",    "itil_priority", "severity_rule",
                                          "alarm",       "dedup",         "summary",
                                          "fields",      "topology",      "varbinds",
                                          "missing",     "index_names",   /* of "source": */ "device",
                                          "address"};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        if (strcasecmp(name, members[i]) == 0)
            return true;
    return false;
}

/* Do the names differ only in case, '_' and '-', as "Engine-ID" and "engine_id"? */
static bool is_almost(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "_-");
        b += strspn(b, "_-");
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

/* A column that becomes a member of "topology", and that the operator may have meant otherwise. */
static void warn_of_column(const struct tk_csv *csv, const char *name, const char *const *key_name, unsigned key_count,
                           struct tk_err_list *warnings)
{
    if (tk_topology_is_event_member(name))
        tk_err_list_add(warnings, tk_csv_path(csv), tk_csv_line(csv),
                        "header: '%s' is also a member of every event; the column becomes topology.%s, so rename it if "
                        "your consumers could take one for the other",
                        name, name);
    for (unsigned k = 0; k < key_count; k++)
        if (is_almost(name, key_name[k]))
            tk_err_list_add(warnings, tk_csv_path(csv), tk_csv_line(csv),
                            "header: '%s' is not the key column '%s', so it becomes topology.%s; rename it to '%s' if "
                            "that is meant",
                            name, key_name[k], name, key_name[k]);
}

int tk_topology_read_header(struct tk_topology *t, const struct tk_csv *csv, const char *const *key_name,
                            unsigned key_count, int *ret_field, struct tk_err_list *errs, struct tk_err_list *warnings)
{
    int ret = 0;

    for (unsigned k = 0; k < key_count; k++)
        ret_field[k] = -1;
    for (unsigned i = 0; i < tk_csv_column_count(csv); i++) {
        const char *name = tk_csv_column(csv, i);
        unsigned k = 0;

        while (k < key_count && strcasecmp(name, key_name[k]) != 0)
            k++;
        if (k == key_count) {
            add_column(t, name, i);
            warn_of_column(csv, name, key_name, key_count, warnings);
        } else if (ret_field[k] < 0) {
            ret_field[k] = (int)i;
        } else {
            tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                            "header: '%s' and '%s' are the same key column; rename one of them",
                            tk_csv_column(csv, (unsigned)ret_field[k]), name);
            ret = -EINVAL;
        }
    }
    return ret;
}

static void out_of_memory(const struct tk_csv *csv, struct tk_err_list *errs)
{
    tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv), "out of memory at this line; nothing was loaded");
}

int tk_topology_intern(struct tk_topology *t, const struct tk_csv *csv, const void *bytes, size_t len, uint32_t *ret_id,
                       struct tk_err_list *errs)
{
    int r = tk_strings_intern(&t->strings, bytes, len, ret_id);

    if (r == -EFBIG)
        tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                        "more than 4 GiB of different values; leave out columns that no event needs");
    else if (r < 0)
        out_of_memory(csv, errs);
    return r;
}

uint32_t *tk_topology_add_row(struct tk_topology *t, const struct tk_csv *csv, struct tk_err_list *errs)
{
    const size_t row_bytes = t->stride * sizeof(uint32_t);
    uint32_t *row, *line;

    if (t->row_count == TK_TOPOLOGY_MAX_ROWS) {
        tk_err_list_add(errs, tk_csv_path(csv), tk_csv_line(csv),
                        "more than %u rows; leave out devices and interfaces that send no traps", TK_TOPOLOGY_MAX_ROWS);
        return NULL;
    }
    row = tk_vector_reserve(&t->rows, 1, row_bytes);
    line = tk_vector_reserve(&t->lines, 1, sizeof(*line));
    if (!row || !line) {
        out_of_memory(csv, errs);
        return NULL;
    }
    memset(row, 0, row_bytes);
    for (unsigned i = 0; i < t->column_count; i++) {
        struct tk_csv_field f = tk_csv_field(csv, t->column[i].field);

        if (!f.len)
            continue;
        tk_json_clear(&t->scratch);
        tk_json_string(&t->scratch, f.text, f.len);
        if (t->scratch.is_failed) {
            out_of_memory(csv, errs);
            return NULL;
        }
        if (tk_topology_intern(t, csv, t->scratch.buf, t->scratch.len, &row[t->key_words + i], errs) < 0)
            return NULL;
    }
    *line = tk_csv_line(csv);
    t->lines.count = t->rows.count = ++t->row_count;
    return row;
}

void tk_topology_seal(struct tk_topology *t)
{
    tk_vector_trim(&t->rows, t->stride * sizeof(uint32_t));
    tk_vector_done(&t->lines);
    tk_json_done(&t->scratch);
    tk_strings_seal(&t->strings);
}

size_t tk_topology_bytes(const struct tk_topology *t)
{
    return sizeof(*t) + (size_t)t->rows.cap * t->stride * sizeof(uint32_t) + t->strings.cap;
}

size_t tk_key_parse_address(struct tk_csv_field f, uint8_t ret_bytes[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char text[INET6_ADDRSTRLEN];
    uint8_t v6[16];

    if (f.len >= sizeof(text))
        return 0;
    memcpy(text, f.text, f.len);
    text[f.len] = '\0';
    if (inet_pton(AF_INET, text, ret_bytes) == 1)
        return 4;
    if (inet_pton(AF_INET6, text, v6) != 1)
        return 0;
    if (memcmp(v6, mapped, sizeof(mapped)) == 0) {
        memcpy(ret_bytes, v6 + 12, 4);
        return 4;
    }
    memcpy(ret_bytes, v6, 16);
    return 16;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t tk_key_parse_engine(struct tk_csv_field f, uint8_t ret_bytes[TK_KEY_MAX_ENGINE])
{
    if (f.len >= 2 && f.text[0] == '0' && (f.text[1] | 0x20) == 'x') {
        f.text += 2;
        f.len -= 2;
    }
    if (f.len % 2 || f.len < 2 * 5 || f.len > 2 * TK_KEY_MAX_ENGINE)
        return 0;
    for (size_t i = 0; i < f.len / 2; i++) {
        int high = hex_value(f.text[2 * i]), low = hex_value(f.text[2 * i + 1]);

        if (high < 0 || low < 0)
            return 0;
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return f.len / 2;
}

int tk_rowmap_init(struct tk_rowmap *m, uint32_t row_count)
{
    uint32_t slot_count = 4;

    while (slot_count / 4 * 3 < row_count)
        slot_count *= 2;
    m->slots = calloc(slot_count, sizeof(*m->slots));
    m->mask = slot_count - 1;
    return m->slots ? 0 : -ENOMEM;
}

void tk_rowmap_done(struct tk_rowmap *m)
{
    free(m->slots);
    m->slots = NULL;
}

void tk_topology_join_init(struct tk_topology_join *join, const struct tk_topology *devices,
                           const struct tk_topology *circuits)
{
    join->devices = devices;
    join->circuits = circuits;
    for (unsigned d = 0; d < TK_CSV_MAX_COLUMNS; d++) {
        join->twin[d] = -1;
        for (unsigned c = 0; devices && circuits && d < devices->column_count && c < circuits->column_count; c++)
            if (strcmp(devices->column[d].name, circuits->column[c].name) == 0)
                join->twin[d] = (int8_t)c;
    }
}

static void write_member(const struct tk_topology *t, unsigned column, uint32_t id, struct tk_json *j)
{
    size_t len;
    const char *value = tk_strings_get(&t->strings, id, &len);

    tk_json_name(j, t->column[column].name, t->column[column].len);
    tk_json_raw(j, value, len);
}

/* The cells of a row. Their strings are prefetched together, so that their cache misses overlap. */
static const uint32_t *begin_cells(const struct tk_topology *t, uint32_t row)
{
    const uint32_t *cells = tk_topology_row(t, row) + t->key_words;

    for (unsigned i = 0; i < t->column_count; i++)
        if (cells[i] != TK_STRINGS_NONE)
            __builtin_prefetch(t->strings.pool + cells[i]);
    return cells;
}

void tk_topology_write(const struct tk_topology_join *join, uint32_t device_row, uint32_t circuit_row,
                       struct tk_json *j)
{
    const struct tk_topology *devices = join->devices, *circuits = join->circuits;
    const uint32_t *device = devices && device_row != TK_ROW_NONE ? begin_cells(devices, device_row) : NULL;
    const uint32_t *circuit = circuits && circuit_row != TK_ROW_NONE ? begin_cells(circuits, circuit_row) : NULL;

    for (unsigned i = 0; device && i < devices->column_count; i++)
        if (device[i] != TK_STRINGS_NONE && !(circuit && join->twin[i] >= 0 && circuit[join->twin[i]]))
            write_member(devices, i, device[i], j);
    for (unsigned i = 0; circuit && i < circuits->column_count; i++)
        if (circuit[i] != TK_STRINGS_NONE)
            write_member(circuits, i, circuit[i], j);
}
