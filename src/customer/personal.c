/* personal.c - the names under which clients send what is personal; see personal.h. */
#include "customer/personal.h"

#include <string.h>

enum { NAME_BYTES = 32, MOST_OF_A_LETTER = 16 };

/* By their first letter, so that most names are dismissed by one look. */
static const char *const always['z' - 'a' + 1][MOST_OF_A_LETTER] = {
    ['a' - 'a'] = { "address", "address1", "address2", "addressline", "addressline1", "addressline2", "adid",
                    "advertisingid", "accountnumber", "apnstoken" },
    ['b' - 'a'] = { "birthday", "birthdate", "birth", "bankaccount", "bic" },
    ['c' - 'a'] = { "cell", "cellphone", "comment", "comments", "cardnumber", "creditcard", "coordinates" },
    ['d' - 'a'] = { "dob", "dateofbirth", "devicetoken", "deviceid", "displayname" },
    ['e' - 'a'] = { "email", "emailaddress", "emails" },
    ['f' - 'a'] = { "firstname", "fullname", "familyname", "fax", "fcmtoken", "feedback" },
    ['g' - 'a'] = { "givenname", "gaid", "gravatar" },
    ['h' - 'a'] = { "housenumber", "homephone" },
    ['i' - 'a'] = { "ip", "ipaddress", "idfa", "idfv", "iban" },
    ['l' - 'a'] = { "lastname", "line1", "line2", "latitude", "longitude", "lat", "lng", "lon", "login",
                    "legalname" },
    ['m' - 'a'] = { "mail", "mobile", "mobilenumber", "mobilephone", "middlename", "maidenname", "message" },
    ['n' - 'a'] = { "nickname", "nationalid", "note", "notes" },
    ['p' - 'a'] = { "phone", "phonenumber", "phones", "postalcode", "postcode", "passport", "password",
                    "pushtoken" },
    ['s' - 'a'] = { "surname", "street", "streetaddress", "streetname", "street1", "street2", "ssn",
                    "socialsecuritynumber", "skype" },
    ['t' - 'a'] = { "tel", "telephone", "telephonenumber", "token", "taxid", "twitter" },
    ['u' - 'a'] = { "username" },
    ['w' - 'a'] = { "whatsapp", "workphone" },
    ['z' - 'a'] = { "zip", "zipcode", "zippostalcode" },
};
static const char *const of_a_person[] = { "name",   "avatar",    "avatarurl", "photo",    "photourl",
                                           "picture", "handle",   "linkedin",  "facebook", "instagram",
                                           "github", "description", "bio",     NULL };
#define ENDING(word) { sizeof(word) - 1, (word) }
static const struct { size_t length; const char *word; } endings[] = {
    ENDING("email"),    ENDING("emailaddress"), ENDING("phone"),     ENDING("phonenumber"), ENDING("firstname"),
    ENDING("lastname"), ENDING("fullname"),     ENDING("address"),   ENDING("ipaddress"),   ENDING("devicetoken"),
    ENDING("postalcode"), ENDING("zipcode"),
};
static const char *const regions[] = { "country",      "countrycode", "countrycodev2", "countryname",
                                       "state",        "statecode",   "region",        "province",
                                       "provincecode", "city",        "continent",     NULL };

/* Lower-case letters and digits only; a longer name keeps its end, where the noun stands. */
static size_t simplify(struct text name, char ret_name[NAME_BYTES])
{
    size_t n = 0, skip = name.length > 2 * NAME_BYTES ? name.length - 2 * NAME_BYTES : 0;
    for (size_t i = skip; i < name.length; i++) {
        char c = name.at[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) continue;
        if (n == NAME_BYTES - 1) memmove(ret_name, ret_name + 1, --n);
        ret_name[n++] = c;
    }
    ret_name[n] = 0;
    return n;
}

static bool is_one_of(const char *name, const char *const *words)
{
    for (; *words; words++)
        if (name[0] == (*words)[0] && name[1] == (*words)[1] && strcmp(name, *words) == 0) return true;
    return false;
}

static bool has_ending(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = endings[i].length;
        if (length > n && name[length - 1] == endings[i].word[n - 1] &&
            memcmp(name + length - n, endings[i].word, n) == 0)
            return true;
    }
    return false;
}

bool personal_is_name(struct text name, enum personal_of of)
{
    char simple[NAME_BYTES];
    size_t length = simplify(name, simple);
    if (length < 2) return false;
    if (simple[0] >= 'a' && simple[0] <= 'z' && is_one_of(simple, always[simple[0] - 'a'])) return true;
    if (of == PERSONAL_OF_PERSON && is_one_of(simple, of_a_person)) return true;
    return has_ending(simple, length);
}

bool personal_is_address(struct text name)
{
    char simple[NAME_BYTES];
    size_t length = simplify(name, simple);
    return length >= 7 && strcmp(simple + length - 7, "address") == 0;
}

bool personal_is_region(struct text name)
{
    char simple[NAME_BYTES];
    simplify(name, simple);
    return is_one_of(simple, regions);
}
