/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/open.h"

#include <stdio.h>
#include <strings.h>
#include <syslog.h>

#include "sink/embedded_broker.h"

struct tk_sink *tk_open_kafka(void *arg, struct tk_settings *cf, const struct tk_sink_hooks *hooks, struct tk_err *err)
{
    struct tk_opener *o = arg;
    const char *brokers = cf->brokers;
    char line[256];

    if (strcasecmp(brokers, "embedded") == 0) {
        if (!o->embedded) {
            o->embedded = tk_embedded_broker_new(err);
            if (!o->embedded)
                return NULL;
            (void)snprintf(line, sizeof(line),
                           "the embedded broker, which loses all events when snmptrapd stops, listens on %s",
                           tk_embedded_broker_address(o->embedded));
            hooks->on_log(hooks->arg, LOG_WARNING, line);
        }
        brokers = tk_embedded_broker_address(o->embedded);
    }
    return tk_kafka_new(cf, brokers, hooks, err);
}

void tk_opener_done(struct tk_opener *o)
{
    tk_embedded_broker_free(o->embedded);
    o->embedded = NULL;
}
