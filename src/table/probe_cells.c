/* probe_cells.c - see probe_cells.h. */
#include "table/probe_cells.h"

#include "base/letters.h"
#include "customer/encoding.h"

bool probe_is_missing(struct text text)
{
    static const char *const words[] = { "NA",  "N/A", "#N/A", "NULL", "null", "nan",
                                         "NaN", "NAN", "None", "\\N",  "NaT" };
    text = text_trim(text);
    if (text.length == 0) return true;
    if (text.length > 4) return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(text, text_of(words[i]))) return true;
    return false;
}

bool probe_utf8(bool is_latin1, struct text text, struct arena *arena, struct text *ret_text)
{
    bool is_plain = true, has_control = false;
    for (size_t i = 0; i < text.length; i++) {
        is_plain &= (unsigned char)text.at[i] < 0x80;
        has_control |= (unsigned char)text.at[i] < 0x20;
    }
    *ret_text = text;
    if (is_plain && !has_control) return true;
    if (!is_plain && !is_latin1 && encoding_valid_utf8(text.at, text.length, false) != text.length)
        return false;
    if (!is_plain && is_latin1) *ret_text = encoding_from_latin1(arena, text);
    if (!has_control) return true;
    char *clean = arena_alloc(arena, ret_text->length + 1, 1);
    for (size_t i = 0; i < ret_text->length; i++)
        clean[i] = (unsigned char)ret_text->at[i] < 0x20 ? ' ' : ret_text->at[i];
    ret_text->at = clean;
    return true;
}

const char *probe_shown(const struct probe *probe, struct text text, struct arena *arena)
{
    enum { LETTERS_SHOWN = 60 };
    struct text utf8;
    if (!probe_utf8(probe->is_latin1, text, arena, &utf8)) return NULL;
    return arena_format(arena, "%.*s", (int)letters_bytes(utf8, LETTERS_SHOWN), utf8.at);
}
