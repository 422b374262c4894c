/* people_group.h - which group each customer of a log belongs to as of an instant, by what is known of them. */
#ifndef LEARN_PEOPLE_GROUP_H
#define LEARN_PEOPLE_GROUP_H

#include "base/arena.h"
#include "base/err.h"
#include "log/log.h"

enum { PEOPLE_GROUPS_MOST = 200, PEOPLE_TRAITS_MOST = 3 };
#define PEOPLE_NO_GROUP UINT32_MAX

struct people_group {
    size_t       n_groups, n;
    const char **names;         /* [n_groups] "f"; of several traits "f, DE" */
    uint32_t    *of;            /* [n] by identity: a group, or PEOPLE_NO_GROUP where nothing is known */
};

/* asked: a trait ("gender"), an SQL condition over features ("age >= 60", whose groups are 0 and 1), or up to
 * PEOPLE_TRAITS_MOST of them between commas, which are crossed.
 * Errors: ERR_INVALID nothing of that name (says close ones), or too many groups; those of the log. */
bool people_group(const struct log *log, const char *asked, int64_t as_of_ms, unsigned n_threads,
                  struct arena *arena, struct people_group *ret_group, struct err *err) MUST_CHECK;

/* The values of one trait, as the log tells it last before the instant; n_groups 0: nobody has such a trait.
 * Errors: ERR_INVALID too many values; those of the log. */
bool people_trait(const struct log *log, const char *trait, int64_t as_of_ms, struct arena *arena,
                  struct people_group *ret_group, struct err *err) MUST_CHECK;

/* The next of a list of traits and conditions; a comma within parentheses or quotes is the condition's own.
 * *rest: where it goes on, at the terminator when nothing is left. */
const char *people_next_asked(const char **rest, struct arena *arena);

#endif
