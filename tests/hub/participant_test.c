/* participant_test.c - one who has a part in the commit says no: see hub/participant.h. */
#include "hub/ingest_support.h"

#include "store/setting.h"

#include <stdlib.h>

/* Keeps the number of events it took, in memory and in the store. */
struct part { const char *name; int64_t n_events; int64_t n_before; int n_asked, n_undone, n_committed; bool says_no; };

static bool part_take(void *context, struct store *store, const struct taken *taken, struct err *err)
{
    struct part *part = context;
    char text[24];
    part->n_asked++;
    part->n_before = part->n_events;
    part->n_events += (int64_t)taken->events->n;
    snprintf(text, sizeof text, "%lld", (long long)part->n_events);
    return setting_put(store, part->name, text, err) &&
           (!part->says_no || err_set(err, ERR_REFUSED, "%s says no", part->name));
}

static bool part_undo(void *context, bool is_all, struct err *err)
{
    struct part *part = context;
    (void)is_all, (void)err;
    part->n_events = part->n_before;
    part->n_undone++;
    return true;
}

static void part_committed(void *context, const struct taken *taken)
{
    struct part *part = context;
    (void)taken;
    part->n_before = part->n_events;
    part->n_committed++;
}

static int64_t kept(struct fixture *fixture, const char *name)
{
    struct err err;
    char *text;
    ASSERT_OK(setting_get(fixture->store, name, &text, &err), &err);
    int64_t n = text ? strtoll(text, NULL, 10) : 0;
    free(text);
    return n;
}

static struct ingest_outcome put_one(struct fixture *fixture, const char *id)
{
    struct parcel parcel = parcel_new(1);
    parcel_add(&parcel, "ada", id);
    return fixture_put(fixture, &parcel);
}

Test(participant, whoever_says_no_in_the_middle_of_a_group_undoes_it_in_all_and_the_next_goes_on)
{
    static struct fixture fixture;
    struct part parts[] = { { .name = "first" }, { .name = "middle" }, { .name = "last" } };
    struct participant table[3];
    for (int i = 0; i < 3; i++)
        table[i] = (struct participant){ parts[i].name, part_take, part_undo, part_committed, NULL, &parts[i] };
    fixture.options.participants = table, fixture.options.n_participants = 3;
    fixture_open(&fixture, support_path("parts.holdfast"));
    cr_assert_eq(put_one(&fixture, "one").n_accepted, 1);

    parts[1].says_no = true;
    struct ingest_outcome outcome = put_one(&fixture, "two");
    cr_assert_eq(outcome.err.code, ERR_REFUSED);
    cr_assert(strstr(outcome.err.text, "middle says no"), "%s", outcome.err.text);
    cr_assert_eq(parts[2].n_asked, 1, "who comes after it was asked");
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(parts[i].n_undone, 1, "%s was not undone", parts[i].name);
        cr_assert_eq(parts[i].n_committed, 1, "%s heard of a group that is none", parts[i].name);
        cr_assert_eq(parts[i].n_events, 1);
        cr_assert_eq(kept(&fixture, parts[i].name), 1, "of %s something stayed in the store", parts[i].name);
    }
    cr_assert_eq(fixture_count(&fixture), 1, "an event of it is in the log");

    parts[1].says_no = false;
    outcome = put_one(&fixture, "two");
    cr_assert_eq(outcome.err.code, ERR_NONE, "%s", outcome.err.text);
    cr_assert_eq(outcome.n_repeated, 0, "it counts as there already");
    for (int i = 0; i < 3; i++) cr_assert_eq(kept(&fixture, parts[i].name), 2);
    cr_assert_eq(fixture_count(&fixture), 2);
    fixture_close(&fixture);
}
