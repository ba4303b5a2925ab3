/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/err.h"
#include "dict_build.h"
#include "dictionary/dictionary_facts.h"

const char rules_fixture_facts[] = LINK_DOWN
    " linkDown IF-MIB notification\n" LINK_UP " linkUp IF-MIB notification\n"
    "1.3.6.1.2.1.31 ifMIB IF-MIB -\n"
    "1.3.6.1.2.1.2.2.1 ifEntry IF-MIB - i=ifIndex\n" IF_ENTRY "1 ifIndex IF-MIB integer t=InterfaceIndex\n" IF_ENTRY
    "2 ifDescr IF-MIB octets\n" IF_ENTRY "7 ifAdminStatus IF-MIB integer e=up:1,down:2,testing:3\n" IF_ENTRY
    "8 ifOperStatus IF-MIB integer e=up:1,down:2,testing:3,lowerLayerDown:7\n" IF_ENTRY
    "10 ifInOctets IF-MIB counter32\n"
    "1.3.6.1.2.1.15.3.1 bgpPeerEntry BGP4-MIB - i=bgpPeerRemoteAddr\n"
    "1.3.6.1.2.1.15.3.1.2 bgpPeerState BGP4-MIB integer e=idle:1,established:6\n"
    "1.3.6.1.2.1.15.3.1.7 bgpPeerRemoteAddr BGP4-MIB ipaddress\n"
    "1.3.6.1.2.1.15.7.1 bgpEstablished BGP4-MIB notification\n" ACME "0.1 acmeOne ACME-MIB notification\n" ACME
    "0.2 acmeTwo ACME-MIB notification\n" ACME "0.3 linkDown ACME-MIB notification\n" ACME
    "1.1 acmeAlarms ACME-MIB bits e=fan:0,power:9\n" ACME "1.2 acmePointer ACME-MIB oid\n" ACME
    "1.3 acmePeer ACME-MIB octets t=InetAddress\n" ACME "1.4.1 acmeRow ACME-MIB - i=acmeName\n" ACME
    "1.4.1.1 acmeName ACME-MIB octets\n" ACME "1.4.1.2 acmeValue ACME-MIB integer\n" ACME
    "1.5.1 acmePortRow ACME-MIB - i=acmePort\n" ACME "1.5.1.1 acmePort ACME-MIB integer t=InterfaceIndex\n" ACME
    "1.5.1.2 acmePortState ACME-MIB integer\n" ACME "1.6 acmeTemperature ACME-MIB integer u=degrees%20Celsius\n";

struct tk_dict *rules_fixture_dict(void)
{
    return dict_build(rules_fixture_facts);
}
