/* SPDX-License-Identifier: Apache-2.0 */
/* THE TABLE OF TRANSITIONS. What is not in it can't happen. The picture is in life.h. */
#include "delivery/life.h"

#define LIFE(name)     [TK_LIFE_##name]
#define ON(step, next) [TK_STEP_##step] = TK_LIFE_##next

/* The event of a record that is not in flight can end in the stages, and Kafka can turn out never to take it. */
#define MAY_BE_CONDEMNED ON(CONDEMNED, LETTER), ON(UNWANTED, UNWANTED)

/* clang-format off */
static const unsigned char after[TK_LIVES][TK_STEPS] = {
    LIFE(NONE) = {ON(READ, READ)},
    LIFE(READ) = {ON(ACCEPTED, IN_FLIGHT), ON(FULL, HELD), ON(SET_APART, RETRY_ALONE), MAY_BE_CONDEMNED,
                  ON(ENDED, ENDED)},
    LIFE(HELD) = {ON(ACCEPTED, IN_FLIGHT), ON(FULL, HELD), ON(PUSHED_BACK, RETRY), ON(SET_APART, RETRY_ALONE),
                  MAY_BE_CONDEMNED},
    LIFE(HELD_ALONE) = {ON(ACCEPTED, IN_FLIGHT_ALONE), ON(FULL, HELD_ALONE), ON(PUSHED_BACK, RETRY_ALONE),
                        MAY_BE_CONDEMNED},
    LIFE(IN_FLIGHT) = {ON(ENDED, ENDED), ON(CAME_BACK, RETRY), ON(REQUEST_REFUSED, RETRY_ALONE)},
    LIFE(IN_FLIGHT_ALONE) = {ON(ENDED, ENDED), ON(CAME_BACK, RETRY_ALONE), MAY_BE_CONDEMNED},
    LIFE(RETRY) = {ON(ACCEPTED, IN_FLIGHT), ON(FULL, HELD), ON(SET_APART, RETRY_ALONE), MAY_BE_CONDEMNED,
                   ON(ENDED, ENDED)},
    LIFE(RETRY_ALONE) = {ON(ACCEPTED, IN_FLIGHT_ALONE), ON(FULL, HELD_ALONE), MAY_BE_CONDEMNED, ON(ENDED, ENDED)},
    LIFE(LETTER) = {ON(ACCEPTED, LETTER_IN_FLIGHT), ON(ACCEPTED_ALONE, LETTER_IN_FLIGHT_ALONE), ON(FULL, LETTER),
                    ON(UNWANTED, UNWANTED), ON(ENDED, ENDED)},
    LIFE(LETTER_IN_FLIGHT) = {ON(ENDED, ENDED), ON(CAME_BACK, LETTER), ON(REQUEST_REFUSED, LETTER),
                              ON(UNWANTED, UNWANTED)},
    LIFE(LETTER_IN_FLIGHT_ALONE) = {ON(ENDED, ENDED), ON(CAME_BACK, LETTER), ON(UNWANTED, UNWANTED)},
    LIFE(UNWANTED) = {ON(ENDED, ENDED)},
    LIFE(OWING) = {ON(PAID, ENDED)},
};
/* clang-format on */

enum tk_life tk_life_after(enum tk_life life, enum tk_life_step step)
{
    return (enum tk_life)after[life][step];
}

const char *tk_life_name(enum tk_life life)
{
    static const char *const names[TK_LIVES] = {
        "none",
        "read",
        "held",
        "held alone",
        "in flight",
        "in flight alone",
        "retry",
        "retry alone",
        "dead letter",
        "dead letter in flight",
        "dead letter in flight alone",
        "unwanted",
        "owing",
        "ended",
    };

    return (unsigned)life < TK_LIVES ? names[life] : "?";
}
