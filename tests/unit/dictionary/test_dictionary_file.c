/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled dictionaries: written, mapped, refused, hostile, and changed by others while they are in use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/hash.h"
#include "dictionary/dictionary_file.h"
#include "dictionary/dictionary_internal.h"
#include "dictionary/dictionary_standard.h"
#include "dict_build.h"
#include "dict_exercise.h"
#include "temp_file.h"

#define HEADER sizeof(struct tk_dict_file_header)
#define COPIES 3000 /* of one object, so that the file has many pages */

/* One of each kind of thing, small, so that random flips meet all of it. */
static struct tk_dict *small(void)
{
    return dict_build(
        "1.3 org - -\n1.3.1 up A-MIB integer t=Status e=down:2,up:1\n1.3.2 text A-MIB octets h=255a\n"
        "1.3.3 bits A-MIB bits e=a:0,b:1\n1.3.4.1 row A-MIB - i=type,address,!name\n"
        "1.3.4.1.1 type A-MIB integer t=InetAddressType\n1.3.4.1.2 address A-MIB octets t=InetAddress\n"
        "1.3.4.1.3 name B-MIB octets h=1x:\n1.3.4.1.4 speed B-MIB gauge32 u=kbit%20a%20second h=d-1\n"
        "1.3.5.1 more B-MIB - a=A-MIB::row\n1.3.5.1.1 column B-MIB oid\n1.3.6.1 other C-MIB - a=D-MIB::gone\n"
        "1.3.6.1.1 far C-MIB integer\n1.3.7.0.1 failed C-MIB notification o=up,speed,gone\n"
        "1.3.8 when C-MIB octets t=DateAndTime z=8\n");
}

static void write_dict(const struct tk_dict *d)
{
    struct tk_err err = {0};

    if (tk_dict_file_write(path, d, &err) < 0)
        fail_msg("%s", err.text);
}

static struct tk_dict *open_good(void)
{
    struct tk_err err = {0};
    struct tk_dict *d = tk_dict_file_open(path, &err);

    if (!d)
        fail_msg("%s", err.text);
    return d;
}

static uint8_t *read_file(size_t *ret_len)
{
    FILE *f = fopen(path, "r");
    uint8_t *bytes;
    struct stat st;

    assert_non_null(f);
    assert_int_equal(fstat(fileno(f), &st), 0);
    bytes = malloc((size_t)st.st_size);
    *ret_len = fread(bytes, 1, (size_t)st.st_size, f);
    assert_int_equal(*ret_len, st.st_size);
    (void)fclose(f);
    return bytes;
}

/* Write as a new file, because the old one may be mapped. */
static void write_new(const void *bytes, size_t len)
{
    FILE *f;

    (void)unlink(path);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static char *facts_of(const struct tk_dict *d)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);

    for (const struct tk_dict_object *o = tk_dict_next(d, NULL); o; o = tk_dict_next(d, o))
        assert_true(tk_dict_facts_write(out, d, o));
    assert_int_equal(fclose(out), 0);
    return text;
}

static bool is_found(const struct tk_dict *d, const char *name)
{
    return tk_dict_find_name(d, name, strlen(name), NULL) != NULL;
}

/* ---- sound files ---- */

static void a_file_says_what_memory_says(void **state)
{
    struct tk_err err = {0};
    struct tk_dict *all[2] = {tk_dict_standard_new(&err), small()};
    mode_t before = umask(077);
    struct stat st;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tk_dict *d;
        char *expected = facts_of(all[i]), *found;

        write_dict(all[i]);
        d = open_good();
        found = facts_of(d);
        assert_string_equal(found, expected);
        assert_int_equal(tk_dict_count(d), tk_dict_count(all[i]));
        tk_dict_file_verify(d);
        assert_null(tk_dict_file_lost(d, 0));
        dict_exercise(d);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0644); /* whatever the umask: all daemons of the machine read it */
        tk_dict_free(d);
        tk_dict_free(all[i]);
        free(found);
        free(expected);
    }
    (void)umask(before);
}

static void a_file_in_memory_is_the_same(void **state)
{
    struct tk_dict *d = small(), *again;
    char *expected = facts_of(d), *found;
    struct tk_err err = {0};
    uint8_t *bytes;
    size_t len;

    (void)state;
    write_dict(d);
    bytes = read_file(&len);
    again = tk_dict_file_of_memory(bytes, len, "built in", &err);
    assert_non_null(again);
    found = facts_of(again);
    assert_string_equal(found, expected);
    tk_dict_free(again);
    for (size_t cut = 0; cut < len; cut += cut < HEADER ? 1 : 97) {
        uint8_t *part = malloc(cut + 1);

        memcpy(part, bytes, cut);
        tk_err_clear(&err);
        assert_null(tk_dict_file_of_memory(part, cut, "built in", &err));
        assert_true(err.is_set);
        free(part);
    }
    tk_dict_free(d);
    free(bytes);
    free(found);
    free(expected);
}

static void writing_fails_without_a_trace(void **state)
{
    struct tk_dict *d = small();
    struct tk_err err = {0};
    glob_t left;

    (void)state;
    assert_int_equal(tk_dict_file_write("no/such/folder/x.dict", d, &err), -ENOENT);
    assert_string_equal(err.file, "no/such/folder/x.dict");
    assert_non_null(strstr(err.text, "a folder that exists"));
    tk_err_clear(&err);
    assert_int_equal(mkdir("a_folder.dict", 0755), 0);
    assert_int_equal(tk_dict_file_write("a_folder.dict", d, &err), -EISDIR);
    assert_int_equal(rmdir("a_folder.dict"), 0);
    assert_int_equal(glob("a_folder.dict*", 0, NULL, &left), GLOB_NOMATCH); /* nor a file beside it */
    tk_dict_free(d);
}

/* ---- files that are refused ---- */

static void expect_refused(const char *file, const char *reason)
{
    struct tk_err err = {0};

    if (tk_dict_file_open(file, &err))
        fail_msg("a file is accepted, but: %s", reason);
    assert_string_equal(err.file, file);
    assert_int_equal(err.line, 0);
    if (!strstr(err.text, reason))
        fail_msg("'%s', but it should say: %s", err.text, reason);
    assert_true(strlen(err.text) < sizeof(err.text) - 1); /* it is whole */
}

static void other_files_are_refused(void **state)
{
    static const struct {
        const char *contents, *reason;
    } other[] = {
        {"", "no compiled dictionary"},
        {"tk-dict", "no compiled dictionary"},
        {"1.3.1 a B-MIB integer\n", "'trapkafka mibs build -o FILE DIR'"},
        {"tk-dict\n", "another byte order"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        write_new(other[i].contents, strlen(other[i].contents));
        expect_refused(path, other[i].reason);
    }
    expect_refused("no/such/file.dict", "the folder 'no' does not exist");
    expect_refused("/tmp", "no regular file");
    (void)unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    expect_refused(path, "no regular file");
    (void)unlink(path);
}

static void other_formats_are_refused(void **state)
{
    struct tk_dict *d = small();
    struct tk_dict_file_header *h, good;
    uint8_t *bytes;
    size_t len;

    (void)state;
    write_dict(d);
    tk_dict_free(d);
    bytes = read_file(&len);
    h = (void *)bytes;
    h->format++;
    write_new(bytes, len);
    expect_refused(path, "has format 2, and this version reads format 1; build it again");
    h->format--;
    h->byte_order = __builtin_bswap32(h->byte_order);
    write_new(bytes, len);
    expect_refused(path, "another byte order");
    h->byte_order = __builtin_bswap32(h->byte_order);
    good = *h;
    write_new(bytes, len - 1);
    expect_refused(path, "it was cut");
    write_new(bytes, HEADER - 1);
    expect_refused(path, "it was cut");
    free(bytes);
    bytes = calloc(1, len + 1);
    *(struct tk_dict_file_header *)(void *)bytes = good;
    write_new(bytes, len + 1);
    expect_refused(path, "it was cut, or copied incompletely");
    free(bytes);
}

/* Each bit of the header, and random ones behind it. */
static void flips_are_refused(void **state)
{
    struct tk_dict *d = small();
    struct tk_err err = {0};
    unsigned seed = 1;
    uint8_t *bytes;
    size_t len;

    (void)state;
    write_dict(d);
    tk_dict_free(d);
    bytes = read_file(&len);
    for (size_t i = 0; i < HEADER * 8 + 2000; i++) {
        size_t bit = i < HEADER * 8 ? i : HEADER * 8 + (size_t)rand_r(&seed) % ((len - HEADER) * 8);

        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        tk_err_clear(&err);
        if (i % 8 == 0 || i >= HEADER * 8 + 1900) { /* a file takes its time */
            write_new(bytes, len);
            assert_null(tk_dict_file_open(path, &err));
        } else {
            assert_null(tk_dict_file_of_memory(bytes, len, path, &err));
        }
        assert_true(err.is_set);
        assert_true(strstr(err.text, "build") != NULL);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_non_null(d = tk_dict_file_of_memory(bytes, len, path, &err));
    tk_dict_free(d);
    free(bytes);
}

/* ---- hostile files: the checksum is right ---- */

static void seal(uint8_t *bytes, size_t len)
{
    struct tk_dict_file_header *h = (void *)bytes;

    h->checksum = 0;
    h->checksum = tk_hash64(bytes + HEADER, len - HEADER, tk_hash64(h, HEADER, 0));
}

static void a_hostile_file_only_gives_wrong_names(void **state)
{
    static const uint32_t interesting[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x3fffffff, 0xc0000000, 0xffff};
    struct tk_dict *d = small(), *good = small();
    unsigned seed = 1;
    uint8_t *bytes, *copy;
    size_t len;

    (void)state;
    write_dict(d);
    tk_dict_free(d);
    bytes = read_file(&len);
    copy = malloc(len);
    for (int round = 0; round < 4000; round++) {
        struct tk_err err = {0};
        struct tk_dict *both;
        int flips = 1 + rand_r(&seed) % 20;

        memcpy(copy, bytes, len);
        for (int i = 0; i < flips; i++) {
            size_t at = HEADER + (size_t)rand_r(&seed) % (len - HEADER - 4);
            uint32_t value = rand_r(&seed) % 3 ? interesting[(unsigned)rand_r(&seed) % 8]
                                               : (uint32_t)rand_r(&seed) % 64;

            memcpy(copy + at / 4 * 4, &value, sizeof(value));
        }
        seal(copy, len);
        d = tk_dict_file_of_memory(copy, len, "hostile", &err);
        assert_non_null(d);
        both = tk_dict_join((struct tk_dict *[]){d, good}, 2);
        dict_exercise(d);
        dict_exercise(both); /* references reach into the other layer */
        tk_dict_free(both);
        tk_dict_free(d);
    }
    tk_dict_free(good);
    free(copy);
    free(bytes);
}

/* Counts that say more or less than the file has, with a sound checksum. */
static void hostile_counts_are_refused(void **state)
{
    struct tk_dict *d = small();
    struct tk_dict_file_header *h;
    unsigned refused = 0, seed = 1;
    uint8_t *bytes, *copy;
    size_t len;

    (void)state;
    write_dict(d);
    tk_dict_free(d);
    bytes = read_file(&len);
    copy = malloc(len);
    h = (void *)copy;
    for (int round = 0; round < 20000; round++) {
        struct tk_err err = {0};
        int a = rand_r(&seed) % TK_DICT_FILE_COUNTS, b = rand_r(&seed) % TK_DICT_FILE_COUNTS;
        uint32_t moved = (uint32_t)rand_r(&seed) % 40;

        memcpy(copy, bytes, len);
        h->count[a] += moved;
        h->count[b] -= round % 2 ? moved : moved * 2;
        if (round % 7 == 0)
            h->count[a] = 0xffffffffu / (1 + (uint32_t)round % 5);
        seal(copy, len);
        d = tk_dict_file_of_memory(copy, len, "hostile", &err);
        refused += !d;
        if (d)
            dict_exercise(d);
        tk_dict_free(d);
    }
    assert_in_range(refused, 15000, 19999); /* a sum of parts that happens to be right is only a wrong dictionary */
    free(copy);
    free(bytes);
}

/* Texts of BLOCKS blocks, each block one of two with which the hash of dictionaries comes to the same state: all texts
 * have one hash. */
#define BLOCK  5
#define BLOCKS 14
#define SEEN   (1u << 19)

static char blocks[BLOCKS][2][BLOCK];

static void spell(char text[BLOCK], uint32_t n)
{
    uint64_t mixed = n * 0x9e3779b97f4a7c15u;

    memcpy(text, (const char *)&mixed + sizeof(mixed) - BLOCK, BLOCK);
}

static void find_blocks(void)
{
    struct seen {
        uint32_t state, n;
    } *seen = malloc(SEEN * sizeof(*seen));
    uint32_t start = 2166136261u;

    for (int b = 0; b < BLOCKS; b++) {
        uint32_t state, at, n = 0;

        memset(seen, 0, SEEN * sizeof(*seen));
        do {
            assert_true(++n < SEEN);
            spell(blocks[b][1], n);
            state = start;
            for (int i = 0; i < BLOCK; i++)
                state = (state ^ (uint8_t)blocks[b][1][i]) * 16777619u;
            for (at = state % SEEN; seen[at].n && seen[at].state != state; at = (at + 1) % SEEN)
                ;
            if (!seen[at].n)
                seen[at] = (struct seen){state, n};
        } while (seen[at].n == n);
        spell(blocks[b][0], seen[at].n);
        start = state;
    }
    free(seen);
}

static double seconds_to_open(const uint8_t *bytes, size_t len)
{
    struct timespec before, after;
    struct tk_err err = {0};
    struct tk_dict *d;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    d = tk_dict_file_of_memory(bytes, len, "hostile", &err);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    assert_non_null(d);
    tk_dict_free(d);
    return (double)(after.tv_sec - before.tv_sec) + (double)(after.tv_nsec - before.tv_nsec) / 1e9;
}

/* A file with one hash for the names of all its modules is opened like any other. */
static void modules_of_one_hash_take_no_time(void **state)
{
    char *text = NULL;
    size_t bytes = 0, len;
    FILE *out = open_memstream(&text, &bytes);
    struct tk_dict *d;
    struct tk_dict_file_header *h;
    uint8_t *file;
    double usual;
    uint32_t n = 0, hash = 0;
    uint16_t text_len;

    (void)state;
    for (int i = 0; i < 1 << BLOCKS; i++)
        (void)fprintf(out, "1.3.9.%d o %0*d integer\n", i, BLOCK * BLOCKS, i);
    assert_int_equal(fclose(out), 0);
    d = dict_build(text);
    write_dict(d);
    tk_dict_free(d);
    free(text);
    file = read_file(&len);
    usual = seconds_to_open(file, len);
    find_blocks();
    h = (void *)file;
    for (size_t at = len - h->count[TK_DICT_STRINGS]; at < len; at += sizeof(text_len) + text_len + 1) {
        char *name = (char *)file + at + sizeof(text_len);

        memcpy(&text_len, file + at, sizeof(text_len));
        if (text_len != BLOCK * BLOCKS)
            continue;
        for (int b = 0; b < BLOCKS; b++)
            memcpy(name + (ptrdiff_t)b * BLOCK, blocks[b][n >> b & 1], BLOCK);
        hash = n++ ? hash : tk_dict_hash(name, text_len);
        assert_int_equal(tk_dict_hash(name, text_len), hash);
    }
    assert_int_equal(n, 1 << BLOCKS);
    seal(file, len);
    assert_true(seconds_to_open(file, len) < 20 * usual + 0.01);
    free(file);
}

/* ---- a file that others change while it is in use ---- */

/* A file of many pages: "objectN" with N up to COPIES. */
static struct tk_dict *large(void)
{
    char *text = NULL;
    size_t bytes = 0;
    FILE *out = open_memstream(&text, &bytes);
    struct tk_dict *d;

    for (int i = 0; i < COPIES; i++)
        (void)fprintf(out, "1.3.9.%d object%d LARGE-MIB integer e=label%d:%d\n", i, i, i, i);
    assert_int_equal(fclose(out), 0);
    d = dict_build(text);
    free(text);
    return d;
}

/* A file in front, and a layer in memory that knows one object of it by another name. */
static struct tk_dict *open_over_memory(void)
{
    struct tk_dict *all = large(), *file, *memory = dict_build("1.3.9.7 known MEMORY-MIB integer\n"), *d;

    write_dict(all);
    file = open_good();
    d = tk_dict_join((struct tk_dict *[]){file, memory}, 2);
    assert_true(is_found(d, "object7"));
    assert_null(tk_dict_file_lost(d, 0));
    tk_dict_free(all);
    tk_dict_free(file);
    tk_dict_free(memory);
    return d;
}

static void expect_lost(const struct tk_dict *d)
{
    static const uint32_t oid[] = {1, 3, 9, 7, 0};
    const struct tk_dict_object *o;
    size_t matched;

    assert_string_equal(tk_dict_file_lost(d, 0), path);
    assert_false(is_found(d, "object7"));
    assert_null(tk_dict_find(d, (const uint32_t[]){1, 3, 9, 8}, 4, &matched)); /* the name became a number */
    o = tk_dict_find(d, oid, 5, &matched);
    assert_non_null(o);
    assert_string_equal(tk_dict_name(d, o).text, "known"); /* the other layer goes on */
}

static void a_file_is_cut_in_use(void **state)
{
    static const off_t lengths[] = {0, 1, 4096, 4097, 60000};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct tk_dict *d = open_over_memory();

        assert_int_equal(truncate(path, lengths[i]), 0);
        dict_exercise(d); /* meets the pages that are gone */
        expect_lost(d);
        dict_exercise(d);
        tk_dict_file_verify(d);
        tk_dict_free(d);
    }
}

/* Nobody has looked at the pages that are gone, so there was no fault; but the loader sees the change. */
static void a_cut_is_seen_without_a_fault(void **state)
{
    struct tk_dict *d = open_over_memory();

    (void)state;
    assert_int_equal(truncate(path, 4096 * 20), 0);
    tk_dict_file_verify(d);
    expect_lost(d);
    tk_dict_free(d);
}

static void overwrite(unsigned seed)
{
    int fd = open(path, O_WRONLY);
    struct stat st;

    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &st), 0);
    for (off_t at = 0; at < st.st_size; at += 4) {
        uint32_t value = (uint32_t)rand_r(&seed) >> (rand_r(&seed) % 31);

        assert_int_equal(pwrite(fd, &value, 4, at), 4);
    }
    (void)close(fd);
}

static void a_file_is_overwritten_in_use(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 5; seed++) {
        struct tk_dict *d = open_over_memory();

        overwrite(seed);
        dict_exercise(d); /* wrong names, until the loader looks */
        tk_dict_file_verify(d);
        expect_lost(d);
        dict_exercise(d);
        tk_dict_free(d);
    }
}

static void *keep_overwriting(void *arg)
{
    for (unsigned seed = 1; seed <= 30; seed++)
        overwrite(seed);
    *(atomic_bool *)arg = true;
    return NULL;
}

/* A number that was checked may be another one when it is used, unless it was read once. */
static void a_file_is_overwritten_while_we_read_it(void **state)
{
    struct tk_dict *d = open_over_memory();
    atomic_bool is_over = false;
    pthread_t writer;

    (void)state;
    assert_int_equal(pthread_create(&writer, NULL, keep_overwriting, &is_over), 0);
    while (!is_over)
        dict_exercise(d);
    assert_int_equal(pthread_join(writer, NULL), 0);
    tk_dict_file_verify(d);
    expect_lost(d);
    tk_dict_free(d);
}

static void the_same_contents_again_are_no_loss(void **state)
{
    struct tk_dict *d = open_over_memory();
    uint8_t *bytes;
    size_t len;
    int fd = open(path, O_WRONLY);

    (void)state;
    bytes = read_file(&len);
    assert_int_equal(pwrite(fd, bytes, len, 0), len);
    (void)close(fd);
    tk_dict_file_verify(d);
    assert_null(tk_dict_file_lost(d, 0));
    assert_true(is_found(d, "object7"));
    tk_dict_free(d);
    free(bytes);
}

static void a_file_that_is_replaced_stays(void **state)
{
    struct tk_dict *d = open_over_memory(), *other = small(), *new;

    (void)state;
    write_dict(other);
    tk_dict_file_verify(d);
    assert_null(tk_dict_file_lost(d, 0));
    assert_true(is_found(d, "object7"));
    assert_false(is_found(d, "failed"));
    new = open_good();
    assert_true(is_found(new, "failed"));
    assert_int_equal(unlink(path), 0);
    tk_dict_file_verify(new);
    assert_null(tk_dict_file_lost(new, 0));
    tk_dict_free(new);
    tk_dict_free(other);
    tk_dict_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_says_what_memory_says),
        cmocka_unit_test(a_file_in_memory_is_the_same),
        cmocka_unit_test(writing_fails_without_a_trace),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(other_formats_are_refused),
        cmocka_unit_test(flips_are_refused),
        cmocka_unit_test(a_hostile_file_only_gives_wrong_names),
        cmocka_unit_test(hostile_counts_are_refused),
        cmocka_unit_test(modules_of_one_hash_take_no_time),
        cmocka_unit_test(a_file_is_cut_in_use),
        cmocka_unit_test(a_cut_is_seen_without_a_fault),
        cmocka_unit_test(a_file_is_overwritten_in_use),
        cmocka_unit_test(a_file_is_overwritten_while_we_read_it),
        cmocka_unit_test(the_same_contents_again_are_no_loss),
        cmocka_unit_test(a_file_that_is_replaced_stays),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
