# SPDX-License-Identifier: Apache-2.0
"""The command's manners: every subcommand, asked for help in every way and used wrongly in every way.

The subcommands come from the command's own list, so a new one is walked too. WORDS has what each needs to run at all.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from lib.proc import PATIENCE

#: Of each subcommand: a complete command line but for what it reads, an option that takes a value (if there is one that may
#: stand there twice), an option that takes none, and what it reads.
WORDS = {
    "alarms": ([], "--device", "--once", "nothing"),
    "check": ([], "--timeout", "--json", "a configuration or none"),
    "explain": ([], "--config", "--json", "a trap"),
    "import mib": ([], "--dictionary", None, "files"),
    "import opennms": ([], "--dictionary", None, "files"),
    "import snmptt": ([], "--dictionary", None, "files"),
    "queue": ([], "--config", "--json", "a file"),
    "replay": ([], "--config", "--json", "files"),
    "rules test": ([], "--dictionary", "--check", "files or none"),
    "v3 check": ([], "--count", "--json", "a file"),
    "mibs build": (["-o", "{folder}/out"], "-o", "--facts", "files"),
    "mibs find": (["-d", "{folder}/foreign"], "-d", None, "a text"),
    "mibs report": ([], None, "--all", "files"),
    "status": ([], "--receiver", "--once", "nothing"),
    "tail": ([], "--device", "--to-end", "files or none"),
    "mibs facts": (["--output", "{folder}"], "--report", None, "files"),
}


def tool(build="TK_BUILD"):
    stage = os.environ.get(build)
    assert stage, f"{build} is not set"
    return str(Path(stage) / "stage" / "bin" / "trapkafka")


def call(*words, build="TK_BUILD"):
    """(exit status, standard output, standard error)"""
    done = subprocess.run([tool(build), *map(str, words)], capture_output=True, text=True, timeout=60 * PATIENCE, check=False,
                          stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def subcommands():
    status, out, err = call("--help")
    assert (status, err) == (0, "")
    return re.findall(r"^(?:usage:|      ) trapkafka ((?:[a-z0-9]+ )*[a-z0-9]+) [\[(A-Z-]", out, re.M)


def groups():
    """[]: the command itself; ["v3"]: words that only begin subcommands."""
    found = {tuple(name.split()[:n]) for name in WORDS for n in range(len(name.split()))}
    return sorted(found)


def test_every_subcommand_is_walked_here():
    assert sorted(subcommands()) == sorted(WORDS)


@pytest.mark.parametrize("name", WORDS)
def test_help_and_version_go_to_standard_output(name):
    words = name.split()
    asks = [["-h"], ["--help"], ["help"], ["x", "--help"], ["x", "-h"]]
    if WORDS[name][1]:
        asks += [[WORDS[name][1], "1", "--help"]]
    for ask in asks:
        status, out, err = call(*words, *ask)
        assert (status, err) == (0, ""), ask
        assert out.startswith(f"usage: trapkafka {name} ") and "Exit status: 0" in out, ask
    assert call("help", *words) == call(*words, "--help")
    for ask in (["-V"], ["--version"], ["x", "-V"]):
        status, out, err = call(*words, *ask)
        assert (status, err) == (0, "") and re.fullmatch(r"trapkafka \d+\.\d+\.\d+\S*\n", out), ask


@pytest.mark.parametrize("words", groups(), ids=lambda words: " ".join(["trapkafka", *words]))
def test_groups_list_their_subcommands(words):
    below = [name for name in WORDS if name.split()[:len(words)] == list(words)]
    for ask in ("-h", "--help", "help"):
        status, out, err = call(*words, ask)
        assert (status, err) == (0, "")
        assert all(f" trapkafka {name} " in out for name in below)
        assert len(re.findall("^(?:usage:|      ) trapkafka ", out, re.M)) == len(below) + 1
    for ask in ("-V", "--version"):
        status, out, err = call(*words, ask)
        assert (status, err) == (0, "") and re.match(r"trapkafka \d", out)
    for wrong, said in (([], "a subcommand is missing"), (["fly"], "'fly': no such subcommand"), (["-x"], "'-x': no such option"),
                        ([""], "'': no such subcommand")):
        status, out, err = call(*words, *wrong)
        assert (status, out) == (2, "") and said in err and all(f" trapkafka {name} " in err for name in below), wrong


@pytest.mark.parametrize("name", WORDS)
def test_wrong_use_goes_to_standard_error(name, folder):
    """What is wrong, what to write instead, exit status 2, and nothing on standard output."""
    rest, option, flag, reads = WORDS[name]
    words = [*name.split(), *(word.format(folder=folder) for word in rest)]
    foreign, closed = folder / "foreign", folder / "closed"
    foreign.write_text("neither a queue nor a capture\n" * 1000)
    closed.write_text("x")
    table = [
        (["--bogus"], r"'--bogus': no such option"),
        *([] if reads.endswith("or none") or reads == "nothing" else [([], r"write ")]),
    ]
    if reads != "a trap":  # options with one dash, and what follows, are snmptrap's: test_66_explain.py
        table += [(["-x", foreign], r"'-x': no such option")]
    if reads not in ("a trap", "a configuration or none"):  # test_68_check.py: a line that is foreign is no error
        table += [([foreign], re.escape(str(foreign)))]
    if flag:
        table += [([f"{flag}=yes", foreign], rf"{flag} takes no value; leave out '=yes'")]
    if option:
        table += [([option], rf"{option}: [A-Z]+ is missing; write {option} [A-Z]+")]
    if not reads.startswith("files") and reads not in ("a trap", "nothing"):
        table += [([foreign, foreign], r"there is a [A-Z]+ already.*write one")]
    if reads not in ("a text", "a trap", "nothing"):
        table += [([folder / "none"], rf"{folder}/none.*No such file"), ([folder], re.escape(str(folder))), (["--", "-x"], "-x")]
    for more, said in table:
        status, out, err = call(*words, *more)
        assert (status, out) == (2, "") and re.search(said, err), (more, status, out, err)
        assert err.startswith(f"trapkafka {name.split()[0]}"), err
        is_usage = "usage: " in err
        assert is_usage == (f"see: trapkafka {name} --help" in err)
        assert "Traceback" not in err and err.endswith("\n")


def test_the_man_page_knows_every_subcommand_and_option():
    """What --help lists, trapkafka(1) explains."""
    page = (Path(__file__).resolve().parents[2] / "doc" / "trapkafka.1.in").read_text().replace("\\", "")
    for name in WORDS:
        assert f"trapkafka {name}" in page
        options = re.findall(r"^  (?:-\w, )?(--?\w+)", call(*name.split(), "--help")[1], re.M)
        assert len(options) > 2
        for option in options:
            assert re.search(rf"^\.(BI?|BR) \"?(-\w \", \" )?{option}\b", page, re.M) or option in page.split(".SH OPTIONS")[1], option


@pytest.mark.parametrize("name", WORDS)
def test_help_has_an_example_that_the_command_takes(name):
    out = call(*name.split(), "--help")[1]
    example = re.fullmatch(r".*\nExample:\n  (trapkafka .*)\n", out, re.S)[1].split()
    assert example[1:1 + len(name.split())] == name.split()
    options = {word.split("=")[0] for word in example if word.startswith("-")}
    assert options <= set(re.findall(r"^  (--?[a-z-]+)", out, re.M)), example


@pytest.mark.parametrize("name", WORDS)
def test_man_finds_every_subcommand(name):
    """`man trapkafka-queue`: a page that leads to trapkafka(1)."""
    page = Path(tool()).parents[1] / "share/man/man1" / f"trapkafka-{name.replace(' ', '-')}.1"
    assert page.read_text() == ".so man1/trapkafka.1\n" and (page.parent / "trapkafka.1").exists()


# -- completion ---------------------------------------------------------------------------------------------------------

def complete(*words, folder="/"):
    """What bash offers for the last of these words."""
    completion = Path(tool()).parents[1] / "share/bash-completion/completions/trapkafka"
    script = f"""source {completion}; cd {folder}
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); command=$1
        [[ $(complete -p trapkafka) == *" -F _trapkafka "* ]] || exit 1
        _trapkafka "$command" "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-u", "-c", script, "bash", tool(), *words], capture_output=True, text=True,
                          timeout=60 * PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done
    return sorted(done.stdout.split("\n")[:-1]) if done.stdout != "\n" else []


@pytest.mark.parametrize("words", groups(), ids=lambda words: " ".join(["trapkafka", *words]))
def test_bash_completes_subcommands(words):
    below = {name.split()[len(words)] for name in WORDS if name.split()[:len(words)] == list(words)}
    assert set(complete(*words, "")) == below | {"--help", "--version"}
    assert set(complete("help", *words, "")) == below | {"--help", "--version"}
    for one in below:
        assert complete(*words, one[:-1]) == sorted(name for name in below if name.startswith(one[:-1]))
    assert complete(*words, "fly") == []


@pytest.mark.parametrize("name", WORDS)
def test_bash_completes_options_and_files(name, folder):
    """Each option that --help of the subcommand lists, and no other; behind it what its argument asks for."""
    (folder / "sub").mkdir()
    (folder / "some file").write_text("")
    words = name.split()
    listed = re.findall(r"^  (?:-[a-zA-Z], )?(--?[a-zA-Z-]+)(?: ([A-Z]+))?[ \n]", call(*words, "--help")[1], re.M)
    assert complete(*words, "-") == sorted(option for option, _ in listed)
    files = {"FILE": ["some file", "sub"], "PATH": ["some file", "sub"], "CAPTURE": ["some file", "sub"], "DIR": ["sub"]}
    for option, argument in listed:
        if argument and argument != "USER":
            assert complete(*words, option, "s", folder=folder) == files.get(argument, [])
            assert complete(*words, option, "=", "s", folder=folder) == files.get(argument, [])
    reads = call(*words, "--help")[1].split("\n")[0].split()[-1]
    is_file = re.search("FILE|PATH|CAPTURE", reads)
    assert complete(*words, "s", folder=folder) == (files["FILE"] if is_file else [])


def test_queue_facts_for_a_program(snmptrapd, folder):
    """--json: the same facts as the text."""
    queue = folder / "queue"
    daemon = snmptrapd([f"kafkaQueue 1M {queue}", "kafkaBrokers 127.0.0.1:1", "kafkaStopTimeout 0"])
    daemon.wait_log("in force")
    status, out, err = call("queue", "--json", queue)
    facts = json.loads(out)
    assert (status, err, out.count("\n")) == (0, "", 1)
    assert facts == {"path": str(queue), "queue": facts["queue"], "format": 1, "opened": 1, "state": "in_use",
                     "capacity_bytes": 1 << 20, "used_bytes": 0, "pending": 0, "oldest_seq": 1, "next_seq": 1,
                     "oldest_received": None}
    assert f"queue {facts['queue']}, format 1, opened 1 times" in call("queue", queue)[1]
    daemon.stop()
    assert json.loads(call("queue", queue, "--json")[1])["state"] == "closed"
