/* SPDX-License-Identifier: Apache-2.0 */
/* Life of usm/: register, read, configure, once a second, end. Messages are handled in usm_decode.c. */
#include "usm/usm.h"

#include <errno.h>
#include <string.h>

#include "base/devel.h"
#include "usm/loan.h"
#include "usm/usm_internal.h"

struct tk_usm tk_usm;

void tk_usm_register(void)
{
    tk_create_user_register();
}

void tk_usm_begin_reading(void)
{
    tk_create_user_begin_reading();
}

/* --- configure ------------------------------------------------------------------------------------------------- */

/* @returns whether net-snmp's decoder is hooked */
static bool hook_decoder(void)
{
    struct snmp_secmod_def *model = tk_netsnmp.find_sec_mod(SNMP_SEC_MODEL_USM);
    char text[sizeof(struct tk_err)];
    struct tk_err err = {0};

    if (tk_usm.model || tk_usm.is_broken)
        return tk_usm.model != NULL;
    if (!model || !model->decode) {
        tk_err_set(&err, NULL, 0, "net-snmp %s has no user-based security model", netsnmp_get_version());
        tk_usm.is_broken = true;
    } else {
        tk_usm.model = model;
        tk_usm.original = model->decode;
        tk_usm.is_broken = tk_usm_try_known_packet(tk_usm.original, &err) < 0;
    }
    if (tk_usm.is_broken) {
        tk_usm.model = NULL;
        snmp_log(LOG_ERR,
                 "trapkafka: %s; SNMPv3 works as without this module: write a createUser -e line for each engine\n",
                 tk_err_format(&err, text, sizeof(text)));
        return false;
    }
    model->decode = tk_usm_decode;
    return true;
}

static void warn(const struct tk_user *user)
{
    if (!user->is_own || user->serves_all || !user->auth)
        return;
    snmp_log(
        LOG_WARNING,
        "trapkafka: the user '%s' has no master key: its traps are accepted from engines with a createUser -e line "
        "only; the user comes from the persistent file, from a line before dlmod, or has a localized key (-l); write "
        "behind the dlmod line of snmptrapd.conf: createUser %s %s AUTH_PASSWORD%s%s%s\n",
        user->key.name, user->key.name, user->auth->name, user->priv ? " " : "", user->priv ? user->priv->name : "",
        user->priv ? " PRIV_PASSWORD" : "");
}

static int set_limits(const struct tk_settings *cf, tk_nsec now)
{
    /* The decoder may be hooked already: without a table it must not look for engines. */
    if (cf->engines_max && !tk_usm.guard.still && !tk_guard_init(&tk_usm.guard)) {
        tk_guard_done(&tk_usm.guard);
        return -ENOMEM;
    }
    if (cf->engines_max && !tk_usm.engines && !(tk_usm.engines = tk_engines_new()))
        return -ENOMEM;
    tk_usm.guard.is_strict = cf->is_replay_strict;
    tk_usm.ttl = cf->engines_ttl_s * TK_SECOND;
    tk_usm.is_off = !cf->engines_max;
    if (tk_usm.is_off)
        return 0;
    tk_engines_limit(tk_usm.engines, cf->engines_max, tk_usm.ttl, now);
    return 0;
}

int tk_usm_configure(const struct tk_settings *cf, const struct tk_usm_hooks *hooks, tk_nsec now)
{
    TK_ASSERT(hooks->is_ours && hooks->on_refused);
    tk_create_user_end_reading();
    tk_usm.own_len = tk_netsnmp.snmpv3_get_engineID(tk_usm.own, sizeof(tk_usm.own));
    tk_usm.hooks = *hooks;
    if (set_limits(cf, now) < 0 || tk_users_scan() < 0)
        return -ENOMEM;
    if (!hook_decoder())
        return -ENOTSUP;
    if (!tk_usm.is_off)
        tk_users_each(warn);
    /* Once, and after kafkaEngines was off, when net-snmp added every engine. Not each time: the list also has the
     * engines to which snmptrapd itself sends. */
    if (!tk_usm.is_off && !tk_usm.is_clear)
        tk_loan_clear_engines();
    tk_usm.is_clear = !tk_usm.is_off;
    tk_usm.is_resting = false;
    return 0;
}

/* --- once a second, and the end -------------------------------------------------------------------------------- */

void tk_usm_tick(tk_nsec now)
{
    if (!tk_usm.model || tk_usm.is_resting)
        return;
    tk_create_user_store();
    (void)tk_users_scan(); /* out of memory: the index stays as it was */
    if (tk_usm.engines)
        tk_engines_expire(tk_usm.engines, now);
}

struct tk_usm_counts tk_usm_counts(void)
{
    struct tk_usm_counts counts = {0};

    if (tk_usm.engines) {
        counts.engines = tk_engines_count(tk_usm.engines);
        counts.evicted = tk_engines_evicted(tk_usm.engines);
        counts.bytes = tk_engines_bytes(tk_usm.engines);
        counts.still = tk_usm.guard.still_engines;
        counts.digests_evicted = tk_still_evicted(tk_usm.guard.still);
    }
    return counts;
}

bool tk_usm_is_clock_checked(const netsnmp_pdu *pdu)
{
    return pdu && pdu == tk_usm.checked && pdu->version == SNMP_VERSION_3;
}

void tk_usm_rest(void)
{
    tk_usm.is_resting = true;
}

void tk_usm_done(void)
{
    if (tk_usm.model)
        tk_usm.model->decode = tk_usm.original;
    tk_usm.model = NULL;
    tk_engines_free(tk_usm.engines);
    tk_usm.engines = NULL;
    tk_guard_done(&tk_usm.guard);
    tk_users_done();
}
