/* SPDX-License-Identifier: Apache-2.0 */
/* "device", "source" and "security_name": from where a notification comes. */
#include "base/text.h"
#include "rules/rules_internal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_TEXT 255 /* of a glob or a name */

/* ---- compiling ---- */

static bool add(struct tk_rules_compiler *c, struct tk_rule_sender sender, const void *bytes, size_t len)
{
    struct tk_rule_sender *kept;

    if (!tk_rules_keep(c, &c->r->bytes, bytes, len, 1, &sender.bytes))
        return false;
    kept = tk_vector_push(&c->r->senders, 1, sizeof(*kept));
    if (!kept)
        return tk_rules_no_memory(c);
    *kept = sender;
    return true;
}

static bool is_text(const json_t *value)
{
    return json_string_length(value) && json_string_length(value) <= MAX_TEXT;
}

static bool parse_device(struct tk_rules_compiler *c, json_t *glob)
{
    char shown[96];

    if (!is_text(glob))
        return tk_rules_complain(c,
                                 "\"device\" is '%s'; write a name of up to %d characters, such as \"pe*.fra\", or "
                                 "a list of names",
                                 tk_rules_show(shown, sizeof(shown), glob), MAX_TEXT);
    return add(c, (struct tk_rule_sender){.kind = TK_SENDER_DEVICE}, json_string_value(glob), json_string_length(glob));
}

static bool parse_security_name(struct tk_rules_compiler *c, json_t *name)
{
    char shown[96];

    if (!is_text(name))
        return tk_rules_complain(c,
                                 "\"security_name\" is '%s'; write the name of an SNMPv3 user, 1 to %d bytes, or a "
                                 "list of names",
                                 tk_rules_show(shown, sizeof(shown), name), MAX_TEXT);
    return add(c, (struct tk_rule_sender){.kind = TK_SENDER_SECURITY_NAME}, json_string_value(name),
               json_string_length(name));
}

/* The length of the prefix, 1 to 3 digits, or -1. */
static int parse_bits(const char *text, int most)
{
    char *end;
    long bits;

    if (*text < '0' || *text > '9')
        return -1;
    bits = strtol(text, &end, 10);
    return *end || end - text > 3 || bits > most ? -1 : (int)bits;
}

/* Clear what is behind the prefix. @returns whether something was there */
static bool cut_address(uint8_t *address, int bytes, int bits)
{
    bool was_there = false;

    for (int i = 0; i < bytes; i++) {
        int own = bits - 8 * i;
        uint8_t mask = own >= 8 ? 0xff : own <= 0 ? 0 : (uint8_t)(0xff << (8 - own));

        was_there |= (address[i] & (uint8_t)~mask) != 0;
        address[i] &= mask;
    }
    return was_there;
}

static bool parse_source(struct tk_rules_compiler *c, json_t *value)
{
    char text[INET6_ADDRSTRLEN + 8] = "", shown[96], *slash;
    uint8_t address[16];
    int bytes, bits;

    if (json_string_length(value) < sizeof(text) && json_is_string(value))
        (void)snprintf(text, sizeof(text), "%s", json_string_value(value));
    slash = strchr(text, '/');
    if (slash)
        *slash = '\0';
    bytes = inet_pton(AF_INET, text, address) == 1 ? 4 : inet_pton(AF_INET6, text, address) == 1 ? 16 : 0;
    bits = !bytes ? -1 : slash ? parse_bits(slash + 1, 8 * bytes) : 8 * bytes;
    (void)tk_rules_show(shown, sizeof(shown), value);
    if (bits < 0)
        return tk_rules_complain(c,
                                 "\"source\" is '%s'; write an address or a prefix, such as \"192.0.2.7\", "
                                 "\"192.0.2.0/24\" or \"2001:db8::/32\", or a list of these",
                                 shown);
    if (cut_address(address, bytes, bits)) {
        (void)inet_ntop(bytes == 4 ? AF_INET : AF_INET6, address, text, sizeof(text));
        return tk_rules_complain(c, "\"source\" is '%s' and has bits behind its prefix; write \"%s/%d\"", shown, text,
                                 bits);
    }
    return add(c, (struct tk_rule_sender){.kind = TK_SENDER_SOURCE, .bits = (uint32_t)bits}, address, (size_t)bytes);
}

bool tk_rules_parse_senders(struct tk_rules_compiler *c, json_t *match)
{
    struct tk_rule *rule = (struct tk_rule *)c->r->rules.items + (c->r->rules.count - 1);
    json_t *device = json_object_get(match, "device"), *source = json_object_get(match, "source");
    json_t *name = json_object_get(match, "security_name");
    uint32_t first = c->r->senders.count;
    bool ok = true;

    ok &= !device || tk_rules_each(c, "device", device, parse_device);
    ok &= !source || tk_rules_each(c, "source", source, parse_source);
    ok &= !name || tk_rules_each(c, "security_name", name, parse_security_name);
    return ok && tk_rules_share(c, &c->r->senders, first, sizeof(struct tk_rule_sender), &rule->senders);
}

/* ---- matching ---- */

static bool is_below(const struct tk_rule_sender *s, const uint8_t *prefix, const struct tk_trap_head *head)
{
    uint32_t whole = s->bits / 8, rest = s->bits % 8;

    if (head->family != (s->bytes.len == 4 ? 4 : 6) || memcmp(head->address, prefix, whole) != 0)
        return false;
    return !rest || !((head->address[whole] ^ prefix[whole]) >> (8 - rest));
}

static bool item_holds(const struct tk_rules *r, const struct tk_rule_sender *s, const struct tk_event *ev)
{
    const char *bytes = (const char *)r->bytes.items + s->bytes.at;
    const struct tk_trap_head *head = &ev->trap->head;

    switch ((enum tk_rule_sender_kind)s->kind) {
    case TK_SENDER_DEVICE:
        return ev->device.text && tk_rules_glob(bytes, s->bytes.len, ev->device.text, ev->device.len);
    case TK_SENDER_SOURCE: return is_below(s, (const uint8_t *)bytes, head);
    case TK_SENDER_SECURITY_NAME:
        return head->version == TK_SNMP_V3 && head->security_name_len == s->bytes.len &&
               memcmp(ev->trap->security_name, bytes, s->bytes.len) == 0;
    }
    return false;
}

unsigned tk_rules_sender_kinds(const struct tk_rules *r, const struct tk_rule *rule, const struct tk_event *ev,
                               unsigned *ret_wanted)
{
    const struct tk_rule_sender *s = (const struct tk_rule_sender *)r->senders.items + rule->senders.at;
    unsigned wanted = 0, found = 0;

    for (uint32_t i = 0; i < rule->senders.len; i++, s++) {
        wanted |= 1U << s->kind;
        if (!(found & 1U << s->kind) && item_holds(r, s, ev))
            found |= 1U << s->kind;
    }
    *ret_wanted = wanted;
    return found;
}
