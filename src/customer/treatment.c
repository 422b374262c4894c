/* treatment.c - see treatment.h. */
#include "customer/treatment.h"

#include <string.h>

static const char *const names[] = { "promotion", "treatment", "treated",  "offer",  "coupon",
                                     "arm",       "variant",   "campaign", "mailed", "contacted",
                                     "exposed",   "version",   "testgroup" };
static const char *const controls[] = { "control", "controlgroup", "holdout", "placebo", "noemail", "nocontact",
                                        "notreatment", "untreated" };

/* Letters and digits only, in lower case. */
static bool is_in(struct text text, const char *const *list, size_t n)
{
    char plain[32];
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 'a' - 'A');
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) continue;
        if (length + 1 == sizeof plain) return false;
        plain[length++] = c;
    }
    for (size_t i = 0; i < n; i++)
        if (text_equal((struct text){ plain, length }, text_of(list[i]))) return true;
    return false;
}

bool treatment_is_name(const char *name) { return is_in(text_of(name), names, sizeof names / sizeof *names); }

bool treatment_is_control(struct text value) { return is_in(value, controls, sizeof controls / sizeof *controls); }
