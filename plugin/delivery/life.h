/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file life.h
 * @brief The life of a record, from the ring to its end: one enumeration, and the one table of what may follow what.
 *
 *     READ ----------- the stages drop or suppress it ------------------------------------------------> ENDED
 *      |
 *      |  Its event goes to the sink. While the sink is full, it is HELD (HELD_ALONE), until the sink takes it, or
 *      |  until an earlier record comes back: then it takes its turn behind that as RETRY (RETRY_ALONE). Its topic may
 *      |  change meanwhile, and with it what is too large.
 *      |
 *      +-- accepted --> IN_FLIGHT -- delivered ---------------------------------------------------------> ENDED
 *      |                 |     '---- came back ----------> RETRY: once more, as from READ
 *      |                 '---------- request refused --.
 *      +-- may be too large: set apart ----------------+-> RETRY_ALONE <-------------------.
 *      |                                                       | accepted                  |
 *      |                                                       v                           |
 *      |                                                 IN_FLIGHT_ALONE ---- came back ---'
 *      |                                                  |         '-------- delivered ---------------> ENDED
 *      |                                           refused alone
 *      |                                                  |
 *      '-- the sink will never take it --> condemned <----'
 *                                            |    |
 *               with a dead letter topic: LETTER  UNWANTED: without, or if that topic does not take it
 *                                          |  ^        ^  '---- written to the file, or lost ----------> ENDED
 *                                 accepted |  |        |
 *                                          v  | came   | refused alone, or gives way
 *                            LETTER_IN_FLIGHT(_ALONE) -'
 *                                          '------------------- delivered -----------------------------> ENDED
 *
 * A record that can't be read again, or whose event can't be written for lack of memory, ends from wherever it waits
 * (READ, RETRY, LETTER, UNWANTED). A LETTER whose topic was taken away by SIGHUP is written to the file.
 *
 * ..._ALONE: Kafka refused a whole request because of one record in it. So each record of it is published once more
 * in a request of its own, and only one that is refused alone is condemned.
 *
 * A record may own more messages than its event (derived.h: about an alarm): it does not end before they do. OWING is
 * a record whose event has ended while a message of it has not.
 *
 * window.c keeps the records and is the only caller of tk_life_after().
 */
#ifndef TK_LIFE_H
#define TK_LIFE_H

#include <stdbool.h>

enum tk_life {
    TK_LIFE_NONE, /* no record */
    TK_LIFE_READ, /* read from the ring; goes through the stages in this step of the worker */
    TK_LIFE_HELD, /* its event is written, and waits for room in the sink; at most one record */
    TK_LIFE_HELD_ALONE,
    TK_LIFE_IN_FLIGHT,              /* the sink has its event and will report */
    TK_LIFE_IN_FLIGHT_ALONE,        /* at most one record, and no other event is in flight beside it */
    TK_LIFE_RETRY,                  /* to be published again, in the ring's order */
    TK_LIFE_RETRY_ALONE,            /* the same, in a request of its own */
    TK_LIFE_LETTER,                 /* condemned; waits for its turn in the dead letter topic */
    TK_LIFE_LETTER_IN_FLIGHT,       /* the sink has the dead letter and will report */
    TK_LIFE_LETTER_IN_FLIGHT_ALONE, /* the same; no other dead letter is in flight beside it */
    TK_LIFE_UNWANTED,               /* condemned, and no topic takes it: it is to go into the file, or to be lost */
    TK_LIFE_OWING,                  /* its event has ended; another message of it has not */
    TK_LIFE_ENDED,                  /* it is counted under one name, and the tail may pass it */
    TK_LIVES,
};

/** What happens to a record. */
enum tk_life_step {
    TK_STEP_READ,           /* it was read from the ring */
    TK_STEP_ACCEPTED,       /* the sink took its message */
    TK_STEP_ACCEPTED_ALONE, /* the same, of a dead letter, with no other in flight */
    TK_STEP_FULL,           /* the sink has no room now */
    TK_STEP_PUSHED_BACK,    /* it was held, and now takes its turn behind records that came back, or the sink is gone */
    TK_STEP_CAME_BACK,      /* not delivered, for a reason that passes */
    TK_STEP_REQUEST_REFUSED, /* Kafka refused the request that it was in */
    TK_STEP_SET_APART,       /* it may be too large for the topic: it must not share a request */
    TK_STEP_CONDEMNED,       /* Kafka will never take its event */
    TK_STEP_UNWANTED,        /* the dead letter topic does not take it either, or there is none */
    TK_STEP_ENDED,           /* its event has ended: delivered, dropped, suppressed, or kept in the file */
    TK_STEP_PAID,            /* the last of its other messages has ended */
    TK_STEPS,
};

/** @returns the life after @p step; TK_LIFE_NONE: that step can't follow @p life @locality any @locks none */
enum tk_life tk_life_after(enum tk_life life, enum tk_life_step step);

/** @brief For messages of asserts and tests. @locality any @locks none */
const char *tk_life_name(enum tk_life life);

/** @brief Is its event in a request of its own, or to be? Not of dead letters. @locality any @locks none */
static inline bool tk_life_is_alone(enum tk_life life)
{
    return life == TK_LIFE_HELD_ALONE || life == TK_LIFE_IN_FLIGHT_ALONE || life == TK_LIFE_RETRY_ALONE;
}

/** @brief Does its event wait to be published again? @locality any @locks none */
static inline bool tk_life_is_retry(enum tk_life life)
{
    return life == TK_LIFE_RETRY || life == TK_LIFE_RETRY_ALONE;
}

/** @brief Is it condemned, and waits: for the dead letter topic, or to be written to the file?
 *  @locality any @locks none */
static inline bool tk_life_is_condemned(enum tk_life life)
{
    return life == TK_LIFE_LETTER || life == TK_LIFE_UNWANTED;
}

/** @brief Does the sink have its event? @locality any @locks none */
static inline bool tk_life_is_in_flight(enum tk_life life)
{
    return life == TK_LIFE_IN_FLIGHT || life == TK_LIFE_IN_FLIGHT_ALONE;
}

/** @brief Does the sink have its dead letter? @locality any @locks none */
static inline bool tk_life_is_letter_in_flight(enum tk_life life)
{
    return life == TK_LIFE_LETTER_IN_FLIGHT || life == TK_LIFE_LETTER_IN_FLIGHT_ALONE;
}

#endif /* TK_LIFE_H */
