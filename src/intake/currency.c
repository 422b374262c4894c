/* currency.c - see currency.h.  Source: docs.stripe.com/currencies. */
#include "intake/currency.h"

#include <string.h>

int currency_decimals(struct text code)
{
    static const char none[] = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf",
                      thousand[] = "bhd jod kwd omr tnd";
    char plain[4] = { 0 };
    if (code.length != 3) return 2;
    for (size_t i = 0; i < 3; i++) plain[i] = (char)(code.at[i] | 32);
    return strstr(none, plain) ? 0 : strstr(thousand, plain) ? 3 : 2;
}
