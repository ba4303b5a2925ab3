/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_text.h"

#include <stdlib.h>
#include <string.h>

#define KEY_PARTS    16
#define PEOPLE_PARTS 32
#define EXPECTED     512 /* characters of a summary; a longer one is cut */

void tk_import_text_done(struct tk_import_text *t)
{
    for (uint32_t i = 0; i < t->parts.count; i++)
        free(((struct tk_import_part *)t->parts.items)[i].text);
    tk_vector_done(&t->parts);
    memset(t, 0, sizeof(*t));
}

static struct tk_import_part *push(struct tk_import *im, struct tk_import_text *t, enum tk_import_part_kind kind)
{
    struct tk_import_part *part = tk_vector_push(&t->parts, 1, sizeof(*part));

    if (part)
        part->kind = kind;
    im->is_out_of_memory |= !part;
    return part;
}

static struct tk_import_part *last_literal(struct tk_import *im, struct tk_import_text *t)
{
    struct tk_import_part *last = t->parts.items;

    if (t->parts.count && last[t->parts.count - 1].kind == TK_IMPORT_LITERAL)
        return last + t->parts.count - 1;
    return push(im, t, TK_IMPORT_LITERAL);
}

static bool is_space(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

void tk_import_text_add(struct tk_import *im, struct tk_import_text *t, const char *text, size_t len)
{
    struct tk_import_part *part = len ? last_literal(im, t) : NULL;
    size_t n = part && part->text ? strlen(part->text) : 0;
    char *grown = part ? realloc(part->text, n + len + 1) : NULL;

    if (!grown) {
        im->is_out_of_memory |= len != 0;
        return;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_space(text[i]))
            grown[n++] = text[i];
        else if (!n || grown[n - 1] != ' ')
            grown[n++] = ' ';
    }
    grown[n] = '\0';
    part->text = grown;
}

void tk_import_text_refer(struct tk_import *im, struct tk_import_text *t, enum tk_import_part_kind kind)
{
    (void)push(im, t, kind);
}

void tk_import_text_object(struct tk_import *im, struct tk_import_text *t, enum tk_import_part_kind kind,
                           const struct tk_dict_object *o)
{
    struct tk_import_part *part = push(im, t, kind);

    if (part)
        part->object = o;
}

bool tk_import_text_has(const struct tk_import_text *t, const struct tk_dict_object *o)
{
    const struct tk_import_part *part = t->parts.items;

    for (uint32_t i = 0; i < t->parts.count; i++)
        if (part[i].kind == TK_IMPORT_OBJECT && part[i].object == o)
            return true;
    return false;
}

bool tk_import_text_is_empty(const struct tk_import_text *t)
{
    const struct tk_import_part *part = t->parts.items;

    for (uint32_t i = 0; i < t->parts.count; i++, part++)
        if (part->kind != TK_IMPORT_LITERAL || (part->text && strspn(part->text, " ") != strlen(part->text)))
            return false;
    return true;
}

/** Text that is being written, with a bound. */
struct out {
    char text[TK_IMPORT_TEMPLATE + 1];
    size_t len;
    bool is_full;
};

static void put(struct out *o, const char *text)
{
    size_t len = strlen(text);

    if (o->len + len > TK_IMPORT_TEMPLATE) {
        o->is_full = true;
        return;
    }
    memcpy(o->text + o->len, text, len + 1);
    o->len += len;
}

static void put_literal(struct out *o, const char *text, bool is_template)
{
    for (; text && *text; text++) {
        char once[2] = {*text, '\0'};

        put(o, once);
        if (is_template && (*text == '{' || *text == '}'))
            put(o, once);
    }
}

/* Without spaces around it. @returns NULL: nothing is left */
static json_t *finish(struct tk_import *im, struct out *o)
{
    size_t lead = strspn(o->text, " ");
    json_t *json;

    while (o->len > lead && o->text[o->len - 1] == ' ')
        o->text[--o->len] = '\0';
    json = o->len > lead ? json_string(o->text + lead) : NULL;
    if (im)
        im->is_out_of_memory |= o->len > lead && !json;
    return json;
}

json_t *tk_import_text_template(struct tk_import *im, const struct tk_import_text *t, bool is_key)
{
    const struct tk_import_part *part = t->parts.items;
    char ref[TK_OID_MAX_TEXT];
    struct out o = {.len = 0};

    for (uint32_t i = 0; i < t->parts.count; i++, part++) {
        switch (part->kind) {
        case TK_IMPORT_LITERAL: put_literal(&o, part->text, true); break;
        case TK_IMPORT_DEVICE: put(&o, "{device}"); break;
        case TK_IMPORT_TRAP_NAME: put(&o, "{trap}"); break;
        case TK_IMPORT_OBJECT:
        case TK_IMPORT_INDEX:
            put(&o, "{");
            put(&o, tk_import_ref(im, part->object, ref));
            put(&o, part->kind == TK_IMPORT_INDEX ? ".index}" : "}");
            break;
        }
    }
    return o.is_full || t->parts.count > (is_key ? KEY_PARTS : PEOPLE_PARTS) ? NULL : finish(im, &o);
}

void tk_import_text_need(struct tk_import *im, const struct tk_import_text *t, struct tk_import_samples *s)
{
    const struct tk_import_part *part = t->parts.items;

    for (uint32_t i = 0; i < t->parts.count; i++)
        if (part[i].kind == TK_IMPORT_OBJECT || part[i].kind == TK_IMPORT_INDEX)
            tk_import_sample_need(im, s, part[i].object);
}

json_t *tk_import_text_expected(const struct tk_import *im, const struct tk_import_text *t,
                                const struct tk_import_samples *s, const char *device, bool is_key)
{
    const struct tk_import_part *part = t->parts.items;
    char value[TK_IMPORT_SAMPLE_BYTES];
    struct out o = {.len = 0};
    const char *text;

    for (uint32_t i = 0; i < t->parts.count; i++, part++) {
        switch (part->kind) {
        case TK_IMPORT_LITERAL: put_literal(&o, part->text, false); break;
        case TK_IMPORT_DEVICE: put(&o, device); break;
        case TK_IMPORT_TRAP_NAME: return NULL;
        case TK_IMPORT_INDEX: put(&o, tk_import_sample_index(im, part->object)); break;
        case TK_IMPORT_OBJECT:
            text = is_key ? tk_import_sample_plain(im, s, part->object, value)
                          : tk_import_sample_text(im, s, part->object, value);
            if (!text || (is_key && strpbrk(text, "/%")))
                return NULL;
            put(&o, text);
            break;
        }
    }
    return o.is_full || (!is_key && o.len > EXPECTED) ? NULL : finish(NULL, &o);
}
