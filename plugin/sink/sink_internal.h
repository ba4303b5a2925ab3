/* SPDX-License-Identifier: Apache-2.0 */
/** @file sink_internal.h
 *  @brief One look at the brokers (kafka_inspect.h), while it lasts; for the files of sink/ only. */
#ifndef TK_SINK_INTERNAL_H
#define TK_SINK_INTERNAL_H

#include <librdkafka/rdkafka.h>

#include "sink/kafka_inspect.h"
#include "sink/kafka_topics.h"

#define TK_INSPECT_SLICE_MS 500 /* between two looks at what librdkafka reports */

struct tk_inspection {
    struct tk_settings *cf;
    tk_inspected_fn *tell;
    void *arg;
    tk_nsec deadline;
    rd_kafka_t *rk;
    rd_kafka_topic_t *handles[TK_KAFKA_SLOTS]; /* so that metadata has these topics */
    const char *names[TK_KAFKA_SLOTS];         /* NULL: no such topic, or one of the same name comes before */
    const struct rd_kafka_metadata *metadata;
    struct tk_kafka_topics words; /* for its texts about topics; it is never attached */
    struct tk_kafka_log log;
    char reason[512]; /* the last error of a connection */
    char fatal[512];
    bool is_refused;    /* our credentials, or TLS */
    bool has_id;        /* of the producer */
    tk_nsec down_since; /* all brokers were tried in vain; 0: not yet */
};

/** @brief Tell a finding. @locality any @locks none */
void tk_inspect_tell(const struct tk_inspection *in, enum tk_inspected level, enum tk_directive_number directive,
                     const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/** @brief The directive that names the topic of this slot. @locality any @locks none */
enum tk_directive_number tk_inspect_directive(unsigned slot);
/** @brief Milliseconds until the deadline, 1 at least. @locality any @locks none */
int tk_inspect_left_ms(const struct tk_inspection *in);
/** @brief Is the deadline over? @locality any @locks none */
bool tk_inspect_is_late(const struct tk_inspection *in);
/** @brief Wait for the answer to a request of the admin API. @returns NULL: none came in time @locality any @locks none */
rd_kafka_event_t *tk_inspect_wait(struct tk_inspection *in, rd_kafka_queue_t *queue);

/** @brief What the brokers' metadata has about this slot's topic; NULL: nothing. @locality any @locks none */
const rd_kafka_metadata_topic_t *tk_inspect_topic(const struct tk_inspection *in, unsigned slot);
/** @brief Is there such a topic, and may we know it? @locality any @locks none */
bool tk_inspect_exists(const struct tk_inspection *in, unsigned slot);

/** @brief Do the topics exist, or can they be created? @locality any @locks none */
void tk_inspect_topics(struct tk_inspection *in);
/** @brief Do the settings of those that exist suit? @locality any @locks none */
void tk_inspect_settings(struct tk_inspection *in);
/** @brief Have their partitions leaders that answer? @locality any @locks none */
void tk_inspect_leaders(struct tk_inspection *in);

#endif /* TK_SINK_INTERNAL_H */
