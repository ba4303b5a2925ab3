/* SPDX-License-Identifier: Apache-2.0 */
/* Register the directives of config/directives.def with net-snmp's configuration reader. */
#include "host/host_internal.h"
#include "host/unread_lines.h"
#include "sink/kafka_check.h"

const char *tk_directive_refused(struct tk_host *h, const char *token, const char *line)
{
    if (h->settings && tk_settings_keep(h->reading, token, line, h->settings))
        return " (the value before stays in force)";
    return tk_settings_fall_back(h->reading, token) ? " (until then, no topic is created)" : "";
}

/* Check here all that can be checked, because net-snmp knows file and line only inside this callback. */
static void parse(const char *token, char *line)
{
    struct tk_host *h = &tk_host;
    struct tk_remarks remarks = {0};
    char text[2 * sizeof(struct tk_err)];
    const char *end = "";

    if (!h->reading || h->is_over)
        return; /* out of memory, as was logged; or stopping, or a thread hangs that may use the settings */
    if (tk_settings_read(h->reading, token, line, tk_kafka_check_property, &remarks) < 0)
        end = tk_directive_refused(h, token, line);
    for (unsigned i = 0; i < remarks.errors.kept; i++)
        netsnmp_config_error("%s%s", tk_err_list_format(&remarks.errors, i, text, sizeof(text)),
                             i + 1 == remarks.errors.kept ? end : "");
    for (unsigned i = 0; i < remarks.warnings.kept; i++)
        netsnmp_config_warn("%s", tk_err_list_format(&remarks.warnings, i, text, sizeof(text)));
}

/* net-snmp calls this at SIGHUP, before it reads the first line again. */
static void begin_reading(void)
{
    struct tk_host *h = &tk_host;

    if (h->is_over)
        return;
    tk_v3_begin_reading();
    tk_unread_lines_begin();
    tk_settings_unref(h->reading);
    h->reading = tk_settings_new();
    if (!h->reading)
        snmp_log(LOG_ERR, "trapkafka: out of memory: the settings stay as they were before\n");
}

void tk_tokens_register(struct tk_host *h)
{
    for (size_t i = 0; i < tk_directive_count; i++) {
        const struct tk_directive *d = &tk_directives[i];

        (void)register_app_config_handler(d->token, parse, i == 0 ? begin_reading : NULL, d->args);
    }
    if (!h->reading)
        begin_reading();
}
