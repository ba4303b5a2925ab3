/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_fate.h
 * @brief What a delivery error means for the event that it hit: one table.
 *
 * Three kinds. Some errors pass, however long that takes: the event waits. Some are a broker's verdict about the
 * message (or one that shared its batch): condemned. A few may be either, as may codes of a broker newer than this
 * table: in
 * doubt an event waits for TK_KAFKA_DOUBT, because the trouble may be the broker's; if it goes on for so long the
 * event is condemned, because it must not hold all others for ever.
 */
#ifndef TK_KAFKA_FATE_H
#define TK_KAFKA_FATE_H

#include <librdkafka/rdkafka.h>

#include "sink/sink.h"

#define TK_KAFKA_DOUBT       (300 * TK_SECOND) /* how long errors in doubt may go on */
#define TK_KAFKA_DOUBT_QUIET (60 * TK_SECOND)  /* without one for so long, that trouble is over */

/** Since when there have been errors in doubt. Zeroed: none. */
struct tk_kafka_doubt {
    tk_nsec since, last;
};

/** @brief The fate of a message whose delivery report says @p code at @p now (monotonic).
 *  @locality worker @locks none */
enum tk_fate tk_kafka_fate(struct tk_kafka_doubt *doubt, tk_nsec now, rd_kafka_resp_err_t code);

/** @brief Is this trouble with the topic as a whole: missing, forbidden, misnamed? @locality any @locks none */
bool tk_kafka_is_topic_trouble(rd_kafka_resp_err_t code);

/** @brief Does the table name this code? Others are decided by their sign. @locality any @locks none */
bool tk_kafka_fate_is_stated(rd_kafka_resp_err_t code);

/** @brief What @p code means, as text that stays: rd_kafka_err2str() reuses its memory for codes that it does not know.
 *  @locality any @locks none */
const char *tk_kafka_code_text(rd_kafka_resp_err_t code);

#endif /* TK_KAFKA_FATE_H */
