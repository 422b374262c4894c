/* command_journey_simulate.c - holdfast journey simulate: all journeys, everybody, the last days of the history.
 */
#include "command/command_journey.h"
#include "cli/json_out.h"
#include "cli/database.h"
#include "base/calendar.h"
#include "base/words.h"
#include "trial/trial.h"
#include "store/setting.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILES_MOST = 1000, USUAL_DAYS = 90, MOST_DAYS = 3660 };

struct journeys_of_folder {
    const char            *paths[FILES_MOST];
    const struct journey  *all[FILES_MOST];
    size_t                 n;
};

static int by_path(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The files of DIR, or of DIR/journeys where it is a folder of campaigns. */
static bool list_files(struct invocation *invocation, const char *folder, struct journeys_of_folder *of,
                       struct err *err)
{
    const char *inner = arena_format(invocation->arena, "%s/journeys", folder);
    struct stat there;
    if (stat(inner, &there) == 0 && S_ISDIR(there.st_mode)) folder = inner;
    DIR *open = opendir(folder);
    struct dirent *entry;
    if (!open) return err_set(err, ERR_MISSING, "%s: %s", folder, strerror(errno));
    while ((entry = readdir(open)) && of->n < FILES_MOST) {
        size_t length = strlen(entry->d_name);
        if (length > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 5, ".yaml") == 0)
            of->paths[of->n++] = arena_format(invocation->arena, "%s/%s", folder, entry->d_name);
    }
    closedir(open);
    if (of->n == 0) return err_set(err, ERR_MISSING, "%s holds no journey: no file that ends with .yaml", folder);
    qsort(of->paths, of->n, sizeof *of->paths, by_path);
    return true;
}

static bool read_files(struct invocation *invocation, struct journeys_of_folder *of, struct err *err)
{
    for (size_t i = 0; i < of->n; i++)
        if (!journey_load(invocation, of->paths[i], &of->all[i], err)) return false;
    return journeys_check_loops(of->all, of->paths, of->n, invocation->arena, err);
}

static json_t *sent_json(const struct trial_counts *counts)
{
    json_t *sent = json_object();
    for (size_t i = 0; i < counts->n_sent; i++)
        json_object_set_new(sent, counts->sent[i].channel, json_integer((json_int_t)counts->sent[i].n));
    return sent;
}

/* What was put off or left out, by rule. */
static json_t *by_rule_json(const uint64_t *counts, bool has_cap)
{
    json_t *json = json_object();
    for (int rule = 1; rule < CONTACT_RULES; rule++)
        if (counts[rule] || (has_cap && rule == RULE_CAP))
            json_object_set_new(json, contact_rule_word((enum contact_rule)rule),
                                json_integer((json_int_t)counts[rule]));
    return json;
}

static json_t *held_json(const struct trial_counts *counts)
{
    uint64_t both[CONTACT_RULES];
    for (int rule = 0; rule < CONTACT_RULES; rule++) both[rule] = counts->held[rule] + counts->skipped[rule];
    return by_rule_json(both, true);
}

static void print_counts(const struct invocation *invocation, int64_t days, const struct trial_counts *counts)
{
    if (invocation->is_json) {
        json_print_take(json_pack("{s:I, s:I, s:I, s:o, s:o, s:f, s:I, s:I, s:I, s:s?}", "days", (json_int_t)days,
                                  "people", (json_int_t)counts->n_people, "entered", (json_int_t)counts->n_entered,
                                  "sent", sent_json(counts), "held", held_json(counts), "spent", counts->spent, "failed",
                                  (json_int_t)counts->failed, "unknown_zones", (json_int_t)counts->n_unknown_zones,
                                  "violations", (json_int_t)counts->n_violations, "violation", counts->violation));
        return;
    }
    struct arena *arena = invocation->arena;
    printf("%lld days of %s people: %s entered, %s are still inside\n", (long long)days,
           words_count(arena, (double)counts->n_people), words_count(arena, (double)counts->n_entered),
           words_count(arena, (double)counts->ended[WALK_OPEN]));
    for (size_t i = 0; i < counts->n_sent; i++)
        printf("  sent by %-12s %12s\n", counts->sent[i].channel, words_count(arena, (double)counts->sent[i].n));
    for (int rule = 1; rule < CONTACT_RULES; rule++)
        if (counts->held[rule] + counts->skipped[rule])
            printf("  %-20s %12s\n", contact_rule_word((enum contact_rule)rule),
                   words_count(arena, (double)(counts->held[rule] + counts->skipped[rule])));
    if (counts->failed) printf("  could not be written %11s\n", words_count(arena, (double)counts->failed));
    printf("rules broken: %llu%s%s\n", (unsigned long long)counts->n_violations,
           counts->violation ? ", the first: " : "", counts->violation ? counts->violation : "");
}

static bool read_salt(struct store *store, uint64_t *ret_salt, struct err *err)
{
    char *salt;
    if (!setting_get(store, "decision_salt", &salt, err)) return false;
    *ret_salt = salt ? strtoull(salt, NULL, 16) : 1;
    free(salt);
    return true;
}

struct opened {
    struct database        database;
    struct identities *identities;
    struct profiles   *profiles;
    struct consents   *consents;
    struct zones      *zones;
};

static void close_all(struct opened *o)
{
    zones_free(o->zones);
    consents_close(o->consents);
    profiles_close(o->profiles);
    identities_close(o->identities);
    database_close(&o->database);
}

/* Without it nothing personal was ever kept. */
static bool has_key(struct arena *arena, const char *path)
{
    struct stat there;
    return stat(arena_format(arena, "%s.key", path), &there) == 0;
}

static bool open_all(struct invocation *invocation, struct opened *o, struct err *err)
{
    if (!database_open(invocation, NULL, false, &o->database, err)) return false;
    o->zones = zones_new(ZONES_FOLDER);
    if (database_describe(&o->database, invocation->arena, err) &&
        identities_open(o->database.store, o->database.log, &o->identities, err) &&
        (!has_key(invocation->arena, store_path(o->database.store)) ||
         (profiles_open(o->database.store, false, &o->profiles, err) &&
          consents_open(o->database.store, o->database.log, o->identities, profiles_vault(o->profiles),
                        &o->consents, err))))
        return true;
    close_all(o);
    return false;
}

/* --settings, else those of the folder of campaigns that the journeys lie in, else those of the database. */
static bool read_settings(struct invocation *invocation, const char *journey, struct store *store,
                          struct settings *ret_settings, struct err *err)
{
    const char *slash = strrchr(journey, '/');
    const char *beside = arena_format(invocation->arena, "%.*s/../" SETTINGS_FILE,
                                      slash ? (int)(slash - journey) : 1, slash ? journey : ".");
    struct stat there;
    if (flag_is_given(invocation, "settings") || stat(beside, &there) != 0)
        return command_settings(invocation, store, ret_settings, err);
    return settings_read(beside, invocation->arena, ret_settings, err);
}

static bool simulate(struct invocation *invocation, const struct journeys_of_folder *of, int64_t days,
                     struct opened *o, struct trial_counts *ret_counts, struct err *err)
{
    struct settings settings;
    struct contact_rules rules;
    const char *url = NULL;
    uint64_t salt;
    if (!read_settings(invocation, of->paths[0], o->database.store, &settings, err) ||
        !contact_rules_read(&settings, invocation->arena, &rules, err) ||
        !settings_text(&settings, "public_url", &url, err) || !read_salt(o->database.store, &salt, err))
        return false;
    const struct trial_options options = {
        .journeys = of->all,
        .n_journeys = of->n,
        .rules = &rules,
        .settings = &settings,
        .store = o->database.store,
        .log = o->database.log,
        .identities = o->identities,
        .consents = o->consents,
        .profiles = o->profiles,
        .zones = o->zones,
        .from_ms = o->database.as_of_ms - days * MS_PER_DAY,
        .to_ms = o->database.as_of_ms,
        .salt = salt,
        .n_threads = invocation->n_threads,
        .templates = journey_templates(invocation, of->paths[0]),
        .public_url = url,
    };
    return trial_run(&options, invocation->arena, ret_counts, err);
}

bool journey_simulate(struct invocation *invocation, struct err *err)
{
    struct journeys_of_folder *of = ARENA_NEW(invocation->arena, struct journeys_of_folder);
    struct opened opened = { .identities = NULL };
    struct trial_counts counts;
    int64_t days;
    if (invocation->n_arguments != 2)
        return err_set(err, ERR_INVALID, "usage: holdfast journey simulate DIR --days 90");
    if (!flag_int(invocation, "days", 1, MOST_DAYS, USUAL_DAYS, &days, err) ||
        !list_files(invocation, invocation->arguments[1], of, err) || !read_files(invocation, of, err) ||
        !open_all(invocation, &opened, err))
        return false;
    bool ok = simulate(invocation, of, days, &opened, &counts, err);
    close_all(&opened);
    if (ok) print_counts(invocation, days, &counts);
    return ok;
}
