/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config_internal.h"

#include <stdio.h>
#include <string.h>

void tk_setting_distrust_shared_topic(struct tk_settings *cf)
{
    static const char *const directives[] = {"kafkaTopic", "kafkaHealthTopic", "kafkaDeadLetterTopic"};
    const char *const topics[] = {cf->topic, cf->health_topic, cf->dead_letter_topic};
    char what[sizeof(cf->refused)];

    if (!cf->alarm_topic)
        return;
    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++) {
        if (!topics[i] || strcmp(cf->alarm_topic, topics[i]) != 0)
            continue;
        (void)snprintf(what, sizeof(what), "kafkaAlarmTopic %.60s, which needs a topic of its own and has that of %s,",
                       cf->alarm_topic, directives[i]);
        tk_settings_distrust(cf, what);
    }
}
