/* zones_test.c - people's zones by name. */
#include "base/zones.h"
#include "support.h"

Test(zones, a_name_gives_the_same_zone_each_time_and_one_that_is_none_gives_utc)
{
    struct zones *zones = zones_new(ZONES_FOLDER);
    const struct zone *auckland = zones_get(zones, text_of("Pacific/Auckland"));
    cr_assert_eq(zone_offset_ms(auckland, INT64_C(1768000000000)), 13 * 3600000);
    cr_assert_eq(zones_get(zones, text_of("Pacific/Auckland")), auckland);
    cr_assert_eq(zones_get(zones, text_of("Pacific/Nowhere")), zone_utc);
    cr_assert_eq(zones_get(zones, text_of("../../etc/passwd")), zone_utc);
    cr_assert_eq(zones_get(zones, text_of("")), zone_utc);
    zones_free(zones);
}
