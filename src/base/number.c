/* number.c - see number.h. */
#include "base/number.h"

#include <stdlib.h>

static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static bool starts(struct text text, const char *with)
{
    size_t n = strlen(with);
    return text.length >= n && memcmp(text.at, with, n) == 0;
}

/* Characters that stand for an ASCII one: blanks, apostrophes, minus signs; in UTF-8 and in Windows-1252. */
static const struct {
    const char *bytes;
    char meaning;
} signs[] = {
    { "\xc2\xa0", ' ' },      /* no-break space */
    { "\xe2\x80\xaf", ' ' },  /* narrow no-break space */
    { "\xe2\x80\x89", ' ' },  /* thin space */
    { "\xe2\x80\x87", ' ' },  /* figure space */
    { "\xe2\x80\x99", '\'' }, /* right single quote */
    { "\xca\xbc", '\'' },     /* modifier apostrophe */
    { "\xe2\x88\x92", '-' },  /* minus */
    { "\xe2\x80\x93", '-' },  /* en dash */
    { "\xe2\x80\x94", '-' },  /* em dash */
    { "\xe2\x80\x91", '-' },  /* no-break hyphen */
    { "\xef\xbc\x85", '%' },  { "\xa0", ' ' }, { "\x92", '\'' }, { "\x96", '-' }, { "\x97", '-' },
};

/* The ASCII meaning of what text begins with, and how many bytes that is. */
static char meaning_of(struct text text, size_t *ret_n)
{
    *ret_n = 1;
    if ((unsigned char)*text.at < 0x80) return *text.at == '\t' ? ' ' : *text.at;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (starts(text, signs[i].bytes)) {
            *ret_n = strlen(signs[i].bytes);
            return signs[i].meaning;
        }
    return *text.at;
}

/* Every currency that a shop is likely to meet, as codes and as signs. */
static const char codes[] =
    "AED ARS AUD BDT BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP GHS HKD HRK HUF IDR ILS INR ISK JOD JPY "
    "KES KRW KWD KZT LKR MAD MXN MYR NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TRY TWD UAH "
    "USD UYU VND ZAR";
static const char *const currency_signs[] = {
    "$",
    "US$",
    "C$",
    "CA$",
    "A$",
    "AU$",
    "NZ$",
    "HK$",
    "S$",
    "R$",
    "MX$",
    "NT$",
    "Rs",
    "Rs.",
    "kr",
    "kr.",
    "Kr",
    "Kr.",
    "Fr",
    "Fr.",
    "SFr.",
    "Ft",
    "lei",
    "R",
    "RM",
    "Rp",
    "Rp.",
    "S/",
    "zl",
    "K\xc4\x8d",
    "z\xc5\x82",
    "\xe2\x82\xac",
    "\xc2\xa3",
    "\xc2\xa5",
    "\xe2\x82\xb9",
    "\xe2\x82\xbd",
    "\xe2\x82\xba",
    "\xe2\x82\xa9",
    "\xe2\x82\xab",
    "\xe2\x82\xaa",
    "\xe2\x82\xb4",
    "\xe2\x82\xa6",
    "\xe2\x82\xb1",
    "\xe0\xb8\xbf",
    "\xe2\x82\xa1",
    "\xe2\x82\xb8",
    "\xe2\x82\xb5",
    "\xc2\xa4",
    "\xe5\x86\x86",
    "\xe5\x85\x83",
    "\xec\x9b\x90",
    "\xef\xbf\xa5",
    "TL",
    "\xd0\xbb\xd0\xb2",
    "\xd0\xbb\xd0\xb2.",
    "\xd1\x80\xd1\x83\xd0\xb1",
    "\xd1\x80\xd1\x83\xd0\xb1.",
    "\x80",
    "\xa3",
    "\xa5",
    "\xa4",
};

static bool is_currency(struct text token)
{
    if (token.length == 3)
        for (const char *code = codes; *code; code += code[3] ? 4 : 3)
            if (text_equal_ignoring_case(token, (struct text){ code, 3 })) return true;
    for (size_t i = 0; i < sizeof currency_signs / sizeof *currency_signs; i++)
        if (text_equal(token, text_of(currency_signs[i]))) return true;
    return false;
}

/* ISO 4217's codes, those that the euro replaced too, and the two coins that shops take. */
static const char currencies[] =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLF "
    "CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG "
    "HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD "
    "MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF "
    "SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU "
    "UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG ZWL "
    "ATS BEF CYP DEM EEK ESP FIM FRF GRD IEP ITL LTL LUF LVL MTL NLG PTE SIT SKK BTC ETH";

bool number_is_currency_code(struct text word)
{
    for (const char *code = currencies; word.length == 3 && *code; code += code[3] ? 4 : 3)
        if (text_equal_ignoring_case(word, (struct text){ code, 3 })) return true;
    return false;
}

bool number_same_word(struct text a, struct text b)
{
    if (a.length > 1 && (a.at[a.length - 1] | 32) == 's') a.length--;
    if (b.length > 1 && (b.at[b.length - 1] | 32) == 's') b.length--;
    return text_equal_ignoring_case(a, b);
}

/* "12.50 CR" is money in or money out, as the bank sees it: nobody's to guess. */
static bool is_credit_or_debit(struct text word)
{
    static const char *const words[] = { "CR", "DR", "DB", "CR.", "DR." };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal_ignoring_case(word, text_of(words[i]))) return true;
    return false;
}

/* What stands on one side of the digits. */
struct side {
    bool is_minus, is_plus, is_open, is_close, is_blank_first;
    enum number_unit unit;
    struct text word;
};

/* Reads a side as blanks, signs and at most one unit. */
static bool read_side(struct text text, bool is_behind, struct side *side)
{
    size_t n = 0;
    for (; text.length > 0; text.at += n, text.length -= n) {
        bool is_first = !side->is_blank_first && side->unit == NUMBER_PLAIN;
        char c = meaning_of(text, &n);
        if (c == ' ') {
            side->is_blank_first |= is_first;
            continue;
        }
        if (c == '-') {
            if (side->is_minus) return false;
            side->is_minus = true;
            continue;
        }
        if (c == '+' && !is_behind) {
            if (side->is_plus) return false;
            side->is_plus = true;
            continue;
        }
        if (c == '(' && !is_behind) {
            if (side->is_open) return false;
            side->is_open = true;
            continue;
        }
        if (c == ')' && is_behind) {
            if (side->is_close) return false;
            side->is_close = true;
            continue;
        }
        if (side->unit != NUMBER_PLAIN) return false;
        if (c == '%') {
            side->unit = NUMBER_PERCENT;
            continue;
        }
        size_t length = 0, n_letter = 0;
        bool is_word = true;
        while (length < text.length) {
            struct text left = { text.at + length, text.length - length };
            char next = meaning_of(left, &n_letter);
            if (next == ' ' || next == '-' || next == '(' || next == ')' || next == '+') break;
            is_word &= is_letter(next) || (unsigned char)next >= 0x80;
            length += n_letter;
        }
        n = length;
        side->word = (struct text){ text.at, length };
        bool is_code = length == 1 && *text.at == 'R' && text.length == 1;     /* "R1001"; "R 1001" is of rand */
        if (is_code) return false;
        if (is_currency(side->word)) side->unit = NUMBER_CURRENCY;
        else if (is_credit_or_debit(side->word)) return false;
        else if (is_behind && is_word && side->is_blank_first && length <= 16) side->unit = NUMBER_WORD;
        else return false;
    }
    return true;
}

/* "12.-" and "12,--" have no decimals: the sign is none of a debt. */
static struct text without_dash_decimals(struct text behind)
{
    size_t n;
    if (behind.length < 1 || (behind.at[0] != '.' && behind.at[0] != ',')) return behind;
    behind.at++, behind.length--;
    while (behind.length > 0 && meaning_of(behind, &n) == '-') behind.at += n, behind.length -= n;
    return behind;
}

bool number_find(struct text text, struct number *ret_number)
{
    struct number number = { .n = 0 };
    struct side before = { 0 }, behind = { 0 };
    size_t first = 0, last = text.length;
    while (first < text.length && !is_digit(text.at[first])) first++;
    while (last > first && !is_digit(text.at[last - 1])) last--;
    if (first == last) return false;
    if (first > 0 && (text.at[first - 1] == '.' || text.at[first - 1] == ',') &&
        (first == 1 || !is_letter(text.at[first - 2])))
        first--; /* ".5" */
    struct text tail = without_dash_decimals((struct text){ text.at + last, text.length - last });
    if (!read_side((struct text){ text.at, first }, false, &before) || !read_side(tail, true, &behind))
        return false;
    if (before.is_open != behind.is_close || (before.is_minus && behind.is_minus)) return false;
    if (before.unit != NUMBER_PLAIN && behind.unit != NUMBER_PLAIN && before.unit != behind.unit) return false;
    const struct side *said = behind.unit != NUMBER_PLAIN ? &behind : &before;
    number.unit = said->unit;
    number.word = said->word;
    if (before.is_minus || behind.is_minus || before.is_open) number.digits[number.n++] = '-';
    for (size_t n = 0; first < last; first += n) {
        if (number.n + 1 >= NUMBER_BYTES) return false;
        number.digits[number.n++] = meaning_of((struct text){ text.at + first, last - first }, &n);
    }
    *ret_number = number;
    return true;
}

bool number_fixed(struct text text, char decimal, int places, int64_t *ret_value)
{
    struct number number;
    if (text_fixed_plain(text, decimal, places, ret_value)) return true;
    return number_find(text_trim(text), &number) &&
           text_fixed((struct text){ number.digits, number.n }, decimal, places, ret_value);
}

bool number_cents(struct text text, char decimal, int64_t *ret_cents)
{
    return number_fixed(text, decimal, 2, ret_cents);
}

bool number_double(struct text text, char decimal, double *ret_value)
{
    struct number number;
    if (text_double(text, decimal, ret_value)) return true;
    return number_find(text_trim(text), &number) &&
           text_double((struct text){ number.digits, number.n }, decimal, ret_value);
}

int number_decimal_vote(struct text text)
{
    struct number number;
    size_t n_comma = 0, n_point = 0, comma = 0, point = 0;
    double value;
    if (!number_find(text, &number)) return 0;
    for (size_t i = 0; i < number.n; i++) {
        if (number.digits[i] == ',') n_comma++, comma = i;
        if (number.digits[i] == '.') n_point++, point = i;
    }
    if (n_comma + n_point == 0) return 0;
    struct text digits = { number.digits, number.n };
    bool as_comma = text_double(digits, ',', &value), as_point = text_double(digits, '.', &value);
    if (as_comma != as_point) return as_comma ? 1 : -1;
    if (!as_comma) return 0;
    /* Both read it: one sign, with three digits behind it or with none that could be a group's. */
    size_t at = n_comma ? comma : point;
    if (number.n - at - 1 == 3 && number.digits[0] != '0') return 0;
    return n_comma ? 1 : -1;
}
