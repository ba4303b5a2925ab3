/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <jansson.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

uint8_t fuzz_u8(struct fuzz_bytes *b)
{
    if (!b->left)
        return 0;
    b->left--;
    return *b->at++;
}

uint32_t fuzz_u16(struct fuzz_bytes *b)
{
    uint32_t low = fuzz_u8(b);

    return low | (uint32_t)fuzz_u8(b) << 8;
}

uint32_t fuzz_u32(struct fuzz_bytes *b)
{
    uint32_t low = fuzz_u16(b);

    return low | fuzz_u16(b) << 16;
}

char *fuzz_text(const void *bytes, size_t len)
{
    char *copy = malloc(len + 1);

    FUZZ_CHECK(copy);
    if (len)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

const char *fuzz_file(const void *bytes, size_t len)
{
    static int fd = -1;
    static char path[64];

    if (fd >= 0)
        (void)close(fd);
    fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_CHECK(fd >= 0 && fchmod(fd, 0600) == 0);
    FUZZ_CHECK(len == 0 || write(fd, bytes, len) == (ssize_t)len);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return path;
}

void fuzz_check_error(const struct tk_err *err)
{
    char text[sizeof(*err)];

    FUZZ_CHECK(err->is_set);
    FUZZ_CHECK(memchr(err->text, '\0', sizeof(err->text)) && err->text[0]);
    FUZZ_CHECK(memchr(err->file, '\0', sizeof(err->file)));
    for (const char *c = err->text; *c; c++)
        FUZZ_CHECK((unsigned char)*c >= 0x20 && *c != 0x7f);
    (void)tk_err_format(err, text, sizeof(text));
    FUZZ_CHECK(strlen(text) >= strlen(err->text));
}

static json_t *parse(const char *text, size_t len)
{
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

    if (!json)
        (void)fprintf(stderr, "not JSON: %s, at byte %d of: %.*s\n", error.text, error.position, (int)len, text);
    FUZZ_CHECK(json);
    return json;
}

void fuzz_check_json(const char *text, size_t len)
{
    json_decref(parse(text, len));
}
