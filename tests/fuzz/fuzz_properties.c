/* SPDX-License-Identifier: Apache-2.0 */
/* Input: the text of a kafkaPropertyFile, which librdkafka checks. No error may show a value: it may be a secret. */
#include "fuzz.h"

#include <string.h>

#include "sink/kafka_check.h"
#include "sink/kafka_conf.h"

#define SECRET "S3CR3T"

/* Is the mark only in a value? Then no error may show it, except as the path of a file of TLS. */
static bool is_secret_in_value(const char *text)
{
    char *copy = fuzz_text(text, strlen(text)), *next = copy, *line;
    bool is_in_name = false;

    while ((line = strsep(&next, "\n"))) {
        while (*line == ' ' || *line == '\t' || *line == '\r' || *line == '\v' || *line == '\f')
            line++;
        line[strcspn(line, " \t=")] = '\0';
        is_in_name |= strstr(line, SECRET) != NULL || strstr(line, ".location") != NULL;
    }
    free(copy);
    return !is_in_name && strstr(text, SECRET);
}

static void check_producer(const struct tk_settings *cf, bool is_secret)
{
    struct tk_err err = {0};
    rd_kafka_conf_t *conf = tk_kafka_conf_new(cf, "kafka.example.net:9092", &err);

    if (conf) {
        FUZZ_CHECK(!err.is_set);
        rd_kafka_conf_destroy(conf);
        return;
    }
    fuzz_check_error(&err);
    FUZZ_CHECK(!is_secret || !strstr(err.text, SECRET));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tk_settings *cf = tk_settings_new();
    struct tk_err err = {0};
    char *text = fuzz_text(data, size);
    bool is_secret = size && !memchr(data, '\0', size) && is_secret_in_value(text);

    FUZZ_CHECK(cf);
    if (tk_settings_set(cf, "kafkaPropertyFile", fuzz_file(data, size), tk_kafka_check_property, &err) < 0) {
        fuzz_check_error(&err);
        FUZZ_CHECK(err.line > 0 && cf->property_count == 0);
        FUZZ_CHECK(!is_secret || !strstr(err.text, SECRET));
    } else {
        check_producer(cf, is_secret);
    }
    free(text);
    tk_settings_unref(cf);
    return 0;
}
