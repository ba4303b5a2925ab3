/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/screen.h"

#include <string.h>
#include <sys/ioctl.h>

/* xterm's alternate screen, which all terminals of today have; the cursor is hidden on it. */
#define BEGIN      "\033[?1049h\033[?25l"
#define END        "\033[?25h\033[?1049l"
#define HOME       "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_REST "\033[J"

struct tk_screen_size tk_screen_size(FILE *f)
{
    struct winsize size = {0};

    if (ioctl(fileno(f), TIOCGWINSZ, &size) < 0)
        return (struct tk_screen_size){0};
    return (struct tk_screen_size){size.ws_col, size.ws_row};
}

void tk_screen_begin(FILE *f)
{
    (void)fputs(BEGIN, f);
    (void)fflush(f);
}

void tk_screen_show(FILE *f, const char *page)
{
    (void)fputs(HOME, f);
    for (const char *line = page; *line;) {
        size_t len = strcspn(line, "\n");

        (void)fwrite(line, 1, len, f);
        (void)fputs(CLEAR_LINE, f);
        line += len + (line[len] == '\n');
        if (*line)
            (void)fputs("\r\n", f);
    }
    (void)fputs(CLEAR_REST, f);
    (void)fflush(f);
}

void tk_screen_end(FILE *f)
{
    (void)fputs(END, f);
    (void)fflush(f);
}
