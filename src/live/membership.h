/* membership.h - which customers are in which segment, from when on, and when that changes.
 *
 * A segment is a name and a condition (condition/expression.h).  Members are kept in memory and in table
 * segment_member; every entering and leaving is a row of segment_event, in order, that others read by
 * its id.  A change reaches memory first and the tables with a commit: what events cause with theirs, the rest with the
 * writer's next; after a crash between the two everybody is looked at again and the change is made anew.
 *
 * Truth moves with time alone: a check also asks what will be true at each midnight, when windows of days move, and
 * at an instant ahead.  Where that is another truth, halving finds the millisecond from which on it is, and the
 * customer is looked at again then.  So a change happens at its instant as long as each customer is checked before
 * the instant that the last check looked ahead to.  What this leaves out: a truth that changes and changes back
 * within less than the time between two checks (recency_days between 10 and 10.0001) may never be seen.
 *
 * All functions may be called by several threads. */
#ifndef LIVE_MEMBERSHIP_H
#define LIVE_MEMBERSHIP_H

#include "base/arena.h"
#include "base/clock.h"
#include "live/segment_source.h"
#include "hub/writer.h"

enum { SEGMENTS_MOST = 200, SEGMENT_NAME_MOST_BYTES = 200, SEGMENT_DESCRIPTION_MOST_BYTES = 2000,
       SEGMENT_SAMPLE = 10, PREVIEW_SOURCES_MOST = 8 };

struct memberships;

struct segment {                /* texts in the arena of whoever asked */
    int64_t     id;
    const char *name, *expression, *description;
    int64_t     created_ms, version;
    size_t      n_members;
    bool        is_complete;    /* everybody was checked since it was made or changed */
    const char *problem;        /* NULL, or why its condition cannot be evaluated any more */
};

/* Loads segments and members.  Errors: those of the store. */
bool memberships_open(struct store *store, struct memberships **ret_memberships, struct err *err) MUST_CHECK;
void memberships_close(struct memberships *memberships);        /* NULL is fine */

/* What there is: by id ascending.  Here and below members are those of the last commit: what a check found counts once
 * it is written, so that nobody sees what the end of the process would take back. */
size_t memberships_list(struct memberships *memberships, struct arena *arena, struct segment **ret_segments);
bool   memberships_get(struct memberships *memberships, int64_t id, struct arena *arena,
                       struct segment *ret_segment, struct err *err) MUST_CHECK;    /* ERR_MISSING */

/* Makes a segment (id 0) or changes the one with the id; a new condition means a new version and that
 * everybody is checked again.  Durable when it returns.
 * source: names that the condition may use; the caller's own.
 * Errors: ERR_INVALID no name, a name taken, too long, the condition (expression.h); *ret_field, if not
 * NULL, then is "name", "expression" or "description"; ERR_MISSING no such id; ERR_REFUSED too many. */
struct segment_draft { const char *name, *expression, *description; };
bool memberships_put(struct memberships *memberships, const struct segment_source *source,
                     const struct writer *writer, int64_t id, const struct segment_draft *draft, int64_t now_ms,
                     int64_t *ret_id, const char **ret_field, struct err *err) MUST_CHECK;

/* The segment and its members go; its events stay.  Errors: ERR_MISSING. */
bool memberships_remove(struct memberships *memberships, const struct writer *writer, int64_t id,
                        struct err *err) MUST_CHECK;

/* Members with identity > after, ascending, at most room.  Errors: ERR_MISSING. */
struct segment_member { uint32_t identity; int64_t since_ms; };
bool memberships_members(struct memberships *memberships, int64_t id, uint32_t after,
                         struct segment_member *ret_members, size_t room, size_t *ret_n,
                         struct err *err) MUST_CHECK;

/* The segments a customer is in: ids ascending and since when; at most room.  memberships_of_group: with what is found
 * and not committed yet, for the writer's own thread, whose transaction it is part of. */
struct segment_since { int64_t segment, since_ms; };
size_t memberships_of(struct memberships *memberships, uint32_t customer, struct segment_since *ret_segments,
                      size_t room);
size_t memberships_of_group(struct memberships *memberships, uint32_t customer, struct segment_since *ret_segments,
                            size_t room);

/* What a condition would select, without saving it.  Customers are visited in a random order until all
 * are seen or limit_ms is over; then n_members is what those seen let expect.  What all give is the same however many
 * threads visit them: one for each of the sources [n_sources], which have the same names and are narrowed.
 * Errors: ERR_INVALID as memberships_put; it took too long for one customer; ERR_BUSY the features changed. */
struct segment_overlap { int64_t segment; const char *name; size_t n_members, n_both; };
struct segment_preview {
    size_t   n_customers, n_seen, n_members;    /* of all; visited; members, of all */
    bool     is_exact;                          /* all were visited */
    uint32_t sample[SEGMENT_SAMPLE];            /* the first of the members in that order */
    size_t   n_sample;
    struct segment_overlap *overlaps;           /* [n_overlaps] each segment there is; n_both as n_members */
    size_t   n_overlaps;
    const char **absent;                        /* [n_absent] names in it that nobody visited has a value of */
    size_t   n_absent;
    double   seconds;
};
bool memberships_preview(struct memberships *memberships, struct segment_source *const *sources, unsigned n_sources,
                         const char *expression, const struct clock *clock, int64_t limit_ms,
                         struct arena *arena, struct segment_preview *ret_preview, struct err *err) MUST_CHECK;

/* --- for those that keep them current, one at a time (live/segment_check.h) --- */

/* Why a membership changed. */
enum segment_cause { CAUSE_EVENTS, CAUSE_TIME, CAUSE_MERGE, CAUSE_DEFINITION, CAUSE_START, SEGMENT_CAUSES };
const char *segment_cause_word(enum segment_cause cause);       /* "events" */

struct segment_change {
    int64_t            segment;
    uint32_t           identity;    /* 0: not a change, but that version at_ms of the segment is complete */
    int64_t            at_ms;
    int64_t            since_ms;    /* if entered: at_ms, or since when one of their identities was a member; if left:
                                     * since when they were one */
    bool               entered;
    enum segment_cause cause;
};

/* The next check is with another source: conditions are compiled again, with its names.  A name that is gone
 * reads as missing; a condition that no longer compiles keeps its members and says so in `problem`. */
void memberships_forget_names(struct memberships *memberships);

/* Looks at one customer now and ahead until until_ms > now_ms: puts changes on the list of changes and sets the
 * customer's timer.  An identity that is not a customer any more hands its memberships to the one
 * it belongs to (cause CAUSE_MERGE), which is then looked at.  at_ms: the instant that changes are given;
 * now_ms, or a timer's.  While a segment is not complete its changes have cause CAUSE_DEFINITION.
 * The caller holds the source's lock. */
void memberships_check(struct memberships *memberships, const struct segment_source *source, uint32_t identity,
                       int64_t now_ms, int64_t until_ms, int64_t at_ms, enum segment_cause cause);

/* The same without looking ahead, which is left to a check that follows: for the writer. */
void memberships_check_now(struct memberships *memberships, const struct segment_source *source, uint32_t identity,
                           int64_t now_ms, enum segment_cause cause);

/* memberships_version grows when a segment is made or changed.  A pass that began when it was `version` has looked
 * at everybody: segments made by then are complete, which goes on the list of changes too. */
uint64_t memberships_version(struct memberships *memberships);
void     memberships_passed(struct memberships *memberships, uint64_t version);
bool     memberships_incomplete(struct memberships *memberships);   /* some segment waits for a pass */
bool     memberships_any(struct memberships *memberships);          /* there is a segment */

/* Timers: when the next is due (INT64_MAX: none), and the customers that are due at now_ms. */
int64_t memberships_next_ms(struct memberships *memberships);
bool    memberships_due(struct memberships *memberships, int64_t now_ms, uint32_t *ret_identity,
                        int64_t *ret_due_ms);

size_t memberships_n_changes(struct memberships *memberships);      /* that no commit has taken yet */
/* Writes all changes there are, in order, in the store's transaction: *ret_n.  They stay on the list ... */
bool   memberships_write(struct memberships *memberships, struct store *store, size_t *ret_n, struct err *err) MUST_CHECK;
/* ... until the commit, when the first n move into the arena. */
void   memberships_take_changes(struct memberships *memberships, size_t n, struct arena *arena,
                                struct segment_change **ret_changes);
/* Takes back the changes beyond the first n, whose events never were. */
void   memberships_undo(struct memberships *memberships, size_t n);

/* The same number for the same members, for tests. */
uint64_t memberships_digest(struct memberships *memberships);

#endif
