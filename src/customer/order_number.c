/* order_number.c - see order_number.h. */
#include "customer/order_number.h"

#include "base/hash.h"

#include <string.h>

static uint64_t mixed(uint64_t a, uint64_t b)
{
    a ^= b * UINT64_C(0x9e3779b97f4a7c15);
    a = (a ^ a >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    return a ^ a >> 31;
}

uint64_t order_number_hash(struct text number, uint64_t customer_hash)
{
    return order_hash_of_customer(order_number_alone_hash(number), customer_hash);
}

uint64_t order_number_alone_hash(struct text number) { return hash_bytes(number.at, number.length, 1); }

uint64_t order_hash_of_customer(uint64_t number_hash, uint64_t customer_hash) { return mixed(number_hash, customer_hash); }

uint64_t order_customer_hash(struct text customer) { return hash_bytes(customer.at, customer.length, 0); }

static struct text bare(struct text number)
{
    number = text_trim(number);
    if (number.length > 1 && *number.at == '#') number.at++, number.length--;
    return number;
}

void order_number_spell(struct text number, struct order_spellings *ret_spellings)
{
    struct text plain = bare(number);
    ret_spellings->of[0] = ret_spellings->of[1] = plain;
    if (plain.length + 1 > sizeof ret_spellings->room) return;
    ret_spellings->room[0] = '#';
    memcpy(ret_spellings->room + 1, plain.at, plain.length);
    ret_spellings->of[1] = (struct text){ ret_spellings->room, plain.length + 1 };
}

bool order_number_is_name(struct text name)
{
    static const char *const names[] = { "order_id", "orderId", "orderID", "Order ID", "order_number", "orderNumber",
                                         "order_name", "transaction_id", "payment_id", "charge", "metadata.order_id",
                                         "metadata.order_number", "metadata.orderId" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_equal(name, text_of(names[i]))) return true;
    return false;
}

bool order_number_equal(struct text a, struct text b)
{
    return text_equal_ignoring_case(bare(a), bare(b));
}
