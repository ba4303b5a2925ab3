/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rules/rules_trap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "snmp/oid.h"

#define VALUE_BYTES 8192
#define PORT        162

/** What is known while the trap is written. */
struct draft {
    const json_t *names;
    const struct tk_dict *d;
    struct tk_err *err;
    struct tk_trap_writer w;
    struct tk_trap_head head;
    uint8_t value[VALUE_BYTES];
    size_t value_len;
};

static bool refuse(struct draft *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(struct draft *t, const char *fmt, ...)
{
    char text[sizeof(t->err->text)];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    tk_err_set(t->err, NULL, 0, "%s", text);
    return false;
}

/* --- OIDs -------------------------------------------------------------------------------------------------------- */

static bool is_dotted(const char *text)
{
    return (*text >= '0' && *text <= '9') || *text == '.';
}

/* The OID that this name has, of @p len bytes. */
static bool find_name(struct draft *t, const char *name, size_t len, struct tk_oid *ret_oid)
{
    const struct tk_dict_object *o, *other = NULL;
    char text[256];

    (void)snprintf(text, sizeof(text), "%.*s", (int)len, name);
    if (len < sizeof(text)) {
        const char *given = json_string_value(json_object_get(t->names, text));

        if (given && tk_oid_parse(ret_oid, given) == 0)
            return true;
    }
    o = tk_dict_find_name(t->d, name, len, &other);
    if (!o)
        return refuse(t, "no MIB has '%s'; write MODULE::name or an OID, or name a dictionary with --dictionary", text);
    if (other)
        return refuse(t, "several modules have '%s'; write MODULE::%s", text, text);
    tk_dict_oid(t->d, o, ret_oid);
    return true;
}

/* "IF-MIB::ifOperStatus.7", "1.3.6.1.2.1.2.2.1.8.7" */
static bool read_oid(struct draft *t, const char *text, struct tk_oid *ret_oid)
{
    const char *colons = strstr(text, "::"), *suffix = strchr(colons ? colons : text, '.');
    size_t len = suffix ? (size_t)(suffix - text) : strlen(text);
    struct tk_oid rest = {.len = 0};

    if (is_dotted(text))
        return tk_oid_parse(ret_oid, text) == 0 || refuse(t, "'%s' is no OID; write numbers with dots", text);
    if (!find_name(t, text, len, ret_oid))
        return false;
    while (suffix && *suffix == '.') {
        char *end;
        unsigned long long arc = strtoull(suffix + 1, &end, 10);

        if (end == suffix + 1 || arc > UINT32_MAX || ret_oid->len + rest.len >= TK_OID_MAX_SUBIDS)
            return refuse(t, "'%s': the instance is no list of numbers with dots", text);
        rest.subid[rest.len++] = (uint32_t)arc;
        suffix = end;
    }
    if (suffix && *suffix)
        return refuse(t, "'%s': the instance is no list of numbers with dots", text);
    memcpy(ret_oid->subid + ret_oid->len, rest.subid, rest.len * sizeof(rest.subid[0]));
    ret_oid->len += rest.len;
    return true;
}

/* --- values ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *word;
    uint8_t type;
    enum tk_dict_syntax syntax;
} types[] = {
    {"integer", TK_INTEGER, TK_SYNTAX_INTEGER},
    {"octets", TK_OCTETS, TK_SYNTAX_OCTETS},
    {"oid", TK_OID, TK_SYNTAX_OID},
    {"ipaddress", TK_IPADDRESS, TK_SYNTAX_IPADDRESS},
    {"ipaddress", TK_IPADDRESS, TK_SYNTAX_NETADDRESS},
    {"counter32", TK_COUNTER32, TK_SYNTAX_COUNTER32},
    {"gauge32", TK_GAUGE32, TK_SYNTAX_GAUGE32},
    {"timeticks", TK_TIMETICKS, TK_SYNTAX_TIMETICKS},
    {"counter64", TK_COUNTER64, TK_SYNTAX_COUNTER64},
    {"bits", TK_OCTETS, TK_SYNTAX_BITS},
    {"opaque", TK_OPAQUE, TK_SYNTAX_OPAQUE},
};
#define TYPES (sizeof(types) / sizeof(types[0]))

static void put(struct draft *t, const void *bytes, size_t len)
{
    memcpy(t->value, bytes, len);
    t->value_len = len;
}

/* The number that a label of the object stands for. */
static bool find_label(const struct tk_dict *d, const struct tk_dict_object *o, const char *label, int32_t *ret)
{
    for (unsigned i = 0; o && i < tk_dict_enum_count(d, o); i++) {
        struct tk_dict_enum e = tk_dict_enum(d, o, i);

        if (strlen(label) == e.label.len && memcmp(label, e.label.text, e.label.len) == 0) {
            *ret = e.value;
            return true;
        }
    }
    return false;
}

static bool put_number(struct draft *t, const json_t *value, const struct tk_dict_object *o, const char *name)
{
    const char *text = json_string_value(value);
    int64_t number = json_integer_value(value);
    int32_t labelled = 0;
    char *end = NULL;

    if (text && find_label(t->d, o, text, &labelled)) {
        number = labelled;
    } else if (text) {
        errno = 0;
        number = *text == '-' ? strtoll(text, &end, 10) : (int64_t)strtoull(text, &end, 10);
        if (!*text || *end || errno)
            return refuse(t, "the value '%s' of %s is neither a number nor one of its labels", text, name);
    } else if (!json_is_integer(value)) {
        return refuse(t, "the value of %s is no number; write an integer, or a label", name);
    }
    put(t, &number, sizeof(number));
    return true;
}

static bool put_hex(struct draft *t, const char *hex, const char *name)
{
    size_t n = 0;

    for (; hex[0] && n < VALUE_BYTES; hex += 2, n++) {
        char digits[3] = {hex[0], hex[1], '\0'}, *end;

        t->value[n] = (uint8_t)strtoul(digits, &end, 16);
        if (*end || !hex[1])
            return refuse(t, "the value of %s: '0x' needs pairs of hexadecimal digits behind it", name);
    }
    t->value_len = n;
    return !*hex || refuse(t, "the value of %s has over %d bytes", name, VALUE_BYTES);
}

/* "0x.." or text; of BITS also labels with spaces between them. */
static bool put_octets(struct draft *t, const json_t *value, const struct tk_dict_object *o, bool are_bits,
                       const char *name)
{
    const char *text = json_string_value(value);
    char labels[VALUE_BYTES], *rest = labels, *label;

    if (!text)
        return refuse(t, "the value of %s is no text; write text, or 0x and hexadecimal digits", name);
    if (strncmp(text, "0x", 2) == 0)
        return put_hex(t, text + 2, name);
    if (strlen(text) >= VALUE_BYTES)
        return refuse(t, "the value of %s has over %d bytes", name, VALUE_BYTES - 1);
    if (!are_bits) {
        put(t, text, strlen(text));
        return true;
    }
    (void)snprintf(labels, sizeof(labels), "%s", text);
    while ((label = strsep(&rest, " "))) {
        int32_t bit;

        if (!*label)
            continue;
        if (!find_label(t->d, o, label, &bit) || bit < 0 || bit / 8 >= VALUE_BYTES)
            return refuse(t, "'%s' is no bit of %s; write its labels with spaces between them, or 0x and digits", label,
                          name);
        for (; t->value_len <= (size_t)bit / 8; t->value_len++)
            t->value[t->value_len] = 0;
        t->value[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    }
    return true;
}

static bool put_oid(struct draft *t, const json_t *value, const char *name)
{
    struct tk_oid oid;
    int n;

    if (!json_is_string(value))
        return refuse(t, "the value of %s is no OID; write a name or numbers with dots", name);
    if (!read_oid(t, json_string_value(value), &oid))
        return false;
    n = tk_oid_encode(t->value, TK_OID_MAX_BER, oid.subid, oid.len);
    t->value_len = n < 0 ? 0 : (size_t)n;
    return n >= 0 || refuse(t, "the value of %s can't be encoded as an OID", name);
}

static bool put_address(struct draft *t, const json_t *value, const char *name)
{
    const char *text = json_string_value(value);

    t->value_len = 4;
    return (text && inet_pton(AF_INET, text, t->value) == 1) ||
           refuse(t, "the value of %s is no IPv4 address, such as \"192.0.2.1\"", name);
}

/* The number of a row in `types`: what the test says, else what the MIB says, else what the value looks like. */
static bool choose_type(struct draft *t, const json_t *varbind, enum tk_dict_syntax syntax, const char *name,
                        size_t *ret_i)
{
    const char *word = json_string_value(json_object_get(varbind, "type"));

    if (!word && syntax == TK_SYNTAX_NONE)
        word = json_is_integer(json_object_get(varbind, "value")) ? "integer" : "octets";
    for (size_t i = 0; i < TYPES; i++)
        if (word ? strcmp(types[i].word, word) == 0 : types[i].syntax == syntax) {
            *ret_i = i;
            return true;
        }
    return refuse(t,
                  "%s has the type '%s'; write integer, octets, oid, ipaddress, counter32, gauge32, timeticks, "
                  "counter64, bits or opaque",
                  name, word ? word : "?");
}

static bool put_value(struct draft *t, const json_t *varbind, const struct tk_dict_object *o, const char *name,
                      uint8_t *ret_type)
{
    const json_t *value = json_object_get(varbind, "value");
    size_t i = 0;

    if (!choose_type(t, varbind, o ? tk_dict_syntax(t->d, o) : TK_SYNTAX_NONE, name, &i))
        return false;
    *ret_type = types[i].type;
    t->value_len = 0;
    switch (types[i].type) {
    case TK_OCTETS:
    case TK_OPAQUE: return put_octets(t, value, o, types[i].syntax == TK_SYNTAX_BITS, name);
    case TK_OID: return put_oid(t, value, name);
    case TK_IPADDRESS: return put_address(t, value, name);
    default: return put_number(t, value, o, name);
    }
}

static bool write_varbind(struct draft *t, const json_t *varbind)
{
    static const char *const allowed[] = {"object", "value", "type"};
    const char *name = json_string_value(json_object_get(varbind, "object")), *member;
    const struct tk_dict_object *o;
    struct tk_oid oid;
    json_t *value;
    size_t matched;
    uint8_t type;

    if (!name || !json_object_get(varbind, "value"))
        return refuse(t, "a varbind needs \"object\" and \"value\": {\"object\": \"IF-MIB::ifIndex.7\", \"value\": 7}");
    json_object_foreach((json_t *)(uintptr_t)varbind, member, value)
    {
        if (strcmp(member, allowed[0]) != 0 && strcmp(member, allowed[1]) != 0 && strcmp(member, allowed[2]) != 0)
            return refuse(t, "a varbind has an unknown member '%s'; the members are: object, value, type", member);
    }
    if (!read_oid(t, name, &oid))
        return false;
    o = tk_dict_resolve(t->d, oid.subid, oid.len, &matched);
    if (!put_value(t, varbind, o, name, &type))
        return false;
    t->head.varbind_count++;
    return tk_trap_varbind(&t->w, type, oid.subid, oid.len, t->value, t->value_len) == 0 ||
           refuse(t, "the notification is too large at %s", name);
}

/* --- the head ---------------------------------------------------------------------------------------------------- */

static bool set_source(struct draft *t, const char *text)
{
    struct tk_trap_head *head = &t->head;

    head->family = 4;
    head->transport = TK_UDP;
    head->port = PORT;
    if (inet_pton(AF_INET, text, head->address) == 1)
        return true;
    head->family = 6;
    head->transport = TK_UDP6;
    return inet_pton(AF_INET6, text, head->address) == 1 || refuse(t, "\"source\": '%s' is no address", text);
}

static bool set_version(struct draft *t, const char *text)
{
    struct tk_trap_head *head = &t->head;

    head->version = strcmp(text, "1") == 0    ? TK_SNMP_V1
                    : strcmp(text, "2c") == 0 ? TK_SNMP_V2C
                    : strcmp(text, "3") == 0  ? TK_SNMP_V3
                                              : 0;
    head->pdu = head->version == TK_SNMP_V1 ? TK_PDU_TRAP_V1 : TK_PDU_TRAP;
    return head->version || refuse(t, "\"version\": '%s'; write \"1\", \"2c\" or \"3\"", text);
}

/* RFC 3584, 3.2: what a v1 trap has in place of the OID. */
static void set_enterprise(struct draft *t, struct tk_oid *oid)
{
    static const uint32_t snmp_traps[] = {1, 3, 6, 1, 6, 3, 1, 1, 5};
    uint32_t last = oid->subid[oid->len - 1];

    if (oid->len == 10 && memcmp(oid->subid, snmp_traps, sizeof(snmp_traps)) == 0 && last >= 1 && last <= 6) {
        t->head.generic = (int32_t)last - 1;
        oid->len--;
        return;
    }
    t->head.generic = 6;
    t->head.specific = (int32_t)last;
    oid->len -= oid->len > 2 && oid->subid[oid->len - 2] == 0 ? 2 : 1;
}

static bool set_agent(struct draft *t, const char *text)
{
    if (t->head.version != TK_SNMP_V1)
        return refuse(t, "\"agent\" is of version \"1\" only; for others, write a varbind of snmpTrapAddress.0");
    t->head.flags |= TK_HAS_AGENT;
    return inet_pton(AF_INET, text, t->head.agent) == 1 || refuse(t, "\"agent\": '%s' is no IPv4 address", text);
}

static const char *text_of(const json_t *object, const char *name, const char *other)
{
    const json_t *value = json_object_get(object, name);

    return json_is_string(value) ? json_string_value(value) : other;
}

static bool check_members(struct draft *t, const json_t *trap)
{
    static const char *const texts[] = {"trap", "version", "source", "agent", "security_name"};
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)trap, name, value)
    {
        bool ok = (strcmp(name, "uptime") == 0 && json_is_integer(value)) ||
                  (strcmp(name, "varbinds") == 0 && json_is_array(value));

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
            ok |= strcmp(name, texts[i]) == 0 && json_is_string(value);
        if (!ok)
            return refuse(
                t,
                "\"trap\" has an unknown member '%s', or its value is of a wrong type; the members are: trap, "
                "version, source, agent, security_name (text), uptime (a number), varbinds (a list)",
                name);
    }
    return text_of(trap, "trap", NULL) ||
           refuse(t, "\"trap\" is no object with the name of a notification; write {\"trap\": \"IF-MIB::linkDown\", "
                     "\"varbinds\": [...]}");
}

static bool write_head(struct draft *t, const json_t *trap, uint8_t *dst)
{
    const char *user = text_of(trap, "security_name", ""), *agent = text_of(trap, "agent", NULL);
    struct tk_trap_parts parts = {.security_name = user};
    uint8_t ber[TK_OID_MAX_BER];
    struct tk_oid oid;
    int n;

    t->head.uptime = (uint32_t)json_integer_value(json_object_get(trap, "uptime"));
    t->head.security_name_len = (uint16_t)(strlen(user) < 256 ? strlen(user) : 255);
    if (!read_oid(t, text_of(trap, "trap", ""), &oid) || !set_version(t, text_of(trap, "version", "2c")) ||
        !set_source(t, text_of(trap, "source", "192.0.2.1")) || (agent && !set_agent(t, agent)))
        return false;
    if (t->head.version == TK_SNMP_V1)
        set_enterprise(t, &oid);
    n = tk_oid_encode(ber, sizeof(ber), oid.subid, oid.len);
    if (n < 0)
        return refuse(t, "'%s' can't be the OID of a notification", text_of(trap, "trap", ""));
    t->head.oid_len = (uint16_t)n;
    parts.oid = ber;
    return tk_trap_begin(&t->w, dst, TK_TRAP_MAX_BYTES, &t->head, &parts) == 0;
}

size_t tk_rules_trap_write(const json_t *trap, const json_t *names, const struct tk_dict *d, uint8_t *dst,
                           struct tk_err *err)
{
    struct draft t = {
        .names = names,
        .d = d,
        .err = err,
        .head = {.format = TK_TRAP_FORMAT, .security_level = TK_NO_AUTH_NO_PRIV, .flags = TK_HAS_UPTIME},
    };
    json_t *varbind;
    size_t i, len;

    if (!check_members(&t, trap) || !write_head(&t, trap, dst))
        return 0;
    json_array_foreach(json_object_get(trap, "varbinds"), i, varbind)
    {
        if (!write_varbind(&t, varbind))
            return 0;
    }
    len = tk_trap_end(&t.w);
    memcpy(dst + offsetof(struct tk_trap_head, varbind_count), &t.head.varbind_count, sizeof(t.head.varbind_count));
    return len;
}
