/* SPDX-License-Identifier: Apache-2.0 */
#include "mibs/mib_report.h"

#include <errno.h>
#include <string.h>

static void write_all(const struct tk_mib_sources *s, const struct tk_mib_row *row, FILE *out)
{
    static const char *const names[] = {
        [TK_MIB_FOUND_UNREADABLE] = "unreadable",
        [TK_MIB_FOUND_GIVEN_UP] = "given up",
        [TK_MIB_FOUND_LOST] = "lost",
        [TK_MIB_FOUND_REDUCED] = "reduced",
        [TK_MIB_FOUND_NO_OID] = "no oid",
        [TK_MIB_FOUND_MISSING] = "missing",
        [TK_MIB_FOUND_UNNUMBERED] = "no oid",
        [TK_MIB_FOUND_UNRESOLVED] = "no object",
        [TK_MIB_FOUND_NO_MODULE] = "no module",
        [TK_MIB_FOUND_TWICE] = "twice",
        [TK_MIB_FOUND_SAME_OID] = "same oid",
        [TK_MIB_FOUND_AMBIGUOUS] = "same name",
        [TK_MIB_FOUND_ELSEWHERE] = "elsewhere",
        [TK_MIB_FOUND_REMARK] = "remark",
    };
    const struct tk_mib_file *f = (const struct tk_mib_file *)s->set.files.items + row->file;
    const char *folder = ((const struct tk_mib_folder *)s->set.folders.items)[f->folder].name;

    if (row->finding == TK_MIB_FOUND_TWICE) /* without folders that others don't have */
        (void)fprintf(out, "%s\t%s/%s\t%u\t%s\t\t%s counts\n", names[row->finding], folder, f->name, row->line,
                      row->module, strrchr(row->words, '/') ? strrchr(row->words, '/') + 1 : row->words);
    else
        (void)fprintf(out, "%s\t%s/%s\t%u\t%s\t%s\t%s\n", names[row->finding], folder, f->name, row->line,
                      row->module ? row->module : "", row->name ? row->name : "", row->words);
}

static void write_for_people(const struct tk_mib_sources *s, const struct tk_mib_row *row, FILE *out)
{
    const struct tk_mib_file *f = (const struct tk_mib_file *)s->set.files.items + row->file;

    (void)fprintf(out, "%s: ", f->path);
    if (row->line)
        (void)fprintf(out, "line %u: ", row->line);
    switch (row->finding) {
    case TK_MIB_FOUND_UNREADABLE:
        (void)fprintf(out, "cannot be read: %s; make it readable, or remove it", row->words);
        break;
    case TK_MIB_FOUND_GIVEN_UP:
        (void)fprintf(out,
                      "net-snmp's parser says '%s', and nothing of module %s was read; correct the file, or get a "
                      "newer one",
                      row->words, row->module);
        break;
    case TK_MIB_FOUND_LOST:
        (void)fprintf(out, "net-snmp's parser says '%s', and %s::%s was left out; correct it, or get a newer file",
                      row->words, row->module, row->name);
        break;
    case TK_MIB_FOUND_REDUCED:
        (void)fprintf(out,
                      "net-snmp's parser says '%s', and only name and number of %s::%s were kept; correct it, or "
                      "get a newer file",
                      row->words, row->module, row->name);
        break;
    case TK_MIB_FOUND_NO_OID:
        (void)fprintf(out,
                      "module %s: definitions without an OID: %.*s, because no file defines %s; add the files of the "
                      "modules that it imports",
                      row->module, (int)strcspn(row->words, " "), row->words,
                      row->words + strcspn(row->words, " ") + 1);
        break;
    case TK_MIB_FOUND_MISSING:
        (void)fprintf(out, "module %s is in no file; add it (modules that import it: %s)", row->module, row->words);
        break;
    default:
        (void)fprintf(out, "module %s is in %s too, and what that says counts; remove one of the two", row->module,
                      row->words);
        break;
    }
    (void)putc('\n', out);
}

static void count(const struct tk_mib_sources *s, const struct tk_vector *rows, struct tk_mib_counts *c)
{
    *c = (struct tk_mib_counts){.files = s->set.files.count, .modules = s->set.variants.count};
    for (uint32_t i = 0; i < s->lines.lines.count; i++) {
        const struct tk_mib_line *n = (const struct tk_mib_line *)s->lines.lines.items + i;

        if (n->is_lost || !tk_mib_line_is_of_source(n))
            continue;
        c->notifications += tk_mib_line_is_notification(n);
        c->objects += !tk_mib_line_is_notification(n);
    }
    for (uint32_t i = 0; i < rows->count; i++) {
        enum tk_mib_finding finding = ((const struct tk_mib_row *)rows->items)[i].finding;

        c->found[finding]++;
        c->trouble += finding < TK_MIB_FOUND_TROUBLE_;
    }
}

int tk_mib_report(const struct tk_mib_sources *s, enum tk_mib_report_form form, FILE *out,
                  struct tk_mib_counts *ret_counts)
{
    struct tk_vector rows;
    int ret = tk_mib_findings(s, &rows);

    if (ret < 0)
        return ret;
    for (uint32_t i = 0; form != TK_MIB_REPORT_COUNT && i < rows.count; i++) {
        const struct tk_mib_row *row = (const struct tk_mib_row *)rows.items + i;

        if (form == TK_MIB_REPORT_ALL)
            write_all(s, row, out);
        else if (row->finding < TK_MIB_FOUND_UNNUMBERED || row->finding == TK_MIB_FOUND_TWICE)
            write_for_people(s, row, out);
    }
    count(s, &rows, ret_counts);
    tk_mib_findings_done(&rows);
    return out && ferror(out) ? -EIO : 0;
}
