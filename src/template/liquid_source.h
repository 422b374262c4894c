/* liquid_source.h - a template's text, token by token. */
#ifndef TEMPLATE_LIQUID_SOURCE_H
#define TEMPLATE_LIQUID_SOURCE_H

#include "base/err.h"
#include "base/text.h"

struct liquid_token {
    enum { TOKEN_PLAIN, TOKEN_VALUE, TOKEN_TAG, TOKEN_END } kind;
    struct text text;       /* plain; the inside of {{ }}; what follows a tag's name */
    struct text name;       /* of a tag */
    size_t      line;
};

struct liquid_source {
    const char *at, *end;
    const char *counted;    /* up to where lines were counted ... */
    size_t      line;       /* ... and the line there */
    bool        trims;      /* the last token ended with "-", which takes away the white space behind it */
    bool        is_lines;   /* the inside of a liquid tag: a tag on each line */
};

/* Errors: ERR_INVALID braces that nothing closes. */
bool source_next(struct liquid_source *source, struct liquid_token *token, struct err *err) MUST_CHECK;

/* Goes on behind the tag of that name, whatever stands before it; ret_text may be NULL.  False: there is none. */
bool source_skip(struct liquid_source *source, const char *name, struct text *ret_text) MUST_CHECK;

#endif
