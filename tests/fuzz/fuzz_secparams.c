/* SPDX-License-Identifier: Apache-2.0 */
/* Compares our reader of UsmSecurityParameters with net-snmp's: both must accept the same messages and read the same
 * values. The exception is a name with a NUL, which our reader refuses and net-snmp cuts.
 *
 * Input: a message from its msgSecurityParameters on. */
#include "fuzz.h"

#include <string.h>

#include "fuzz_netsnmp.h"
#include "usm/secparams.h"

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/lcd_time.h>
#include <net-snmp/library/snmp_secmod.h>
#include <net-snmp/library/snmpusm.h>

static struct snmp_secmod_def *usm;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    fuzz_netsnmp_init();
    usm = find_sec_mod(SNMP_SEC_MODEL_USM);
    FUZZ_CHECK(usm && usm->decode && usm->pdu_free_state_ref);
    return 0;
}

/* What net-snmp read. */
struct seen {
    int code;
    u_char engine[SNMP_MAX_ENG_SIZE];
    char user[SNMP_MAX_SEC_NAME_SIZE];
    size_t engine_len, user_len;
    u_char *scoped;
};

static void decode(struct seen *s, u_char *message, size_t len)
{
    size_t scoped_len = len, room;
    void *state = NULL;
    struct snmp_secmod_incoming_params p = {
        .msgProcModel = SNMP_MP_MODEL_SNMPv3,
        .maxMsgSize = 65507,
        .secParams = message,
        .secModel = SNMP_SEC_MODEL_USM,
        .secLevel = SNMP_SEC_LEVEL_NOAUTH,
        .wholeMsg = message,
        .wholeMsgLen = len,
        .secEngineID = s->engine,
        .secEngineIDLen = &s->engine_len,
        .secName = s->user,
        .secNameLen = &s->user_len,
        .scopedPdu = &s->scoped,
        .scopedPduLen = &scoped_len,
        .maxSizeResponse = &room,
        .secStateRef = &state,
    };

    s->engine_len = sizeof(s->engine);
    s->user_len = sizeof(s->user);
    s->code = usm->decode(&p);
    if (state)
        usm->pdu_free_state_ref(state);
}

/* Add a user with this engine ID and name and without keys, so that net-snmp finds it. */
static void lend(struct usmUser *user, char *name, u_char *engine, size_t engine_len)
{
    static oid no_auth[] = {1, 3, 6, 1, 6, 3, 10, 1, 1, 1}, no_priv[] = {1, 3, 6, 1, 6, 3, 10, 1, 2, 1};

    memset(user, 0, sizeof(*user));
    user->engineID = engine;
    user->engineIDLen = engine_len;
    user->name = user->secName = name;
    user->authProtocol = no_auth;
    user->authProtocolLen = OID_LENGTH(no_auth);
    user->privProtocol = no_priv;
    user->privProtocolLen = OID_LENGTH(no_priv);
    user->userStatus = RS_ACTIVE;
    user->userStorageType = ST_VOLATILE;
    (void)usm_add_user(user);
}

static void compare(const struct tk_secparams *ours, const struct seen *theirs, const uint8_t *message,
                    const u_char *blanked)
{
    Enginetime clock = search_enginetime_list(ours->engine, ours->engine_len);

    FUZZ_CHECK(theirs->engine_len == ours->engine_len);
    FUZZ_CHECK(memcmp(theirs->engine, ours->engine, ours->engine_len) == 0);
    FUZZ_CHECK(theirs->user_len == ours->user_len && memcmp(theirs->user, ours->user, ours->user_len) == 0);
    FUZZ_CHECK(theirs->scoped - blanked == ours->salt + ours->salt_len - message);
    for (unsigned i = 0; i < ours->digest_len; i++) /* net-snmp overwrites the digest with zeros */
        FUZZ_CHECK(blanked[ours->digest - message + i] == 0);
    if (!ours->engine_len)
        return;
    FUZZ_CHECK(theirs->code == SNMPERR_SUCCESS && clock);
    FUZZ_CHECK(clock->engineBoot == ours->boots && clock->engineTime == ours->time);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    u_char *message = malloc(size + 1), engine[SNMP_MAX_ENG_SIZE];
    char name[33] = "";
    struct tk_secparams ours;
    struct seen theirs = {0};
    struct usmUser user;
    bool is_ours;

    FUZZ_CHECK(message);
    memcpy(message, data, size);
    is_ours = tk_secparams_read(&ours, data, size) == 0;
    if (is_ours) {
        FUZZ_CHECK(ours.engine_len <= sizeof(engine) && ours.user_len < sizeof(name));
        memcpy(engine, ours.engine, ours.engine_len);
        memcpy(name, ours.user, ours.user_len);
        lend(&user, name, engine, ours.engine_len);
    }
    decode(&theirs, message, size);
    if (is_ours) {
        (void)usm_remove_user(&user);
        FUZZ_CHECK(theirs.code != SNMPERR_USM_PARSEERROR && theirs.code != SNMPERR_USM_DECRYPTIONERROR);
        compare(&ours, &theirs, data, message);
    } else {
        FUZZ_CHECK(theirs.code == SNMPERR_USM_PARSEERROR || theirs.code == SNMPERR_USM_DECRYPTIONERROR ||
                   strlen(theirs.user) < theirs.user_len);
    }
    free_etimelist();
    free(message);
    return 0;
}
