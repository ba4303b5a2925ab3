/* SPDX-License-Identifier: Apache-2.0 */
#include "receive/frame.h"

#include <arpa/inet.h>
#include <pcap/dlt.h>
#include <stdbool.h>
#include <string.h>

#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu
#define MAX_TAGS       8 /* VLAN tags, and IPv6's extension headers */
#define UDP            17

static unsigned read_16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* --- link layer ------------------------------------------------------------------------------------------------ */

static bool is_tag(unsigned type)
{
    return type == 0x8100 || type == 0x88a8 || type == 0x9100; /* 802.1Q, 802.1ad, and its predecessor */
}

/* Skip VLAN tags. @param at  offset of the first EtherType  @returns offset of the IP packet, 0: not IP */
static size_t skip_tags(const uint8_t *frame, size_t len, size_t at)
{
    for (unsigned i = 0; i <= MAX_TAGS && at + 2 <= len; i++, at += 4) {
        unsigned type = read_16(frame + at);

        if (type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6)
            return at + 2;
        if (!is_tag(type))
            return 0;
    }
    return 0;
}

/* @returns offset of the IP packet, 0: there is none  @param ret_is_known  false: unsupported link type */
static size_t skip_link(int link, const uint8_t *frame, size_t len, bool *ret_is_known)
{
    *ret_is_known = true;
    switch (link) {
    case DLT_EN10MB: return skip_tags(frame, len, 12);
    case DLT_LINUX_SLL: return skip_tags(frame, len, 14);
    case DLT_LINUX_SLL2: /* the EtherType is the first field */
        if (len > 20 && is_tag(read_16(frame)))
            return skip_tags(frame, len, 22);
        return len > 20 && skip_tags(frame, 2, 0) ? 20 : 0;
    case DLT_NULL:
    case DLT_LOOP: return len > 4 ? 4 : 0;
    default: *ret_is_known = false; return 0;
    }
}

static bool is_raw(int link)
{
    return link == DLT_RAW || link == DLT_IPV4 || link == DLT_IPV6;
}

/* --- UDP ------------------------------------------------------------------------------------------------------- */

static enum tk_frame read_udp(struct tk_datagram *d, const uint8_t *at, size_t len)
{
    size_t all;

    if (len < 8)
        return TK_FRAME_CUT;
    d->source.port = (uint16_t)read_16(at);
    d->target.port = (uint16_t)read_16(at + 2);
    all = read_16(at + 4);
    if (all < 8)
        return TK_FRAME_OTHER;
    if (all > len)
        return TK_FRAME_CUT;
    d->payload = at + 8;
    d->len = all - 8;
    return TK_FRAME_DATAGRAM;
}

/* --- IP -------------------------------------------------------------------------------------------------------- */

static void set_peer(struct tk_peer *peer, const uint8_t *address, unsigned family)
{
    memset(peer, 0, sizeof(*peer));
    peer->transport = family == 4 ? TK_UDP : TK_UDP6;
    peer->family = (uint8_t)family;
    memcpy(peer->address, address, family == 4 ? 4 : 16);
}

static enum tk_frame read_ipv4(struct tk_datagram *d, const uint8_t *ip, size_t len)
{
    size_t header, total;

    if (len < 20)
        return TK_FRAME_OTHER;
    header = (size_t)(ip[0] & 15) * 4;
    total = read_16(ip + 2);
    if (header < 20 || ip[9] != UDP || (total && total < header)) /* 0: segmentation offload, the length is unknown */
        return TK_FRAME_OTHER;
    if (read_16(ip + 6) & 0x3fff)
        return TK_FRAME_FRAGMENT;
    if (total && total < len)
        len = total; /* Ethernet's padding */
    if (len < header)
        return TK_FRAME_CUT;
    set_peer(&d->source, ip + 12, 4);
    set_peer(&d->target, ip + 16, 4);
    return read_udp(d, ip + header, len - header);
}

static enum tk_frame read_ipv6(struct tk_datagram *d, const uint8_t *ip, size_t len)
{
    size_t at = 40;
    unsigned next;

    if (len < 40)
        return TK_FRAME_OTHER;
    next = ip[6];
    for (unsigned i = 0; next != UDP; i++) {
        bool is_fragment = next == 44, is_authentication = next == 51;

        if (!is_fragment && !is_authentication && next != 0 && next != 43 && next != 60)
            return TK_FRAME_OTHER;
        if (at + 8 > len)
            return TK_FRAME_CUT;
        if (is_fragment && read_16(ip + at + 2) & 0xfff9)
            return ip[at] == UDP ? TK_FRAME_FRAGMENT : TK_FRAME_OTHER;
        if (i == MAX_TAGS)
            return TK_FRAME_OTHER;
        next = ip[at];
        at += is_fragment ? 8 : is_authentication ? ((size_t)ip[at + 1] + 2) * 4 : ((size_t)ip[at + 1] + 1) * 8;
    }
    if (at > len)
        return TK_FRAME_CUT;
    set_peer(&d->source, ip + 8, 6);
    set_peer(&d->target, ip + 24, 6);
    return read_udp(d, ip + at, len - at);
}

enum tk_frame tk_frame_read(struct tk_datagram *ret, int link, const uint8_t *frame, size_t len)
{
    bool is_known = true;
    size_t at = is_raw(link) ? 0 : skip_link(link, frame, len, &is_known);

    if (!is_known)
        return TK_FRAME_LINK;
    if ((at == 0 && !is_raw(link)) || at >= len)
        return TK_FRAME_OTHER;
    switch (frame[at] >> 4) {
    case 4: return read_ipv4(ret, frame + at, len - at);
    case 6: return read_ipv6(ret, frame + at, len - at);
    default: return TK_FRAME_OTHER;
    }
}
