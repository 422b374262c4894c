/* feature_words.c - how a kind of event is called in names and sentences; see feature_set_internal.h. */
#include "feature/feature_set_internal.h"
#include "base/letters.h"

#include <string.h>

const char *feature_slug(const char *kind_name, struct arena *arena)
{
    const char *slug = letters_slug(arena, kind_name);
    return slug[0] ? slug : "kind";
}

/* done stands after "has not" and "has", does after "usually". */
static const struct { const char *kind; struct kind_words words; } known[] = {
    { "order",       { "order", "orders", "an", "ordered", "orders" } },
    { "purchase",    { "purchase", "purchases", "a", "bought anything", "buys" } },
    { "buy",         { "purchase", "purchases", "a", "bought anything", "buys" } },
    { "transaction", { "transaction", "transactions", "a", "made a transaction", "makes one" } },
    { "payment",     { "payment", "payments", "a", "paid", "pays" } },
    { "refund",      { "refund", "refunds", "a", "had a refund", "has one" } },
    { "return",      { "return", "returns", "a", "returned anything", "returns something" } },
    { "visit",       { "visit", "visits", "a", "visited", "visits" } },
    { "session",     { "session", "sessions", "a", "visited", "visits" } },
    { "login",       { "login", "logins", "a", "logged in", "logs in" } },
    { "signup",      { "sign-up", "sign-ups", "a", "signed up", "signs up" } },
    { "view",        { "view", "views", "a", "viewed anything", "views something" } },
    { "pv",          { "page view", "page views", "a", "viewed a page", "views a page" } },
    { "page",        { "page view", "page views", "a", "viewed a page", "views a page" } },
    { "page_view",   { "page view", "page views", "a", "viewed a page", "views a page" } },
    { "pageview",    { "page view", "page views", "a", "viewed a page", "views a page" } },
    { "click",       { "click", "clicks", "a", "clicked", "clicks" } },
    { "open",        { "opened message", "opened messages", "an", "opened a message", "opens one" } },
    { "send",        { "message sent", "messages sent", "a", "been sent a message", "is sent one" } },
    { "cart",        { "addition to the cart", "additions to the cart", "an", "put anything in the cart",
                       "puts something in the cart" } },
    { "add_to_cart", { "addition to the cart", "additions to the cart", "an", "put anything in the cart",
                       "puts something in the cart" } },
    { "fav",         { "favourite", "favourites", "a", "marked a favourite", "marks one" } },
    { "favorite",    { "favourite", "favourites", "a", "marked a favourite", "marks one" } },
    { "like",        { "like", "likes", "a", "liked anything", "likes something" } },
    { "bookmark",    { "bookmark", "bookmarks", "a", "bookmarked anything", "bookmarks something" } },
    { "comment",     { "comment", "comments", "a", "commented", "comments" } },
    { "follow",      { "follow", "follows", "a", "followed anyone", "follows someone" } },
    { "share",       { "share", "shares", "a", "shared anything", "shares something" } },
    { "search",      { "search", "searches", "a", "searched", "searches" } },
    { "download",    { "download", "downloads", "a", "downloaded anything", "downloads something" } },
    { "play",        { "play", "plays", "a", "played", "plays" } },
    { "review",      { "review", "reviews", "a", "written a review", "writes one" } },
    { "ticket",      { "support ticket", "support tickets", "a", "opened a support ticket", "opens one" } },
};

struct kind_words kind_words_of(const char *kind_name, struct arena *arena)
{
    if (kind_name[0] == 0) return (struct kind_words){ "event", "events", "an", "been active", "is active" };
    const char *slug = feature_slug(kind_name, arena);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(slug, known[i].kind) == 0) return known[i].words;
    size_t length = strlen(slug);
    if (length > 5 && strcmp(slug + length - 5, "_item") == 0) {
        struct kind_words whole = kind_words_of(arena_format(arena, "%.*s", (int)(length - 5), slug), arena);
        return (struct kind_words){ arena_format(arena, "%s line", whole.one),
                                    arena_format(arena, "%s lines", whole.one), whole.an, NULL, NULL };
    }
    char *text = arena_copy(arena, slug);
    for (char *at = text; *at; at++) if (*at == '_') *at = ' ';
    return (struct kind_words){ arena_format(arena, "\"%s\" event", text),
                                arena_format(arena, "\"%s\" events", text),
                                strchr("aeiou", text[0]) ? "an" : "a", NULL, NULL };
}
