/* The functions that are ours in the whole process are those that libmicrohttpd of this machine calls. */
#include "server/http_library.h"
#include "support.h"

Test(http_library, it_waits_by_our_function_and_refuses_with_our_words)
{
    struct err err;
    ASSERT_OK(http_library_check(&err), &err);
}
