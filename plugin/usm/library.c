/* SPDX-License-Identifier: Apache-2.0 */
#include "usm/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

struct tk_netsnmp tk_netsnmp;

bool tk_netsnmp_is_known(void)
{
    const char *version = netsnmp_get_version();

    return strncmp(version, "5.8", 3) == 0 || strncmp(version, "5.9", 3) == 0;
}

/* ISO C has no cast from an object's address to a function's. */
static void *look_up(const char *name, void *member, size_t bytes)
{
    void *symbol = dlsym(RTLD_DEFAULT, name);

    memcpy(member, &symbol, bytes);
    return symbol;
}

int tk_netsnmp_load(struct tk_err *err)
{
    const char *missing = NULL;

    if (!tk_netsnmp_is_known()) {
        tk_err_set(err, NULL, 0,
                   "net-snmp %s is not supported by this module (5.8 and 5.9 are); "
                   "install a newer trapkafka",
                   netsnmp_get_version());
        return -ENOTSUP;
    }
#define TK_LOOK_UP(name) \
    if (!look_up(#name, &tk_netsnmp.name, sizeof(tk_netsnmp.name))) \
        missing = #name;
    TK_NETSNMP_FUNCTIONS(TK_LOOK_UP)
#undef TK_LOOK_UP
    if (!missing)
        return 0;
    tk_err_set(err, NULL, 0, "net-snmp %s has no function %s; was it built without SNMPv3?", netsnmp_get_version(),
               missing);
    return -ENOTSUP;
}

/* --- protocols ------------------------------------------------------------------------------------------------- */

static const struct tk_protocol auth_protocols[] = {
    {NETSNMP_USMAUTH_HMACMD5, "MD5", 12},           {NETSNMP_USMAUTH_HMACSHA1, "SHA", 12},
    {NETSNMP_USMAUTH_HMAC128SHA224, "SHA-224", 16}, {NETSNMP_USMAUTH_HMAC192SHA256, "SHA-256", 24},
    {NETSNMP_USMAUTH_HMAC256SHA384, "SHA-384", 32}, {NETSNMP_USMAUTH_HMAC384SHA512, "SHA-512", 48},
};
static const struct tk_protocol priv_protocols[] = {
    {USM_CREATE_USER_PRIV_DES, "DES", 0},
    {USM_CREATE_USER_PRIV_3DES, "3DES", 0},
    {USM_CREATE_USER_PRIV_AES, "AES", 0},
    {USM_CREATE_USER_PRIV_AES192, "AES-192", 0},
    {USM_CREATE_USER_PRIV_AES256, "AES-256", 0},
    {USM_CREATE_USER_PRIV_AES192_CISCO, "AES-192-C", 0},
    {USM_CREATE_USER_PRIV_AES256_CISCO, "AES-256-C", 0},
};

static const struct tk_protocol *find(const struct tk_protocol *list, size_t count, int type)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].type == type)
            return &list[i];
    return NULL;
}

const struct tk_protocol *tk_auth_protocol(const struct usmUser *user)
{
    return find(auth_protocols, sizeof(auth_protocols) / sizeof(auth_protocols[0]),
                tk_netsnmp.sc_get_authtype(user->authProtocol, (u_int)user->authProtocolLen));
}

const struct tk_protocol *tk_priv_protocol(const struct usmUser *user)
{
    return find(priv_protocols, sizeof(priv_protocols) / sizeof(priv_protocols[0]),
                tk_netsnmp.sc_get_privtype(user->privProtocol, (u_int)user->privProtocolLen));
}
