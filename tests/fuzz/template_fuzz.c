/* A template of any bytes is refused or rendered, within its limits. */
#include "template/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool find_itself(void *context, struct text name, struct text *ret_source)
{
    (void)name;
    *ret_source = *(const struct text *)context;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_new((size_t)1 << 30);
    struct text source = { (const char *)bytes, length };
    const struct template *template;
    struct template_result result;
    struct template_place place;
    struct err err;
    json_t *data = json_pack("{s:{s:s, s:f, s:n}, s:[i, s, {s:s}], s:b}", "customer", "name", "<Ada>", "spent",
                             12.5, "none", "list", 1, "two", "k", "v", "yes", 1);
    struct template_options options = { .data = data,
                                        .is_html = length & 1,
                                        .find = find_itself,
                                        .context = &source,
                                        .most_steps = 2000,
                                        .most_bytes = 1 << 16 };
    if (template_parse(source, arena, &template, &place, &err))
        (void)!template_render(template, &options, arena, &result, &place, &err);
    json_decref(data);
    arena_free(arena);
    return 0;
}
