/* Columns of times: which form, what decides between two, and what is refused rather than guessed. */
#include "table/import_support.h"

#include "base/calendar.h"

TestSuite(time_file, .init = import_shop_open, .fini = import_shop_close);

static int64_t day_ms(int year, int month, int day)
{
    return calendar_day((struct civil){ year, month, day }) * MS_PER_DAY;
}

enum form {
    DMY_SLASH,
    MDY_SLASH,
    DMY_DASH,
    MDY_DASH,
    LONG_NAME,
    SHORT_NAME,
    DAY_FIRST,
    BASIC_ISO,
    US_LOCALE,
    ITALIAN,
    FORMS
};

static const char *written(enum form form, struct civil c)
{
    static const char *const months[] = { "January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December" };
    const char *name = months[c.month - 1];
    switch (form) {
    case DMY_SLASH: return arena_format(import_arena, "%02d/%02d/%d", c.day, c.month, c.year);
    case MDY_SLASH: return arena_format(import_arena, "%02d/%02d/%d", c.month, c.day, c.year);
    case DMY_DASH: return arena_format(import_arena, "%d-%d-%d", c.day, c.month, c.year);
    case MDY_DASH: return arena_format(import_arena, "%d-%d-%d", c.month, c.day, c.year);
    case LONG_NAME: return arena_format(import_arena, "\"%s %d, %d 9:00 AM\"", name, c.day, c.year);
    case SHORT_NAME: return arena_format(import_arena, "\"%.3s %d, %d\"", name, c.day, c.year);
    case DAY_FIRST: return arena_format(import_arena, "%02d %.3s %d 09:00", c.day, name, c.year);
    case BASIC_ISO: return arena_format(import_arena, "%d%02d%02dT090000Z", c.year, c.month, c.day);
    case US_LOCALE: return arena_format(import_arena, "\"%d/%d/%d, 9:00:00 AM\"", c.month, c.day, c.year);
    case ITALIAN: return arena_format(import_arena, "%02d/%02d/%d 09.00", c.day, c.month, c.year);
    case FORMS:
    default: return "";
    }
}

/* 30 orders, 12 days apart from 2024-01-05 on, the oldest or the newest first. */
static const char *orders(enum form form, bool is_down)
{
    const char *text = "customer,date,amount\n";
    for (int i = 0; i < 30; i++) {
        int64_t day = calendar_day((struct civil){ 2024, 1, 5 }) + 12 * (is_down ? 29 - i : i);
        text = arena_format(import_arena, "%sc%d,%s,5\n", text, i % 7, written(form, calendar_civil(day)));
    }
    return text;
}

Test(time_file, rows_with_the_newest_first_are_in_order_too)
{
    for (int form = DMY_SLASH; form <= MDY_DASH; form++)
        for (int is_down = 0; is_down < 2; is_down++) {
            import_shop_close();
            import_shop_open();
            IMPORT_OK(orders((enum form)form, is_down));
            cr_assert_eq(result.first_ms, day_ms(2024, 1, 5), "form %d %d", form, is_down);
            cr_assert_eq(result.last_ms, day_ms(2024, 12, 18), "form %d %d: %s", form, is_down, format_of("date"));
        }
}

/* Days up to 12 only, so that both orders of day and month are dates throughout. */
static const char *low_days(bool is_dmy, bool is_shuffled, bool is_down)
{
    const char *text = "customer,date,amount\n";
    for (int i = 0; i < 60; i++) {
        int k = is_shuffled ? i * 37 % 60 : is_down ? 59 - i : i, month = k / 5 + 1, day = k % 5 * 2 + 2;
        text = arena_format(import_arena, "%sc%d,%02d/%02d/2024,5\n", text, i % 7, is_dmy ? day : month,
                            is_dmy ? month : day);
    }
    return text;
}

Test(time_file, where_no_day_is_above_12_the_order_of_the_rows_decides_either_way)
{
    for (int is_dmy = 0; is_dmy < 2; is_dmy++)
        for (int is_down = 0; is_down < 2; is_down++) {
            import_shop_close();
            import_shop_open();
            IMPORT_OK(low_days(is_dmy, false, is_down));
            cr_assert_eq(result.last_ms, day_ms(2024, 12, 10), "%s", format_of("date"));
            cr_assert(has_finding("can be read in two ways"));
        }
}

Test(time_file, a_shuffled_file_that_could_be_either_is_refused_with_both_flags)
{
    IMPORT_FAILS(low_days(true, true, false), ERR_INVALID, "--date-format D/M/Y or --date-format M/D/Y");
    cr_assert(strstr(import_err.text, "column date"));
    options.date_format = "D/M/Y";
    IMPORT_OK(low_days(true, true, false));
    cr_assert_eq(result.last_ms, day_ms(2024, 12, 10));
}

Test(time_file, a_shuffled_file_with_one_day_above_12_is_read)
{
    IMPORT_OK(arena_format(import_arena, "%sc1,13/12/2024,5\n", low_days(true, true, false)));
    cr_assert_eq(result.last_ms, day_ms(2024, 12, 13));
}

static const char *numbers(const char *name, double first, double step)
{
    const char *text = arena_format(import_arena, "customer_id,%s,amount\n", name);
    for (int i = 0; i < 60; i++)
        text = arena_format(import_arena, "%sc%d,%.6f,5\n", text, i % 7, first + step * i);
    return text;
}

Test(time_file, numbers_of_every_unit_are_times_where_the_column_is_named_so)
{
    IMPORT_OK(numbers("order_date", 45294.375, 1));
    cr_assert_eq(result.shape, SHAPE_ORDER_LINES);
    cr_assert_eq(result.first_ms, day_ms(2024, 1, 3) + 9 * INT64_C(3600000));
    cr_assert_str_eq(format_of("order_date"), "excel");
    static const struct {
        const char *first, *format;
    } cases[] = {
        { "17042724%02d000000", "epoch-us" },
        { "17042724%02d000000000", "epoch-ns" },
        { "202401030900%02d", "yyyymmddhhmmss" },
        { "17042724%02d000", "epoch-ms" },
        { "17042724%02d", "epoch-s" },
        { "17042724%02d.25", "epoch-s" },
        { "17042724%02d000.5", "epoch-ms" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        import_shop_close();
        import_shop_open();
        const char *text = "customer_id,order_date,amount\n";
        for (int k = 0; k < 40; k++) {
            char number[64];
            size_t at = strcspn(cases[i].first, "%");
            snprintf(number, sizeof number, "%.*s%02d%s", (int)at, cases[i].first, k, cases[i].first + at + 4);
            text = arena_format(import_arena, "%sc%d,%s,5\n", text, k % 7, number);
        }
        IMPORT_OK(text);
        cr_assert_str_eq(format_of("order_date"), cases[i].format);
        cr_assert_eq(result.first_ms, INT64_C(1704272400000), "%s", cases[i].first);
    }
}

Test(time_file, numbers_that_are_no_time_of_any_unit_are_refused_by_the_name_of_their_column)
{
    IMPORT_FAILS(numbers("order_date", 7, 3), ERR_INVALID, "column order_date does not read as times");
    cr_assert(strstr(import_err.text, "--date-format"));
}

Test(time_file, two_forms_in_one_column_are_read_where_each_row_tells)
{
    const char *text = "customer,date,amount\n";
    for (int i = 0; i < 40; i++)
        text = arena_format(import_arena, i % 2 ? "%sc%d,2024-03-%02d,5\n" : "%sc%d,%02d.03.2024,5\n", text,
                            i % 7, i % 28 + 1);
    IMPORT_OK(text);
    cr_assert_eq(result.rejected, 0);
    cr_assert_eq(result.first_ms, day_ms(2024, 3, 1));
    cr_assert_eq(result.last_ms, day_ms(2024, 3, 28));
    cr_assert(strstr(format_of("date"), " or "), "%s", format_of("date"));
}

Test(time_file, a_pattern_of_strptime_reads_what_no_form_describes)
{
    static const char text[] = "customer,date,amount\nann,03|01|2024 09-00,5\nbob,31|01|2024 10-30,5\n";
    options.date_format = "%d|%m|%Y %H-%M";
    options.separator = ",";
    IMPORT_OK(text);
    cr_assert_eq(result.first_ms, INT64_C(1704272400000));
    cr_assert_str_eq(format_of("date"), "%d|%m|%Y %H-%M");
    options.date_format = "%Y";
    IMPORT_FAILS(text, ERR_INVALID, "does not read as times");
}

Test(time_file, named_months_and_twelve_hour_clocks_are_read_without_a_flag)
{
    for (int form = LONG_NAME; form < FORMS; form++) {
        import_shop_close();
        import_shop_open();
        IMPORT_OK(orders((enum form)form, false));
        int64_t clock_ms = form == SHORT_NAME ? 0 : 9 * INT64_C(3600000);
        cr_assert_eq(result.first_ms, day_ms(2024, 1, 5) + clock_ms, "form %d", form);
        cr_assert_eq(result.last_ms, day_ms(2024, 12, 18) + clock_ms, "form %d", form);
    }
}

Test(time_file, of_digits_in_an_unusual_order_is_read_by_a_pattern)
{
    options.date_format = "%d%m%Y";
    IMPORT_OK("OrderID,CustomerID,OrderDate,Amount\n1,a,04012024,5\n2,b,31012024,6\n");
    cr_assert_eq(result.first_ms, INT64_C(1704326400000));      /* 2024-01-04 */
}
