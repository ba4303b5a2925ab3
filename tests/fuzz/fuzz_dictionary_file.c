/* SPDX-License-Identifier: Apache-2.0 */
/* Input: where and what to write into the image of a sound dictionary file, whose checksum is then made right again;
 * or, if the first byte is odd, a file as it stands. Whatever is in it, it is refused with an error for people, or it
 * gives names. */
#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#include "../unit/dict_exercise.h"
#include "base/hash.h"
#include "dictionary/dictionary_file.h"

#define HEADER sizeof(struct tk_dict_file_header)

static uint8_t *sound;
static size_t sound_len;
static struct tk_dict *memory; /* a layer below, into which references reach */

static struct tk_dict *build(const char *facts)
{
    struct tk_dict_builder *b = tk_dict_builder_new();
    struct tk_dict *d;

    FUZZ_CHECK(b && tk_dict_facts_read(b, facts, strlen(facts), "facts", NULL) == 0);
    d = tk_dict_builder_finish(b);
    FUZZ_CHECK(d);
    tk_dict_builder_free(b);
    return d;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char path[] = "/tmp/fuzz_dictionary.XXXXXX";
    int fd = mkstemp(path);
    struct tk_dict *d;
    FILE *f;

    (void)argc, (void)argv;
    memory = build("1.3.4.1 row D-MIB - i=gone\n1.3.9 gone D-MIB octets\n1.3.1 up D-MIB integer e=up:1\n");
    d = build("1.3 org - -\n1.3.1 up A-MIB integer t=Status e=down:2,up:1\n1.3.2 text A-MIB octets h=255a\n"
              "1.3.3 bits A-MIB bits e=a:0,b:1\n1.3.4.1 row A-MIB - i=type,address,!name\n"
              "1.3.4.1.1 type A-MIB integer t=InetAddressType\n1.3.4.1.2 address A-MIB octets t=InetAddress\n"
              "1.3.4.1.3 name B-MIB octets h=1x:\n1.3.4.1.4 speed B-MIB gauge32 u=kbit%20a%20second h=d-1\n"
              "1.3.5.1 more B-MIB - a=D-MIB::row\n1.3.5.1.1 column B-MIB oid\n1.3.6.1 other C-MIB - a=D-MIB::gone\n"
              "1.3.6.1.1 far C-MIB integer\n1.3.7.0.1 failed C-MIB notification o=up,speed,gone\n"
              "1.3.8 when C-MIB octets t=DateAndTime z=8\n");
    FUZZ_CHECK(fd >= 0 && close(fd) == 0 && tk_dict_file_write(path, d, NULL) == 0);
    tk_dict_free(d);
    f = fopen(path, "r");
    FUZZ_CHECK(f && fseek(f, 0, SEEK_END) == 0);
    sound_len = (size_t)ftell(f);
    sound = malloc(sound_len);
    rewind(f);
    FUZZ_CHECK(sound && fread(sound, 1, sound_len, f) == sound_len);
    (void)fclose(f);
    (void)unlink(path);
    return 0;
}

static void seal(uint8_t *bytes)
{
    struct tk_dict_file_header h;

    memcpy(&h, bytes, HEADER);
    h.checksum = 0;
    h.checksum = tk_hash64(bytes + HEADER, sound_len - HEADER, tk_hash64(&h, HEADER, 0));
    memcpy(bytes, &h, HEADER);
}

static void use(struct tk_dict *d)
{
    struct tk_dict *both = tk_dict_join((struct tk_dict *[]){d, memory}, 2);

    FUZZ_CHECK(both);
    dict_exercise(d);
    dict_exercise(both);
    tk_dict_free(both);
    tk_dict_free(d);
}

/* Each piece of five bytes: where, in numbers of the image or of the header's counts, and the number. */
static void from_pieces(struct fuzz_bytes *b)
{
    uint8_t *copy = malloc(sound_len); /* so that a sanitizer finds a read behind it */
    struct tk_err err = {0};
    struct tk_dict *d;

    FUZZ_CHECK(copy);
    memcpy(copy, sound, sound_len);
    while (b->left >= 6) {
        size_t at = 24 + fuzz_u16(b) * 4 % (sound_len - 28);
        uint32_t value = fuzz_u32(b);

        memcpy(copy + at / 4 * 4, &value, sizeof(value));
    }
    seal(copy);
    d = tk_dict_file_of_memory(copy, sound_len, "file", &err);
    if (d)
        use(d);
    else
        fuzz_check_error(&err);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_bytes b = {data, size};
    struct tk_err err = {0};
    struct tk_dict *d;

    if (!(fuzz_u8(&b) & 1)) {
        from_pieces(&b);
        return 0;
    }
    d = tk_dict_file_open(fuzz_file(b.at, b.left), &err);
    if (d)
        use(d);
    else
        fuzz_check_error(&err);
    return 0;
}
