/* holdout.c - see holdout.h. */
#include "decide/holdout.h"

#include "base/hash.h"
#include "store/setting.h"

#include <assert.h>
#include <stdlib.h>

bool holdout_share_read(struct store *store, const struct settings *settings, double *ret_share, struct err *err)
{
    char *kept = NULL;
    double share = HOLDOUT_USUAL_SHARE;
    if (!setting_get(store, "holdout_share", &kept, err)) return false;
    bool ok = !kept || (text_double(text_of(kept), '.', &share) && share >= 0 && share <= 1) ||
              err_set(err, ERR_INVALID, "the setting holdout_share is '%s'; it should be a share from 0 to 1",
                      kept);
    free(kept);
    if (!ok || !settings_share(settings, "holdout_share", &share, err)) return false;
    *ret_share = share;
    return true;
}

bool holdout_load(struct store *store, const struct settings *settings, struct holdout *ret_holdout,
                  struct err *err)
{
    char *salt = NULL;
    struct holdout holdout = { 0 };
    if (!holdout_share_read(store, settings, &holdout.share, err) ||
        !setting_get(store, "decision_salt", &salt, err))
        return false;
    if (salt) holdout.salt = strtoull(salt, NULL, 16);
    else holdout.share = 0;
    free(salt);
    *ret_holdout = holdout;
    return true;
}

/* Uniform in [0, 1): 53 bits of a hash. */
static bool is_in(const struct holdout *holdout, uint32_t identity)
{
    unsigned char bytes[4] = { (unsigned char)identity, (unsigned char)(identity >> 8),
                               (unsigned char)(identity >> 16), (unsigned char)(identity >> 24) };
    return (double)(hash_bytes(bytes, sizeof bytes, holdout->salt) >> 11) * 0x1p-53 < holdout->share;
}

struct holdout_place holdout_place_of(const struct holdout *holdout, const uint32_t *members, size_t n)
{
    assert(n > 0);
    uint32_t first = members[0];
    for (size_t i = 1; i < n; i++)
        if (members[i] < first) first = members[i];
    struct holdout_place place = { .is_held_out = is_in(holdout, first) };
    for (size_t i = 0; i < n; i++) place.is_mixed |= is_in(holdout, members[i]) != place.is_held_out;
    return place;
}

struct holdout_place holdout_place(const struct holdout *holdout, const struct identities *identities,
                                   uint32_t identity)
{
    size_t n;
    const uint32_t *members = identities_members(identities, identity, &n);
    return holdout_place_of(holdout, members, n);
}
