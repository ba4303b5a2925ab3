/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_object.h"

#include <ctype.h>
#include <string.h>

#include "dictionary/notification.h"

#define FORBIDDEN ".*?{}" /* in a name of "names" */

static bool is_oid_of(const struct tk_dict *d, const struct tk_dict_object *o, const struct tk_oid *oid)
{
    struct tk_oid own;

    tk_dict_oid(d, o, &own);
    return own.len == oid->len && memcmp(own.subid, oid->subid, oid->len * sizeof(oid->subid[0])) == 0;
}

bool tk_import_is_standard(const struct tk_import *im, const struct tk_dict_object *o)
{
    struct tk_oid oid;
    size_t matched;

    tk_dict_oid(im->dict, o, &oid);
    return tk_dict_find(im->standard, oid.subid, oid.len, &matched) && matched == oid.len;
}

/* Does the name mean this OID, and nothing else, in the built-in dictionary alone? */
static bool is_built_in(const struct tk_import *im, const char *name, const struct tk_oid *oid)
{
    const struct tk_dict_object *other, *o = tk_dict_find_name(im->standard, name, strlen(name), &other);

    return o && !other && is_oid_of(im->standard, o, oid);
}

/* Define a name, unless it means something else already. */
static bool define(struct tk_import *im, const char *name, const struct tk_oid *oid)
{
    const json_t *kept = json_object_get(im->names, name);
    char text[TK_OID_MAX_TEXT];

    (void)tk_oid_format(text, sizeof(text), oid->subid, oid->len);
    if (kept)
        return strcmp(json_string_value(kept), text) == 0;
    tk_import_put(im, im->names, name, json_string(text));
    return true;
}

static bool is_good_name(const char *name)
{
    return isalpha((unsigned char)*name) && !strpbrk(name, FORBIDDEN);
}

const char *tk_import_ref(struct tk_import *im, const struct tk_dict_object *o, char *dst)
{
    struct tk_dict_text module = tk_dict_module(im->dict, o), name = tk_dict_name(im->dict, o);
    char text[2 * TK_DICT_MAX_NAME + 4];
    struct tk_oid oid;

    tk_dict_oid(im->dict, o, &oid);
    (void)snprintf(text, sizeof(text), "%.*s::%.*s", (int)module.len, module.text, (int)name.len, name.text);
    if (module.len && name.len && is_good_name(text) && tk_utf8_is_valid((const uint8_t *)text, strlen(text)) &&
        strlen(text) == module.len + name.len + 2 && (is_built_in(im, text, &oid) || define(im, text, &oid)))
        (void)snprintf(dst, TK_OID_MAX_TEXT, "%s", text);
    else
        (void)tk_oid_format(dst, TK_OID_MAX_TEXT, oid.subid, oid.len);
    return dst;
}

static const struct tk_dict_object *find_notification(const struct tk_dict *d, const struct tk_oid *oid)
{
    struct tk_oid known;
    const struct tk_dict_object *o = tk_dict_find_notification(d, oid->subid, oid->len, &known);

    return o && tk_dict_kind(d, o) == TK_DICT_NOTIFICATION ? o : NULL;
}

/* An unknown notification gets the name that the file has for it, unless the name means something. */
static bool may_define(const struct tk_import *im, const char *name)
{
    return name && is_good_name(name) && !strstr(name, "::") && !tk_dict_find_name(im->dict, name, strlen(name), NULL);
}

void tk_import_trap_of_oid(struct tk_import *im, const struct tk_oid *oid, bool is_subtree, const char *name,
                           struct tk_import_trap *ret_trap)
{
    struct tk_import_trap *t = ret_trap;
    char dotted[TK_OID_MAX_TEXT];

    memset(t, 0, sizeof(*t));
    t->oid = *oid;
    t->is_subtree = is_subtree;
    t->object = is_subtree ? NULL : find_notification(im->dict, oid);
    (void)tk_oid_format(dotted, sizeof(dotted), oid->subid, oid->len);
    if (is_subtree) {
        (void)snprintf(t->ref, sizeof(t->ref), "%s.*", dotted);
        (void)snprintf(t->test, sizeof(t->test), "%s.0.1", dotted);
        return;
    }
    if (t->object)
        (void)tk_import_ref(im, t->object, t->ref);
    else if (may_define(im, name) && define(im, name, oid))
        (void)snprintf(t->ref, sizeof(t->ref), "%s", name);
    else
        (void)snprintf(t->ref, sizeof(t->ref), "%s", dotted);
    (void)snprintf(t->test, sizeof(t->test), "%s", t->ref);
}

static bool read_name(struct tk_import *im, unsigned line, const char *text, struct tk_oid *ret_oid)
{
    const struct tk_dict_object *other = NULL, *o = tk_dict_find_name(im->dict, text, strlen(text), &other);

    if (!o || other || tk_dict_kind(im->dict, o) != TK_DICT_NOTIFICATION) {
        tk_import_tell(im, line, text, "%s; write its OID there, or name its MIB's dictionary with --dictionary",
                       other ? "several modules have a notification of this name"
                             : "no dictionary has this notification");
        return false;
    }
    tk_dict_oid(im->dict, o, ret_oid);
    return true;
}

bool tk_import_trap_of_text(struct tk_import *im, unsigned line, const char *text, const char *name,
                            struct tk_import_trap *ret_trap)
{
    size_t len = strlen(text);
    bool is_subtree = len > 2 && strcmp(text + len - 2, ".*") == 0;
    char base[TK_OID_MAX_TEXT + 2];
    struct tk_oid oid;

    if (isalpha((unsigned char)*text)) {
        if (!read_name(im, line, text, &oid))
            return false;
        is_subtree = false;
    } else {
        (void)snprintf(base, sizeof(base), "%.*s", is_subtree ? (int)len - 2 : (int)(len < TK_OID_MAX_TEXT ? len : 0),
                       text);
        if (len >= TK_OID_MAX_TEXT || tk_oid_parse(&oid, base) < 0 || oid.len < 2 || oid.len + 2 > TK_OID_MAX_SUBIDS) {
            tk_import_tell(im, line, text, "it is no OID; write one such as .1.3.6.1.4.1.9.0.1 or .1.3.6.1.4.1.9.*");
            return false;
        }
    }
    tk_import_trap_of_oid(im, &oid, is_subtree, name, ret_trap);
    return true;
}

unsigned tk_import_object_count(const struct tk_import *im, const struct tk_import_trap *trap)
{
    return trap->object ? tk_dict_notification_objects(im->dict, trap->object) : 0;
}

const struct tk_dict_object *tk_import_nth(const struct tk_import *im, const struct tk_import_trap *trap, unsigned n)
{
    if (!n || n > tk_import_object_count(im, trap))
        return NULL;
    return tk_dict_notification_object(im->dict, trap->object, n - 1).object;
}
