/* SPDX-License-Identifier: Apache-2.0 */
/* Register the directives of config/directives.def with net-snmp's configuration reader. */
#include "host/host_internal.h"
#include "sink/kafka.h"

/* Check here all that can be checked, because net-snmp knows file and line only inside this callback. */
static void parse(const char *token, char *line)
{
    struct tk_host *h = &tk_host;
    char text[sizeof(struct tk_err)];
    struct tk_err err = {0};
    bool is_kept;

    if (!h->reading || h->is_over)
        return; /* out of memory, as was logged; or stopping, or a thread hangs that may use the settings */
    if (tk_settings_set(h->reading, token, line, tk_kafka_check_property, &err) == 0)
        return;
    is_kept = h->settings && tk_settings_keep(h->reading, token, line, h->settings);
    netsnmp_config_error("%s%s", tk_err_format(&err, text, sizeof(text)),
                         is_kept ? " (the value before stays in force)" : "");
}

/* net-snmp calls this at SIGHUP, before it reads the first line again. */
static void begin_reading(void)
{
    struct tk_host *h = &tk_host;

    if (h->is_over)
        return;
    tk_v3_begin_reading();
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
