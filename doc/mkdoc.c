/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the parts of the documentation that come from the module's own tables (plugin/config/directives.def,
 * plugin/base/stats.def, plugin/refusal/reasons.def, plugin/reporting/changes.def):
 *
 *   mkdoc sample           conf/trapkafka.conf
 *   mkdoc man-directives   the man page's section DIRECTIVES (troff)
 *   mkdoc man-counters     the man page's section COUNTERS (troff)
 *   mkdoc man-causes       the man page's section HEALTH RECORDS (plugin/reporting/changes.def)
 *   mkdoc directives       README.md's table of directives
 *   mkdoc counters         README.md's table of counters
 *   mkdoc man-reasons      the man page's section REFUSED PACKETS (plugin/refusal/reasons.def)
 *   mkdoc reasons          the table of reasons in doc/snmpv3.md
 */
#include <stdio.h>
#include <string.h>

#include "refusal/reasons.h"
#include "config/settings.h"
#include "base/stats.h"

#define WIDTH 110
#define SHARE "/usr/share/trapkafka" /* Debian's folders; conf/Makefile.am replaces them */
#define DLMOD "/usr/lib/x86_64-linux-gnu/snmp/dlmod"

/* What the sample shows for a directive whose default cannot be written as a value. */
static const struct {
    const char *token, *args;
} examples[] = {
    {"kafkaBrokers", "embedded"},
    {"kafkaBrokers", "kafka1.example.net:9092,kafka2.example.net:9092"},
    {"kafkaDeadLetterTopic", "snmp-traps-dead"},
    {"kafkaAlarmTopic", "snmp-alarms"},
    {"kafkaProperty", "security.protocol SASL_SSL"},
    {"kafkaProperty", "sasl.mechanisms SCRAM-SHA-256"},
    {"kafkaPropertyFile", "/etc/snmp/trapkafka.properties"},
    {"kafkaQueue", "1G /var/lib/snmp/trapkafka.queue"},
    {"kafkaQueueSync", "1000"},
    {"kafkaDictionary", "/etc/snmp/own-mibs.dict"},
    {"kafkaSeverityRules", SHARE "/conf/severity-rules.json"},
    {"kafkaInventory", SHARE "/conf/inventory.csv"},
    {"kafkaCircuits", SHARE "/conf/circuits.csv"},
    {"kafkaStatsFile", "/var/lib/prometheus/node-exporter/trapkafka.prom"},
};
#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static const char sample_head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "#\n"
    "# trapkafka: publishes every notification that snmptrapd accepts as one JSON event to Kafka.\n"
    "#\n"
    "# Copy this file to /etc/snmp/trapkafka.conf, and make this the first line of /etc/snmp/snmptrapd.conf:\n"
    "#\n"
    "#     includeFile /etc/snmp/trapkafka.conf\n"
    "#\n"
    "# or copy the lines that you need. snmptrapd.conf says who may send. A sender needs the right \"log\":\n"
    "#\n"
    "#     authCommunity log public\n"
    "#     authUser log noc\n"
    "#\n"
    "# SIGHUP (systemctl reload snmptrapd) reads this file again. See trapkafka.conf(5).\n"
    "\n"
    "# These three lines load the module. Keep their order, and put them before any other Perl line. If snmptrapd has no\n"
    "# embedded Perl, leave out the first two and preload trapkafka_loader.so: see the systemd drop-in in this folder.\n"
    "perlInitFile " SHARE "/trapkafka.pl\n"
    "perl 1\n"
    "dlmod trapkafka " DLMOD "/trapkafka.so\n";

/* The sample works without changes, so this warning is directly above the line that has to be changed. */
static const char embedded_warning[] =
    "# REPLACE THIS LINE in production: the embedded broker loses all events when snmptrapd stops.\n";

/* Print the words of @p text in lines of WIDTH, each after @p prefix. */
static void print_wrapped(const char *prefix, const char *text)
{
    size_t column = 0;

    while (*text) {
        size_t len = strcspn(text, " ");

        if (column && column + 1 + len > WIDTH) {
            (void)putchar('\n');
            column = 0;
        }
        column += (size_t)printf("%s%.*s", column ? " " : prefix, (int)len, text);
        text += len;
        text += strspn(text, " ");
    }
    (void)putchar('\n');
}

/* @returns whether the directive is shown with examples instead of its default */
static bool print_examples(const struct tk_directive *d)
{
    bool is_brokers = strcmp(d->token, "kafkaBrokers") == 0; /* the sample needs it, so it is not commented out */
    bool is_first = true;

    for (size_t i = 0; i < EXAMPLES; i++) {
        if (strcmp(examples[i].token, d->token) != 0)
            continue;
        if (is_first && !is_brokers)
            printf("#   Default: %s. For example:\n", d->default_text);
        printf("%s%s %s\n", is_first && is_brokers ? "" : "#", d->token, examples[i].args);
        is_first = false;
    }
    return !is_first;
}

static int print_sample(void)
{
    (void)fputs(sample_head, stdout);
    for (size_t i = 0; i < tk_directive_count; i++) {
        const struct tk_directive *d = &tk_directives[i];

        printf("\n# %s %s\n", d->token, d->args);
        print_wrapped("#   ", d->help);
        if (strcmp(d->token, "kafkaBrokers") == 0)
            (void)fputs(embedded_warning, stdout);
        if (print_examples(d))
            continue;
        if (strncmp(d->default_text, "none", 4) == 0 || strncmp(d->default_text, "off", 3) == 0 ||
            strncmp(d->default_text, "built-in", 8) == 0) {
            (void)fprintf(stderr, "mkdoc: %s has no default that could be written: give it an example in mkdoc.c\n",
                          d->token);
            return 1;
        }
        printf("#%s %s\n", d->token, d->default_text);
    }
    return 0;
}

/* Print text for troff: with literal hyphens, and without a control character at the beginning of a line. */
static void print_troff(const char *text)
{
    if (*text == '.' || *text == '\'')
        (void)fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '\\')
            (void)fputs("\\e", stdout);
        else if (*text == '-')
            (void)fputs("\\-", stdout);
        else if (*text == '"')
            (void)fputs("\\(dq", stdout);
        else
            (void)putchar(*text);
    }
}

static int print_man_directives(void)
{
    for (size_t i = 0; i < tk_directive_count; i++) {
        const struct tk_directive *d = &tk_directives[i];

        printf(".TP\n.BR %s \" ", d->token);
        print_troff(d->args);
        (void)fputs("\"\n", stdout);
        print_troff(d->help);
        (void)fputs("\n.br\nDefault: ", stdout);
        print_troff(d->default_text);
        (void)fputs(".\n", stdout);
    }
    return 0;
}

static void metric_name(char *dst, size_t dst_bytes, const struct tk_stat_info *info)
{
    bool is_counter = info->kind != TK_STAT_GAUGE && info->kind != TK_STAT_INFO;

    (void)snprintf(dst, dst_bytes, "trapkafka_%s%s%s%s%s", info->family, is_counter ? "_total" : "",
                   info->label[0] ? "{reason=\"" : "", info->label, info->label[0] ? "\"}" : "");
}

static const char *kind_text(const struct tk_stat_info *info)
{
    switch (info->kind) {
    case TK_STAT_BOOKED: return "books";
    case TK_STAT_DERIVED: return "books of alarms";
    case TK_STAT_LOSS: return "before the handler";
    case TK_STAT_INFO: return "1, with labels";
    case TK_STAT_GAUGE: return strcmp(info->family, "pending") == 0 ? "books, gauge" : "gauge";
    default: return "counter";
    }
}

static int print_man_counters(void)
{
    char name[128];

    for (int i = 0; i < TK_STAT_COUNT; i++) {
        metric_name(name, sizeof(name), &tk_stat_table[i]);
        (void)fputs(".TP\n.B ", stdout);
        print_troff(name);
        (void)putchar('\n');
        print_troff(tk_stat_table[i].help);
        printf(" (%s).\n", kind_text(&tk_stat_table[i]));
    }
    for (int i = 0; i < TK_HISTOGRAM_COUNT; i++) {
        printf(".TP\n.B trapkafka_%s\n", tk_histogram_table[i].family);
        print_troff(tk_histogram_table[i].help);
        (void)fputs(" (histogram; kafkaStatsFile only).\n", stdout);
    }
    return 0;
}

static int print_man_causes(void)
{
    static const struct {
        const char *name, *help;
    } causes[] = {
        {"minute", "Nothing changed; the record that is published once a minute"},
        {"stop", "snmptrapd is stopping; this is its last record"},
#define TK_CHANGE(id, name, help) {name, help},
#include "reporting/changes.def"
#undef TK_CHANGE
    };

    for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
        printf(".TP\n.B %s\n", causes[i].name);
        print_troff(causes[i].help);
        (void)fputs(".\n", stdout);
    }
    return 0;
}

/* Print a cell of a Markdown table, with escaped bars. */
static void print_cell(const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            (void)putchar('\\');
        (void)putchar(*text);
    }
}

/* Print only the first sentence of the help, without its full stop. */
static void print_first_sentence(const char *help)
{
    const char *end = strstr(help, ". ");

    printf("%.*s", end ? (int)(end - help) : (int)(strlen(help) - (help[strlen(help) - 1] == '.')), help);
}

static int print_directives(void)
{
    (void)fputs("| directive | meaning | default |\n|---|---|---|\n", stdout);
    for (size_t i = 0; i < tk_directive_count; i++) {
        const struct tk_directive *d = &tk_directives[i];

        printf("| `%s ", d->token);
        print_cell(d->args);
        (void)fputs("` | ", stdout);
        print_first_sentence(d->help);
        (void)fputs(" | ", stdout);
        print_cell(d->default_text);
        (void)fputs(" |\n", stdout);
    }
    return 0;
}

static int print_counters(void)
{
    char name[128];

    (void)fputs("| counter | kind | meaning |\n|---|---|---|\n", stdout);
    for (int i = 0; i < TK_STAT_COUNT; i++) {
        metric_name(name, sizeof(name), &tk_stat_table[i]);
        printf("| `%s` | %s | %s |\n", name, kind_text(&tk_stat_table[i]), tk_stat_table[i].help);
    }
    for (int i = 0; i < TK_HISTOGRAM_COUNT; i++)
        printf("| `trapkafka_%s` | histogram | %s |\n", tk_histogram_table[i].family, tk_histogram_table[i].help);
    return 0;
}

static int print_man_reasons(void)
{
    for (int i = 0; i < TK_REASONS; i++) {
        printf(".TP\n.B %s\n", tk_reason_name((enum tk_reason)i));
        print_troff(tk_reason_help((enum tk_reason)i));
        (void)fputs(".\n", stdout);
    }
    return 0;
}

static int print_reasons(void)
{
    (void)fputs("| reason | what it means |\n|---|---|\n", stdout);
    for (int i = 0; i < TK_REASONS; i++)
        printf("| `%s` | %s |\n", tk_reason_name((enum tk_reason)i), tk_reason_help((enum tk_reason)i));
    return 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*print)(void);
    } parts[] = {
        {"sample", print_sample},
        {"man-directives", print_man_directives},
        {"man-counters", print_man_counters},
        {"man-causes", print_man_causes},
        {"directives", print_directives},
        {"counters", print_counters},
        {"man-reasons", print_man_reasons},
        {"reasons", print_reasons},
    };

    for (size_t i = 0; argc == 2 && i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strcmp(argv[1], parts[i].name) == 0)
            return parts[i].print() || fflush(stdout) == EOF || ferror(stdout);
    (void)fputs("mkdoc sample | man-directives | man-counters | man-causes | man-reasons | directives | counters | "
                "reasons\n",
                stderr);
    return 2;
}
