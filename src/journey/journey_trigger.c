/* journey_trigger.c - who enters a journey, and when; see journey_internal.h. */
#include "journey/journey_internal.h"

#include "base/calendar.h"
#include "base/zones.h"
#include "intake/commerce.h"

#include <string.h>

static bool read_event(struct reading_journey *r, const struct yaml_node *node, struct trigger *trigger,
                       struct err *err)
{
    static const char *const keys[] = { "event", "key", "where" };
    trigger->kind = TRIGGER_EVENT;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !words_text(node, "event", &trigger->name, err)) return false;
    trigger->name = commerce_meant(trigger->name);
    return yaml_text(node, "key", &trigger->key, err) && read_condition(r, node, "where", &trigger->where, err);
}

static bool read_segment(const struct yaml_node *node, struct trigger *trigger, struct err *err)
{
    static const char *const keys[] = { "segment", "on" };
    const char *on = "enter";
    trigger->kind = TRIGGER_SEGMENT;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !words_text(node, "segment", &trigger->name, err) ||
        !yaml_text(node, "on", &on, err))
        return false;
    trigger->is_leaving = strcmp(on, "leave") == 0;
    if (trigger->is_leaving || strcmp(on, "enter") == 0) return true;
    return yaml_fail(yaml_find(node, "on"), err, "'on' of a segment is enter or leave");
}

static bool read_score(const struct yaml_node *node, struct trigger *trigger, struct err *err)
{
    static const char *const keys[] = { "score", "crosses", "falling" };
    const char *falling = "false";
    trigger->kind = TRIGGER_SCORE;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !words_text(node, "score", &trigger->name, err) ||
        !yaml_number(node, "crosses", -1e15, 1e15, &trigger->crosses, err) ||
        !yaml_text(node, "falling", &falling, err))
        return false;
    if (!yaml_find(node, "crosses")) return yaml_fail(node, err, "a score needs what it 'crosses', such as 0.7");
    trigger->is_falling = strcmp(falling, "true") == 0;
    if (trigger->is_falling || strcmp(falling, "false") == 0) return true;
    return yaml_fail(yaml_find(node, "falling"), err, "'falling' is true or false");
}

static bool read_date(const struct yaml_node *node, struct trigger *trigger, struct err *err)
{
    static const char *const keys[] = { "date", "before", "after", "at", "every" };
    const char *every = NULL;
    trigger->kind = TRIGGER_DATE;
    trigger->clock_ms = 9 * INT64_C(3600000);
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !words_text(node, "date", &trigger->name, err) ||
        !words_shift(node, &trigger->shift_days, err) || !words_clock(node, "at", &trigger->clock_ms, err) ||
        !yaml_text(node, "every", &every, err))
        return false;
    trigger->every = every ? EVERY_YEAR : EVERY_ONCE;
    if (!every || strcmp(every, "year") == 0) return true;
    return yaml_fail(yaml_find(node, "every"), err, "a date comes once, or 'every: year'");
}

static bool read_once(const struct yaml_node *node, struct trigger *trigger, struct err *err)
{
    size_t length = strlen(node->text);
    int64_t ms;
    if (length < sizeof "2027-03-01 09:00" - 1 || strpbrk(node->text, "Zz+") ||
        !calendar_parse_iso(node->text, length, &ms))
        return yaml_fail(node, err, "'schedule' must be a local time such as \"2027-03-01 09:00\", or "
                         "{every: week, on: mon, at: \"09:00\"}");
    trigger->at_local_ms = ms;
    return true;
}

static bool read_day_of_month(const struct yaml_node *node, unsigned *ret_day, struct err *err)
{
    int64_t day;
    if (node->kind != YAML_SCALAR || !text_int64(text_of(node->text), &day) || day < 1 || day > 31)
        return yaml_fail(node, err, "'on' of a month is a day from 1 to 31 (the last, where a month is shorter)");
    *ret_day = (unsigned)day;
    return true;
}

static bool read_recurring(const struct yaml_node *node, struct trigger *trigger, struct err *err)
{
    static const char *const keys[] = { "every", "on", "at" };
    const struct yaml_node *on = yaml_find(node, "on");
    const char *every = NULL;
    trigger->clock_ms = 9 * INT64_C(3600000);
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !words_text(node, "every", &every, err) ||
        !words_clock(node, "at", &trigger->clock_ms, err))
        return false;
    if (strcmp(every, "day") == 0) trigger->every = EVERY_DAY;
    else if (strcmp(every, "week") == 0) trigger->every = EVERY_WEEK;
    else if (strcmp(every, "month") == 0) trigger->every = EVERY_MONTH;
    else return yaml_fail(yaml_find(node, "every"), err, "'every' is day, week or month");
    if (trigger->every == EVERY_DAY) return !on || yaml_fail(on, err, "what comes every day has no 'on'");
    if (!on) return yaml_fail(node, err, "'on' is missing: the day of the week, such as mon, or of the month");
    return trigger->every == EVERY_WEEK ? words_weekday(on, &trigger->on, err)
                                        : read_day_of_month(on, &trigger->on, err);
}

static bool is_zone(const struct reading_journey *r, const char *name)
{
    const struct zone *zone;
    struct err none;
    return strcmp(name, "person") == 0 || strcmp(name, "shop") == 0 ||
           zone_open(ZONES_FOLDER, text_of(name), r->arena, &zone, &none);
}

static bool read_schedule(struct reading_journey *r, const struct yaml_node *node, struct trigger *trigger,
                          struct err *err)
{
    static const char *const keys[] = { "schedule", "zone", "audience" };
    const struct yaml_node *schedule = yaml_find(node, "schedule");
    trigger->kind = TRIGGER_SCHEDULE;
    trigger->zone = "shop";
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "zone", &trigger->zone, err) ||
        !read_condition(r, node, "audience", &trigger->audience, err))
        return false;
    if (!schedule || schedule->kind == YAML_LIST)
        return yaml_fail(node, err, "'schedule' must be a local time or {every: ..., on: ..., at: ...}");
    if (!is_zone(r, trigger->zone))
        return yaml_fail(yaml_find(node, "zone"), err,
                         "'%.60s' is no zone of the system's: person, shop, or a name such as Europe/Berlin",
                         trigger->zone);
    return schedule->kind == YAML_MAP ? read_recurring(schedule, trigger, err) : read_once(schedule, trigger, err);
}

static bool read_api(const struct yaml_node *node, struct trigger *trigger, struct err *err)
{
    static const char *const keys[] = { "api" };
    const char *word = "";
    trigger->kind = TRIGGER_API;
    if (!yaml_check_keys(node, keys, COUNT(keys), err) || !yaml_text(node, "api", &word, err)) return false;
    return strcmp(word, "true") == 0 ||
           yaml_fail(node, err, "a journey that is entered by request has {api: true}");
}

bool read_trigger(struct reading_journey *r, const struct yaml_node *node, struct err *err)
{
    struct trigger *trigger = &r->journey.trigger;
    if (node->kind != YAML_MAP)
        return yaml_fail(node, err,
                         "expected what people enter by, such as {event: order} or {segment: slipping}");
    if (yaml_find(node, "event")) return read_event(r, node, trigger, err);
    if (yaml_find(node, "segment")) return read_segment(node, trigger, err);
    if (yaml_find(node, "score")) return read_score(node, trigger, err);
    if (yaml_find(node, "date")) return read_date(node, trigger, err);
    if (yaml_find(node, "schedule")) return read_schedule(r, node, trigger, err);
    if (yaml_find(node, "api")) return read_api(node, trigger, err);
    return yaml_fail(node, err, "a trigger is one of event, segment, score, date, schedule or api");
}
