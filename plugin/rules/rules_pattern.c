/* SPDX-License-Identifier: Apache-2.0 */
/* "trap": which notifications a rule is for. */
#include "base/text.h"
#include "dictionary/notification.h"
#include "rules/rules_internal.h"

static bool add_pattern(struct tk_rules_compiler *c, enum tk_rule_pattern_kind kind, const struct tk_oid *oid)
{
    return tk_rules_add_pattern(c, kind, c->r->rules.count - 1, oid->subid, oid->len);
}

static bool add_exact(struct tk_rules_compiler *c, const struct tk_oid *oid)
{
    struct tk_oid known; /* as `resolve` finds it for events: all forms of the OID have one */

    (void)tk_dict_find_notification(c->r->dict, oid->subid, oid->len, &known);
    return add_pattern(c, TK_PATTERN_EXACT, &known);
}

/* All notifications of a module: of the MIB, if it is loaded, and those of "names". */
static bool add_module(struct tk_rules_compiler *c, const char *module, size_t len)
{
    bool is_known = tk_rules_is_module(c, module, len);
    const char *name;
    char shown[96];
    json_t *value;

    if (is_known && !tk_rules_add_module(c, module, len))
        return false;
    json_object_foreach(c->names, name, value)
    {
        struct tk_oid oid;

        if (strncmp(name, module, len) != 0 || strncmp(name + len, "::", 2) != 0 || !json_is_string(value) ||
            tk_oid_parse(&oid, json_string_value(value)) < 0)
            continue;
        is_known = true;
        if (!add_exact(c, &oid))
            return false;
    }
    if (is_known || c->is_out_of_memory)
        return !c->is_out_of_memory;
    return tk_rules_complain(c,
                             "neither a MIB that is loaded nor \"names\" has a notification of module '%s'; load its "
                             "MIB, or write the OID of the subtree, such as \"1.3.6.1.4.1.9.*\"",
                             tk_escape(shown, sizeof(shown), module, len));
}

static bool parse_pattern(struct tk_rules_compiler *c, json_t *pattern)
{
    static const struct tk_oid everything = {0};
    const char *text = json_string_value(pattern);
    size_t len = json_string_length(pattern);
    char base[TK_OID_MAX_TEXT + 1], shown[96];
    struct tk_oid oid;

    if (!len || len > TK_OID_MAX_TEXT)
        return tk_rules_complain(c,
                                 "\"trap\" is '%s'; write a notification's name or OID, \"OID.*\", \"MODULE::*\", "
                                 "\"*\", or a list of these",
                                 tk_rules_show(shown, sizeof(shown), pattern));
    if (strcmp(text, "*") == 0)
        return add_pattern(c, TK_PATTERN_SUBTREE, &everything);
    if (len > 3 && strcmp(text + len - 3, "::*") == 0)
        return add_module(c, text, len - 3);
    if (len > 2 && strcmp(text + len - 2, ".*") == 0) {
        memcpy(base, text, len - 2);
        base[len - 2] = '\0';
        return tk_rules_resolve(c, base, TK_WANT_ANY, &oid, NULL) && add_pattern(c, TK_PATTERN_SUBTREE, &oid);
    }
    if (strpbrk(text, "*?"))
        return tk_rules_complain(c,
                                 "\"trap\" is '%s', but '*' is only allowed at the end; write \"OID.*\", "
                                 "\"MODULE::name.*\", \"MODULE::*\" or \"*\"",
                                 tk_rules_show(shown, sizeof(shown), pattern));
    return tk_rules_resolve(c, text, TK_WANT_NOTIFICATION, &oid, NULL) && add_exact(c, &oid);
}

bool tk_rules_parse_trap(struct tk_rules_compiler *c, json_t *trap)
{
    if (!trap)
        return tk_rules_complain(c, "\"match\" has no \"trap\"; write which notification it matches, or \"trap\": "
                                    "\"*\" for all of them");
    return tk_rules_each(c, "trap", trap, parse_pattern);
}
