/* page_reply.h - what the pages behind links in messages share: their texts and their tokens. */
#ifndef SERVER_PAGE_REPLY_H
#define SERVER_PAGE_REPLY_H

#include "server/route.h"
#include "hub/links.h"
#include "customer/topic.h"

/* The token of the request's path; false: none of ours, and the reply says so in a page. */
bool page_token(struct request *request, struct reply *reply, enum link_kind kind, struct link_token *ret_token);

/* Renders src/server/page/<name>.html, or templates/pages/<name>.html of the campaigns where that is there; takes
 * data. */
enum handling page_reply_take(struct request *request, struct reply *reply, int status, const char *name,
                              json_t *data);
enum handling page_failure(struct request *request, struct reply *reply, const struct err *why);

/* The topics of the settings, and where people reach this server ("": not said); in the request's arena. */
struct page_settings { struct topics topics; const char *public_url; const char **channels; size_t n_channels; };
bool page_settings(struct request *request, struct page_settings *ret_settings, struct err *err) MUST_CHECK;

#endif
