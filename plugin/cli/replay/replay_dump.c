/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/replay/replay_dump.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_MESSAGE  65535
#define MAX_LINE     4096
#define LINE_OCTETS  16
#define LINES_BEHIND 4 /* until the time of a notification is logged */

struct tk_dump {
    FILE *file;
    tk_nsec wall;
    char line[MAX_LINE];
    bool is_line_kept; /* the line was read and is not used yet */
    size_t announced, len;
    struct tk_peer source;
    uint8_t message[MAX_MESSAGE];
};

/* Look for one, and begin again. */
static bool has_message(struct tk_dump *d)
{
    struct tk_datagram first;
    tk_nsec wall;
    bool has_one = tk_dump_next(d, &first, &wall) == 1;

    rewind(d->file);
    d->is_line_kept = false;
    return has_one;
}

struct tk_dump *tk_dump_open(const char *path, struct tk_err *err)
{
    struct tk_dump *d = calloc(1, sizeof(*d));
    struct stat st;

    if (!d) {
        tk_err_set(err, NULL, 0, "out of memory");
        return NULL;
    }
    d->file = fopen(path, "re");
    if (!d->file || fstat(fileno(d->file), &st) < 0)
        tk_err_set(err, path, 0, "%s; name a capture of tcpdump -w, a log of snmptrapd -d, or events", strerror(errno));
    else if (!has_message(d))
        tk_err_set(err, path, 0,
                   "there is no packet in it; name a capture of tcpdump -w, a log of snmptrapd -d, or events");
    if (err->is_set) {
        tk_dump_free(d);
        return NULL;
    }
    d->wall = tk_clock_nsec(st.st_mtim);
    return d;
}

void tk_dump_free(struct tk_dump *d)
{
    if (!d)
        return;
    if (d->file)
        (void)fclose(d->file);
    free(d);
}

static bool read_line(struct tk_dump *d)
{
    if (d->is_line_kept) {
        d->is_line_kept = false;
        return true;
    }
    return fgets(d->line, sizeof(d->line), d->file) != NULL;
}

/* "UDP: [192.0.2.7]:43660->[192.0.2.1]:162", "UDP/IPv6: [2001:db8::7]:43660"; without an address it is of an unknown
 * one, as from another transport. */
static void read_source(struct tk_peer *peer, const char *text)
{
    const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
    char address[INET6_ADDRSTRLEN];
    bool is_stream = strncmp(text, "TCP", 3) == 0;

    *peer = (struct tk_peer){.transport = TK_OTHER_TRANSPORT};
    if (!close || (size_t)(close - open) > sizeof(address))
        return;
    (void)snprintf(address, sizeof(address), "%.*s", (int)(close - open - 1), open + 1);
    peer->port = close[1] == ':' ? (uint16_t)strtoul(close + 2, NULL, 10) : 0;
    if (inet_pton(AF_INET, address, peer->address) == 1) {
        peer->family = 4;
        peer->transport = is_stream ? TK_TCP : TK_UDP;
    } else if (inet_pton(AF_INET6, address, peer->address) == 1) {
        peer->family = 6;
        peer->transport = is_stream ? TK_TCP6 : TK_UDP6;
    }
}

static bool read_head(struct tk_dump *d)
{
    int at = 0;
    size_t announced = 0;

    if (sscanf(d->line, "Received %5zu byte packet from %n", &announced, &at) != 1 || !at || !announced ||
        announced > MAX_MESSAGE)
        return false;
    d->announced = announced;
    d->len = 0;
    read_source(&d->source, d->line + at);
    return true;
}

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* "0016: 04 4F 3A 1C  3D ...    .O:.=": as many octets as are still to come, for what follows them is text. */
static bool read_octets(struct tk_dump *d)
{
    const char *at = strchr(d->line, ':');

    if (!at || at - d->line < 4 || strspn(d->line, "0123456789abcdefABCDEF") != (size_t)(at - d->line))
        return false;
    at++;
    for (unsigned i = 0; i < LINE_OCTETS && d->len < d->announced; i++) {
        at += strspn(at, " ");
        if (digit(at[0]) < 0 || digit(at[1]) < 0)
            return false;
        d->message[d->len++] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
        at += 2;
    }
    return true;
}

/* "2026-11-27 05:15:19 ..." */
static bool read_time(struct tk_dump *d)
{
    struct tm tm = {.tm_isdst = -1};
    time_t seconds;

    if (!strptime(d->line, "%Y-%m-%d %H:%M:%S", &tm))
        return false;
    seconds = mktime(&tm);
    if (seconds < 0 || seconds > INT64_MAX / TK_SECOND)
        return false;
    d->wall = (tk_nsec)seconds * TK_SECOND;
    return true;
}

static void find_time(struct tk_dump *d)
{
    for (unsigned i = 0; i < LINES_BEHIND && read_line(d); i++) {
        if (strncmp(d->line, "Received ", 9) == 0) {
            d->is_line_kept = true;
            return;
        }
        if (read_time(d))
            return;
    }
}

int tk_dump_next(struct tk_dump *d, struct tk_datagram *ret, tk_nsec *ret_wall)
{
    while (read_line(d)) {
        if (!read_head(d)) {
            (void)read_time(d);
            continue;
        }
        while (d->len < d->announced && read_line(d) && read_octets(d))
            ;
        if (d->len < d->announced) { /* it was cut; perhaps another one begins here */
            d->is_line_kept = !feof(d->file);
            continue;
        }
        find_time(d);
        *ret = (struct tk_datagram){.source = d->source, .payload = d->message, .len = d->len};
        *ret_wall = d->wall;
        return 1;
    }
    return 0;
}
