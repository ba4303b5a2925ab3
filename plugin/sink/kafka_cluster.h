/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_cluster.h
 * @brief Count the brokers of the cluster, and those to which the producer is connected, out of librdkafka's statistics.
 *
 * Owner: the worker.
 */
#ifndef TK_KAFKA_CLUSTER_H
#define TK_KAFKA_CLUSTER_H

#include <stddef.h>

struct tk_kafka_cluster {
    unsigned brokers_up;    /* connected, authenticated, and in use */
    unsigned brokers_known; /* in the cluster's metadata; 0: no metadata yet */
};

/** @brief Read a text of statistics (STATISTICS.md of librdkafka). Text that is not understood changes nothing.
 *  @locality worker @locks none */
void tk_kafka_cluster_read(struct tk_kafka_cluster *cluster, const char *json, size_t len);

#endif /* TK_KAFKA_CLUSTER_H */
