/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a file of another program; one that begins with '<' is in the format of eventconf, one that holds the word DEFINITIONS is a MIB file, others are in the format of snmptt.conf. What
 * is made of it must be a file of rules in JSON without duplicates, and each
 * rule has a name of its own. No file is read but what NODES names, so '/' is taken out. */
#include "fuzz.h"

#include <jansson.h>
#include <string.h>

#include "import/annotated.h"
#include "import/import_pairs.h"
#include "import/opennms.h"
#include "import/snmptt.h"

static char *without_paths(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);

    for (size_t i = 0; i < size; i++)
        if (text[i] == '/' && (!i || strchr(" \t\n\r", text[i - 1])))
            text[i] = '.';
    return text;
}

static void check_names(const json_t *rules)
{
    json_t *names = json_object(), *rule;
    size_t i;

    json_array_foreach(rules, i, rule)
    {
        const char *name = json_string_value(json_object_get(rule, "name"));

        FUZZ_CHECK(name && *name && strlen(name) < TK_IMPORT_NAME && !json_object_get(names, name));
        FUZZ_CHECK(json_object_set_new(names, name, json_true()) == 0);
    }
    json_decref(names);
}

static void read_text(struct tk_import *im, char *text)
{
    struct tk_err err = {0};

    if (*text == '<')
        FUZZ_CHECK(tk_opennms_read(im, text, &err) != err.is_set);
    else if (strstr(text, "DEFINITIONS"))
        tk_annotated_read(im, text);
    else
        tk_snmptt_read(im, text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *raw = without_paths(data, size), *text, *notes = NULL, *printed;
    size_t len = 0, notes_len = 0;
    unsigned first;
    FILE *f = open_memstream(&notes, &notes_len);
    struct tk_import im;
    json_t *file;

    FUZZ_CHECK(f && tk_import_init(&im, fuzz_dict(), fuzz_dict(), f));
    text = tk_import_take_text(&im, "fuzz.conf", raw, size, &len);
    read_text(&im, text);
    tk_import_sort(&im);
    tk_import_tell_unpaired(&im);
    FUZZ_CHECK(!im.is_out_of_memory);
    printed = tk_import_print(&im, &len, &first);
    file = json_loadb(printed, len, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_CHECK(file && json_array_size(json_object_get(file, "rules")) == im.rules.count);
    check_names(json_object_get(file, "rules"));
    FUZZ_CHECK(fclose(f) == 0 && !memchr(notes, '\x1b', notes_len));
    json_decref(file);
    free(printed);
    free(notes);
    free(text);
    free(raw);
    tk_import_done(&im);
    return 0;
}
