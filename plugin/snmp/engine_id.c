/* SPDX-License-Identifier: Apache-2.0 */
#include "snmp/engine_id.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Common IANA private enterprise numbers, ascending, with the names in common use. */
static const struct vendor {
    uint32_t enterprise;
    const char *name;
} vendors[] = {
    {2, "IBM"},
    {9, "Cisco"},
    {11, "HP"},
    {42, "Sun"},
    {43, "3Com"},
    {94, "Nokia"},
    {111, "Oracle"},
    {119, "NEC"},
    {171, "D-Link"},
    {193, "Ericsson"},
    {207, "Allied Telesis"},
    {211, "Fujitsu"},
    {232, "Compaq"},
    {236, "Samsung"},
    {311, "Microsoft"},
    {318, "APC"},
    {343, "Intel"},
    {368, "Axis"},
    {476, "Vertiv"},
    {534, "Eaton"},
    {562, "Nortel"},
    {637, "Alcatel"},
    {641, "Lexmark"},
    {664, "Adtran"},
    {674, "Dell"},
    {789, "NetApp"},
    {890, "Zyxel"},
    {1271, "Ciena"},
    {1286, "ECI Telecom"},
    {1588, "Brocade"},
    {1872, "Alteon"},
    {1916, "Extreme"},
    {1991, "Brocade (Foundry)"},
    {2011, "Huawei"},
    {2021, "UCD-SNMP"},
    {2435, "Brother"},
    {2544, "ADVA"},
    {2604, "Sophos"},
    {2606, "Rittal"},
    {2620, "Check Point"},
    {2636, "Juniper"},
    {2879, "Sonus (Ribbon)"},
    {3224, "NetScreen"},
    {3375, "F5"},
    {3417, "Blue Coat"},
    {3808, "CyberPower"},
    {3902, "ZTE"},
    {4329, "Siemens"},
    {4413, "Broadcom"},
    {4526, "Netgear"},
    {4874, "Juniper (Unisphere)"},
    {4881, "Ruijie"},
    {5003, "AudioCodes"},
    {5624, "Enterasys"},
    {5951, "NetScaler"},
    {6027, "Force10"},
    {6141, "Ciena (World Wide Packets)"},
    {6321, "Calix"},
    {6486, "Alcatel-Lucent Enterprise"},
    {6527, "Nokia"},
    {6574, "Synology"},
    {6876, "VMware"},
    {6889, "Avaya"},
    {7779, "Infoblox"},
    {8072, "net-snmp"},
    {8691, "Moxa"},
    {8741, "SonicWall"},
    {9148, "Acme Packet"},
    {10876, "Supermicro"},
    {12356, "Fortinet"},
    {13742, "Raritan"},
    {14823, "Aruba"},
    {14988, "MikroTik"},
    {17163, "Riverbed"},
    {19046, "Lenovo"},
    {20408, "pysnmp"},
    {20632, "Barracuda"},
    {21296, "Infinera"},
    {22610, "A10"},
    {24681, "QNAP"},
    {25053, "Ruckus"},
    {25461, "Palo Alto"},
    {25506, "H3C"},
    {26928, "Aerohive"},
    {29671, "Meraki"},
    {30065, "Arista"},
    {33049, "Mellanox"},
    {40310, "Cumulus"},
    {41112, "Ubiquiti"},
    {41263, "Nutanix"},
    {47196, "HPE"},
};

#define NET_SNMP 8072
#define UCD_SNMP 2021

/* The format, in the fifth octet (RFC 3411). */
enum { IPV4 = 1, IPV6, MAC, TEXT, OCTETS, OWN_RULES = 128 };

static const char *vendor_of(uint32_t enterprise)
{
    size_t low = 0, high = sizeof(vendors) / sizeof(vendors[0]);

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (vendors[middle].enterprise == enterprise)
            return vendors[middle].name;
        if (vendors[middle].enterprise < enterprise)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void set_octets(struct tk_engine_id *id, const char *format, const uint8_t *bytes, size_t len)
{
    id->format = format;
    (void)tk_hex_text(id->text, sizeof(id->text), bytes, len);
}

/* Trailing NULs are dropped, because devices pad with them. @returns false if another byte is not printable */
static bool set_text(struct tk_engine_id *id, const uint8_t *bytes, size_t len)
{
    while (len && bytes[len - 1] == '\0')
        len--;
    for (size_t i = 0; i < len; i++)
        if (bytes[i] < 0x20 || bytes[i] > 0x7e)
            return false;
    if (len == 0 || len >= sizeof(id->text))
        return false;
    memcpy(id->text, bytes, len);
    id->text[len] = '\0';
    id->format = "text";
    return true;
}

static bool set_address(struct tk_engine_id *id, int family, const char *format, const uint8_t *bytes)
{
    id->format = format;
    return inet_ntop(family, bytes, id->text, sizeof(id->text)) != NULL;
}

/* net-snmp's own format: a random int and a time_t of 4 or 8 bytes. */
static bool is_net_snmp_random(uint32_t enterprise, uint8_t format, size_t len)
{
    return (enterprise == NET_SNMP || enterprise == UCD_SNMP) && format == OWN_RULES && (len == 8 || len == 12);
}

static void write_mac(struct tk_engine_id *id, const uint8_t *mac)
{
    (void)snprintf(id->text, sizeof(id->text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                   mac[5]);
}

static void read_rest(struct tk_engine_id *id, uint8_t format, const uint8_t *rest, size_t len)
{
    if (format == IPV4 && len == 4 && set_address(id, AF_INET, "ipv4", rest))
        return;
    if (format == IPV6 && len == 16 && set_address(id, AF_INET6, "ipv6", rest))
        return;
    if (format == TEXT && set_text(id, rest, len))
        return;
    if (format == MAC && (len == 6 || (len == 7 && rest[0] == 0))) { /* Cisco IOS writes a zero before the MAC */
        id->format = "mac";
        write_mac(id, rest + len - 6);
    } else if (is_net_snmp_random(id->enterprise, format, len)) {
        set_octets(id, "net-snmp", rest, len);
    } else {
        set_octets(id, format >= OWN_RULES ? "enterprise" : "octets", rest, len);
    }
}

void tk_engine_id_read(struct tk_engine_id *ret_id, const uint8_t *bytes, size_t len)
{
    memset(ret_id, 0, sizeof(*ret_id));
    if (len < 4) {
        set_octets(ret_id, "octets", bytes, len);
        return;
    }
    ret_id->enterprise = (bytes[0] & 0x7fu) << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    ret_id->vendor = vendor_of(ret_id->enterprise);
    if (bytes[0] & 0x80 && len > 4)
        read_rest(ret_id, bytes[4], bytes + 5, len - 5);
    else
        set_octets(ret_id, len == 12 && !(bytes[0] & 0x80) ? "fixed" : "octets", bytes + 4, len - 4);
}
