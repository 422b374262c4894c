// web_types.mjs - the TypeScript types of those of the server's answers that the pages read, and the rights of the routes
// that they call, from its OpenAPI document.
//
// web/src/board/answers.ts is their output, kept in the tree because the pages are built into the program whose document
// they are made from.  tests/api/check.mjs compares the two; make golden T=api writes the file again.
import { readFileSync, readdirSync } from 'node:fs';

const pages = new URL('../web/src/board/', import.meta.url);

// What the pages import from answers.ts, and every "METHOD /path" that they name.
function wanted() {
    const types = new Set(), routes = new Set();
    for (const file of readdirSync(pages, { recursive: true })) {
        if (!/\.tsx?$/.test(file) || file === 'answers.ts') continue;
        const text = readFileSync(new URL(file, pages), 'utf8');
        for (const [, names] of text.matchAll(/import type \{([^}]*)\} from "\.{1,2}\/answers\.ts"/g))
            for (const name of names.split(',')) if (/^[A-Z].*V1/.test(name.trim())) types.add(name.trim());
        for (const [, route] of text.matchAll(/"((?:GET|POST|PUT|DELETE) \/[^"]*)"/g)) routes.add(route);
    }
    return { types, routes };
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
    const { types, routes } = wanted(), rights = [], out = ['/* answers.ts - what the server answers the pages, and what one needs ' +
        'to call it: made from its OpenAPI document by\n * tools/web_types.mjs, not to be edited. */\n'];
    for (const [path, operations] of Object.entries(document.paths).sort(([a], [b]) => (a < b ? -1 : 1)))
        for (const [method, operation] of Object.entries(operations)) {
            const route = `${method.toUpperCase()} ${path}`, { operationId: id } = operation, name = id[0].toUpperCase() + id.slice(1);
            if (routes.delete(route)) rights.push(`    ${JSON.stringify(route)}: ${JSON.stringify(operation['x-right'])},\n`);
            const schema = Object.values(operation.responses)[0]?.content?.['application/json']?.schema;
            if (!schema?.properties || !types.delete(name)) continue;
            out.push(`/* ${route} */\nexport interface ${name} ${objectOf(schema, 0)}\n`);
        }
    const unknown = [...types, ...routes];
    if (unknown.length > 0) throw new Error(`the document has no ${unknown.join(', ')}`);
    out.push(`/* The right that each route needs. */\nexport const RIGHTS = {\n${rights.join('')}} as const;\nexport type Route = keyof typeof RIGHTS;\n`);
    return out.join('\n');
}
