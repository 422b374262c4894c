/* link_fuzz.c - any bytes as what stands in an address of ours: a link, a return path, a place in a list.  None that this
 * database did not make is taken, and what it makes of the same bytes reads back. */
#include "desk/customer_list.h"
#include "hub/links.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_and_read(const struct vault *vault, struct text said, struct arena *arena)
{
    struct link_token given = { 7, -9, said }, got;
    if (said.length > LINK_TEXT_MOST_BYTES || memchr(said.at, '\0', said.length)) return;
    const char *url = link_url(vault, "https://news.example/", LINK_CLICK, &given, arena);
    struct text token = text_of(strrchr(url, '/') + 1);
    assert(link_read(vault, LINK_CLICK, token, arena, &got) && got.identity == given.identity &&
           got.message == given.message && text_equal(got.text, said));
    assert(!link_read(vault, LINK_OPEN, token, arena, &got));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    const struct vault vault = { { 1, 2, 3 }, { 4, 5, 6 } };
    char *copy = malloc(size + 1);
    assert(copy);
    if (size) memcpy(copy, data, size);
    copy[size] = '\0';
    struct text bytes = { copy, size };
    struct link_token token;
    const char *channel, *topic;
    int64_t message;
    double value;
    uint32_t identity;
    struct err err;
    for (int kind = LINK_UNSUBSCRIBE; kind <= LINK_OPEN; kind++)
        assert(!link_read(&vault, (enum link_kind)kind, bytes, arena, &token));
    assert(!link_bounce_read(&vault, bytes, &message));
    assert(link_split(bytes, arena, &channel, &topic) == (memchr(copy, '/', size) != NULL));
    if (customer_place_read(copy, &value, &identity, &err)) {
        double again;
        uint32_t same;
        assert(customer_place_read(customer_place_write(value, identity, arena), &again, &same, &err));
        assert(same == identity && (again == value || (isnan(again) && isnan(value))));
    }
    make_and_read(&vault, bytes, arena);
    free(copy);
    arena_free(arena);
    return 0;
}
