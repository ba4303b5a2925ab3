/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/v3/v3_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "base/text.h"
#include "dictionary/dictionary.h"
#include "dictionary/dictionary_standard.h"
#include "dictionary/notification.h"
#include "refusal/refusal_detail.h"
#include "snmp/trap.h"
#include "snmp/engine_id.h"
#include "refusal/remedy.h"

struct tk_v3_report {
    bool is_json;
    struct tk_json json;
    struct tk_dict *dict;
};

/** The texts for one notification. */
struct words {
    char time[TK_RFC3339_BYTES];
    char peer[64];
    char user[4 * TK_USER_BYTES + 7];
    char engine[2 * TK_ENGINE_BYTES + 1];
    char oid[TK_OID_MAX_TEXT];
    char detail[TK_DETAIL_BYTES], remedy[TK_REMEDY_BYTES], command[384];
    struct tk_engine_id id;
    struct tk_dict_text name; /* of the notification */
};

/* --- words ----------------------------------------------------------------------------------------------------- */

/* Write the user name as ASCII without control characters. Quote it if it has other characters than usual ones. */
static void name_user(char *dst, size_t dst_bytes, const struct tk_refusal *f, bool may_quote)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.@-";
    char user[4 * TK_USER_BYTES + 5];
    bool is_plain = true;

    for (size_t i = 0; i < f->user_len; i++)
        is_plain = is_plain && f->user[i] && strchr(plain, f->user[i]);
    (void)snprintf(dst, dst_bytes, is_plain || !may_quote ? "%s" : "'%s'",
                   tk_escape_ascii(user, sizeof(user), f->user, f->user_len));
}

static void find_words(struct words *w, const struct tk_v3_report *r, tk_nsec wall, const struct tk_judged *j)
{
    const struct tk_refusal *f = &j->refusal;
    const struct tk_dict_object *object;
    struct tk_oid known;

    memset(w, 0, sizeof(*w));
    tk_clock_rfc3339(w->time, wall);
    (void)tk_peer_name(w->peer, sizeof(w->peer), &f->peer);
    name_user(w->user, sizeof(w->user), f, !r->is_json);
    (void)tk_hex_text(w->engine, sizeof(w->engine), f->engine, f->engine_len);
    tk_engine_id_read(&w->id, f->engine, f->engine_len);
    (void)tk_oid_format(w->oid, sizeof(w->oid), j->trap.subid, j->trap.len);
    object = tk_dict_find_notification(r->dict, j->trap.subid, j->trap.len, &known);
    if (object)
        w->name = tk_dict_name(r->dict, object);
    (void)tk_remedy_sender_command(w->command, sizeof(w->command), f);
    if (j->is_accepted)
        return;
    (void)tk_refusal_detail(w->detail, sizeof(w->detail), f);
    (void)tk_remedy(w->remedy, sizeof(w->remedy), f);
}

static bool is_judged_by_assumption(const struct tk_judged *j, const struct tk_receive_config *receiver)
{
    return receiver->engine_from == TK_ENGINE_ASSUMED && j->refusal.is_own_engine;
}

static const char *origin_of_engine(const struct tk_receive_config *receiver)
{
    switch (receiver->engine_from) {
    case TK_ENGINE_CONFIGURED: return "configuration";
    case TK_ENGINE_GIVEN: return "option";
    case TK_ENGINE_ASSUMED: return "capture";
    default: return NULL;
    }
}

/* --- one notification ------------------------------------------------------------------------------------------ */

static void print_one(const struct words *w, const struct tk_judged *j, const struct tk_receive_config *receiver)
{
    const struct tk_refusal *f = &j->refusal;
    const char *level = tk_level_name(f->security_level);
    bool is_6 = f->peer.family == 6;

    (void)printf("%s %s%s%s:%u %s %s%suser %s %s", w->time, is_6 ? "[" : "", w->peer, is_6 ? "]" : "", f->peer.port,
                 f->is_inform ? "inform" : "trap",
                 j->trap.len == 0 ? ""
                 : w->name.len    ? w->name.text
                                  : w->oid,
                 j->trap.len == 0 ? "" : " ", f->user_len ? w->user : "(none)", level ? level : "?");
    if (f->engine_len)
        (void)printf(" engine %s (%s%s%s %s)", w->engine, w->id.vendor ? w->id.vendor : "", w->id.vendor ? ", " : "",
                     w->id.format ? w->id.format : "", w->id.text);
    if (j->is_accepted)
        (void)printf(": accepted\n");
    else
        (void)printf(": refused: %s: %s\n  remedy: %s\n", tk_reason_name(f->reason), w->detail, w->remedy);
    if (!j->is_accepted && f->reason != TK_REASON_MALFORMED)
        (void)printf("  prove: %s\n", w->command);
    if (is_judged_by_assumption(j, receiver))
        (void)printf("  note: its engine ID is taken for this receiver's, which is not in the configuration; give "
                     "the receiver's with --engine\n");
}

static void text_member(struct tk_json *js, const char *name, const char *text)
{
    tk_json_name(js, name, strlen(name));
    tk_json_cstring(js, text && *text ? text : NULL);
}

static void write_source(struct tk_json *js, const struct words *w, const struct tk_refusal *f)
{
    TK_JSON_NAME(js, "source");
    tk_json_object_begin(js);
    text_member(js, "address", w->peer);
    TK_JSON_NAME(js, "port");
    tk_json_u64(js, f->peer.port);
    text_member(js, "transport", f->peer.family == 6 ? "udp6" : "udp");
    tk_json_object_end(js);
}

static void write_engine(struct tk_json *js, const struct words *w, const struct tk_refusal *f)
{
    text_member(js, "engine_id", w->engine);
    TK_JSON_NAME(js, "engine");
    if (!f->engine_len) {
        tk_json_null(js);
        return;
    }
    tk_json_object_begin(js);
    text_member(js, "vendor", w->id.vendor);
    text_member(js, "format", w->id.format);
    text_member(js, "text", w->id.text);
    tk_json_object_end(js);
}

static void write_one(struct tk_json *js, const struct words *w, const struct tk_judged *j,
                      const struct tk_receive_config *receiver)
{
    const struct tk_refusal *f = &j->refusal;

    tk_json_object_begin(js);
    text_member(js, "type", "notification");
    text_member(js, "time", w->time);
    write_source(js, w, f);
    text_member(js, "pdu", f->is_inform ? "inform" : "trap");
    text_member(js, "trap_oid", w->oid);
    text_member(js, "trap_name", w->name.len ? w->name.text : NULL);
    text_member(js, "user", w->user);
    text_member(js, "security_level", tk_level_name(f->security_level));
    write_engine(js, w, f);
    TK_JSON_NAME(js, "is_engine_assumed");
    tk_json_bool(js, is_judged_by_assumption(j, receiver));
    text_member(js, "verdict", j->is_accepted ? "accepted" : "refused");
    text_member(js, "reason", j->is_accepted ? NULL : tk_reason_name(f->reason));
    text_member(js, "detail", w->detail);
    text_member(js, "remedy", w->remedy);
    text_member(js, "sender_command", w->command);
    tk_json_object_end(js);
}

static void print_json(struct tk_json *js)
{
    if (!js->is_failed)
        (void)printf("%.*s\n", (int)js->len, js->buf);
    tk_json_clear(js);
}

void tk_v3_report_one(struct tk_v3_report *r, tk_nsec wall, const struct tk_judged *j,
                      const struct tk_receive_config *receiver)
{
    struct words w;

    find_words(&w, r, wall, j);
    if (!r->is_json) {
        print_one(&w, j, receiver);
        return;
    }
    write_one(&r->json, &w, j, receiver);
    print_json(&r->json);
}

/* --- the end --------------------------------------------------------------------------------------------------- */

static void print_end(const struct tk_v3_totals *t, const struct tk_receive_config *receiver,
                      const struct tk_capture_losses *losses)
{
    char engine[2 * TK_ENGINE_BYTES + 1] = "";
    const char *separator = " (";

    (void)printf("%" PRIu64 " seen, %" PRIu64 " accepted, %" PRIu64 " refused", t->seen, t->accepted,
                 t->seen - t->accepted);
    for (unsigned i = 0; i < TK_REASONS; i++)
        if (t->refused[i]) {
            (void)printf("%s%" PRIu64 " %s", separator, t->refused[i], tk_reason_name(i));
            separator = ", ";
        }
    (void)printf("%s\n", t->seen > t->accepted ? ")" : "");
    (void)printf("not judged: %" PRIu64 " v1 and v2c notifications, %" PRIu64 " other SNMP messages, %" PRIu64
                 " datagrams that are not SNMP",
                 t->community, t->others, t->foreign);
    if (losses)
        (void)printf(", %" PRIu64 " other packets", losses->other);
    (void)tk_hex_text(engine, sizeof(engine), receiver->engine, receiver->engine_len);
    if (origin_of_engine(receiver))
        (void)printf("\nthis receiver's engine ID: %s (%s)\n", engine, origin_of_engine(receiver));
    else
        (void)printf("\nthis receiver's engine ID: not known here\n");
}

static void write_losses(struct tk_json *js, const struct tk_capture_losses *losses)
{
    TK_JSON_NAME(js, "fragments");
    tk_json_u64(js, losses ? losses->fragments : 0);
    TK_JSON_NAME(js, "cut");
    tk_json_u64(js, losses ? losses->cut : 0);
    TK_JSON_NAME(js, "other_packets");
    tk_json_u64(js, losses ? losses->other : 0);
}

static void write_end(struct tk_json *js, const struct tk_v3_totals *t, const struct tk_receive_config *receiver,
                      const struct tk_capture_losses *losses)
{
    tk_json_object_begin(js);
    text_member(js, "type", "summary");
    TK_JSON_NAME(js, "seen");
    tk_json_u64(js, t->seen);
    TK_JSON_NAME(js, "accepted");
    tk_json_u64(js, t->accepted);
    TK_JSON_NAME(js, "refused");
    tk_json_object_begin(js);
    for (unsigned i = 0; i < TK_REASONS; i++) {
        tk_json_name(js, tk_reason_name(i), strlen(tk_reason_name(i)));
        tk_json_u64(js, t->refused[i]);
    }
    tk_json_object_end(js);
    TK_JSON_NAME(js, "community_notifications");
    tk_json_u64(js, t->community);
    TK_JSON_NAME(js, "other_snmp");
    tk_json_u64(js, t->others);
    TK_JSON_NAME(js, "not_snmp");
    tk_json_u64(js, t->foreign);
    write_losses(js, losses);
    TK_JSON_NAME(js, "receiver_engine_id");
    if (origin_of_engine(receiver))
        tk_json_hex(js, receiver->engine, receiver->engine_len);
    else
        tk_json_null(js);
    text_member(js, "receiver_engine_from", origin_of_engine(receiver));
    tk_json_object_end(js);
}

void tk_v3_report_end(struct tk_v3_report *r, const struct tk_v3_totals *totals,
                      const struct tk_receive_config *receiver, const struct tk_capture_losses *losses)
{
    if (r->is_json) {
        write_end(&r->json, totals, receiver, losses);
        print_json(&r->json);
    } else {
        print_end(totals, receiver, losses);
    }
    if (losses && losses->fragments)
        (void)fprintf(stderr,
                      "trapkafka v3: WARNING: %" PRIu64 " IP fragments were skipped: notifications that are longer "
                      "than one packet are not judged\n",
                      losses->fragments);
    if (losses && losses->cut)
        (void)fprintf(stderr,
                      "trapkafka v3: WARNING: %" PRIu64 " packets are cut in the capture and were skipped: capture "
                      "whole packets (tcpdump -s 0)\n",
                      losses->cut);
}

/* --- life ------------------------------------------------------------------------------------------------------ */

struct tk_v3_report *tk_v3_report_new(bool is_json, struct tk_err *err)
{
    struct tk_v3_report *r = calloc(1, sizeof(*r));

    if (!r) {
        tk_err_set(err, NULL, 0, "out of memory");
        return NULL;
    }
    r->is_json = is_json;
    tk_json_init(&r->json);
    r->dict = tk_dict_standard_new(err);
    if (!r->dict) {
        tk_v3_report_free(r);
        return NULL;
    }
    return r;
}

void tk_v3_report_free(struct tk_v3_report *r)
{
    if (!r)
        return;
    tk_dict_free(r->dict);
    tk_json_done(&r->json);
    free(r);
}
