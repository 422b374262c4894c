// web_types.mjs - the TypeScript types of the server's answers, from its OpenAPI document.
//
// web/src/live/answers.ts is their output, kept in the tree because the pages are built into the program whose document
// they are made from.  tests/api/check.mjs compares the two; make golden T=api writes the file again.

// A schema as TypeScript, members of objects indented by depth.
function typeOf(schema, depth) {
    if (!schema || Object.keys(schema).length === 0) return 'unknown';
    const names = [schema.type ?? 'object'].flat();
    return names.map((name) => {
        switch (name) {
        case 'integer': case 'number': return 'number';
        case 'string': case 'boolean': case 'null': return name;
        case 'array': {
            const item = typeOf(schema.items, depth);
            return item.includes(' | ') ? `(${item})[]` : `${item}[]`;
        }
        case 'object': return objectOf(schema, depth);
        default: throw new Error(`what is a '${name}' in TypeScript?`);
        }
    }).join(' | ');
}

function objectOf(schema, depth) {
    const { properties, additionalProperties: others } = schema;
    if (!properties) return `Record<string, ${others ? typeOf(others, depth) : 'unknown'}>`;
    const pad = '    '.repeat(depth + 1), required = new Set(schema.required ?? []);
    const members = Object.entries(properties).map(([name, of]) =>
        `${pad}${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}${required.has(name) ? '' : '?'}: ` +
        `${typeOf(of, depth + 1)};\n`);
    return `{\n${members.join('')}${'    '.repeat(depth)}}`;
}

export function webTypes(document) {
    const out = ['/* answers.ts - what the server answers, made from its OpenAPI document by tools/web_types.mjs: not to be ' +
        'edited. */\n'];
    for (const [path, operations] of Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1)))
        for (const [method, { operationId, responses }] of Object.entries(operations)) {
            const schema = Object.values(responses)[0]?.content?.['application/json']?.schema;
            if (!schema?.properties) continue;
            const name = operationId[0].toUpperCase() + operationId.slice(1);
            out.push(`/* ${method.toUpperCase()} ${path} */\nexport interface ${name} ${objectOf(schema, 0)}\n`);
        }
    return out.join('\n');
}
