# SPDX-License-Identifier: Apache-2.0
"""A program in a real terminal (tmux) of a given size, and what its screen shows."""

import shlex

from lib.need import need_tool
from lib.proc import run, wait_until


class Terminal:
    """argv runs in a terminal of its own; what it printed stays on the screen when it has ended."""

    def __init__(self, folder, argv, columns, rows=24, env=None):
        folder.mkdir(parents=True, exist_ok=True)
        self._tmux = [need_tool("tmux"), "-u", "-S", str(folder / "tmux")]
        settings = folder / "tmux.conf"
        settings.write_text("set -g status off\nset -g remain-on-exit on\nset -g default-terminal screen-256color\n")
        words = ["env", "-u", "COLUMNS", "-u", "LINES", *(f"{name}={value}" for name, value in (env or {}).items()), *map(str, argv)]
        run([*self._tmux, "-f", str(settings), "new-session", "-d", "-x", str(columns), "-y", str(rows), shlex.join(words)])

    def _ask(self, *words):
        return run([*self._tmux, *words]).stdout

    def screen(self, escapes=False):
        """The lines, without spaces at their end; with the escape sequences of colours if these are asked for."""
        return [line.rstrip() for line in self._ask("capture-pane", "-p", *(["-e"] if escapes else [])).split("\n")]

    def wait(self, text, timeout=20):
        """The screen, as soon as it has the text."""
        wait_until(lambda: text in "\n".join(self.screen()), timeout, lambda: f"{text!r} on the screen:\n" + "\n".join(self.screen()))
        return self.screen()

    def wait_ended(self, timeout=20):
        """The exit status."""
        wait_until(lambda: self._ask("display-message", "-p", "#{pane_dead}").strip() == "1", timeout,
                   lambda: "the program to end:\n" + "\n".join(self.screen()))
        return int(self._ask("display-message", "-p", "#{pane_dead_status}").strip() or 0)

    def resize(self, columns, rows=24):
        self._ask("resize-window", "-x", str(columns), "-y", str(rows))

    def keys(self, *keys):
        self._ask("send-keys", *keys)

    def close(self):
        run([*self._tmux, "kill-server"], check=False)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
