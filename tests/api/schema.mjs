// schema.mjs - whether answers are what the OpenAPI document says they are.

const kinds = {
    string: (v) => typeof v === 'string', number: (v) => typeof v === 'number', integer: (v) => Number.isInteger(v),
    boolean: (v) => typeof v === 'boolean', null: (v) => v === null, array: Array.isArray,
    object: (v) => v !== null && typeof v === 'object' && !Array.isArray(v),
};

// What is wrong with a value, with its path; null: nothing.
function problem(schema, value, at) {
    if (schema.type && ![schema.type].flat().some((type) => kinds[type](value))) return `${at} is no ${schema.type}`;
    if (kinds.array(value)) {
        for (const [i, item] of value.entries()) {
            const found = schema.items && problem(schema.items, item, `${at}[${i}]`);
            if (found) return found;
        }
        return null;
    }
    if (!kinds.object(value)) return null;
    for (const name of schema.required ?? []) if (!(name in value)) return `${at}.${name} is missing`;
    for (const [name, member] of Object.entries(value)) {
        const of = schema.properties?.[name] ?? schema.additionalProperties ?? {};
        const found = of === false ? `${at}.${name} is not in the schema` : problem(of, member, `${at}.${name}`);
        if (found) return found;
    }
    return null;
}

function find(document, method, path) {
    const segments = path.split('?')[0].split('/');
    for (const [form, methods] of Object.entries(document.paths)) {
        const wanted = form.split('/');
        if (wanted.length === segments.length && methods[method.toLowerCase()] &&
            wanted.every((segment, i) => segment === segments[i] || segment.startsWith('{'))) return methods[method.toLowerCase()];
    }
    return null;
}

// What is wrong with an answer; null: nothing, or a path that the document does not have.
export function answerProblem(document, method, path, status, json) {
    const operation = find(document, method, path);
    if (!operation) return null;
    if (status >= 400 && operation['x-right'] !== 'ingest')
        return problem({ ...document.components.responses.Error.content['application/json'].schema,
                         required: ['code', 'message', 'field'] }, json, `${method} ${path}: error`);
    const media = operation.responses[status]?.content['application/json'];
    if (status < 400 && !operation.responses[status]) return `${method} ${path}: status ${status} is not in the document`;
    return status < 400 && media ? problem(media.schema, json, `${method} ${path}: answer`) : null;
}
