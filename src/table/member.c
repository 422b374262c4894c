/* member.c - see member.h. */
#include "table/member.h"

#include <string.h>

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
