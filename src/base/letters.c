/* letters.c - see letters.h. */
#include "base/letters.h"

#include <string.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/udat.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>
#include <unicode/utf8.h>

static struct text cased(struct arena *arena, struct text text, bool is_upper)
{
    UErrorCode failure = U_ZERO_ERROR;
    UCaseMap *map = ucasemap_open("", 0, &failure);
    int32_t room = (int32_t)(3 * text.length) + 1, n = 0;
    char *to = ARENA_ARRAY(arena, char, (size_t)room);
    if (U_SUCCESS(failure))
        n = is_upper ? ucasemap_utf8ToUpper(map, to, room, text.at, (int32_t)text.length, &failure)
                     : ucasemap_utf8ToLower(map, to, room, text.at, (int32_t)text.length, &failure);
    ucasemap_close(map);
    return U_SUCCESS(failure) ? (struct text){ to, (size_t)n } : text;
}

struct text letters_upper(struct arena *arena, struct text text) { return cased(arena, text, true); }
struct text letters_lower(struct arena *arena, struct text text) { return cased(arena, text, false); }

static bool begins_character(char c) { return ((unsigned char)c & 0xc0) != 0x80; }

size_t letters_valid_utf8(struct text text)
{
    size_t i = 0;
    while (i < text.length) {
        size_t next = i;
        UChar32 c;
        U8_NEXT(text.at, next, text.length, c);
        if (c < 0) return i;
        i = next;
    }
    return i;
}

size_t letters_count(struct text text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.length; i++) n += begins_character(text.at[i]);
    return n;
}

size_t letters_bytes(struct text text, size_t n_characters)
{
    size_t at = 0;
    for (; at < text.length; at++)
        if (begins_character(text.at[at]) && n_characters-- == 0) break;
    return at;
}

const char *letters_slug(struct arena *arena, const char *name)
{
    struct text text = letters_lower(arena, text_of(name));
    char *slug = arena_alloc(arena, text.length + 1, 1), *to = slug;
    int32_t length = (int32_t)text.length;
    bool is_gap = true;         /* no underscore at the front */
    for (int32_t at = 0, from = 0; at < length; from = at) {
        UChar32 c;
        U8_NEXT(text.at, at, length, c);
        bool is_word = c >= 0 && c != '_' && u_hasBinaryProperty(c, UCHAR_ID_CONTINUE);
        if (is_word) to = (char *)memcpy(to, text.at + from, (size_t)(at - from)) + (at - from);
        else if (!is_gap) *to++ = '_';
        is_gap = !is_word;
    }
    while (to > slug && to[-1] == '_') to--;
    *to = 0;
    return slug;
}

/* What ICU wrote, if it did, with the zero behind it. */
static bool narrowed(struct arena *arena, const UChar *wide, int32_t room, UErrorCode failure, struct text *ret_text)
{
    char *to = ARENA_ARRAY(arena, char, 4 * (size_t)room);
    int32_t n = 0;
    if (failure == U_STRING_NOT_TERMINATED_WARNING) failure = U_BUFFER_OVERFLOW_ERROR;
    if (U_SUCCESS(failure)) (void)u_strToUTF8(to, 4 * room, &n, wide, -1, &failure);
    *ret_text = (struct text){ to, (size_t)n };
    return U_SUCCESS(failure);
}

bool letters_money(struct arena *arena, double amount, const char *currency, const char *locale,
                  struct text *ret_text)
{
    enum { ROOM = 128 };
    UErrorCode failure = U_ZERO_ERROR;
    UChar code[4], wide[ROOM];
    u_uastrncpy(code, currency, 4);
    UNumberFormat *format = unum_open(UNUM_CURRENCY, NULL, 0, locale, NULL, &failure);
    if (U_SUCCESS(failure)) unum_setAttribute(format, UNUM_ROUNDING_MODE, UNUM_ROUND_HALFUP);
    if (U_SUCCESS(failure)) (void)unum_formatDoubleCurrency(format, amount, code, wide, ROOM, NULL, &failure);
    unum_close(format);
    return narrowed(arena, wide, ROOM, failure, ret_text);
}

bool letters_date_word(struct arena *arena, int64_t local_ms, const char *pattern, const char *locale,
                       struct text *ret_text)
{
    enum { ROOM = 64 };
    UErrorCode failure = U_ZERO_ERROR;
    UChar wide_pattern[8], wide[ROOM];
    static const UChar utc[] = { 'U', 'T', 'C', 0 };
    u_uastrncpy(wide_pattern, pattern, 8);
    const char *gregorian = arena_format(arena, "%s@calendar=gregorian", locale);
    UDateFormat *format = udat_open(UDAT_PATTERN, UDAT_PATTERN, gregorian, utc, 3, wide_pattern, -1, &failure);
    if (U_SUCCESS(failure)) (void)udat_format(format, (UDate)local_ms, wide, ROOM, NULL, &failure);
    udat_close(format);
    return narrowed(arena, wide, ROOM, failure, ret_text);
}
