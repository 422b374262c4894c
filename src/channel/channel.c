/* channel.c - the kinds of channels, and the carrying of consignments; see channel.h. */
#include "channel/channel.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { CONNECT_TIMEOUT_MS = 10000 };

static const struct channel_ops *const kinds[WAYS] = {
    [WAY_SMTP] = &smtp_ops, [WAY_TWILIO] = &twilio_ops, [WAY_WEBHOOK] = &webhook_ops, [WAY_FILE] = &file_ops,
};

static const struct channel_ops *channel_ops_of(const struct channel *channel) { return kinds[channel->kind]; }
const char *channel_way_word(enum channel_way kind) { return kinds[kind]->word; }

/* A consignment on its way, with the memory of its transfer. */
struct load { struct arena *arena; void *context; struct load *next, *next_of_all; };

struct carrier {
    const struct channel *channel;
    struct transfers     *transfers;
    struct load          *idle, *all;
    struct delivered     *done;         /* [n_done] what a kind did at once */
    size_t                n_done, room_done, n;
};

bool carrier_new(const struct channel *channel, struct carrier **ret_carrier, struct err *err)
{
    struct transfers *transfers;
    if (!transfers_new(2 * channel->connections, &transfers, err)) return false;
    struct carrier *carrier = memory_new(1, sizeof *carrier);
    carrier->channel = channel;
    carrier->transfers = transfers;
    *ret_carrier = carrier;
    return true;
}

void carrier_free(struct carrier *carrier)
{
    if (!carrier) return;
    transfers_free(carrier->transfers);
    while (carrier->all) {
        struct load *next = carrier->all->next_of_all;
        arena_free(carrier->all->arena);
        free(carrier->all);
        carrier->all = next;
    }
    free(carrier->done);
    free(carrier);
}

void   carrier_wake(struct carrier *carrier) { transfers_wake(carrier->transfers); }

static void deliver_now(struct carrier *carrier, const struct consignment *consignment)
{
    if (carrier->n_done == carrier->room_done) {
        carrier->room_done = 2 * carrier->room_done + 8;
        carrier->done = memory_grow(carrier->done, carrier->room_done, sizeof *carrier->done);
    }
    struct delivered *delivered = &carrier->done[carrier->n_done++];
    *delivered = (struct delivered){ .context = consignment->context, .answer = { "", 0 } };
    channel_ops_of(carrier->channel)->deliver(carrier->channel, consignment, delivered);
    carrier->n++;
}

static struct load *load_take(struct carrier *carrier)
{
    struct load *load = carrier->idle;
    if (load) {
        carrier->idle = load->next;
        return load;
    }
    load = memory_new(1, sizeof *load);
    load->arena = arena_new(ARENA_NO_LIMIT);
    load->next_of_all = carrier->all;
    carrier->all = load;
    return load;
}

bool carrier_start(struct carrier *carrier, const struct consignment *consignment, struct err *err)
{
    const struct channel_ops *ops = channel_ops_of(carrier->channel);
    if (!ops->prepare) {
        deliver_now(carrier, consignment);
        return true;
    }
    struct load *load = load_take(carrier);
    load->context = consignment->context;
    struct transfer transfer = { .timeout_ms = carrier->channel->timeout_ms,
                                 .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                 .ca_file = carrier->channel->ca_file,
                                 .is_said_once = !carrier->channel->is_doubt_retried,
                                 .context = load };
    if (transfer.connect_timeout_ms > transfer.timeout_ms) transfer.connect_timeout_ms = transfer.timeout_ms;
    ops->prepare(carrier->channel, consignment, load->arena, &transfer);
    if (!transfers_start(carrier->transfers, &transfer, err)) {
        load->next = carrier->idle;
        carrier->idle = load;
        return false;
    }
    carrier->n++;
    return true;
}

size_t carrier_wait(struct carrier *carrier, int64_t timeout_ms, struct delivered *ret_delivered, size_t most)
{
    enum { AT_ONCE = 32 };
    struct transfer_result results[AT_ONCE];
    size_t n = 0;
    while (n < most && carrier->n_done > 0) ret_delivered[n++] = carrier->done[--carrier->n_done];
    if (n == 0) {
        size_t n_results =
            transfers_wait(carrier->transfers, timeout_ms, results, most < AT_ONCE ? most : AT_ONCE);
        for (; n < n_results; n++) {
            struct load *load = results[n].context;
            ret_delivered[n] = (struct delivered){ .context = load->context, .answer = results[n].body,
                                                   .is_of_relay = results[n].is_of_relay,
                                                   .wait_ms = 1000 * results[n].retry_after_seconds };
            snprintf(ret_delivered[n].reply, sizeof ret_delivered[n].reply, "%s", results[n].reply);
            channel_ops_of(carrier->channel)->judge(carrier->channel, &results[n], &ret_delivered[n]);
            arena_reset(load->arena);
            load->next = carrier->idle;
            carrier->idle = load;
        }
    }
    carrier->n -= n;
    return n;
}
