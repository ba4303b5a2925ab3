/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/check/check_brokers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sink/kafka_inspect.h"

/** Where what is found is said. */
struct teller {
    const struct tk_check_config *c;
    struct tk_check_findings *findings;
};

static void on_found(void *arg, enum tk_inspected level, enum tk_directive_number directive, const char *text)
{
    static const enum tk_check_level levels[] = {
        [TK_INSPECTED_OK] = TK_CHECK_OK,
        [TK_INSPECTED_WARNING] = TK_CHECK_WARNING,
        [TK_INSPECTED_ERROR] = TK_CHECK_ERROR,
    };
    const struct teller *t = arg;

    if (!t->c->settings->raw[directive]) /* a default topic */
        directive = TK_DIRECTIVE_kafkaBrokers;
    tk_check_say(t->findings, levels[level], tk_check_config_place(t->c, directive), "%s", text);
}

/* The topics of rules, without kafkaTopic. Their names are freed by the caller. */
static void take_topics(struct tk_routes *routes, const struct tk_rules *rules, const char *main_topic)
{
    for (uint32_t n = 1; rules && n <= tk_rules_topic_count(rules) && routes->count < TK_ROUTES; n++) {
        struct tk_text topic = tk_rules_topic(rules, n);
        char *name = strndup(topic.text, topic.len);

        if (name && strcmp(name, main_topic) != 0)
            routes->topic[routes->count++] = name;
        else
            free(name);
    }
}

void tk_check_brokers(const struct tk_check_config *c, const struct tk_rules *rules, tk_nsec patience,
                      struct tk_check_findings *findings)
{
    struct teller t = {.c = c, .findings = findings};
    const struct tk_settings *cf = c->settings;
    struct tk_routes routes = {0};

    if (!cf->brokers || cf->is_held || strcasecmp(cf->brokers, "embedded") == 0)
        return; /* the error or warning about that was said */
    take_topics(&routes, rules, cf->topic);
    tk_kafka_inspect(c->settings, &routes, patience, on_found, &t);
    for (unsigned i = 0; i < routes.count; i++)
        free((char *)(uintptr_t)routes.topic[i]);
}
