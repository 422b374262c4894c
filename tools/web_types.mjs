// web_types.mjs - the TypeScript types of those of the server's answers that the pages read, from its OpenAPI document.
//
// web/src/live/answers.ts is their output, kept in the tree because the pages are built into the program whose document
// they are made from.  tests/api/check.mjs compares the two; make golden T=api writes the file again.
import { readFileSync, readdirSync } from 'node:fs';

const pages = new URL('../web/src/live/', import.meta.url);

// What the pages import from answers.ts.
function wantedTypes() {
    const wanted = new Set();
    for (const file of readdirSync(pages))
        for (const [, names] of readFileSync(new URL(file, pages), 'utf8')
            .matchAll(/import type \{([^}]*)\} from "\.\/answers\.ts"/g))
            for (const name of names.split(',')) if (name.trim()) wanted.add(name.trim());
    return wanted;
}

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
    const wanted = wantedTypes(), out = ['/* answers.ts - what the server answers the pages, made from its OpenAPI document ' +
        'by tools/web_types.mjs: not to be edited. */\n'];
    for (const [path, operations] of Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1)))
        for (const [method, { operationId, responses }] of Object.entries(operations)) {
            const schema = Object.values(responses)[0]?.content?.['application/json']?.schema;
            const name = operationId[0].toUpperCase() + operationId.slice(1);
            if (!schema?.properties || !wanted.delete(name)) continue;
            out.push(`/* ${method.toUpperCase()} ${path} */\nexport interface ${name} ${objectOf(schema, 0)}\n`);
        }
    if (wanted.size > 0) throw new Error(`no operation of the document answers ${[...wanted].join(', ')}`);
    return out.join('\n');
}
