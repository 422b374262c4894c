/* decision_test.c - who gets what by chance, and that the chance is what it is said to be. */
#include "decide/decision.h"
#include "support.h"

enum { CUSTOMERS = 20000 };

static struct text customer_text(size_t i, char room[24])
{
    snprintf(room, 24, "C%zu", i);
    return text_of(room);
}

static struct decision_request request_of(const struct candidate *candidates, size_t n)
{
    return (struct decision_request){ .placement = text_of("cart"), .candidates = candidates, .n_candidates = n,
                                      .salt = 0x1234567 };
}

Test(decision, actions_come_as_often_as_their_propensity_says)
{
    const struct candidate candidates[] = { { text_of("coupon"), true }, { text_of("call"), true },
                                            { text_of("gift"), false }, { text_of("mail"), true } };
    struct decision_request request = request_of(candidates, 4);
    size_t n[5] = { 0 };
    char room[24];
    for (size_t i = 0; i < CUSTOMERS; i++) {
        request.customer = customer_text(i, room);
        struct decision decision = decision_make(&request);
        cr_assert_eq(decision.policy, POLICY_PILOT);
        cr_assert_eq(decision.propensity, 0.25);
        n[decision.action]++;
    }
    cr_assert_eq(n[2], 0, "one whom an action is not for got it");
    double chi_square = 0, expected = CUSTOMERS / 4.0;
    for (size_t i = 0; i < 5; i++)
        if (i != 2) chi_square += ((double)n[i] - expected) * ((double)n[i] - expected) / expected;
    cr_assert_lt(chi_square, 16.3, "three degrees of freedom, one in a thousand: %g", chi_square);
}

Test(decision, the_same_customer_gets_the_same_whatever_the_order_of_the_candidates)
{
    const struct candidate one[] = { { text_of("a"), true }, { text_of("ab"), true }, { text_of("b"), true } };
    const struct candidate other[] = { { text_of("b"), true }, { text_of("a"), true }, { text_of("ab"), true } };
    struct decision_request first = request_of(one, 3), second = request_of(other, 3);
    char room[24];
    for (size_t i = 0; i < 500; i++) {
        first.customer = second.customer = customer_text(i, room);
        struct decision a = decision_make(&first), b = decision_make(&second);
        struct text x = a.action < 3 ? one[a.action].action : text_of(ACTION_NOTHING);
        struct text y = b.action < 3 ? other[b.action].action : text_of(ACTION_NOTHING);
        cr_assert(text_equal(x, y), "customer %zu", i);
    }
}

Test(decision, placements_are_drawn_independently_of_each_other_and_of_the_holdout)
{
    const struct candidate candidates[] = { { text_of("coupon"), true } };
    struct decision_request cart = request_of(candidates, 1), mail = request_of(candidates, 1);
    mail.placement = text_of("mail");
    size_t both = 0, held_out_treated = 0, held_out = 0;
    char room[24];
    for (size_t i = 0; i < CUSTOMERS; i++) {
        cart.customer = mail.customer = customer_text(i, room);
        bool in_cart = decision_make(&cart).action == 0;
        both += in_cart && decision_make(&mail).action == 0;
        if (!decision_is_held_out(cart.customer, 0.5, cart.salt)) continue;
        held_out++;
        held_out_treated += in_cart;
    }
    ASSERT_NEAR((double)both / CUSTOMERS, 0.25, 0.012);
    ASSERT_NEAR((double)held_out_treated / (double)held_out, 0.5, 0.02);
}

Test(decision, the_holdout_has_its_share_and_gets_nothing_anywhere)
{
    const struct candidate candidates[] = { { text_of("coupon"), true } };
    struct decision_request request = request_of(candidates, 1);
    request.holdout_share = 0.05;
    size_t n = 0;
    char room[24];
    for (size_t i = 0; i < CUSTOMERS; i++) {
        request.customer = customer_text(i, room);
        request.placement = text_of(i % 2 ? "cart" : "mail");
        struct decision decision = decision_make(&request);
        if (decision.policy != POLICY_HOLDOUT) continue;
        n++;
        cr_assert_eq(decision.action, 1);
        cr_assert_eq(decision.propensity, 1);
    }
    ASSERT_NEAR((double)n / CUSTOMERS, 0.05, 0.006);
}

Test(decision, a_larger_holdout_keeps_those_who_were_in_it)
{
    char room[24];
    for (size_t i = 0; i < 2000; i++) {
        struct text customer = customer_text(i, room);
        if (decision_is_held_out(customer, 0.05, 7)) cr_assert(decision_is_held_out(customer, 0.1, 7));
    }
}

Test(decision, who_is_suppressed_or_has_no_candidate_gets_nothing_for_certain)
{
    const struct candidate none[] = { { text_of("coupon"), false } }, one[] = { { text_of("coupon"), true } };
    struct decision_request request = request_of(none, 1);
    request.customer = text_of("C1");
    struct decision decision = decision_make(&request);
    cr_assert_eq(decision.policy, POLICY_NO_CANDIDATE);
    cr_assert(decision.action == 1 && decision.propensity == 1 && decision.n_open == 1);
    request = request_of(one, 1);
    request.is_suppressed = true;
    decision = decision_make(&request);
    cr_assert_eq(decision.policy, POLICY_SUPPRESSED);
    cr_assert(decision.action == 1 && decision.propensity == 1);
}
