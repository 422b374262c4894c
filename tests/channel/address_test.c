/* Addresses: what may go over a wire, and as what. */
#include "channel/address.h"
#include "support.h"

static const char *email_of(struct arena *arena, const char *text)
{
    struct err err;
    const char *email = NULL;
    return address_email(text_of(text), arena, &email, &err) ? email : arena_copy(arena, err.text);
}

Test(address, emails_are_sent_in_ascii_with_their_domain_in_lower_case)
{
    struct arena *arena = arena_new(1 << 20);
    cr_assert_str_eq(email_of(arena, "Ada.Lovelace+x@Example.COM"), "Ada.Lovelace+x@example.com");
    cr_assert_str_eq(email_of(arena, " ada@käse.example "), "ada@xn--kse-qla.example");
    cr_assert_str_eq(email_of(arena, "a@例え.テスト"), "a@xn--r8jz45g.xn--zckzah");
    cr_assert_str_eq(email_of(arena, "a@localhost"), "a@localhost");
    arena_free(arena);
}

Test(address, what_could_say_more_to_a_relay_than_an_address_is_refused)
{
    static const char *const wrong[] = {
        "",
        "@",
        "a@",
        "@b.c",
        "a@b>",
        "a@b.c>",
        "a@b.c\r\nRCPT TO:<x@y.z>",
        "a\n@b.c",
        "a b@c.d",
        "\"a\"@b.c",
        "a@b@c.d",
        "<a@b.c>",
        "a..b@c.d",
        ".a@b.c",
        "a.@b.c",
        "a@b..c",
        "a@-b.c",
        "a@b-.c",
        "a@b",
        "ü@b.c",
        "a@b c.d",
        "a@[127.0.0.1]",
        "a@b.c\t",
        "a,b@c.d",
        "a;b@c.d",
    };
    struct arena *arena = arena_new(1 << 20);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct err err;
        const char *email;
        struct text text = { wrong[i], strlen(wrong[i]) };
        bool is_trimmed = strcmp(wrong[i], "a@b.c\t") == 0;
        cr_assert_eq(address_email(text, arena, &email, &err), is_trimmed, "%s", wrong[i]);
        cr_assert_null(strpbrk(err.text, "\r\n"), "what is told of it is one line");
    }
    struct err err;
    const char *email;
    cr_assert_not(address_email((struct text){ "a\0b@c.d", 7 }, arena, &email, &err));
    char *large = arena_alloc(arena, 65537, 1);
    memset(large, 'a', 65530);
    memcpy(large + 65530, "@b.c", 4);
    ASSERT_FAILS(address_email(text_of(large), arena, &email, &err), &err, ERR_INVALID, "more than 64");
    arena_free(arena);
}

Test(address, numbers_are_sent_in_e_164)
{
    struct arena *arena = arena_new(1 << 20);
    struct err err;
    const char *number;
    ASSERT_OK(address_number(text_of("+49 (151) 234-567.8"), arena, &number, &err), &err);
    cr_assert_str_eq(number, "+491512345678");
    ASSERT_OK(address_number(text_of("0049151 2345678"), arena, &number, &err), &err);
    cr_assert_str_eq(number, "+491512345678");
    static const char *const wrong[] = {
        "", "0151 2345678", "+49", "+0123456789", "+491512345678901234", "+49151&To=1", "12"
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_assert_not(address_number(text_of(wrong[i]), arena, &number, &err), "%s", wrong[i]);
    arena_free(arena);
}

Test(address, a_mailbox_is_a_name_and_an_address)
{
    struct arena *arena = arena_new(1 << 20);
    struct mailbox mailbox;
    struct err err;
    ASSERT_OK(address_mailbox(text_of("Käse & Co <news@example.com>"), arena, &mailbox, &err), &err);
    cr_assert_str_eq(mailbox.name, "Käse & Co");
    cr_assert_str_eq(mailbox.email, "news@example.com");
    ASSERT_OK(address_mailbox(text_of("\"Shop, Inc.\" <a@b.c>"), arena, &mailbox, &err), &err);
    cr_assert_str_eq(mailbox.name, "Shop, Inc.");
    ASSERT_OK(address_mailbox(text_of("a@b.c"), arena, &mailbox, &err), &err);
    cr_assert_str_eq(mailbox.name, "");
    ASSERT_FAILS(address_mailbox(text_of("A\r\nBcc: x@y.z <a@b.c>"), arena, &mailbox, &err), &err, ERR_INVALID,
                 "control character");
    ASSERT_FAILS(address_mailbox(text_of("a@b.c>"), arena, &mailbox, &err), &err, ERR_INVALID, "<");
    arena_free(arena);
}
