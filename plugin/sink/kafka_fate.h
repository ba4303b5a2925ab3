/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kafka_fate.h
 * @brief What a delivery error means for its event: retry or condemned. One table decides.
 *
 * There are three kinds of errors. Some pass: the event is sent again, however long that takes. Some are a broker's
 * verdict about the message, or about another one in its batch: the event is condemned. A few may be either, as may
 * codes of a broker newer than this table. Those events are sent again too, because the broker may be the cause; if
 * such errors go on for TK_KAFKA_DOUBT the event is condemned, because it must not block all others without end.
 */
#ifndef TK_KAFKA_FATE_H
#define TK_KAFKA_FATE_H

#include <librdkafka/rdkafka.h>

#include "sink/sink.h"

#define TK_KAFKA_DOUBT       (300 * TK_SECOND) /* how long errors in doubt may go on */
#define TK_KAFKA_DOUBT_QUIET (60 * TK_SECOND)  /* after so long without one, the next one starts the time anew */

/** When errors in doubt began, and the last one. Zeroed: none. */
struct tk_kafka_doubt {
    tk_nsec since, last;
};

/** @brief The fate of a message whose delivery report says @p code at @p now (monotonic).
 *  @locality worker @locks none */
enum tk_fate tk_kafka_fate(struct tk_kafka_doubt *doubt, tk_nsec now, rd_kafka_resp_err_t code);

/** @brief Does @p code concern the whole topic: missing, not authorized, invalid name? @locality any @locks none */
bool tk_kafka_is_topic_trouble(rd_kafka_resp_err_t code);

/** @brief Of such a code: may the topic be there some day without an operator, or need it only be created?
 *         Else it is forbidden, or its name is refused. @locality any @locks none */
bool tk_kafka_is_topic_missing(rd_kafka_resp_err_t code);

/** @brief Is @p code in the table? For others the sign decides. @locality any @locks none */
bool tk_kafka_fate_is_stated(rd_kafka_resp_err_t code);

/** @brief What an operator can do about a @p code that passes only then; static text, NULL: nothing special.
 *  @locality any @locks none */
const char *tk_kafka_fate_remedy(rd_kafka_resp_err_t code);

/** @brief The meaning of @p code, as static text. (rd_kafka_err2str() reuses one buffer for unknown codes.)
 *  @locality any @locks none */
const char *tk_kafka_code_text(rd_kafka_resp_err_t code);

#endif /* TK_KAFKA_FATE_H */
