/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain/explain_packet.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "receive/capture.h"

#define MAX_MESSAGE 65535
#define MAX_DIGITS  (4 * MAX_MESSAGE) /* with white space */

/* --- hexadecimal -------------------------------------------------------------------------------------------------- */

static int digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* @returns the number of bytes, or 0 with @p err set */
static size_t read_digits(uint8_t *dst, const char *text, struct tk_err *err)
{
    size_t n = 0;

    for (const char *at = text; *at;) {
        if (isspace((unsigned char)*at) || *at == ':' || (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))) {
            at += *at == '0' ? 2 : 1;
            continue;
        }
        if (digit(at[0]) < 0 || digit(at[1]) < 0 || n == MAX_MESSAGE) {
            tk_err_set(err, NULL, 0,
                       n == MAX_MESSAGE
                           ? "--hex: over %zu octets; write one SNMP message"
                           : "--hex: no pair of hexadecimal digits behind %zu octets; write the whole SNMP "
                             "message, such as 302c0201...",
                       n);
            return 0;
        }
        dst[n++] = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
        at += 2;
    }
    if (!n)
        tk_err_set(err, NULL, 0, "--hex: there are no digits; write the whole SNMP message, such as 302c0201...");
    return n;
}

bool tk_explain_packet_of_hex(struct tk_incoming *t, const char *digits, struct tk_err *err)
{
    static char text[MAX_DIGITS + 1];
    static uint8_t message[MAX_MESSAGE];
    struct tk_datagram d = {.source = t->source, .target = t->source, .payload = message};

    if (strcmp(digits, "-") == 0) {
        text[fread(text, 1, MAX_DIGITS, stdin)] = '\0';
        digits = text;
    }
    d.len = read_digits(message, digits, err);
    if (!d.len)
        return false;
    if (!tk_incoming_read(t, &d, err) && !err->is_set)
        tk_err_set(
            err, NULL, 0,
            "--hex: this is no notification; write a message with a trap or an INFORM, from its first octet 30 on");
    return !err->is_set;
}

/* --- a capture ---------------------------------------------------------------------------------------------------- */

bool tk_explain_packet_of_capture(struct tk_incoming *t, const char *path, uint32_t number,
                                  void (*before)(void *arg, const struct tk_incoming *t), void *arg, struct tk_err *err)
{
    struct tk_capture *capture = tk_capture_open(path, err);
    struct tk_datagram d;
    uint32_t seen = 0;
    tk_nsec wall;

    if (!capture)
        return false;
    while (seen < number && tk_capture_next(capture, &d, &wall, err) == 1) {
        struct tk_err unfit = {0};
        bool is_one;

        if (!tk_incoming_is_candidate(&d))
            continue;
        tk_pump_at(wall);
        t->received = (struct tk_time){.wall = wall, .mono = wall, .boot = wall};
        is_one = tk_incoming_read(t, &d, &unfit);
        seen += is_one || unfit.is_set;
        if (seen == number && unfit.is_set)
            *err = unfit;
        else if (seen < number && is_one && t->flat_len)
            before(arg, t);
    }
    tk_capture_free(capture);
    if (seen < number)
        tk_err_set(err, path, 0,
                   seen ? "it has %u notifications; write --number with one of them"
                        : "%u notifications are in it; capture the port on which snmptrapd listens",
                   (unsigned)seen);
    return !err->is_set;
}
