/* http_parse_test.c - what we read of a request ourselves. */
#include "server/http_parse.h"
#include "support.h"

static struct arena *arena;

static void start(void)  { arena = arena_new(1 << 24); }
static void finish(void) { arena_free(arena); }

TestSuite(http_parse, .init = start, .fini = finish);

#define IS(text, wanted)                                                                                          \
    cr_assert(text_equal((text), text_of(wanted)), "'%.*s', want '%s'", (int)(text).length, (text).at, wanted)

Test(http_parse, a_target_is_a_path_and_a_query)
{
    static const char *const cases[][3] = {
        { "/v1/track?x=1&y", "/v1/track", "x=1&y" },
        { "/v1/track/", "/v1/track", "" },
        { "//v1//track//?", "/v1//track", "" },
        { "/", "/", "" },
        { "///", "/", "" },
        { "", "/", "" },
        { "?a=1", "/", "a=1" },
        { "*", "*", "" },
        { "http://h:1/a/b?c", "/a/b", "c" },
        { "HTTPS://h", "/", "" },
        { "http://h?x", "/", "" },
        { "/a?b?c", "/a", "b?c" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text path, query;
        target_split(text_of(cases[i][0]), &path, &query);
        IS(path, cases[i][1]);
        IS(query, cases[i][2]);
    }
}

Test(http_parse, percent_signs_are_undone_or_refused)
{
    struct text got;
    cr_assert(percent_decode(text_of("a%2Fb%20c+d%C3%A9"), false, arena, &got));
    IS(got, "a/b c+d\xc3\xa9");
    cr_assert(percent_decode(text_of("a+b%2B"), true, arena, &got));
    IS(got, "a b+");
    cr_assert(percent_decode(text_of("{%0A%09%22a%22%0D%0A}"), true, arena, &got));
    IS(got, "{\n\t\"a\"\r\n}");
    cr_assert(!percent_decode(text_of("a%00b"), true, arena, &got) &&
              !percent_decode(text_of("%1b"), true, arena, &got));
    cr_assert(!percent_decode(text_of("%"), false, arena, &got) &&
              !percent_decode(text_of("%2"), false, arena, &got));
    cr_assert(!percent_decode(text_of("%zz"), false, arena, &got));
    cr_assert(!percent_decode(text_of("a%00b"), false, arena, &got) &&
              !percent_decode(text_of("%0a"), false, arena, &got));
    cr_assert(!percent_decode(text_of("a\nb"), false, arena, &got) &&
              !percent_decode(text_of("%7f"), false, arena, &got));
}

Test(http_parse, a_query_gives_the_first_value_of_a_name)
{
    struct text got;
    struct text query = text_of("a=1&b=x%20y&a=2&c&d=&w%72ite=k");
    cr_assert(query_find(query, "a", arena, &got));
    IS(got, "1");
    cr_assert(query_find(query, "b", arena, &got));
    IS(got, "x y");
    cr_assert(query_find(query, "c", arena, &got) && got.length == 0);
    cr_assert(query_find(query, "d", arena, &got) && got.length == 0);
    cr_assert(query_find(query, "write", arena, &got));
    IS(got, "k");
    cr_assert(!query_find(query, "e", arena, &got) && !query_find(text_of(""), "a", arena, &got));
    cr_assert(!query_find(text_of("a=%zz"), "a", arena, &got));
}

Test(http_parse, a_path_fits_its_form_segment_by_segment)
{
    struct text params[REQUEST_PARAMS];
    const char *form = "/v1/customers/{id}/devices/{device}";
    cr_assert(path_match(form, text_of("/v1/customers/a%2Fb%20c/devices/7"), arena, params));
    IS(params[0], "a/b c");
    IS(params[1], "7");
    cr_assert(!path_match(form, text_of("/v1/customers/a/devices"), arena, params));
    cr_assert(!path_match(form, text_of("/v1/customers//devices/7"), arena, params));
    cr_assert(!path_match(form, text_of("/v1/customers/a/devices/7/8"), arena, params));
    cr_assert(!path_match("/v1/track", text_of("/v1/trac"), arena, params));
    cr_assert(!path_match("/v1/track", text_of("/v1/tracks"), arena, params));
    cr_assert(path_match("/v1/track", text_of("/v1/track"), arena, params));
}

Test(http_parse, dots_name_no_customer)
{
    struct text params[REQUEST_PARAMS];
    const char *form = "/v1/customers/{id}";
    static const char *const bad[] = { "..", ".", "%2e%2e", "%2E", "a%00", "%0d%0aX", "%2" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert(!path_match(form, text_of(arena_format(arena, "/v1/customers/%s", bad[i])), arena, params), "%s",
                  bad[i]);
    cr_assert(path_match(form, text_of("/v1/customers/..."), arena, params));
    cr_assert(!path_match(form, text_of("/v1/customers/../../etc/passwd"), arena, params));
}

Test(http_parse, basic_credentials_are_a_user_and_perhaps_a_password)
{
    struct text user, password;
    cr_assert(basic_read(text_of("Basic V0s6"), arena, &user, &password));
    IS(user, "WK");
    IS(password, "");
    cr_assert(basic_read(text_of("basic V0s="), arena, &user, &password));
    IS(user, "WK");
    cr_assert(basic_read(text_of("Basic YTpiOmM="), arena, &user, &password));
    IS(user, "a");
    IS(password, "b:c");
    cr_assert(basic_read(text_of("V0s6"), arena, &user, &password));
    IS(user, "WK");
    cr_assert(!basic_read(text_of("Basic "), arena, &user, &password));
    cr_assert(!basic_read(text_of("Basic !!"), arena, &user, &password));
    cr_assert(!basic_read(text_of(""), arena, &user, &password));
    cr_assert(bearer_read(text_of("bearer  x.y "), &user));
    IS(user, "x.y");
    cr_assert(!bearer_read(text_of("Bearer "), &user) && !bearer_read(text_of("Basic x"), &user));
}

Test(http_parse, a_cookie_is_found_by_its_whole_name)
{
    struct text got;
    cr_assert(cookie_find(text_of("xholdfast=1; holdfast=2=3 ; holdfast=4"), "holdfast", &got));
    IS(got, "2=3");
    cr_assert(!cookie_find(text_of("holdfastx=1"), "holdfast", &got) &&
              !cookie_find(text_of(""), "holdfast", &got));
}

Test(http_parse, other_origins_may_send_the_clients_headers_only)
{
    cr_assert_str_eq(
        cors_headers(text_of("Authorization,content-type, X-Evil ,Rsa-Retry-Count,anonymousid"), arena),
        "Authorization, content-type, Rsa-Retry-Count, anonymousid");
    cr_assert_str_eq(cors_headers(text_of(""), arena), "");
    cr_assert_str_eq(cors_headers(text_of("rsa-x\r\nSet-Cookie: a, rsa-\x01"), arena), "");
}

Test(http_parse, an_origin_is_the_host_with_its_scheme)
{
    cr_assert(origin_is_host(text_of("http://shop:80"), text_of("SHOP:80"), false));
    cr_assert(!origin_is_host(text_of("http://shop:80"), text_of("shop:80"), true));
    cr_assert(!origin_is_host(text_of("http://shop:80.evil"), text_of("shop:80"), false));
    cr_assert(!origin_is_host(text_of("null"), text_of(""), false) &&
              !origin_is_host(text_of("http://"), text_of(""), false));
}
