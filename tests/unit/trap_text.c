/* SPDX-License-Identifier: Apache-2.0 */
#include "trap_text.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/oid.h"

#define WORD_BYTES 8192

/** The words before the varbinds, parsed. */
struct draft {
    struct tk_trap_head head;
    char security_name[256], context_name[256];
    uint8_t engine[64], context_engine[64], oid[TK_OID_MAX_BER];
    char *err;
};

static bool wrong(struct draft *d, const char *what, const char *value)
{
    (void)snprintf(d->err, TRAP_TEXT_ERR, "%s: %.80s", what, value);
    return false;
}

bool trap_text_word(const char **text, char *word, size_t word_bytes)
{
    const char *p = *text;
    bool is_quoted = false;
    size_t n = 0;

    while (isspace((unsigned char)*p))
        p++;
    if (!*p)
        return false;
    for (; *p && (is_quoted || !isspace((unsigned char)*p)); p++) {
        if (*p == '"')
            is_quoted = !is_quoted;
        else if (n + 1 < word_bytes)
            word[n++] = *p;
    }
    word[n] = '\0';
    *text = p;
    return true;
}

int trap_text_hex(const char *hex, uint8_t *dst, size_t dst_bytes)
{
    size_t n = 0;

    for (; *hex; hex += 2, n++) {
        const char digits[3] = {hex[0], hex[1], '\0'};

        if (!isxdigit((unsigned char)hex[0]) || !isxdigit((unsigned char)hex[1]) || n == dst_bytes)
            return -1;
        dst[n] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return (int)n;
}

static bool set_peer(struct draft *d, const char *value)
{
    char text[80], *colon, *host = text;

    if (strcmp(value, "none") == 0) {
        d->head.family = 0;
        d->head.transport = TK_OTHER_TRANSPORT;
        return true;
    }
    (void)snprintf(text, sizeof(text), "%s", value);
    colon = strrchr(text, ':');
    if (!colon)
        return wrong(d, "from= needs a port", value);
    *colon = '\0';
    d->head.port = (uint16_t)atoi(colon + 1);
    if (*host == '[') {
        colon[-1] = '\0';
        d->head.family = 6;
        d->head.transport = TK_UDP6;
        return inet_pton(AF_INET6, host + 1, d->head.address) == 1 || wrong(d, "no address", value);
    }
    return inet_pton(AF_INET, host, d->head.address) == 1 || wrong(d, "no address", value);
}

static bool set_choice(struct draft *d, const char *value, const char *const *names, uint8_t *member)
{
    for (uint8_t i = 0; names[i]; i++)
        if (strcmp(value, names[i]) == 0) {
            *member = (uint8_t)(i + 1);
            return true;
        }
    return wrong(d, "unknown word", value);
}

static bool set_hex(struct draft *d, const char *value, uint8_t *dst, uint8_t *member)
{
    int n = trap_text_hex(value, dst, 64);

    *member = (uint8_t)n;
    return n >= 0 || wrong(d, "no hex", value);
}

static bool set_oid(struct draft *d, const char *value)
{
    struct tk_oid oid;
    int n = tk_oid_parse(&oid, value) == 0 ? tk_oid_encode(d->oid, sizeof(d->oid), oid.subid, oid.len) : -1;

    d->head.oid_len = (uint16_t)n;
    return n >= 0 || wrong(d, "no OID", value);
}

static bool set_word(struct draft *d, const char *word)
{
    static const char *const transports[] = {"udp", "udp6", "tcp", "tcp6", "other", NULL};
    static const char *const levels[] = {"noAuthNoPriv", "authNoPriv", "authPriv", NULL};
    const char *equals = strchr(word, '=');
    const char *value = equals ? equals + 1 : "";
    size_t n = equals ? (size_t)(equals - word) : strlen(word);

#define IS(name) (n == sizeof(name) - 1 && strncmp(word, name, n) == 0)
    if (IS("inform"))
        d->head.pdu = TK_PDU_INFORM;
    else if (IS("own"))
        d->head.flags |= TK_CONTEXT_ENGINE_IS_OWN | TK_SECURITY_ENGINE_IS_OWN;
    else if (IS("own_context"))
        d->head.flags |= TK_CONTEXT_ENGINE_IS_OWN;
    else if (IS("own_engine"))
        d->head.flags |= TK_SECURITY_ENGINE_IS_OWN;
    else if (IS("from"))
        return set_peer(d, value);
    else if (IS("over"))
        return set_choice(d, value, transports, &d->head.transport);
    else if (IS("level"))
        return set_choice(d, value, levels, &d->head.security_level);
    else if (IS("community") || IS("user"))
        d->head.security_name_len = (uint16_t)snprintf(d->security_name, sizeof(d->security_name), "%s", value);
    else if (IS("context"))
        d->head.context_name_len = (uint16_t)snprintf(d->context_name, sizeof(d->context_name), "%s", value);
    else if (IS("engine"))
        return set_hex(d, value, d->engine, &d->head.engine_id_len) &&
               set_hex(d, value, d->context_engine, &d->head.context_engine_id_len);
    else if (IS("context_engine"))
        return set_hex(d, value, d->context_engine, &d->head.context_engine_id_len);
    else if (IS("request"))
        d->head.request_id = atoi(value);
    else if (IS("uptime")) {
        d->head.uptime = (uint32_t)strtoul(value, NULL, 10);
        d->head.flags |= TK_HAS_UPTIME;
    } else if (IS("oid") || IS("enterprise"))
        return set_oid(d, value);
    else if (IS("generic"))
        d->head.generic = atoi(value);
    else if (IS("specific"))
        d->head.specific = atoi(value);
    else if (IS("agent")) {
        d->head.flags |= TK_HAS_AGENT;
        return inet_pton(AF_INET, value, d->head.agent) == 1 || wrong(d, "no address", value);
    } else
        return wrong(d, "unknown word", word);
#undef IS
    return true;
}

/* @returns the length of the value, or -1 */
static int make_value(const char *type, const char *text, uint8_t *dst, uint8_t *ret_type)
{
    static const struct {
        char letter;
        uint8_t type;
    } types[] = {
        {'i', TK_INTEGER},   {'I', TK_INTEGER64},  {'u', TK_GAUGE32},   {'c', TK_COUNTER32}, {'C', TK_COUNTER64},
        {'t', TK_TIMETICKS}, {'U', TK_UNSIGNED64}, {'a', TK_IPADDRESS}, {'o', TK_OID},       {'s', TK_OCTETS},
        {'x', TK_OCTETS},    {'n', TK_NULL},       {'F', TK_FLOAT},     {'D', TK_DOUBLE},    {'O', TK_OPAQUE},
    };
    uint64_t number = *text == '-' ? (uint64_t)strtoll(text, NULL, 10) : strtoull(text, NULL, 10);
    double real = strtod(text, NULL);
    float small = (float)real;
    struct tk_oid oid;

    if (*type == '?') {
        *ret_type = (uint8_t)strtoul(type + 1, NULL, 16);
        return trap_text_hex(text, dst, WORD_BYTES);
    }
    *ret_type = 0;
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (types[i].letter == *type && !type[1])
            *ret_type = types[i].type;
    switch (*ret_type ? *type : '\0') {
    case 'i':
    case 'I':
    case 'u':
    case 'c':
    case 'C':
    case 't':
    case 'U': memcpy(dst, &number, sizeof(number)); return sizeof(number);
    case 'a': return inet_pton(AF_INET, text, dst) == 1 ? 4 : -1;
    case 'o': return tk_oid_parse(&oid, text) == 0 ? tk_oid_encode(dst, TK_OID_MAX_BER, oid.subid, oid.len) : -1;
    case 's': memcpy(dst, text, strlen(text)); return (int)strlen(text);
    case 'x':
    case 'O': return trap_text_hex(text, dst, WORD_BYTES);
    case 'n': return 0;
    case 'F': memcpy(dst, &small, sizeof(small)); return sizeof(small);
    case 'D': memcpy(dst, &real, sizeof(real)); return sizeof(real);
    default: return -1;
    }
}

static bool write_varbind(struct draft *d, struct tk_trap_writer *w, const char **line, const char *name)
{
    char type[8], text[WORD_BYTES];
    uint8_t value[WORD_BYTES], value_type;
    struct tk_oid oid;
    int n;

    if (tk_oid_parse(&oid, name) < 0)
        return wrong(d, "no OID", name);
    if (!trap_text_word(line, type, sizeof(type)) || !trap_text_word(line, text, sizeof(text)))
        return wrong(d, "a varbind needs OID TYPE VALUE", name);
    n = make_value(type, text, value, &value_type);
    if (n < 0)
        return wrong(d, "no such type, or its value is wrong", text);
    d->head.varbind_count++;
    return tk_trap_varbind(w, value_type, oid.subid, oid.len, value, (size_t)n) == 0 || wrong(d, "no room", name);
}

size_t trap_text_write(const char *line, uint8_t *dst, char *ret_err)
{
    static const char *const versions[] = {"1", "2c", "3", NULL};
    static const uint8_t peer[] = {192, 0, 2, 7};
    struct draft d = {
        .head = {.format = TK_TRAP_FORMAT,
                 .pdu = TK_PDU_TRAP,
                 .transport = TK_UDP,
                 .family = 4,
                 .port = 50063,
                 .security_level = TK_NO_AUTH_NO_PRIV},
        .err = ret_err,
    };
    struct tk_trap_parts parts = {.security_name = d.security_name,
                                  .context_name = d.context_name,
                                  .engine_id = d.engine,
                                  .context_engine_id = d.context_engine,
                                  .oid = d.oid};
    struct tk_trap_writer w;
    char word[WORD_BYTES];
    bool has_word;
    size_t len;

    memcpy(d.head.address, peer, sizeof(peer));
    ret_err[0] = '\0';
    if (!trap_text_word(&line, word, sizeof(word)) || !set_choice(&d, word, versions, &d.head.version))
        return 0;
    if (d.head.version == TK_SNMP_V1)
        d.head.pdu = TK_PDU_TRAP_V1;
    while ((has_word = trap_text_word(&line, word, sizeof(word))) && !isdigit((unsigned char)*word) && *word != '.')
        if (!set_word(&d, word))
            return 0;
    if (tk_trap_begin(&w, dst, TK_TRAP_MAX_BYTES, &d.head, &parts) < 0)
        return 0;
    for (; has_word; has_word = trap_text_word(&line, word, sizeof(word)))
        if (!write_varbind(&d, &w, &line, word))
            return 0;
    len = tk_trap_end(&w);
    memcpy(dst + offsetof(struct tk_trap_head, varbind_count), &d.head.varbind_count, sizeof(d.head.varbind_count));
    return len;
}
