/* wording.c - see wording.h. */
#include "engine/wording.h"

#include "base/similar.h"
#include "engine/composing.h"
#include "template/template_check.h"

#include <string.h>

struct looking { const char *source, *templates; struct wording unseen; struct arena *arena; };

/* One file, with all that it renders. */
static bool look_at_file(const struct looking *looking, const char *path, struct err *err)
{
    const struct template_folder folder = { looking->templates, looking->arena };
    struct text source;
    if (!template_file_read(path, looking->arena, &source, err)) {
        err->code = ERR_INVALID;
        return false;
    }
    return template_check(source, path, &folder, looking->arena, err);
}

/* A template's file with its variants in other languages. */
static bool look_at_files(struct looking *looking, const char *name, struct err *err)
{
    const char *variants[TEMPLATE_VARIANTS_MOST];
    const char *path = arena_format(looking->arena, "%s/%s", looking->templates, name);
    if (strstr(name, "..") || name[0] == '/')
        return err_set(err, ERR_INVALID, "the template '%s' leads out of the folder of templates", name);
    if (!look_at_file(looking, path, err)) return false;
    size_t n = template_variants(path, looking->arena, variants);
    for (size_t i = 0; i < n; i++)
        if (!look_at_file(looking, variants[i], err)) return false;
    return true;
}

/* What a customer or an event lacks is no mistake here, nor what only a condition on them prints. */
static bool look_at_names(const struct looking *looking, const struct wording *wording, struct err *err)
{
    static const char *const told[] = { "customer", "event", "coupon", "decision", "recommendation", "unsubscribe",
                                        "preferences", "confirm" };
    enum { TOLD = sizeof told / sizeof *told };
    struct arena *arena = looking->arena;
    const struct text *names;
    size_t n, k;
    const char *link = "https://example.com/";
    json_t *nobody = composing_data(text_of("nobody"), NULL, NULL, NULL, link, link);
    const struct composing composing = { .templates = looking->templates, .data = nobody, .zone = zone_utc };
    bool ok = composing_missing(&composing, wording, arena, &names, &n, err);
    json_decref(nobody);
    if (!ok && err->code == ERR_INVALID) return true;       /* it hangs on what is known of somebody, as a snippet's name */
    for (size_t i = 0; ok && i < n; i++) {
        const char *whole = arena_format(arena, "%.*s", (int)names[i].length, names[i].at),
                   *first = arena_format(arena, "%.*s", (int)strcspn(whole, ".["), whole);
        for (k = 0; k < TOLD && strcmp(first, told[k]) != 0; k++) {}
        if (k == TOLD)
            ok = err_set(err, ERR_INVALID, "%s%s{{ %s }} means nothing: no template is told of '%s'%s",
                         wording->file ? wording->file : "", wording->file ? ": " : "", whole, first,
                         similar_names(first, told, TOLD, arena));
    }
    return ok;
}

static bool look(void *context, const struct wording *wording, struct err *err)
{
    struct looking *looking = context;
    const struct journey_step *step = wording->step;
    const struct template_folder folder = { looking->templates, looking->arena };
    bool is_there = looking->templates, ok = true;
    if (wording->file && !is_there) looking->unseen = *wording;
    else if (wording->file) ok = look_at_files(looking, wording->file, err);
    else ok = template_check(text_of(wording->text), NULL, is_there ? &folder : NULL, looking->arena, err);
    if (ok && look_at_names(looking, wording, err)) return true;
    return err_context(err, "%s:%u:%u: step '%s'", looking->source, step->line, step->column, step->id);
}

bool wording_check(const struct journey *journey, const char *source, const char *templates, struct arena *arena,
                   struct wording *ret_unseen, struct err *err)
{
    struct looking looking = { .source = source, .templates = templates, .arena = arena };
    if (!journey_wordings(journey, look, &looking, err)) return false;
    *ret_unseen = looking.unseen;
    return true;
}
