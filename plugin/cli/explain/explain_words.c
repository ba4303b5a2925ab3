/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain_words.h"

#include <stdio.h>

#include "base/text.h"
#include "event/varbind_text.h"
#include "snmp/oid.h"

json_t *tk_explain_text(struct tk_text text)
{
    char safe[4 * 4096 + 8];
    json_t *json;

    if (!text.text)
        return json_null();
    json = json_stringn(text.text, text.len);
    if (json)
        return json;
    return json_string(tk_escape(safe, sizeof(safe), text.text, text.len));
}

json_t *tk_explain_oid(const uint32_t *subid, size_t len)
{
    char text[TK_OID_MAX_TEXT];

    (void)tk_oid_format(text, sizeof(text), subid, len);
    return json_string(text);
}

json_t *tk_explain_name(struct tk_text module, struct tk_text name)
{
    char text[2 * TK_DICT_MAX_NAME + 8];

    if (!name.text)
        return json_null();
    if (!module.text || !module.len)
        return tk_explain_text(name);
    (void)snprintf(text, sizeof(text), "%.*s::%.*s", (int)module.len, module.text, (int)name.len, name.text);
    return tk_explain_text((struct tk_text){text, strlen(text)});
}

json_t *tk_explain_value(const struct tk_offline *o, size_t varbind)
{
    const struct tk_event *ev = &tk_offline_renderer(o)->event;
    char room[TK_VARBIND_TEXT_BYTES];
    struct tk_text text;

    if (varbind >= ev->varbind_count)
        return json_null();
    text = tk_varbind_text(room, tk_offline_bundle(o)->dict, ev, ev->varbinds + varbind);
    return tk_explain_text(text);
}
