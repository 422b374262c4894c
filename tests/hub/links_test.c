/* links_test.c - what a link says is what was put into it, and nobody else can make one. */
#include "hub/links.h"
#include "support.h"

Test(links, a_token_says_what_was_put_into_it_to_its_own_kind_alone)
{
    struct arena *arena = arena_new(1 << 20);
    struct vault vault = { .hash_key = { 1 } }, other = { .hash_key = { 2 } };
    const struct link_token token = { 7, 42, TEXT("email/offers") };
    struct link_token read;
    const char *channel, *topic;
    const char *url = link_url(&vault, "https://news.example.com/", LINK_UNSUBSCRIBE, &token, arena);
    cr_assert(strncmp(url, "https://news.example.com/u/", 27) == 0, "%s", url);
    struct text sent = text_of(url + 27);
    cr_assert(link_read(&vault, LINK_UNSUBSCRIBE, sent, arena, &read));
    cr_assert(read.identity == 7 && read.message == 42 && link_split(read.text, arena, &channel, &topic));
    cr_assert_str_eq(channel, "email");
    cr_assert_str_eq(topic, "offers");
    cr_assert_not(link_read(&vault, LINK_PREFERENCES, sent, arena, &read));
    cr_assert_not(link_read(&other, LINK_UNSUBSCRIBE, sent, arena, &read));
    for (size_t i = 0; i < sent.length; i++) {
        char *changed = arena_copy(arena, sent.at);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        bool is_read = link_read(&vault, LINK_UNSUBSCRIBE, text_of(changed), arena, &read);
        cr_assert(!is_read || i + 1 == sent.length, "letter %zu", i); /* the last holds bits that say nothing */
    }
    arena_free(arena);
}

Test(links, a_return_path_knows_no_case)
{
    struct arena *arena = arena_new(1 << 20);
    struct vault vault = { .hash_key = { 1 } };
    int64_t message = 0;
    const char *token = link_bounce_token(&vault, 123456789, arena);
    char *upper = arena_copy(arena, token);
    for (char *c = upper; *c; c++) *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    cr_assert(link_bounce_read(&vault, text_of(token), &message) && message == 123456789);
    message = 0;
    cr_assert(link_bounce_read(&vault, text_of(upper), &message) && message == 123456789);
    upper[0] = upper[0] == '0' ? '1' : '0';
    cr_assert_not(link_bounce_read(&vault, text_of(upper), &message));
    cr_assert_not(link_bounce_read(&vault, text_of("check"), &message));
    cr_assert_not(link_bounce_read(&vault, text_of(""), &message));
    arena_free(arena);
}
