/* page.c - see page.h. */
#include "learn/page.h"

#include "base/assets.h"
#include "base/output.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char marker[] = "<script id=\"holdfast-data\" type=\"application/json\">";
static const char placeholder[] = "null";

static int write_escaped(const char *bytes, size_t length, void *context)
{
    struct output *output = context;
    for (const char *end = bytes + length; bytes < end;) {
        const char *angle = memchr(bytes, '<', (size_t)(end - bytes));
        const char *until = angle ? angle : end;
        output_bytes(output, bytes, (size_t)(until - bytes));
        if (angle) output_text(output, "\\u003c");
        bytes = angle ? angle + 1 : end;
    }
    return 0;
}

bool page_write(const char *path, const json_t *data, struct err *err)
{
    const struct asset *page = asset_find("build/web/report.html");
    assert(page);
    const char *at = strstr(page->bytes, marker);
    assert(at && strncmp(at + strlen(marker), placeholder, strlen(placeholder)) == 0);
    const char *data_at = at + strlen(marker), *rest = data_at + strlen(placeholder);

    struct output *output;
    if (!output_open(path, &output, err)) return err_context(err, "report");
    output_bytes(output, page->bytes, (size_t)(data_at - page->bytes));
    json_dump_callback(data, write_escaped, output, JSON_COMPACT | JSON_REAL_PRECISION(8));
    output_bytes(output, rest, page->length - (size_t)(rest - page->bytes));
    if (!output_commit(output, err)) return err_context(err, "report");
    return true;
}
