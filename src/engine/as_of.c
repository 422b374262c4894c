/* as_of.c - see as_of.h. */
#include "engine/as_of.h"

#include "base/calendar.h"
#include "store/setting.h"
#include "table/import_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENDED_DAYS = 7, EVENTS_THAT_GO_ON = 1000 };

static const char choice_setting[] = "as_of", history_setting[] = "history_end";

static const char *const words[] = { NULL, "now", "last-event" };

const char *as_of_word(enum as_of_choice choice) { return words[choice]; }

bool as_of_choice_of(struct text word, enum as_of_choice *ret_choice)
{
    for (size_t i = AS_OF_NOW; i <= AS_OF_LAST_EVENT; i++)
        if (text_equal(word, text_of(words[i]))) {
            *ret_choice = (enum as_of_choice)i;
            return true;
        }
    return false;
}

/* What was found before: "end_ms n_events". */
static bool read_kept(struct store *store, struct as_of *as_of, struct err *err)
{
    char *choice = NULL, *history = NULL, *rest;
    bool ok = setting_get(store, choice_setting, &choice, err) && setting_get(store, history_setting, &history, err);
    if (ok && choice) (void)as_of_choice_of(text_of(choice), &as_of->choice);
    if (ok && history) {
        as_of->end_ms = strtoll(history, &rest, 10);
        as_of->n_events = strtoull(rest, NULL, 10);
    }
    free(choice);
    free(history);
    return ok;
}

static bool keep(struct store *store, const struct as_of *as_of, struct err *err)
{
    char text[48];
    snprintf(text, sizeof text, "%lld %llu", (long long)as_of->end_ms, (unsigned long long)as_of->n_events);
    return setting_put(store, history_setting, text, err);
}

/* The end of the newest import, of anything but a table; 0: none. */
static bool find_import(struct store *store, int64_t *ret_end_ms, bool *ret_is_table, struct err *err)
{
    struct arena *arena = arena_new(ARENA_NO_LIMIT);
    struct import_record record;
    bool ok = import_latest(store, arena, &record, err);
    *ret_is_table = ok && record.shape == SHAPE_TABLE;
    *ret_end_ms = ok && !*ret_is_table ? record.last_ms + 1 : 0;
    if (!ok && err->code == ERR_MISSING) ok = true;
    arena_free(arena);
    return ok;
}

/* Events that came live after the end do not move it; an import does. */
static bool find_end(struct store *store, const struct log *log, int64_t now_ms, struct as_of *as_of, struct err *err)
{
    struct log_totals totals;
    int64_t import_end_ms, old_ms = now_ms - ENDED_DAYS * MS_PER_DAY;
    bool is_table;
    if (!log_totals(log, &totals, err) || !find_import(store, &import_end_ms, &is_table, err)) return false;
    bool is_known = as_of->end_ms > 0, is_longer = import_end_ms > as_of->end_ms;
    int64_t end_ms = is_known ? import_end_ms : totals.last_ms + 1;
    bool is_over = totals.n_events > 0 && !is_table && end_ms < old_ms;
    bool goes_on = is_table || (is_known && totals.n_events >= as_of->n_events + EVENTS_THAT_GO_ON);
    if ((!is_known || is_longer) && is_over) {
        as_of->end_ms = end_ms, as_of->n_events = totals.n_events;
        return keep(store, as_of, err);
    }
    if (is_known && ((is_longer && !is_over) || (goes_on && as_of->choice == AS_OF_UNDECIDED))) {
        as_of->end_ms = 0, as_of->n_events = 0;
        return keep(store, as_of, err);
    }
    return true;
}

/* Time stands at the last event also of a history that has only just ended. */
static bool stand_at_last(struct store *store, const struct log *log, struct as_of *as_of, struct err *err)
{
    struct log_totals totals;
    if (as_of->choice != AS_OF_LAST_EVENT || as_of->end_ms > 0) return true;
    if (!log_totals(log, &totals, err)) return false;
    if (totals.n_events == 0) return true;
    as_of->end_ms = totals.last_ms + 1, as_of->n_events = totals.n_events;
    return keep(store, as_of, err);
}

bool as_of_read(struct store *store, const struct log *log, enum as_of_choice choice, int64_t now_ms,
                struct as_of *ret_as_of, struct err *err)
{
    struct as_of as_of = { .choice = AS_OF_UNDECIDED };
    if (!read_kept(store, &as_of, err)) return false;
    if (choice != AS_OF_UNDECIDED && choice != as_of.choice &&
        !setting_put(store, choice_setting, words[choice], err))
        return false;
    if (choice != AS_OF_UNDECIDED) as_of.choice = choice;
    if (!find_end(store, log, now_ms, &as_of, err) || !stand_at_last(store, log, &as_of, err)) return false;
    *ret_as_of = as_of;
    return true;
}

bool as_of_is_asked(const struct as_of *as_of) { return as_of->choice == AS_OF_UNDECIDED && as_of->end_ms > 0; }

bool as_of_is_still(const struct as_of *as_of) { return as_of->choice == AS_OF_LAST_EVENT; }

int64_t as_of_instant_ms(const struct as_of *as_of, int64_t now_ms)
{
    return as_of->end_ms > 0 && as_of->choice != AS_OF_NOW ? as_of->end_ms : now_ms;
}

enum live_stands as_of_stands(const struct as_of *as_of)
{
    static const enum live_stands stands[] = { STANDS_SILENT, STANDS_ANSWERS, STANDS_EVERYBODY };
    return as_of->end_ms > 0 ? stands[as_of->choice] : STANDS_NOTHING;
}
