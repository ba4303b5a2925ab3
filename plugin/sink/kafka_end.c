/* SPDX-License-Identifier: Apache-2.0 */
#include "sink/kafka_end.h"

#include <time.h>

static _Thread_local bool is_destroyer;

static void *destroy(void *rk)
{
    is_destroyer = true;
    rd_kafka_destroy(rk);
    return NULL;
}

void tk_kafka_end_begin(struct tk_kafka_end *end, rd_kafka_t *rk)
{
    tk_kafka_end_abandon(end);
    end->is_running = pthread_create(&end->thread, NULL, destroy, rk) == 0;
    if (!end->is_running)
        rd_kafka_destroy(rk); /* no thread could be started: a blocked worker is better than a leak */
}

bool tk_kafka_end_wait(struct tk_kafka_end *end, tk_nsec patience)
{
    const struct timespec nap = {.tv_nsec = 2 * TK_MSEC};
    tk_nsec until = patience ? tk_clock_mono() + patience : 0;

    /* Polling, because pthread_timedjoin_np() uses CLOCK_REALTIME, which may be set back. */
    while (end->is_running && pthread_tryjoin_np(end->thread, NULL) != 0) {
        if (!patience || tk_clock_mono() >= until)
            return false;
        (void)nanosleep(&nap, NULL);
    }
    end->is_running = false;
    return true;
}

void tk_kafka_end_abandon(struct tk_kafka_end *end)
{
    if (end->is_running && !tk_kafka_end_wait(end, 0))
        (void)pthread_detach(end->thread);
    end->is_running = false;
}

bool tk_kafka_end_is_destroyer(void)
{
    return is_destroyer;
}
