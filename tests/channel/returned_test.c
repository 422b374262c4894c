/* Bounces and complaints as receivers write them, and a message's HTML as text. */
#include "channel/plain_text.h"
#include "channel/returned.h"
#include "support.h"

static const char bounce[] =
    "From: MAILER-DAEMON@mx.example.net\r\nTo: b+abc@bounces.example.com\r\n"
    "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"=_x\"\r\nSubject: failed\r\n\r\n"
    "--=_x\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
    "--=_x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n"
    "Final-Recipient: rfc822; ada@example.net\r\nAction: failed\r\nStatus: %STATUS%\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 no such\r\n user here\r\n\r\n"
    "--=_x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <m_17.0a1b2c3d4e5f@example.com>\r\nTo: "
    "ada@example.net\r\n\r\n--=_x--\r\n";

static struct returned read_it(struct arena *arena, const char *text, const char *status)
{
    struct returned returned;
    struct err err;
    const char *at = strstr(text, "%STATUS%");
    if (at) text = arena_format(arena, "%.*s%s%s", (int)(at - text), text, status, at + strlen("%STATUS%"));
    ASSERT_OK(returned_read(text_of(text), arena, &returned, &err), &err);
    return returned;
}

Test(bounce, a_bounce_says_whose_mailbox_it_is_and_whether_it_is_there)
{
    struct arena *arena = arena_new(1 << 22);
    struct returned returned = read_it(arena, bounce, "5.1.1");
    cr_assert_eq(returned.kind, RETURNED_HARD);
    cr_assert_str_eq(returned.address, "ada@example.net");
    cr_assert_str_eq(returned.diagnostic, "smtp; 550 5.1.1 no such user here");
    cr_assert_str_eq(returned.message_id, "m_17.0a1b2c3d4e5f@example.com");
    cr_assert_str_eq(returned.recipient, "b+abc@bounces.example.com");
    static const struct { const char *status; enum returned_kind kind;
    } cases[] = {
        { "5.1.10", RETURNED_HARD }, { "5.2.1 (closed)", RETURNED_HARD }, { "5.2.2", RETURNED_SOFT },
        { "5.7.1", RETURNED_SOFT },  { "5.1.8", RETURNED_SOFT },          { "5.3.4", RETURNED_SOFT },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_assert_eq(read_it(arena, bounce, cases[i].status).kind, cases[i].kind, "%s", cases[i].status);
    arena_free(arena);
}

/* A bounce with these of its recipient, as an MTA writes them. */
static struct returned read_of(struct arena *arena, const char *type, const char *fields)
{
    return read_it(arena,
                   arena_format(arena,
                                "To: b+abc@x.example\nContent-Type: multipart/report; boundary=ab\n\n--ab\n"
                                "Content-Type: multipart/alternative; boundary=abc\n\n--abc\n\nNo.\n--abc--\n"
                                "--ab\nContent-Type: %s\n\nReporting-MTA: dns; mx\n\n%s\n--ab--\n",
                                type, fields),
                   "");
}

Test(bounce, a_status_of_5_0_0_is_what_the_relay_said_and_other_mtas_ways_of_writing_are_read)
{
    static const char plain[] = "message/delivery-status", global[] = "message/global-delivery-status";
    static const struct { const char *type, *fields; enum returned_kind kind; const char *status;
    } cases[] = {
        /* Exim */
        { plain, "Action: failed\nFinal-Recipient: rfc822;ada@example.net\nStatus: 5.0.0\nRemote-MTA: dns; mx\n"
                 "Diagnostic-Code: smtp; 550 5.7.1 192.0.2.17 is blocked\n", RETURNED_SOFT, "5.7.1" },
        { plain, "Action: failed\nFinal-Recipient: rfc822;ada@example.net\nStatus: 5.0.0\n"
                 "Diagnostic-Code: smtp; 550 no such user here\n", RETURNED_HARD, "5.0.0" },
        /* Exchange */
        { plain, "Final-Recipient: rfc822;ada@example.net\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: "
                 "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found\nX-Display-Name: Ada\n",
          RETURNED_HARD, "5.1.10" },
        /* Gmail */
        { plain, "Final-Recipient: rfc822; ada@example.net\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; "
                 "552-5.2.2 The recipient's inbox is out of storage\nLast-Attempt-Date: Mon, 01 Jan 2027\n",
          RETURNED_SOFT, "5.2.2" },
        /* Postfix with SMTPUTF8 */
        { global, "Final-Recipient: utf-8; ada@example.net\nAction: failed (given up)\nStatus: 5.1.1\n",
          RETURNED_HARD, "5.1.1" },
    };
    struct arena *arena = arena_new(1 << 22);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct returned returned = read_of(arena, cases[i].type, cases[i].fields);
        cr_expect_eq(returned.kind, cases[i].kind, "%s: %s", cases[i].fields, returned_word(returned.kind));
        cr_expect_str_eq(returned.status, cases[i].status);
        cr_expect_str_eq(returned.address, "ada@example.net");
    }
    arena_free(arena);
}

Test(bounce, the_words_of_qmail_are_a_bounce)
{
    static const char text[] =
        "From: MAILER-DAEMON@mx.example\nTo: b+abc@x.example\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<ada@example.net>:\nSorry, no mailbox here by that name.\n(#%STATUS%)\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <b+abc@x.example>\n"
        "Message-ID: <m_9.0a1b2c3d4e5f@example.com>\nTo: ada@example.net\n\nHello\n";
    struct arena *arena = arena_new(1 << 22);
    struct returned returned = read_it(arena, text, "5.1.1");
    cr_assert_eq(returned.kind, RETURNED_HARD);
    cr_assert_str_eq(returned.address, "ada@example.net");
    cr_assert_str_eq(returned.diagnostic, "Sorry, no mailbox here by that name. (#5.1.1) ");
    cr_assert_str_eq(returned.message_id, "m_9.0a1b2c3d4e5f@example.com");
    cr_assert_str_eq(returned.recipient, "b+abc@x.example");
    cr_assert_eq(read_it(arena, text, "5.2.2").kind, RETURNED_SOFT);
    cr_assert_eq(read_it(arena, text, "10.5.1.1").kind, RETURNED_SOFT, "an address of a machine is no status");
    arena_free(arena);
}

Test(bounce, lines_may_end_with_a_line_feed_alone_and_a_delay_is_no_bounce)
{
    struct arena *arena = arena_new(1 << 22);
    const char *text = "To: b@x.example\nContent-Type: Multipart/Report; boundary=q\n\n--q\nContent-Type: "
                       "message/delivery-status\n\n"
                       "Reporting-MTA: dns; x\n\nOriginal-Recipient: rfc822;<Ada@example.net>\nFinal-Recipient: "
                       "rfc822;other@example.net\n"
                       "Action: delayed\nStatus: 4.4.1\n\n";
    struct returned returned = read_it(arena, text, "");
    cr_assert_eq(returned.kind, RETURNED_DELAYED);
    cr_assert_str_eq(returned.address, "Ada@example.net");
    arena_free(arena);
}

Test(bounce, a_complaint_is_told_from_a_bounce)
{
    struct arena *arena = arena_new(1 << 22);
    const char *text =
        "From: fbl@isp.example\r\nTo: b+1@x.example\r\nContent-Type: multipart/report; "
        "report-type=feedback-report; "
        "boundary=\"b\"\r\n\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n"
        "User-Agent: x\r\nVersion: 1\r\nOriginal-Rcpt-To: <ada@example.net>\r\n\r\n--b\r\nContent-Type: "
        "message/rfc822\r\n\r\n"
        "Message-ID: <m_3.aabbccddeeff@example.com>\r\n\r\nbody\r\n--b--\r\n";
    struct returned returned = read_it(arena, text, "");
    cr_assert_eq(returned.kind, RETURNED_COMPLAINT);
    cr_assert_str_eq(returned.address, "ada@example.net");
    cr_assert_str_eq(returned.message_id, "m_3.aabbccddeeff@example.com");
    arena_free(arena);
}

Test(bounce, what_is_no_report_is_refused_with_a_sentence)
{
    static const struct { const char *text, *told;
    } cases[] = {
        { "", "missing" },
        { "Hello\r\n\r\nAda", "missing" },
        { "Content-Type: text/plain\r\n\r\nx", "text/plain" },
        { "Content-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--",
          "says nothing of a recipient" },
        { "Content-Type: multipart/report\r\n\r\n--\r\n", "says nothing of a recipient" },
    };
    struct arena *arena = arena_new(1 << 22);
    struct returned returned;
    struct err err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ASSERT_FAILS(returned_read(text_of(cases[i].text), arena, &returned, &err), &err, ERR_INVALID,
                     cases[i].told);
    arena_free(arena);
}

Test(plain_text, html_is_told_in_lines_with_the_addresses_of_its_links)
{
    static const struct { const char *html, *text;
    } cases[] = {
        { "<p>Hello <b>Ada</b>,</p><p>10&nbsp;% off &amp; more: <a "
          "href=\"https://x.example/a?b=1&amp;c=2\">look</a></p>",
          "Hello Ada,\n\n10 % off & more: look (https://x.example/a?b=1&c=2)\n" },
        { "<html><head><title>x</title><style>p{}</style></head><body>a<br>b<ul><li>one</li><li>two</li></ul><!-- "
          "c --></body></html>",
          "a\nb\n\n- one\n- two\n" },
        { "<img src=x alt='A cheese'> &#8364;&#x1F9C0;&bad;", "A cheese \xE2\x82\xAC\xF0\x9F\xA7\x80&bad;\n" },
        { "<a href='https://x.example'>https://x.example</a>", "https://x.example\n" },
        { "Gr&uuml;&szlig;e, l&#39;&eacute;t&eacute; &copy;&nbsp;2027 &rarr;&#10;&#1;&#xD800;",
          "Gr\xC3\xBC\xC3\x9F" "e, l'\xC3\xA9t\xC3\xA9 \xC2\xA9 2027 \xE2\x86\x92 \xEF\xBF\xBD\xEF\xBF\xBD\n" },
        { "<h5>a</h5><table><tr><th>b</th><th>c</th></tr></table>", "a\n\nb c\n" },
        { "", "" },
        { "<", "" },
        { "<p", "" },
        { "a < b", "a\n" },
    };
    struct arena *arena = arena_new(1 << 22);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct text text = plain_text(text_of(cases[i].html), arena);
        cr_assert(text_equal(text, text_of(cases[i].text)), "'%.*s' of '%s'", (int)text.length, text.at,
                  cases[i].html);
    }
    arena_free(arena);
}
