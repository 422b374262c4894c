/* outbox_read.c - what is in the outbox, for whoever looks; see outbox.h. */
#include "hub/outbox.h"

#include "base/arena_list.h"
#include "store/sql.h"

#include <string.h>

enum { MOST_AT_ONCE = 100000 };

static struct outbox_row copy_row(const struct sql_message_list *row, struct arena *arena)
{
    return (struct outbox_row){
        .id = row->id, .entry = row->entry, .queued_ms = row->queued_ms,
        .due_ms = value_as_int(row->due_ms), .sent_ms = row->sent_ms,
        .key = arena_copy(arena, row->key.at), .journey = arena_copy(arena, row->journey.at),
        .step = arena_copy(arena, row->step.at), .channel = arena_copy(arena, row->channel.at),
        .topic = arena_copy(arena, row->topic.at), .status = arena_copy(arena, row->status.at),
        .rule = arena_copy(arena, row->rule.at), .reply = arena_copy(arena, row->reply.at),
        .provider_id = arena_copy(arena, row->provider_id.at), .version = (uint32_t)row->version,
        .identity = (uint32_t)row->identity, .n_attempts = (unsigned)row->n_attempts,
    };
}

bool outbox_read(struct store *store, const struct outbox_filter *filter, struct arena *arena,
                 struct outbox_row **ret_rows, size_t *ret_n, struct err *err)
{
    struct sql_message_list row;
    enum step step;
    size_t n = 0, room = 0, most = filter->most && filter->most < MOST_AT_ONCE ? filter->most : MOST_AT_ONCE;
    struct outbox_row *rows = NULL;
    int64_t below = filter->below ? filter->below : INT64_MAX;
    struct text status = text_of(filter->status), journey = text_of(filter->journey), channel = text_of(filter->channel);
    if (filter->identities.length == 0
            ? !sql_message_list(store, below, (int64_t)most, status, journey, channel, &row, err)
            : !sql_messages_of(store, below, (int64_t)most, status, journey, channel, filter->identities, &row, err))
        return false;
    while ((step = sql_message_list_step(&row, err)) == STEP_ROW) {
        rows = arena_list_grow(arena, rows, n, &room, sizeof *rows);
        rows[n++] = copy_row(&row, arena);
    }
    cursor_close(row.cursor);
    *ret_rows = rows;
    *ret_n = n;
    return step == STEP_END;
}

bool outbox_get(struct store *store, int64_t id, struct arena *arena, struct outbox_row *ret_row, struct err *err)
{
    struct sql_message_list row;
    if (!sql_message_get(store, id, &row, err)) return false;
    enum step step = sql_message_list_step(&row, err);
    if (step == STEP_ROW) *ret_row = copy_row(&row, arena);
    cursor_close(row.cursor);
    if (step == STEP_END) err_set(err, ERR_MISSING, "there is no message m_%lld", (long long)id);
    return step == STEP_ROW;
}

bool outbox_stops(struct store *store, struct arena *arena, struct outbox_stop_row **ret_rows, size_t *ret_n,
                  struct err *err)
{
    enum { STOPS_SHOWN = 1000 };
    struct sql_stop_all row;
    enum step step = STEP_END;
    size_t n = 0;
    struct outbox_stop_row *rows = ARENA_ARRAY(arena, struct outbox_stop_row, STOPS_SHOWN);
    if (!sql_stop_all(store, &row, err)) return false;
    while (n < STOPS_SHOWN && (step = sql_stop_all_step(&row, err)) == STEP_ROW)
        rows[n++] = (struct outbox_stop_row){ arena_copy(arena, row.scope.at), arena_copy(arena, row.who.at),
                                              row.since_ms };
    cursor_close(row.cursor);
    if (step == STEP_FAIL) return false;
    *ret_rows = rows;
    *ret_n = n;
    return true;
}
