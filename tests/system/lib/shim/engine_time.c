/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LD_PRELOAD: this receiver's SNMP engine time (snmpv3_local_snmpEngineTime(), by which net-snmp and the module judge how
 * old a message is) runs ahead by as many seconds as the file $TK_ENGINE_TIME_FILE says (a decimal number). All other
 * clocks are left alone.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

unsigned long snmpv3_local_snmpEngineTime(void);

unsigned long snmpv3_local_snmpEngineTime(void)
{
    static unsigned long (*next)(void);
    const char *path = getenv("TK_ENGINE_TIME_FILE");
    FILE *file = path ? fopen(path, "re") : NULL;
    unsigned long ahead = 0;

    if (!file || fscanf(file, "%lu", &ahead) != 1)
        abort();
    (void)fclose(file);
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "snmpv3_local_snmpEngineTime");
    return next() + ahead;
}
