/* trait.c - see trait.h. */
#include "table/trait.h"

#include "base/hash.h"
#include "base/hash_map.h"

#include <string.h>

enum { DISTINCT_MAX = 200, CUSTOMERS_NEEDED = 20 };

/* Counts customers of the probe that come at least twice, and those whose values are all equal. */
static void count_constant(const struct probe *probe, size_t column, size_t customer, size_t *ret_n,
                           size_t *ret_n_constant)
{
    enum { IS_AGAIN = 1, IS_MIXED = 2 };            /* below what is kept of the value's hash */
    struct hash_map seen = { 0 };
    hash_map_clear(&seen, probe->n_rows);
    for (size_t r = 0; r < probe->n_rows; r++) {
        struct text who = probe->cells[r * probe->n_columns + customer],
                    what = probe->cells[r * probe->n_columns + column];
        if (probe_is_missing(who) || probe_is_missing(what)) continue;
        uint64_t value = hash_bytes(what.at, what.length, 0) << 2;
        size_t n_before = hash_map_n(&seen);
        uint64_t *kept = hash_map_put(&seen, hash_bytes(who.at, who.length, 0));
        if (hash_map_n(&seen) > n_before) *kept = value;
        else *kept |= (*kept >> 2 != value >> 2 ? IS_MIXED : 0) | IS_AGAIN;
    }
    const struct hash_entry *entry;
    for (size_t at = 0; (entry = hash_map_next(&seen, &at));) {
        *ret_n += (entry->value & IS_AGAIN) != 0;
        *ret_n_constant += (entry->value & (IS_AGAIN | IS_MIXED)) == IS_AGAIN;
    }
    hash_map_free(&seen);
}

bool trait_is_constant(const struct probe *probe, size_t column, size_t customer)
{
    size_t n = 0, n_constant = 0;
    count_constant(probe, column, customer, &n, &n_constant);
    return (double)n_constant >= 0.95 * (double)n;
}

bool trait_is_likely(const struct probe *probe, const struct column *columns, size_t column, size_t customer,
                     struct arena *arena, const char **ret_why)
{
    const struct column *judged = &columns[column];
    bool is_named = role_name_score(ROLE_TRAIT, judged->name) > 0;
    if (judged->kind != KIND_CATEGORY && !(judged->kind == KIND_NUMBER && judged->is_integer)) return false;
    if (judged->n_distinct < 2 || judged->n_distinct > DISTINCT_MAX) return false;
    size_t n = 0, n_constant = 0;
    count_constant(probe, column, customer, &n, &n_constant);
    bool is_constant = n >= CUSTOMERS_NEEDED && (double)n_constant >= 0.95 * (double)n;
    if (!is_named && !is_constant) return false;
    *ret_why = is_constant
                   ? arena_format(
                         arena, "an attribute of the customer: the same within %zu of %zu sampled customers",
                         n_constant, n)
                   : "an attribute of the customer, by its name";
    return true;
}

/* Names without case, accents and what is no letter or digit: of just this, and what a longer one has in it. */
static const struct { const char *name, *words, *parts; } members[] = {
    { "email",
      "email emails emailaddress emailadresse mail mailadresse correo correoelectronico courriel adresseemail "
      "adressemail adressemel posta postaelettronica indirizzoemail enderecoemail epost",
      "email" },
    { "phone",
      "phone phonenumber telephone telephonenumber mobile mobilephone mobilenumber cell cellphone tel telefon "
      "telefonnummer handy handynummer mobilnummer telefoon telefoonnummer numerodetelephone telefono celular "
      "telefone",
      "phone telefon" },
    { "first_name", "firstname givenname vorname voornaam prenom", "firstname vorname" },
    { "last_name",
      "lastname surname familyname nachname familienname achternaam nomdefamille cognome apellido apellidos "
      "sobrenome",
      "lastname nachname" },
    { "timezone", "timezone zeitzone tijdzone", "" },
    { "locale", "locale", "" },
    { "consent", "consent", "" },
};
enum { MEMBERS = sizeof members / sizeof *members, NOT_AT_ALL = 3 };

/* How well the name fits the member: 0 is its own, NOT_AT_ALL none of its. */
static int distance(const char *name, size_t member)
{
    char simple[ROLE_NAME_BYTES];
    if (strcmp(name, members[member].name) == 0) return 0;
    role_simplify(text_of(name), simple);
    if (role_is_among(simple, members[member].words)) return 1;
    return role_has_one_of(simple, members[member].parts) ? 2 : NOT_AT_ALL;
}

const char **member_names(const struct column *columns, const enum role *roles, size_t n_columns,
                          struct arena *arena)
{
    const char **names = ARENA_ARRAY(arena, const char *, n_columns);
    for (size_t c = 0; c < n_columns; c++) names[c] = columns[c].name;
    for (size_t m = 0; m < MEMBERS; m++) {
        size_t best = 0;
        int least = NOT_AT_ALL;
        for (size_t c = 0; c < n_columns; c++) {
            int is = roles[c] == ROLE_PERSONAL ? distance(columns[c].name, m) : NOT_AT_ALL;
            if (is < least) best = c, least = is;
        }
        if (least < NOT_AT_ALL) names[best] = members[m].name;
    }
    return names;
}
