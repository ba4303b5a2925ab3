/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/loan.h"

#include <stdlib.h>
#include <string.h>

#include "base/devel.h"
#include "refusal/refusal.h"

/* Our entry in each chain of net-snmp's list of engine times. They are freed with the list. */
static Enginetime lent[TK_CHAINS];

/* --- users ----------------------------------------------------------------------------------------------------- */

/** net-snmp's list of users during a loan: `rest` is cut off behind `first`. */
struct hidden {
    struct usmUser *first, *rest;
    struct usmUser user; /* the one that is lent */
};

static void lend_user(struct hidden *hidden, const struct usmUser *user)
{
    hidden->first = tk_netsnmp.usm_get_userList();
    if (user) {
        hidden->user = *user;
        hidden->user.prev = hidden->first;
        hidden->user.next = NULL;
    }
    if (hidden->first) {
        hidden->rest = hidden->first->next;
        hidden->first->next = user ? &hidden->user : NULL;
    } else if (user) {
        (void)tk_netsnmp.usm_add_user(&hidden->user); /* into an empty list; net-snmp makes no copy */
    }
}

static void take_user_back(struct hidden *hidden, const struct usmUser *user)
{
    if (hidden->first)
        hidden->first->next = hidden->rest;
    else if (user)
        (void)tk_netsnmp.usm_remove_user(&hidden->user);
}

/* --- engine times ---------------------------------------------------------------------------------------------- */

uint8_t tk_loan_chain(const uint8_t *engine, size_t engine_len)
{
    int chain = tk_netsnmp.hash_engineID(engine, (u_int)engine_len);

    return chain < 0 || chain >= TK_CHAINS ? TK_NO_CHAIN : (uint8_t)chain;
}

/* @returns our entry in that chain, made when it is first needed; NULL: out of memory */
static Enginetime own_entry(const uint8_t *engine, size_t engine_len, uint8_t chain)
{
    Enginetime entry;
    u_char *id;

    TK_ASSERT(chain < TK_CHAINS);
    if (lent[chain])
        return lent[chain];
    if (tk_netsnmp.set_enginetime(engine, (u_int)engine_len, 0, 0, FALSE) != SNMPERR_SUCCESS)
        return NULL;
    entry = tk_netsnmp.search_enginetime_list(engine, (u_int)engine_len);
    id = entry ? realloc(entry->engineID, TK_ENGINE_BYTES) : NULL; /* room for any ID */
    if (!id)
        return NULL;
    entry->engineID = id;
    entry->engineID_len = 0; /* so that no search finds it */
    return lent[chain] = entry;
}

/* net-snmp may have an entry of its own for this engine, if snmptrapd itself has sent something to it. */
static Enginetime find_entry(const uint8_t *engine, size_t engine_len, uint8_t chain)
{
    Enginetime entry = own_entry(engine, engine_len, chain);
    Enginetime other = tk_netsnmp.search_enginetime_list(engine, (u_int)engine_len);

    return other ? other : entry;
}

static void lend_time(Enginetime entry, const uint8_t *engine, size_t engine_len, const struct tk_engine_time *time)
{
    TK_ASSERT(engine_len <= TK_ENGINE_BYTES);
    if (entry->engineID_len == 0) {
        memcpy(entry->engineID, engine, engine_len);
        entry->engineID_len = (u_int)engine_len;
    }
    entry->engineBoot = time->boots;
    entry->engineTime = time->time;
    entry->lastReceivedEngineTime = (time_t)time->local_time;
#ifdef LCD_TIME_SYNC_OPT
    entry->authenticatedFlag = TRUE; /* else the decoder (ENSURE_ENGINE_RECORD) first sets boots and time to 0 */
#endif
}

/* @param before  what is restored into net-snmp's own entry; NULL: the entry is ours */
static void take_time_back(Enginetime entry, const enginetime *before, struct tk_engine_time *time)
{
    time->boots = entry->engineBoot;
    time->time = entry->engineTime;
    time->local_time = (uint32_t)entry->lastReceivedEngineTime;
    if (before)
        *entry = *before;
    else
        entry->engineID_len = 0;
}

void tk_loan_clear_engines(void)
{
    u_char own[TK_ENGINE_BYTES];
    size_t len = tk_netsnmp.snmpv3_get_engineID(own, sizeof(own));

    tk_netsnmp.free_etimelist();
    memset(lent, 0, sizeof(lent));
    if (len)
        (void)tk_netsnmp.set_enginetime(own, (u_int)len, tk_netsnmp.snmpv3_local_snmpEngineBoots(),
                                        tk_netsnmp.snmpv3_local_snmpEngineTime(), TRUE);
}

/* --- both ------------------------------------------------------------------------------------------------------ */

int tk_loan_decode(SecmodInMsg *decode, struct snmp_secmod_incoming_params *params, const struct usmUser *user,
                   const uint8_t *engine, size_t engine_len, uint8_t chain, struct tk_engine_time *time)
{
    Enginetime entry = NULL;
    struct hidden hidden;
    enginetime before;
    int ret;

    if (time) {
        entry = chain == TK_NO_CHAIN ? NULL : find_entry(engine, engine_len, chain);
        if (!entry)
            return SNMPERR_USM_GENERICERROR;
        before = *entry;
        lend_time(entry, engine, engine_len, time);
    }
    lend_user(&hidden, user);
    ret = decode(params);
    take_user_back(&hidden, user);
    if (entry)
        take_time_back(entry, entry == lent[chain] ? NULL : &before, time);
    return ret;
}
