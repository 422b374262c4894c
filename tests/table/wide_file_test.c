/* Files of very many columns. */
#include "table/import_support.h"

#include "feature/survey.h"
#include "table/mapping.h"

TestSuite(wide_file, .init = import_shop_open, .fini = import_shop_close);

Test(wide_file, more_attributes_than_are_looked_at_are_refused_with_their_number_and_none_is_cut)
{
    cr_assert_eq(MAPPING_TRAITS_MAX, SURVEY_TRAITS_MAX);
    enum { ROOM = 1 << 20 };
    char *text = arena_alloc(import_arena, ROOM, 1);
    for (size_t n_columns = MAPPING_TRAITS_MAX; n_columns <= 16382; n_columns += 16382 - MAPPING_TRAITS_MAX) {
        size_t n = (size_t)snprintf(text, ROOM, "customer,churn");
        for (size_t c = 0; c < n_columns; c++) n += (size_t)snprintf(text + n, ROOM - n, ",f%zu", c);
        for (int row = 0; row < 4; row++) {
            n += (size_t)snprintf(text + n, ROOM - n, "\nc%d,%s", row, row % 2 ? "yes" : "no");
            for (size_t c = 0; c < n_columns; c++) n += (size_t)snprintf(text + n, ROOM - n, ",%d", row);
        }
        support_write(support_path("wide.csv"), text, n);
        if (n_columns == MAPPING_TRAITS_MAX) {
            ASSERT_OK(import(support_path("wide.csv")), &import_err);
            cr_assert_eq(result.accepted, 4);
        } else {
            ASSERT_FAILS(import(support_path("wide.csv")), &import_err, ERR_INVALID, "16384 columns");
            cr_assert(strstr(import_err.text, "at most 1000"));
        }
    }
}
