/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_netsnmp.h"

#include <dlfcn.h>
#include <string.h>

#include "fuzz.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/lcd_time.h>
#include <net-snmp/library/scapi.h>
#include <net-snmp/library/snmpusm.h>

#define CHAINS ETIMELIST_SIZE

uint32_t fuzz_engine_seconds;
unsigned fuzz_verified;

/* --- functions that replace net-snmp's own --------------------------------------------------------------------- */

u_long snmpv3_local_snmpEngineTime(void)
{
    return fuzz_engine_seconds;
}

int sc_check_keyed_hash(const oid *authtype, size_t authtypelen, const u_char *key, u_int keylen, const u_char *message,
                        u_int msglen, const u_char *MAC, u_int maclen)
{
    static __typeof__(&sc_check_keyed_hash) original;
    int ret;

    if (!original) {
        void *symbol = dlsym(RTLD_NEXT, "sc_check_keyed_hash");

        FUZZ_CHECK(symbol);
        memcpy(&original, &symbol, sizeof(original));
    }
    ret = original(authtype, authtypelen, key, keylen, message, msglen, MAC, maclen);
    fuzz_verified += ret == SNMPERR_SUCCESS;
    return ret;
}

/* --- initialization -------------------------------------------------------------------------------------------- */

void fuzz_netsnmp_init(void)
{
    static const u_char own[] = {0x80, 0, 0x1f, 0x88, 4, 'f', 'u', 'z', 'z'};

    (void)setenv("MIBS", "", 1);
    (void)setenv("SNMPCONFPATH", "/nonexistent", 1);
    (void)setenv("SNMP_PERSISTENT_DIR", "/nonexistent", 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
    netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
    snmp_disable_log();
    init_snmp("snmptrapd");
    (void)setup_engineID(NULL, "fuzz");
    (void)set_enginetime(own, sizeof(own), 1, 0, TRUE); /* otherwise net-snmp answers INFORMs with a report */
}

/* --- counting net-snmp's entries ------------------------------------------------------------------------------- */

/* An engine ID whose hash is that of a chain of the list. */
static const u_char *name_of(unsigned chain)
{
    static u_char names[CHAINS][8];

    for (uint32_t n = 0; !names[chain][0]; n++) {
        u_char name[8] = "probe";
        int hash;

        memcpy(name + 5, &n, 3);
        hash = hash_engineID(name, sizeof(name));
        if (hash >= 0 && !names[hash][0])
            memcpy(names[hash], name, sizeof(name));
    }
    return names[chain];
}

/* net-snmp does not export the heads of its chains. A new entry becomes the head, so add one (a probe) and count the
 * entries after it. The probe of the previous call is removed. */
static unsigned count_chain(unsigned chain, unsigned *named)
{
    static Enginetime probes[CHAINS];
    Enginetime probe, *link;
    unsigned count = 0;

    (void)set_enginetime(name_of(chain), 8, 0, 0, FALSE);
    probe = search_enginetime_list(name_of(chain), 8);
    FUZZ_CHECK(probe);
    probe->engineID_len = 0; /* so that a search does not find it, and the next call adds a new one */
    link = &probe->next;
    while (*link) {
        Enginetime entry = *link;

        if (entry == probes[chain] && entry->engineID_len == 0 && memcmp(entry->engineID, name_of(chain), 8) == 0) {
            *link = entry->next;
            free(entry->engineID);
            free(entry);
        } else {
            count++;
            *named += entry->engineID_len != 0;
            link = &entry->next;
        }
    }
    probes[chain] = probe;
    return count;
}

unsigned fuzz_netsnmp_engines(unsigned *ret_named)
{
    unsigned count = 0;

    *ret_named = 0;
    for (unsigned i = 0; i < CHAINS; i++)
        count += count_chain(i, ret_named);
    return count;
}

unsigned fuzz_netsnmp_users(void)
{
    unsigned count = 0;

    for (const struct usmUser *u = usm_get_userList(); u; u = u->next)
        count++;
    return count;
}

uint64_t fuzz_netsnmp_refused(void)
{
    static const int counters[] = {
        STAT_SNMPUNKNOWNSECURITYMODELS, STAT_SNMPINVALIDMSGS,
        STAT_SNMPUNKNOWNPDUHANDLERS,    STAT_USMSTATSUNSUPPORTEDSECLEVELS,
        STAT_USMSTATSNOTINTIMEWINDOWS,  STAT_USMSTATSUNKNOWNUSERNAMES,
        STAT_USMSTATSUNKNOWNENGINEIDS,  STAT_USMSTATSWRONGDIGESTS,
        STAT_USMSTATSDECRYPTIONERRORS,  STAT_SNMPINBADVERSIONS,
        STAT_SNMPINASNPARSEERRS,
    };
    uint64_t sum = 0;

    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++)
        sum += snmp_get_statistic(counters[i]);
    return sum;
}
