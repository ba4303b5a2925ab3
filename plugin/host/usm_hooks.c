/* SPDX-License-Identifier: Apache-2.0 */
/* Call usm/ (SNMPv3 users and engines) at each step of the module's life. */
#include "host/host_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "host/refusals.h"
#include "usm/keep.h"
#include "usm/self_test.h"
#include "usm/usm.h"

static bool is_usable; /* net-snmp has passed the self-test of usm/ */

void tk_v3_init(void)
{
    char text[sizeof(struct tk_err)];
    struct tk_err err = {0};

    is_usable = tk_usm_self_test(&err) == 0;
    if (is_usable)
        tk_usm_register();
    else
        snmp_log(
            LOG_ERR,
            "trapkafka: %s; SNMPv3 works as without this module: write a createUser -e line for each engine; packets "
            "that USM refuses are not counted\n",
            tk_err_format(&err, text, sizeof(text)));
}

void tk_v3_begin_reading(void)
{
    if (is_usable)
        tk_usm_begin_reading();
}

/* The file stands in net-snmp's persistent folder, which snmptrapd's user can write. It is no .conf file, so net-snmp
 * does not read it. */
static void keep_clocks(const struct tk_settings *cf)
{
    struct tk_time now = tk_clock_now();
    char path[PATH_MAX];

    if (cf->engines_max &&
        snprintf(path, sizeof(path), "%s/trapkafka.clocks", get_persistent_directory()) < (int)sizeof(path))
        tk_keep_clocks(path, cf->engines_max, &now);
}

void tk_v3_configure(struct tk_host *h)
{
    const struct tk_usm_hooks hooks = {
        .is_ours = tk_sessions_receives,
        .is_stream = tk_sessions_is_stream,
        .on_refused = tk_refusals_note,
        .arg = h,
    };

    int ret = is_usable ? tk_usm_configure(h->settings, &hooks, tk_clock_mono()) : -ENOTSUP;

    if (ret == -ENOMEM)
        snmp_log(LOG_ERR, "trapkafka: out of memory: SNMPv3 users and kafkaEngines stay as they were\n");
    if (ret == 0)
        keep_clocks(h->settings);
}

void tk_v3_tick(struct tk_host *h, const struct tk_time *now)
{
    struct tk_usm_counts counts;

    if (!is_usable)
        return;
    tk_usm_tick(now->mono);
    tk_keep_turn(now);
    counts = tk_usm_counts();
    tk_stats_set(&h->stats, TK_ENGINES, counts.engines);
    tk_stats_set(&h->stats, TK_ENGINES_EVICTED, counts.evicted);
    tk_stats_set(&h->stats, TK_ENGINES_STILL, counts.still);
    tk_stats_set(&h->stats, TK_DIGESTS_EVICTED, counts.digests_evicted);
}

void tk_v3_rest(void)
{
    if (is_usable)
        tk_usm_rest();
}

void tk_v3_keep(void)
{
    struct tk_time now = tk_clock_now();

    if (is_usable)
        tk_keep_finish(&now);
}

void tk_v3_done(void)
{
    if (is_usable)
        tk_usm_done();
}
