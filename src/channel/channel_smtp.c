/* channel_smtp.c - e-mail through a relay; see channel.h. */
#include "channel/channel.h"

#include <string.h>

static void prepare(const struct channel *channel, const struct consignment *consignment, struct arena *arena,
                    struct transfer *ret_transfer)
{
    (void)arena;
    ret_transfer->url = channel->url;
    ret_transfer->user = channel->user, ret_transfer->password = channel->password;
    ret_transfer->is_tls_required = channel->is_tls_required;
    ret_transfer->mail_from = consignment->from, ret_transfer->mail_to = consignment->to;
    ret_transfer->body = consignment->bytes;
}

/* RFC 3463: 5.1.x speaks of the address (but for 5.1.7 and 5.1.8, the sender's), 5.2.1 of a mailbox that is
 * closed. Where a relay says no such thing, 550, 551 and 553 after the recipient was named are about the
 * recipient. */
static bool is_of_address(const struct transfer_result *result)
{
    static const char *const words[] = { "user unknown", "unknown user", "no such user", "mailbox unavailable",
                                         "does not exist", "recipient rejected", "invalid recipient" };
    const char *reply = result->reply;
    if (result->code < 500) return false;
    const char *status = strlen(reply) > 8 && reply[4] == '5' && reply[5] == '.' ? reply + 4 : NULL;
    if (status)
        return (strncmp(status, "5.1.", 4) == 0 && status[4] != '7' && status[4] != '8') ||
               strncmp(status, "5.2.1", 5) == 0;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasestr(reply, words[i])) return result->code == 550 || result->code == 551 || result->code == 553;
    return false;
}

static void judge(const struct channel *channel, const struct transfer_result *result,
                  struct delivered *ret_delivered)
{
    (void)channel;
    switch (result->end) {
    case TRANSFER_ANSWERED:
        ret_delivered->delivery = result->code < 400                      ? DELIVERY_SENT
                                  : result->code < 500 || result->is_login ? DELIVERY_LATER
                                                                           : DELIVERY_REFUSED;
        ret_delivered->is_address_closed = ret_delivered->delivery == DELIVERY_REFUSED && is_of_address(result);
        break;
    case TRANSFER_IN_DOUBT: ret_delivered->delivery = DELIVERY_UNKNOWN; break;
    case TRANSFER_NOT_BEGUN:
    case TRANSFER_GUARDED:
    case TRANSFER_BROKEN: ret_delivered->delivery = DELIVERY_LATER; break;
    }
}

const struct channel_ops smtp_ops = { .word = "smtp", .prepare = prepare, .judge = judge };
