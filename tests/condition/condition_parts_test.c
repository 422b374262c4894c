/* condition_parts_test.c - a condition in its parts; see condition_parts.h. */
#include "condition/condition_parts.h"

#include "support.h"

#include <stdio.h>
#include <string.h>

/* "or: a | b" */
static const char *told(const char *sql)
{
    static char all[1024];
    struct text parts[CONDITION_PARTS_MOST];
    bool is_or;
    size_t n = condition_parts(text_of(sql), parts, &is_or), at = 0;
    at += (size_t)snprintf(all, sizeof all, "%s:", n == 1 ? "one" : is_or ? "or" : "and");
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%.*s", i ? " | " : " ", (int)parts[i].length,
                               parts[i].at);
    return all;
}

Test(condition_parts, the_outermost_words_split_and_or_goes_before_and)
{
    cr_assert_str_eq(told("a > 1 AND b < 2 and c"), "and: a > 1 | b < 2 | c");
    cr_assert_str_eq(told("a > 1 AND b < 2 OR c = 3"), "or: a > 1 AND b < 2 | c = 3");
    cr_assert_str_eq(told("a AND (b OR c)"), "and: a | (b OR c)");
    cr_assert_str_eq(told(" a > 1 "), "one: a > 1");
}

Test(condition_parts, what_is_quoted_between_or_a_case_is_not_split)
{
    cr_assert_str_eq(told("city = 'Rum and Cola' AND \"salt or pepper\" = 1"),
                     "and: city = 'Rum and Cola' | \"salt or pepper\" = 1");
    cr_assert_str_eq(told("a BETWEEN 1 AND 5 AND b"), "and: a BETWEEN 1 AND 5 | b");
    cr_assert_str_eq(told("CASE WHEN a AND b THEN 1 END = 1 AND c"), "and: CASE WHEN a AND b THEN 1 END = 1 | c");
    cr_assert_str_eq(told("band = 1 AND orders > 2"), "and: band = 1 | orders > 2");
    cr_assert_str_eq(told("größe_and_mehr > 1 AND b"), "and: größe_and_mehr > 1 | b");
}

Test(condition_parts, more_parts_than_anybody_reads_stay_one)
{
    char sql[1024] = "a0";
    for (int i = 1; i <= CONDITION_PARTS_MOST; i++)
        snprintf(sql + strlen(sql), sizeof sql - strlen(sql), " AND a%d", i);
    cr_assert(strncmp(told(sql), "one: a0 AND", 11) == 0);
}
