/* SPDX-License-Identifier: Apache-2.0 */
/* kafkaStatsFile: the counters as Prometheus text, renamed into place. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "pipeline/worker_internal.h"

#define LOG_PERIOD (60 * TK_SECOND)

static int write_file(const char *path, const char *bytes, size_t len)
{
    char next[4096];
    int fd, ret = 0;

    if (snprintf(next, sizeof(next), "%s.new", path) >= (int)sizeof(next))
        return -ENAMETOOLONG;
    (void)unlink(next); /* whatever it is: a FIFO of somebody else's would stop the worker */
    fd = open(next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0)
        return -errno;
    while (ret == 0 && len) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno != EINTR)
            ret = -errno;
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
        }
    }
    if (close(fd) < 0 && ret == 0)
        ret = -errno;
    if (ret == 0 && rename(next, path) < 0)
        ret = -errno;
    if (ret < 0)
        (void)unlink(next);
    return ret;
}

void tk_worker_write_stats(struct tk_worker *w)
{
    const struct tk_settings *cf = w->bundle->settings;
    uint64_t held_back;
    struct tk_books books;
    int ret;

    if (!cf->stats_file)
        return;
    books = tk_worker_books(w);
    tk_json_clear(&w->scratch);
    tk_books_prometheus(&books, &w->scratch);
    if (w->scratch.is_failed)
        return;
    ret = write_file(cf->stats_file, w->scratch.buf, w->scratch.len);
    if (ret < 0 && tk_log_limit_pass(&w->stats_limit, w->now.mono, LOG_PERIOD, &held_back))
        tk_log_put(w->config.log, LOG_WARNING, "trapkafka: kafkaStatsFile '%s': %s; it needs room, and a folder "
                   "that the daemon's user may write in", cf->stats_file, strerror(-ret));
}
