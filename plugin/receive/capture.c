/* SPDX-License-Identifier: Apache-2.0 */
#include "receive/capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

#define WALL_MAX_S (INT64_MAX / TK_SECOND - 1) /* the year 2262 */

struct tk_capture {
    pcap_t *pcap;
    const char *path;
    int link;
    struct tk_capture_losses losses;
};

static bool knows_link(int link)
{
    struct tk_datagram d;

    return tk_frame_read(&d, link, (const uint8_t *)"", 0) != TK_FRAME_LINK;
}

static void describe_link(struct tk_err *err, const char *path, int link)
{
    const char *name = pcap_datalink_val_to_name(link);

    tk_err_set(err, path, 0,
               "link type %s (%d) is not supported; capture on an Ethernet interface, on lo, or with -i any",
               name ? name : "?", link);
}

struct tk_capture *tk_capture_open(const char *path, struct tk_err *err)
{
    struct tk_capture *c = calloc(1, sizeof(*c));
    char text[PCAP_ERRBUF_SIZE] = "";

    if (!c) {
        tk_err_set(err, NULL, 0, "out of memory");
        return NULL;
    }
    c->path = path;
    c->pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
    if (!c->pcap) {
        tk_err_set(err, path, 0, "%s; give a file that tcpdump -w wrote (pcap or pcapng)", text);
        tk_capture_free(c);
        return NULL;
    }
    c->link = pcap_datalink(c->pcap);
    if (!knows_link(c->link)) {
        describe_link(err, path, c->link);
        tk_capture_free(c);
        return NULL;
    }
    return c;
}

void tk_capture_free(struct tk_capture *c)
{
    if (!c)
        return;
    if (c->pcap)
        pcap_close(c->pcap);
    free(c);
}

/* A file may contain any value. */
static tk_nsec read_time(const struct timeval *tv)
{
    int64_t seconds = tv->tv_sec, nanoseconds = tv->tv_usec; /* tv_usec has nanoseconds, as asked for */

    if (seconds < 0 || nanoseconds < 0 || nanoseconds >= TK_SECOND)
        return 0;
    return seconds > WALL_MAX_S ? WALL_MAX_S * TK_SECOND : seconds * TK_SECOND + nanoseconds;
}

int tk_capture_next(struct tk_capture *c, struct tk_datagram *ret, tk_nsec *ret_wall, struct tk_err *err)
{
    struct pcap_pkthdr *head;
    const u_char *frame;
    int got;

    while ((got = pcap_next_ex(c->pcap, &head, &frame)) == 1) {
        switch (tk_frame_read(ret, c->link, frame, head->caplen)) {
        case TK_FRAME_DATAGRAM: *ret_wall = read_time(&head->ts); return 1;
        case TK_FRAME_FRAGMENT: c->losses.fragments++; break;
        case TK_FRAME_CUT: c->losses.cut++; break;
        default: c->losses.other++;
        }
    }
    if (got == PCAP_ERROR_BREAK)
        return 0;
    tk_err_set(err, c->path, 0, "the file is damaged from here on: %s", pcap_geterr(c->pcap));
    return -EIO;
}

const struct tk_capture_losses *tk_capture_losses(const struct tk_capture *c)
{
    return &c->losses;
}
