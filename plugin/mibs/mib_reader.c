/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mibs/mib_child.h"
#include "mibs/mib_copy.h"

#define MAX_JOBS    16
#define MAX_REPAIRS 300 /* of one module */

/* The parser's last complaint about a module. */
struct heard {
    unsigned line;
    char words[256];
};

/* What was tried for a module. */
struct attempt {
    enum tk_mib_style style;    /* TK_MIB_STYLE_COUNT_: none of them is sound, so the copy is repaired */
    enum tk_mib_style furthest; /* in which the parser came furthest, and what it said then */
    struct heard heard;
    unsigned repairs;
    bool is_done;
};

struct job {
    pid_t pid; /* 0: free */
    uint32_t variant;
    FILE *out, *log;
};

struct readers {
    struct tk_mib_reading *r;
    char *work;
    struct attempt *attempts;
    struct job jobs[MAX_JOBS];
    unsigned job_count;
    FILE *lines;       /* "@VARIANT" and the lines of its process, for each */
    bool wants_common; /* reads those first that most others import */
};

static volatile sig_atomic_t is_interrupted;

static void interrupt(int number)
{
    (void)number;
    is_interrupted = 1;
}

/* Ctrl-C ends the reading, so that the copies are removed. */
static void catch_interrupts(struct sigaction *ret_int, struct sigaction *ret_term)
{
    struct sigaction act = {.sa_handler = interrupt};

    is_interrupted = 0;
    (void)sigaction(SIGINT, &act, ret_int);
    (void)sigaction(SIGTERM, &act, ret_term);
}

static struct tk_mib_variant *variant_at(const struct tk_mib_reading *r, uint32_t number)
{
    return (struct tk_mib_variant *)r->set->variants.items + number;
}

static int note(struct tk_mib_reading *r, enum tk_mib_trouble_kind kind, uint32_t variant, unsigned line,
                const char *name, const char *text)
{
    struct tk_mib_trouble *t = tk_vector_push(&r->troubles, 1, sizeof(*t));

    if (!t)
        return -ENOMEM;
    t->kind = kind;
    t->variant = variant;
    t->line = line;
    t->name = name ? strdup(name) : NULL;
    t->text = text ? strdup(text) : NULL;
    return (name && !t->name) || (text && !t->text) ? -ENOMEM : 0;
}

void tk_mib_reading_done(struct tk_mib_reading *r)
{
    for (uint32_t i = 0; i < r->troubles.count; i++) {
        free(((struct tk_mib_trouble *)r->troubles.items)[i].name);
        free(((struct tk_mib_trouble *)r->troubles.items)[i].text);
    }
    tk_vector_done(&r->troubles);
}

static int write_copies(struct readers *x)
{
    int ret = 0;

    for (uint32_t i = 0; ret == 0 && i < x->r->set->variants.count; i++) {
        struct tk_mib_variant *v = variant_at(x->r, i);

        if (asprintf(&v->copy, "%s/%u.mib", x->work, i) < 0) {
            v->copy = NULL;
            return -ENOMEM;
        }
        ret = tk_mib_copy_module(x->r->set, v, TK_MIB_STYLE_USUAL);
    }
    return ret;
}

/* --- one process ------------------------------------------------------------------------------------------------- */

static void run_child(const struct readers *x, const struct job *j)
{
    const struct rlimit seconds = {TK_MIB_PROCESS_SECONDS, TK_MIB_PROCESS_SECONDS};
    int none = open("/dev/null", O_RDWR | O_CLOEXEC);
#ifndef __SANITIZE_ADDRESS__ /* its shadow memory is larger */
    const struct rlimit bytes = {TK_MIB_PROCESS_BYTES, TK_MIB_PROCESS_BYTES};

    (void)setrlimit(RLIMIT_AS, &bytes); /* without it the machine's limits hold */
#endif
    (void)setrlimit(RLIMIT_CPU, &seconds);
    (void)signal(SIGINT, SIG_DFL);
    (void)signal(SIGTERM, SIG_DFL);
    (void)dup2(none, STDIN_FILENO);
    (void)dup2(fileno(j->log), STDERR_FILENO);
    _exit(tk_mib_child_read(x->r->set, variant_at(x->r, j->variant), j->out));
}

static int start(struct readers *x, struct job *j, uint32_t variant)
{
    if (is_interrupted)
        return -EINTR;
    *j = (struct job){.variant = variant, .out = tmpfile(), .log = tmpfile()};
    if (!j->out || !j->log)
        return -errno;
    (void)fflush(NULL);
    j->pid = fork();
    if (j->pid < 0)
        return -errno;
    if (j->pid == 0)
        run_child(x, j);
    return 0;
}

/* --- what it said ------------------------------------------------------------------------------------------------ */

/* "...: At line 12 in /tmp/x/7.mib" @returns the line if the words are about this file, and cuts them off; else 0 */
static unsigned line_in(char *words, const char *path)
{
    char *at = strstr(words, ": At line "), *in = at ? strstr(at, " in ") : NULL;

    if (!in || strcmp(in + 4, path) != 0)
        return 0;
    *at = '\0';
    return (unsigned)strtoul(at + 10, NULL, 10);
}

/* "Cannot adopt OID in MODULE: name ::= { parent 1 }" The name and the parent are noted. */
static int note_unlinked(struct readers *x, uint32_t variant, const char *words)
{
    char module[TK_MIB_MAX_NAME], name[TK_MIB_MAX_NAME], parent[TK_MIB_MAX_NAME];

    if (sscanf(words, "Cannot adopt OID in %127[^:]: %127s ::= { %127s", module, name, parent) != 3 ||
        strcmp(module, variant_at(x->r, variant)->name) != 0 || strchr(name, '#'))
        return 0;
    return note(x->r, TK_MIB_TROUBLE_UNLINKED, variant, 0, name, parent);
}

/* "Cannot find module (NAME)" */
static int note_missing(struct readers *x, uint32_t variant, unsigned line, const char *words)
{
    char module[TK_MIB_MAX_NAME];

    if (sscanf(words, "Cannot find module (%127[^)])", module) != 1)
        return 0;
    return note(x->r, TK_MIB_TROUBLE_MISSING, variant, line, module, NULL);
}

static int listen(struct readers *x, const struct job *j, bool is_final, struct heard *h)
{
    const struct tk_mib_variant *v = variant_at(x->r, j->variant);
    char line[1024];
    int ret = 0;

    rewind(j->log);
    while (ret == 0 && fgets(line, sizeof(line), j->log)) {
        unsigned at;

        line[strcspn(line, "\n")] = '\0';
        at = line_in(line, v->copy);
        if (at) {
            h->line = at;
            (void)snprintf(h->words, sizeof(h->words), "%.250s",
                           strstr(line, TK_MIB_LAST_NAME) ? "the end of the definition is missing" : line);
        }
        if (!is_final)
            continue;
        if (strncmp(line, "Cannot adopt OID in ", 20) == 0)
            ret = note_unlinked(x, j->variant, line);
        else if (strncmp(line, "Cannot find module", 18) == 0 && at)
            ret = note_missing(x, j->variant, at, line);
        else if (at)
            ret = note(x->r, TK_MIB_TROUBLE_REMARK, j->variant, at, NULL, line);
    }
    return ret;
}

/* Keep the lines in a file until the last process has been forked: a process that has much memory is forked slowly. */
static int keep(struct readers *x, const struct job *j)
{
    char block[65536];
    size_t n;

    rewind(j->out);
    (void)fprintf(x->lines, "@%u\n", j->variant);
    while ((n = fread(block, 1, sizeof(block), j->out)))
        (void)fwrite(block, 1, n, x->lines);
    return ferror(j->out) || ferror(x->lines) ? -EIO : 0;
}

static int feed(struct readers *x)
{
    uint32_t variant = 0;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int ret = 0;

    rewind(x->lines);
    while (ret == 0 && (len = getline(&line, &cap, x->lines)) > 0) {
        if (line[len - 1] == '\n')
            line[len - 1] = '\0';
        if (line[0] == '@')
            variant = (uint32_t)strtoul(line + 1, NULL, 10);
        else if (!x->r->take(x->r->arg, variant, line))
            ret = -ENOMEM;
    }
    free(line);
    return ret;
}

static int repair(struct readers *x, const struct job *j, const struct heard *h)
{
    struct tk_mib_variant *v = variant_at(x->r, j->variant);
    struct attempt *a = &x->attempts[j->variant];
    char name[TK_MIB_MAX_NAME];
    enum tk_mib_repair done = TK_MIB_REPAIR_NONE;
    unsigned at = 0;
    int ret = 0;

    if (a->repairs++ < MAX_REPAIRS) /* without a complaint it is the last definition that has no end */
        ret = tk_mib_copy_repair(x->r->set, v, h->line ? h->line : UINT_MAX, &done, name, &at);
    if (ret < 0)
        return ret;
    if (done != TK_MIB_REPAIR_NONE && strncmp(name, TK_MIB_LAST_NAME, strlen(TK_MIB_LAST_NAME)) == 0)
        done = TK_MIB_REPAIR_NONE;
    if (done == TK_MIB_REPAIR_NONE) {
        a->is_done = v->is_given_up = true;
        return note(x->r, TK_MIB_TROUBLE_GIVEN_UP, j->variant, h->line, NULL, h->words);
    }
    v->is_repaired = true;
    return note(x->r, done == TK_MIB_REPAIR_REDUCED ? TK_MIB_TROUBLE_REDUCED : TK_MIB_TROUBLE_LOST, j->variant, at,
                name, h->words);
}

/* The module is not sound in this style. Try the next one; after the last, repair it in the one that went furthest. */
static int change_style(struct readers *x, const struct job *j, const struct heard *h)
{
    struct tk_mib_variant *v = variant_at(x->r, j->variant);
    struct attempt *a = &x->attempts[j->variant];
    int ret = -ENOENT;

    if (a->style == TK_MIB_STYLE_USUAL || h->line > a->heard.line) {
        a->heard = *h;
        a->furthest = a->style;
    }
    while (ret == -ENOENT && ++a->style < TK_MIB_STYLE_COUNT_)
        ret = tk_mib_copy_module(x->r->set, v, a->style);
    if (ret == -ENOENT)
        ret = tk_mib_copy_module(x->r->set, v, a->furthest);
    return ret == 0 && a->style == TK_MIB_STYLE_COUNT_ ? repair(x, j, &a->heard) : ret;
}

/* The process ended. Take what it wrote, or change the copy and leave it to be read again. */
static int finish(struct readers *x, struct job *j, int status)
{
    struct tk_mib_variant *v = variant_at(x->r, j->variant);
    struct attempt *a = &x->attempts[j->variant];
    bool is_sound = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    bool was_killed = !WIFEXITED(status) || WEXITSTATUS(status) > 1;
    struct heard h = {0};
    int ret = listen(x, j, is_sound, &h);

    if (ret == 0 && is_sound) {
        a->is_done = true;
        ret = keep(x, j);
    } else if (ret == 0 && was_killed) {
        a->is_done = v->is_given_up = true;
        ret = note(x->r, TK_MIB_TROUBLE_GIVEN_UP, j->variant, 0, NULL, "the parser did not survive this module");
    } else if (ret == 0) {
        ret = a->style < TK_MIB_STYLE_COUNT_ ? change_style(x, j, &h) : repair(x, j, &h);
    }
    (void)fclose(j->out);
    (void)fclose(j->log);
    j->pid = 0;
    return ret;
}

static int wait_for_one(struct readers *x)
{
    int status;
    pid_t pid = wait(&status);

    if (pid < 0)
        return errno == EINTR && !is_interrupted ? 0 : -errno;
    for (unsigned i = 0; i < x->job_count; i++)
        if (x->jobs[i].pid == pid)
            return finish(x, &x->jobs[i], status);
    return 0;
}

static struct job *free_job(struct readers *x)
{
    for (unsigned i = 0; i < x->job_count; i++)
        if (!x->jobs[i].pid)
            return &x->jobs[i];
    return NULL;
}

static bool is_busy(const struct readers *x, uint32_t variant)
{
    bool is_any = false;

    for (unsigned i = 0; i < x->job_count; i++)
        is_any |= x->jobs[i].pid && (variant == UINT32_MAX || x->jobs[i].variant == variant);
    return is_any;
}

/* Read a module until it is sound or given up. Nearly all are sound at once: then this only starts the process. */
static int read_one(struct readers *x, uint32_t variant)
{
    struct attempt *a = &x->attempts[variant];
    bool is_first = true;
    int ret = 0;

    while (ret == 0 && !a->is_done) {
        struct job *j = free_job(x);

        if (is_busy(x, variant) || !j) {
            ret = wait_for_one(x);
        } else if (is_first || a->style != TK_MIB_STYLE_USUAL) {
            is_first = false;
            ret = start(x, j, variant);
            if (ret == 0 && a->style == TK_MIB_STYLE_USUAL)
                return 0;
        } else {
            return 0;
        }
    }
    return ret;
}

/* Read all that is not done: once each, and then what was not sound. */
static int read_pending(struct readers *x)
{
    int ret = 0;

    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; ret == 0 && i < x->r->set->variants.count; i++)
            if (!x->attempts[i].is_done && (!x->wants_common || tk_mib_child_is_common(x->r->set, variant_at(x->r, i))))
                ret = read_one(x, i);
        while (ret == 0 && is_busy(x, UINT32_MAX))
            ret = wait_for_one(x);
    }
    return ret;
}

/* After an error some processes may still run. */
static void end_jobs(struct readers *x)
{
    for (unsigned i = 0; i < x->job_count; i++) {
        if (x->jobs[i].pid <= 0)
            continue;
        (void)kill(x->jobs[i].pid, SIGKILL);
        (void)waitpid(x->jobs[i].pid, NULL, 0);
        (void)fclose(x->jobs[i].out);
        (void)fclose(x->jobs[i].log);
    }
}

int tk_mib_read(struct tk_mib_reading *r)
{
    struct sigaction on_int, on_term;
    struct readers x = {.r = r};
    char *empty = NULL;
    const char *tmp = getenv("TMPDIR");
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int ret = -ENOMEM;

    x.job_count = cpus < 1 ? 1 : cpus > MAX_JOBS ? MAX_JOBS : (unsigned)cpus;
    x.attempts = calloc(r->set->variants.count + 1, sizeof(*x.attempts));
    if (asprintf(&x.work, "%s/trapkafka-mibs.XXXXXX", tmp ? tmp : "/tmp") < 0)
        x.work = NULL;
    catch_interrupts(&on_int, &on_term);
    x.lines = tmpfile();
    if (x.attempts && x.work && (!x.lines || !mkdtemp(x.work)))
        ret = -errno;
    else if (x.attempts && x.work && asprintf(&empty, "%s/none", x.work) > 0)
        ret = write_copies(&x);
    if (ret == 0) {
        tk_mib_child_prepare(empty);
        x.wants_common = true;
        ret = read_pending(&x);
    }
    if (ret == 0) {
        tk_mib_child_preload(r->set);
        x.wants_common = false;
        ret = read_pending(&x);
    }
    end_jobs(&x);
    if (ret == 0)
        ret = feed(&x);
    if (x.lines)
        (void)fclose(x.lines);
    for (uint32_t i = 0; i < r->set->variants.count; i++)
        if (variant_at(r, i)->copy)
            (void)unlink(variant_at(r, i)->copy);
    if (x.work)
        (void)rmdir(x.work);
    (void)sigaction(SIGINT, &on_int, NULL);
    (void)sigaction(SIGTERM, &on_term, NULL);
    free(x.attempts);
    free(x.work);
    free(empty);
    return ret;
}
