/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LD_PRELOAD: a net-snmp that is not as plugin/usm needs it. $TK_OTHER_NETSNMP says in what: version (one that was
 * never read), key (its keys for an engine are wrong), model (it has no user-based security).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static int is_other(const char *what)
{
    const char *how = getenv("TK_OTHER_NETSNMP");

    return how && strcmp(how, what) == 0;
}

const char *netsnmp_get_version(void)
{
    const char *(*real)(void) = (const char *(*)(void))dlsym(RTLD_NEXT, "netsnmp_get_version");

    return is_other("version") ? "6.0" : real();
}

int generate_kul(const void *type, unsigned type_len, const unsigned char *engine, size_t engine_len,
                 const unsigned char *ku, size_t ku_len, unsigned char *kul, size_t *kul_len)
{
    int (*real)(const void *, unsigned, const unsigned char *, size_t, const unsigned char *, size_t, unsigned char *,
                size_t *) = dlsym(RTLD_NEXT, "generate_kul");
    int ret = real(type, type_len, engine, engine_len, ku, ku_len, kul, kul_len);

    if (is_other("key"))
        kul[0] ^= 1;
    return ret;
}

void *find_sec_mod(int model)
{
    void *(*real)(int) = (void *(*)(int))dlsym(RTLD_NEXT, "find_sec_mod");

    return is_other("model") ? NULL : real(model);
}
