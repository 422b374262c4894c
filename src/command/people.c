/* people.c - see people.h. */
#include "command/people.h"
#include "server/clocks.h"

/* A database to which nobody ever told a personal field has no key file. */
static bool open_profiles(struct people *people, struct err *err)
{
    return profiles_open(people->store, false, &people->profiles, err) || err->code == ERR_MISSING;
}

bool people_open(struct invocation *invocation, struct people *ret_people, struct err *err)
{
    const char *path;
    *ret_people = (struct people){ 0 };
    return command_database(invocation, NULL, &path, err) &&
           store_open(path, STORE_READ, &ret_people->store, err) &&
           log_open(ret_people->store, &ret_people->log, err) && open_profiles(ret_people, err) &&
           identities_open(ret_people->store, ret_people->log, &ret_people->identities, err) &&
           live_open(ret_people->store, ret_people->log, ret_people->identities, clock_wall_ms(NULL),
                     invocation->n_threads, &ret_people->live, err);
}

void people_close(struct people *people)
{
    live_close(people->live);
    identities_close(people->identities);
    profiles_close(people->profiles);
    log_close(people->log);
    store_close(people->store);
}

bool people_find(const struct people *people, const char *id, struct arena *arena, uint32_t *ret_customer,
                 json_t **ret_known, struct err *err)
{
    uint32_t identity;
    const uint8_t *key = people->profiles ? profiles_key(people->profiles) : NULL;
    if (!identity_find(people->log, text_of(id), key, &identity))
        return err_set(err, ERR_MISSING, "nobody is known as '%s'", id);
    *ret_customer = identities_customer(people->identities, identity);
    return known_read(people->live, people->profiles, people->identities, people->store, *ret_customer, arena,
                      ret_known, err);
}
