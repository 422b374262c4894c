/* Close names: misspelt, in another case, or a part. */
#include "base/similar.h"
#include "support.h"

Test(similar, the_closest_names_are_offered_and_else_all_are_listed)
{
    static const char *const names[] = { "Churn", "MonthlyCharges", "TotalCharges", "tenure" };
    struct arena *arena = arena_new(1 << 20);
    cr_assert_str_eq(similar_names("churn", names, 4, arena), "; did you mean 'Churn'?");
    cr_assert_str_eq(similar_names("Chrun", names, 4, arena), "; did you mean 'Churn'?");
    cr_assert_str_eq(similar_names("charges", names, 4, arena),
                     "; did you mean 'MonthlyCharges' or 'TotalCharges'?");
    cr_assert_str_eq(similar_names("zzz", names, 4, arena),
                     "; there are: Churn, MonthlyCharges, TotalCharges, tenure");
    cr_assert_str_eq(similar_names("zzz", names, 0, arena), "");
    cr_assert_str_eq(similar_names("", names, 1, arena), "; there are: Churn");
    arena_free(arena);
}
