/* tracked_html.h - HTML of a message whose links lead by way of ours, with a picture that tells it was opened. */
#ifndef CHANNEL_TRACKED_HTML_H
#define CHANNEL_TRACKED_HTML_H

#include "base/arena.h"
#include "base/text.h"

/* Where a link leads from now on: url has no entities any more.  NULL: it stays. */
typedef const char *tracked_link(void *context, struct text url);

struct tracking {
    tracked_link *link;         /* NULL: links stay */
    void         *context;
    const char   *pixel;        /* the picture's address; NULL: there is none */
};

/* Links are the href of <a> that begin with http: or https:; all else stays byte for byte.  The picture stands
 * before </body>, where there is one.  In the arena; any bytes will do. */
struct text tracked_html(struct text html, const struct tracking *tracking, struct arena *arena);

#endif
