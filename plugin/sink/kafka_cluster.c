/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_cluster.h"

#include <stdbool.h>
#include <string.h>

#include <jansson.h>

static bool is_up(const char *state)
{
    return strcmp(state, "UP") == 0 || strcmp(state, "UPDATE") == 0 || strcmp(state, "REAUTH") == 0;
}

void tk_kafka_cluster_read(struct tk_kafka_cluster *cluster, const char *json, size_t len)
{
    json_t *root = json_loadb(json, len, 0, NULL);
    json_t *brokers = json_object_get(root, "brokers"), *broker;
    struct tk_kafka_cluster found = {0};
    const char *name;

    json_object_foreach(brokers, name, broker)
    {
        const char *state = json_string_value(json_object_get(broker, "state"));

        if (!state || json_integer_value(json_object_get(broker, "nodeid")) < 0)
            continue; /* a name of kafkaBrokers, which is a broker of the cluster under another entry */
        found.brokers_known++;
        found.brokers_up += is_up(state);
    }
    if (json_is_object(brokers))
        *cluster = found;
    json_decref(root);
}
