/* question_yaml.c - questions declared in a file; see question.h. */
#include "feature/question.h"

bool question_read_yaml(const char *path, const struct log *log, const struct question_options *options,
                        struct arena *arena, struct question *ret_question, struct err *err)
{
    (void)log, (void)options, (void)arena, (void)ret_question;
    return err_set(err, ERR_INVALID, "%s: questions cannot be read from a file yet", path);
}
