/* SPDX-License-Identifier: Apache-2.0 */
#include "import/snmptt_nodes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MAX_LINE  4096
#define MAX_NODES 10000 /* of one EVENT */
#define MAX_NAME  255

struct range {
    uint32_t first, last;
};

void tk_snmptt_nodes_done(struct tk_snmptt_nodes *n)
{
    tk_vector_done(&n->ranges);
    json_decref(n->others);
    json_decref(n->devices);
    memset(n, 0, sizeof(*n));
}

static bool refuse(struct tk_import *im, unsigned line, const char *node, const char *why)
{
    tk_import_tell(im, line, node, "%s; the EVENT is left out, write its rule by hand", why);
    return false;
}

static bool add_range(struct tk_import *im, struct tk_snmptt_nodes *n, uint32_t first, uint32_t last)
{
    struct range *kept = tk_vector_push(&n->ranges, 1, sizeof(*kept));

    if (kept)
        *kept = (struct range){first, last};
    im->is_out_of_memory |= !kept;
    return true;
}

static void add_text(struct tk_import *im, json_t **list, const char *text)
{
    if (!*list)
        *list = json_array();
    tk_import_append(im, *list, json_string(text));
}

/* The mask behind a slash: "24" or "255.255.255.0". @returns its bits, or -1 */
static int read_mask(const char *text)
{
    struct in_addr a;
    uint32_t rest;
    char *end;
    long bits;

    if (inet_pton(AF_INET, text, &a) == 1) {
        rest = ~ntohl(a.s_addr);
        return rest & (rest + 1) ? -1 : 32 - __builtin_popcount(rest);
    }
    bits = strtol(text, &end, 10);
    return *text < '0' || *text > '9' || *end || bits > 32 ? -1 : (int)bits;
}

/* @returns false: it is no address, prefix or range of IPv4; nothing was added */
static bool add_v4(struct tk_import *im, struct tk_snmptt_nodes *n, const char *node)
{
    char text[64], *behind;
    struct in_addr a, b;
    int bits = 32;
    uint32_t rest;

    if (snprintf(text, sizeof(text), "%s", node) >= (int)sizeof(text))
        return false;
    behind = strpbrk(text, "-/");
    if (behind) {
        bool is_range = *behind == '-';

        *behind++ = '\0';
        if (inet_pton(AF_INET, text, &a) != 1)
            return false;
        if (is_range)
            return inet_pton(AF_INET, behind, &b) == 1 && ntohl(a.s_addr) <= ntohl(b.s_addr) &&
                   add_range(im, n, ntohl(a.s_addr), ntohl(b.s_addr));
        bits = read_mask(behind);
    } else if (inet_pton(AF_INET, text, &a) != 1) {
        return false;
    }
    if (bits < 0)
        return false;
    rest = bits == 32 ? 0 : UINT32_MAX >> bits;
    return add_range(im, n, ntohl(a.s_addr) & ~rest, ntohl(a.s_addr) | rest);
}

static bool is_v6(const char *node)
{
    char text[INET6_ADDRSTRLEN + 8], *slash;
    struct in6_addr a;

    if (snprintf(text, sizeof(text), "%s", node) >= (int)sizeof(text))
        return false;
    slash = strchr(text, '/');
    if (slash)
        *slash = '\0';
    return inet_pton(AF_INET6, text, &a) == 1;
}

static bool add_file(struct tk_import *im, unsigned line, const char *path, struct tk_snmptt_nodes *n);

static bool add_node(struct tk_import *im, unsigned line, const char *node, struct tk_snmptt_nodes *n, bool is_of_file)
{
    const char *mode = strncmp(node, "MODE=", 5) == 0 ? node + 5 : NULL;

    if (mode) {
        n->is_negative = strcmp(mode, "NEG") == 0;
        return n->is_negative || strcmp(mode, "POS") == 0 || refuse(im, line, node, "MODE is POS or NEG");
    }
    n->is_there = true;
    if (n->ranges.count + json_array_size(n->others) + json_array_size(n->devices) >= MAX_NODES)
        return refuse(im, line, node, "there are too many nodes");
    if (*node == '/' && !is_of_file)
        return add_file(im, line, node, n);
    if (add_v4(im, n, node))
        return true;
    if (is_v6(node)) {
        add_text(im, &n->others, node);
        return true;
    }
    if (strpbrk(node, "/*?") || strspn(node, "0123456789.-") == strlen(node) || strlen(node) > MAX_NAME)
        return refuse(im, line, node, "it is no name, address, prefix or range");
    add_text(im, &n->devices, node);
    return true;
}

static bool add_line(struct tk_import *im, unsigned line, char *text, struct tk_snmptt_nodes *n, bool is_of_file)
{
    char *save = NULL;
    bool is_ok = true;

    for (char *node = strtok_r(text, " \t\r\n", &save); node; node = strtok_r(NULL, " \t\r\n", &save))
        is_ok &= add_node(im, line, node, n, is_of_file);
    return is_ok;
}

/* A node a line, or several; # begins a comment. */
static bool add_file(struct tk_import *im, unsigned line, const char *path, struct tk_snmptt_nodes *n)
{
    FILE *f = fopen(path, "re");
    char text[MAX_LINE];
    bool is_ok = f != NULL;

    if (!f)
        return refuse(im, line, path, strerror(errno));
    while (is_ok && fgets(text, sizeof(text), f)) {
        text[strcspn(text, "#")] = '\0';
        is_ok = tk_utf8_is_valid((const uint8_t *)text, strlen(text)) ? add_line(im, line, text, n, true)
                                                                      : refuse(im, line, path, "the file is no text");
    }
    if (ferror(f))
        is_ok = refuse(im, line, path, "the file can't be read");
    (void)fclose(f);
    return is_ok;
}

bool tk_snmptt_nodes_add(struct tk_import *im, unsigned line, const char *text, struct tk_snmptt_nodes *n)
{
    char *copy = strdup(text);
    bool is_ok = copy && add_line(im, line, copy, n, false);

    im->is_out_of_memory |= !copy;
    free(copy);
    return is_ok;
}

/* ---- prefixes ---- */

static int compare_ranges(const void *a, const void *b)
{
    const struct range *x = a, *y = b;

    return x->first < y->first ? -1 : x->first > y->first;
}

/* Sort, and join those that touch. */
static void join(struct tk_vector *v)
{
    struct range *r = v->items;
    uint32_t kept = 0;

    if (!v->count)
        return;
    qsort(r, v->count, sizeof(*r), compare_ranges);
    for (uint32_t i = 1; i < v->count; i++) {
        if (r[kept].last == UINT32_MAX || r[i].first <= r[kept].last + 1) {
            if (r[i].last > r[kept].last)
                r[kept].last = r[i].last;
        } else {
            r[++kept] = r[i];
        }
    }
    v->count = kept + 1;
}

/* The fewest prefixes that make up the range. */
static void add_prefixes(struct tk_import *im, json_t *list, uint64_t first, uint64_t last)
{
    while (first <= last) {
        char text[INET_ADDRSTRLEN];
        struct in_addr a = {.s_addr = htonl((uint32_t)first)};
        int bits = 32;

        while (bits && !(first & (UINT64_C(1) << (32 - bits))) && first + (UINT64_C(2) << (32 - bits)) - 1 <= last)
            bits--;
        (void)inet_ntop(AF_INET, &a, text, sizeof(text));
        tk_import_append(im, list, bits == 32 ? json_string(text) : json_sprintf("%s/%d", text, bits));
        first += UINT64_C(1) << (32 - bits);
    }
}

static void add_all_but(struct tk_import *im, json_t *list, const struct tk_vector *ranges)
{
    const struct range *r = ranges->items;
    uint64_t next = 0;

    for (uint32_t i = 0; i < ranges->count; i++) {
        if (r[i].first > next)
            add_prefixes(im, list, next, (uint64_t)r[i].first - 1);
        next = (uint64_t)r[i].last + 1;
    }
    if (next <= UINT32_MAX)
        add_prefixes(im, list, next, UINT32_MAX);
    tk_import_append(im, list, json_string("::/0"));
}

static bool is_in(const struct tk_vector *ranges, uint32_t address)
{
    const struct range *r = ranges->items;

    for (uint32_t i = 0; i < ranges->count; i++)
        if (address >= r[i].first && address <= r[i].last)
            return true;
    return false;
}

/* An address for a test, in the first prefix, or better one that documents use (RFC 5737). */
static void choose_address(const struct tk_snmptt_nodes *n, const json_t *list, char *dst)
{
    static const char *const usual[] = {"192.0.2.1", "198.51.100.1", "203.0.113.1"};
    const char *first = json_string_value(json_array_get(list, 0));

    (void)snprintf(dst, INET6_ADDRSTRLEN, "%.*s", first ? (int)strcspn(first, "/") : 0, first ? first : "");
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
        struct in_addr a;

        if (inet_pton(AF_INET, usual[i], &a) == 1 && is_in(&n->ranges, ntohl(a.s_addr)) != n->is_negative) {
            (void)snprintf(dst, INET6_ADDRSTRLEN, "%s", usual[i]);
            return;
        }
    }
}

json_t *tk_snmptt_nodes_sources(struct tk_import *im, struct tk_snmptt_nodes *n, char *ret_address)
{
    json_t *list = n->ranges.count || n->others ? json_array() : NULL;
    const struct range *r = n->ranges.items;

    if (!list)
        return NULL;
    join(&n->ranges);
    if (n->is_negative) {
        add_all_but(im, list, &n->ranges);
    } else {
        for (uint32_t i = 0; i < n->ranges.count; i++)
            add_prefixes(im, list, r[i].first, r[i].last);
        if (n->others)
            im->is_out_of_memory |= json_array_extend(list, n->others) < 0;
    }
    choose_address(n, list, ret_address);
    return list;
}
