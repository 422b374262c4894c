/* feature_query.c - see feature_query.h. */
#include "warehouse/feature_query.h"

#include "base/calendar.h"
#include "log/correction.h"
#include "warehouse/shard.h"

#include <inttypes.h>
#include <stdio.h>

#define EVENT_COLUMNS                                                                                             \
    "identity_hash, partition, kind, received_ms, time_ms, amount_cents, quantity_milli, item_hash, "             \
    "message_hash, row, property_names, property_values"

const char visiting_columns_sql[] =
    "identity_hash UInt64, partition UInt8, kind String, received_ms Int64, time_ms Int64, amount_cents Int64, "
    "quantity_milli Int64, item_hash UInt64, message_hash UInt64, row UInt64, property_names Array(String), "
    "property_values Array(String)";

enum { SHARE_BITS = 20 };
static uint64_t share_limit(double share) { return (uint64_t)(share * (double)(1 << SHARE_BITS) + 0.5); }

static const char *instants(const struct feature_query *query, struct arena *arena)
{
    const char *list = arena_format(arena, "toInt64(%" PRId64 ")", query->cutoffs_ms[0]);
    for (size_t c = 1; c < query->n_cutoffs; c++)
        list = arena_format(arena, "%s, toInt64(%" PRId64 ")", list, query->cutoffs_ms[c]);
    return arena_format(arena, "arrayJoin([%s])", list);
}

/* Customers of these partitions that this shard answers for; column is the partition of the customer. */
static const char *is_ours(const struct feature_query *query, const char *column, struct arena *arena)
{
    size_t n_shards = query->settings->n_shards;
    const char *ours =
        n_shards > 1 ? arena_format(arena, " AND %s %% %zu = %zu", column, n_shards, query->shard) : "";
    return arena_format(arena, "%s BETWEEN %u AND %u%s", column, query->first_partition, query->last_partition,
                        ours);
}

/* Whose rows are looked at, by what is in the row itself. */
static const char *may_be_ours(const struct feature_query *query, struct arena *arena)
{
    const char *database = query->settings->database;
    const char *alone = is_ours(query, "partition", arena);
    if (!query->is_linked) return alone;
    return arena_format(arena, "((%s) OR identity_hash IN (SELECT identity_hash FROM %s.members WHERE %s))", alone,
                        database, is_ours(query, "customer_partition", arena));
}

static const char *events_of(const struct feature_query *query, struct arena *arena)
{
    const char *own = arena_format(arena, "SELECT " EVENT_COLUMNS " FROM %s.events WHERE identity != '' AND %s",
                                   query->settings->database, may_be_ours(query, arena));
    if (!query->is_visited) return own;
    return arena_format(arena, "%s UNION ALL SELECT " EVENT_COLUMNS " FROM visiting", own);
}

/* The row that counts is of a partition that no customer has. */
const char *feature_query_visitors_sql(const struct feature_query *query, struct arena *arena)
{
    const char *from = arena_format(
        arena,
        "FROM %s.events WHERE identity != '' AND identity_hash IN (SELECT identity_hash FROM %s.members "
        "WHERE %s AND partition %% %zu != %zu)",
        query->settings->database, query->settings->database, is_ours(query, "customer_partition", arena),
        query->settings->n_shards, query->shard);
    return arena_format(arena,
                        "SELECT " EVENT_COLUMNS " %s UNION ALL SELECT toUInt64(0), toUInt8(255), '', toInt64(0), "
                        "toInt64(0), toInt64(0), toInt64(0), toUInt64(0), toUInt64(0), toUInt64(count()), "
                        "emptyArrayString(), emptyArrayString() %s",
                        from, from);
}

/* By its address alone, for somebody who asks without us. */
const char *feature_query_visiting_sql(const struct feature_query *query, struct arena *arena)
{
    const struct warehouse_settings *settings = query->settings;
    const char *all = arena_format(arena, "CREATE TEMPORARY TABLE visiting (%s);\n", visiting_columns_sql);
    for (size_t s = 0; s < settings->n_shards; s++) {
        if (s == query->shard) continue;
        const char *address = arena_format(
            arena, "%s/?user=%s%s&query=%s", settings->replicas[s][0],
            url_escaped(arena, settings->user ? settings->user : "default"),
            settings->password ? "&password=PASSWORD" : "",
            url_escaped(arena, arena_format(arena, "%s FORMAT Native", feature_query_visitors_sql(query, arena))));
        all = arena_format(arena, "%sINSERT INTO visiting SELECT * FROM url(%s, Native, %s);\n", all,
                           sql_quoted(arena, text_of(address)), sql_quoted(arena, text_of(visiting_columns_sql)));
    }
    return all;
}

const char *feature_query_visited_sql(const struct feature_query *query, struct arena *arena)
{
    return arena_format(arena,
                        "SELECT toUInt8(countIf(partition = 255) = %zu AND countIf(partition != 255) = "
                        "sumIf(row, partition = 255)) FROM visiting",
                        query->settings->n_shards - 1);
}

/* Each event at each instant at which it counts, with the customer it was of; is_now: as all links join them, and
 * as corrected by all that is known, whatever the instant. */
static const char *known_events(const struct feature_query *query, bool is_now, const char *when,
                                struct arena *arena)
{
    const char *database = query->settings->database;
    const char *events =
        arena_format(arena, "SELECT *, %s AS as_of_ms FROM (%s)", instants(query, arena), events_of(query, arena));
    if (query->is_corrected)
        events = arena_format(
            arena,
            "SELECT * FROM (%s) AS told ANY LEFT JOIN (SELECT %s AS as_of_ms, bitNot(message_hash) AS "
            "message_hash, "
            "max(row) AS corrected_by FROM (%s) WHERE kind = '" LOG_CORRECTION "'%s GROUP BY as_of_ms, "
            "message_hash) AS corrected USING (as_of_ms, message_hash) WHERE kind != '" LOG_CORRECTION
            "' AND row >= "
            "corrected_by",
            events, instants(query, arena), events_of(query, arena), is_now ? "" : " AND received_ms < as_of_ms");
    if (!query->is_linked)
        return arena_format(arena,
                            "SELECT *, identity_hash AS customer_hash, partition AS customer_partition FROM (%s) "
                            "WHERE %s",
                            events, when);
    return arena_format(
        arena,
        "SELECT *, if(member_hash = 0, identity_hash, member_hash) AS customer_hash, if(member_hash = 0, "
        "partition, member_partition) AS customer_partition FROM (%s) AS known ANY LEFT JOIN (SELECT %s AS "
        "as_of_ms, "
        "identity_hash, argMax(customer_hash, (version, since_ms)) AS member_hash, argMax(customer_partition, "
        "(version, since_ms)) AS member_partition FROM %s.members%s GROUP BY as_of_ms, identity_hash) AS member "
        "USING "
        "(as_of_ms, identity_hash) WHERE %s",
        events, instants(query, arena), database, is_now ? "" : " WHERE since_ms < as_of_ms", when);
}

static const char *source_of(const struct feature_query *query, bool is_now, const char *when, struct arena *arena)
{
    const char *sampled = query->share >= 1
                              ? ""
                              : arena_format(arena, " AND bitShiftRight(customer_hash, %d) < %" PRIu64,
                                             64 - SHARE_BITS, share_limit(query->share));
    return arena_format(arena, "SELECT * FROM (%s) WHERE %s%s", known_events(query, is_now, when, arena),
                        is_ours(query, "customer_partition", arena), sampled);
}

/* By which event somebody is asked at an instant; NULL: everybody is. */
static const char *asked_by(const struct feature_query *query, struct arena *arena)
{
    const struct question *question = query->question;
    if (!question || question->kind == QUESTION_TRAIT || question->active_days <= 0) return NULL;
    int64_t active_ms = question->active_days * MS_PER_DAY;
    const char *is = question->kind == QUESTION_EVENT
                         ? ""
                         : arena_format(arena, "kind = %s AND ", sql_quoted(arena, text_of(question->goal)));
    return arena_format(arena, "%stime_ms >= as_of_ms - %" PRId64, is, active_ms);
}

const char *feature_query_sql(const struct feature_query *query, struct arena *arena)
{
    static const char known[] = "received_ms < as_of_ms AND time_ms < as_of_ms";
    const char *source = source_of(query, false, known, arena), *counted = source, *asked = asked_by(query, arena);
    const char *is_active = asked ? arena_format(arena, "toUInt8(countIf(%s) > 0)", asked) : "toUInt8(1)";
    if (asked && query->is_of_asked) {
        counted = source_of(query, false, arena_format(arena, "%s AND %s", known, asked), arena);
        source = arena_format(arena,
                              "SELECT * FROM (%s) WHERE (as_of_ms, customer_hash) IN (SELECT as_of_ms, "
                              "customer_hash FROM (%s))",
                              source, counted);
    }
    size_t n_bytes = 0, n = 0;
    for (size_t f = 0; f < query->n_features; f++)
        n_bytes += strlen(feature_at(query->set, query->features[f])->sql) + 64;
    char *columns = arena_alloc(arena, n_bytes + 1, 1),
         *blanks = arena_alloc(arena, 32 * query->n_features + 1, 1);
    size_t n_blanks = 0;
    for (size_t f = 0; f < query->n_features; f++) {
        n += (size_t)snprintf(columns + n, n_bytes + 1 - n, ",\n  toFloat64(%s) AS f%zu",
                              feature_at(query->set, query->features[f])->sql, f);
        n_blanks += (size_t)snprintf(blanks + n_blanks, 32 * query->n_features + 1 - n_blanks, ", toFloat64(0)");
    }
    return arena_format(
        arena,
        "SELECT as_of_ms, customer_hash, %s AS is_active%s\nFROM (%s)\nGROUP BY as_of_ms, customer_hash\nUNION "
        "ALL SELECT toInt64(-9223372036854775807) - 1, toUInt64(count()), toUInt8(0)%s FROM (SELECT as_of_ms, "
        "customer_hash FROM (%s) GROUP BY as_of_ms, customer_hash)",
        is_active, columns, source, blanks, counted);
}

const char *feature_query_labels_sql(const struct feature_query *query, struct arena *arena)
{
    const struct question *question = query->question;
    const char *goal = sql_quoted(arena, text_of(question->goal)), *kinds = goal;
    for (size_t i = 0; i < question->n_left; i++)
        kinds = arena_format(arena, "%s, %s", kinds, sql_quoted(arena, text_of(question->left[i])));
    const char *when =
        arena_format(arena, "kind IN (%s) AND time_ms >= as_of_ms AND time_ms < as_of_ms + %" PRId64, kinds,
                     question->horizon_days * MS_PER_DAY);
    const char *stays = arena_format(arena, "maxIf(time_ms, kind = %s) > maxIf(time_ms, kind != %s)", goal, goal);
    const char *source = source_of(query, true, when, arena);
    return arena_format(
        arena,
        "SELECT as_of_ms, customer_hash, toUInt64(%s), toInt64(sumIf(amount_cents, kind = %s)) FROM (%s) GROUP BY "
        "as_of_ms, customer_hash UNION ALL SELECT toInt64(-9223372036854775807) - 1, toUInt64(count()), "
        "toUInt64(0), toInt64(0) FROM (SELECT as_of_ms, customer_hash FROM (%s) GROUP BY as_of_ms, "
        "customer_hash)",
        stays, goal, source, source);
}
