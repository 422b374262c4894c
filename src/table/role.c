/* role.c - see role.h. */
#include "table/role.h"

static const char *const shape_words[SHAPES] = {
    [SHAPE_ORDER_LINES] = "order_lines", [SHAPE_EVENTS] = "events", [SHAPE_TABLE] = "table",
};

static const char *const role_words[ROLES] = {
    [ROLE_NONE] = "none",         [ROLE_CUSTOMER] = "customer", [ROLE_TIME] = "time",
    [ROLE_CLOCK] = "clock",
    [ROLE_RECEIVED] = "received", [ROLE_EVENT] = "event",       [ROLE_ORDER] = "order",
    [ROLE_LINE] = "line",
    [ROLE_ITEM] = "item",         [ROLE_QUANTITY] = "quantity", [ROLE_PRICE] = "price",
    [ROLE_AMOUNT] = "amount",     [ROLE_TOTAL] = "total",       [ROLE_REFUNDED] = "refunded",
    [ROLE_STATUS] = "status",     [ROLE_CANCELLED] = "cancelled",
    [ROLE_CURRENCY] = "currency", [ROLE_TARGET] = "target",     [ROLE_TRAIT] = "trait",
    [ROLE_PERSONAL] = "personal", [ROLE_PROPERTY] = "property", [ROLE_MARK] = "mark",
};

const char *shape_word(enum shape shape) { return shape_words[shape]; }
const char *role_word(enum role role)    { return role_words[role]; }

bool shape_find(const char *word, enum shape *ret_shape)
{
    for (int i = 0; i < SHAPES; i++)
        if (text_equal(text_of(word), text_of(shape_words[i]))) { *ret_shape = (enum shape)i; return true; }
    return false;
}

bool role_find(struct text word, enum role *ret_role)
{
    for (int i = 0; i < ROLES; i++)
        if (text_equal_ignoring_case(word, text_of(role_words[i]))) {
            *ret_role = (enum role)i;
            return true;
        }
    return false;
}
