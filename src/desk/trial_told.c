/* trial_told.c - see trial_told.h. */
#include "desk/trial_told.h"

struct trial_told trial_told_new(void) { return (struct trial_told){ json_array(), json_array() }; }

void trial_told_free(struct trial_told *told)
{
    json_decref(told->entries);
    json_decref(told->not_entered);
}

static json_t *line_json(const struct trial_line *told)
{
    char local[MOMENT_TEXT_BYTES];
    const struct walk_line *line = told->line;
    moment_format(told->zone, line->at_ms, local);
    return json_pack("{s:s, s:I, s:s, s:s, s:s?, s:s}", "step", line->step->id, "at_ms", (json_int_t)line->at_ms,
                     "local", local, "outcome", walk_outcome_word(line->outcome), "rule",
                     contact_rule_word(line->rule), "sentence", line->sentence);
}

/* The entry of that number among those told of. */
static json_t *entry_of(struct trial_told *all, const struct trial_line *told)
{
    size_t i;
    json_t *entry;
    json_array_foreach(all->entries, i, entry)
        if ((size_t)json_integer_value(json_object_get(entry, "number")) == told->entry) return entry;
    entry = json_pack("{s:I, s:I, s:n, s:[]}", "number", (json_int_t)told->entry, "entered_ms",
                      (json_int_t)told->entered_ms, "end", "steps");
    json_array_append_new(all->entries, entry);
    return entry;
}

void trial_told_hear(void *context, const struct trial_line *told)
{
    struct trial_told *all = context;
    if (told->entry == SIZE_MAX) {
        json_array_append_new(all->not_entered,
                              json_pack("{s:I, s:s?, s:O}", "at_ms", (json_int_t)told->at_ms, "rule",
                                        contact_rule_word(told->rule), "facts", told->facts));
        return;
    }
    json_t *entry = entry_of(all, told);
    if (told->line) json_array_append_new(json_object_get(entry, "steps"), line_json(told));
    if (told->end != WALK_OPEN) json_object_set_new(entry, "end", json_string(walk_end_word(told->end)));
}

void trial_told_end(struct trial_told *told)
{
    size_t i;
    json_t *entry;
    json_array_foreach(told->entries, i, entry) json_object_del(entry, "number");
}
