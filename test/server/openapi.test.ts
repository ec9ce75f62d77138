/** /openapi.json describes what the server does, and nothing that fits it breaks the server. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedApp, serveApp } from './serve-app.js';

// biome-ignore lint/suspicious/noExplicitAny: a JSON document
type Json = any;

let app: ServedApp;
let document: Json;
beforeAll(async () => {
  app = await serveApp();
  document = (await app.ask('/openapi.json')).body;
});
afterAll(() => app.server.close());

const resolve = (schema: Json): Json =>
  schema?.$ref
    ? resolve(
        schema.$ref
          .slice(2)
          .split('/')
          .reduce((at: Json, key: string) => at[key], document),
      )
    : schema;

/** Of whole characters of every plane, or of any UTF-16 units: halves of surrogate pairs, NUL. */
function anyString(minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: 'binary', minLength, maxLength: Math.floor(maxLength / 2) }),
    fc
      .array(fc.integer({ min: 0, max: 0xffff }), { minLength, maxLength })
      .map((units) => String.fromCharCode(...units)),
  );
}

/** Values that fit a JSON schema of the kinds our document uses. */
function fitting(given: Json): fc.Arbitrary<unknown> {
  const schema = resolve(given);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf ?? schema.oneOf) return fc.oneof(...(schema.anyOf ?? schema.oneOf).map(fitting));
  switch (schema.type) {
    case 'string':
      return anyString(schema.minLength ?? 0, Math.min(schema.maxLength ?? 40, 60));
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -9, max: schema.maximum ?? 9 });
    case 'number':
      return fc.double({ min: schema.minimum ?? -9, max: schema.maximum ?? 9, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(fitting(schema.items), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      });
    case 'object':
      // A record: the document does not say how long its keys may be.
      if (!schema.properties)
        return fc.dictionary(anyString(1, 40), fitting(schema.additionalProperties), { maxKeys: 3 });
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, fitting(value)])),
        { requiredKeys: schema.required ?? [] },
      );
    default:
      throw new Error(`the fuzzer does not know ${JSON.stringify(schema)}`);
  }
}

/** What of `value` does not fit the schema: paths, empty when all does. */
function misfits(given: Json, value: Json, at = ''): string[] {
  const schema = resolve(given);
  if (schema.anyOf ?? schema.oneOf) {
    const all: string[][] = (schema.anyOf ?? schema.oneOf).map((one: Json) => misfits(one, value, at));
    return all.some((one) => one.length === 0) ? [] : [`${at}: fits none`];
  }
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: not in the enum`];
  const types: string[] = [schema.type].flat();
  const actual = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  if (!types.some((type) => type === actual || (type === 'integer' && Number.isInteger(value)))) {
    return [`${at}: ${actual} instead of ${types}`];
  }
  if (actual === 'number' && (value < (schema.minimum ?? value) || value > (schema.maximum ?? value))) {
    return [`${at}: out of range`];
  }
  if (actual === 'array') {
    return value.flatMap((one: Json, index: number) => misfits(schema.items, one, `${at}/${index}`));
  }
  if (actual !== 'object') return [];
  const missing = (schema.required ?? []).filter((key: string) => !(key in value));
  return [
    ...missing.map((key: string) => `${at}/${key}: missing`),
    ...Object.entries(value).flatMap(([key, one]) => {
      const property = schema.properties?.[key];
      if (property) return misfits(property, one, `${at}/${key}`);
      return schema.additionalProperties === false ? [`${at}/${key}: not described`] : [];
    }),
  ];
}

const schemaOf = (path: string, method: string, status: number): Json => {
  const content = document.paths[path][method].responses[status]?.content ?? {};
  return (content['application/json'] ?? content['application/problem+json'])?.schema;
};

/** The answer is one the document announces, and looks as it says. */
function expectDescribed(path: string, method: string, answer: { status: number; body: Json }): void {
  expect(Object.keys(document.paths[path][method].responses)).toContain(String(answer.status));
  expect(misfits(schemaOf(path, method, answer.status), answer.body)).toEqual([]);
}

describe('the OpenAPI document', () => {
  it('names every path, with an operation id and described answers', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/health/live',
      '/health/ready',
      '/metrics',
      '/openapi.json',
      '/v1/codes/{code}',
      '/v1/items',
      '/v1/items/{id}',
      '/v1/suggestions',
    ]);
    const operations: Json[] = Object.values(document.paths).flatMap((path) => Object.values(path as object));
    const ids = operations.map((one) => one.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { summary, responses } of operations) {
      expect(summary).toEqual(expect.any(String));
      expect(Object.keys(responses)).toContain('200');
    }
  });

  it('resolves all of its references', () => {
    const references: string[] = [];
    JSON.stringify(document, (key, value) => {
      if (key === '$ref') references.push(value);
      return value;
    });
    expect(references.length).toBeGreaterThan(10);
    for (const $ref of references) expect(resolve({ $ref })).toEqual(expect.any(Object));
  });

  it('states the limits that are enforced', () => {
    const { SuggestionsRequest, Ticket } = document.components.schemas;
    expect(SuggestionsRequest).toMatchObject({
      additionalProperties: false,
      properties: { tickets: { minItems: 1, maxItems: 256 }, k: { minimum: 1, maximum: 20, default: 5 } },
    });
    expect(Ticket.properties.text.maxLength).toBe(20_000);
    expect(Ticket.properties.title.maxLength).toBe(500);
  });
});

describe('whatever fits the document', () => {
  it('is answered as described, never with a 5xx', async () => {
    const body = document.paths['/v1/suggestions'].post.requestBody.content['application/json'].schema;
    await fc.assert(
      fc.asyncProperty(fitting(body), async (value) => {
        const answer = await app.post('/v1/suggestions', value);
        expect(answer.status).toBeLessThan(500);
        expectDescribed('/v1/suggestions', 'post', answer);
        if (answer.status === 200) expect(answer.body.results).toHaveLength((value as Json).tickets.length);
      }),
      { numRuns: 150 },
    );
  });

  it('and whatever does not fit gets a problem, never a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ depthSize: 'medium' }), async (value) => {
        const answer = await app.post('/v1/suggestions', { tickets: value });
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expectDescribed('/v1/suggestions', 'post', answer);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps look-ups from breaking, whatever is typed', async () => {
    const typed = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(typed, async (text) => {
        // `.` and `..` are resolved by the client before they are sent.
        const part = encodeURIComponent(text).replace(/\./g, '%2E');
        for (const [path, url] of [
          ['/v1/items', `/v1/items?q=${part}`],
          ['/v1/items', `/v1/items?parent=${part}`],
          ['/v1/codes/{code}', `/v1/codes/x${part}`],
          ['/v1/codes/{code}', `/v1/codes/0801${part}`],
          ['/v1/items/{id}', `/v1/items/x${part}`],
        ] as const) {
          expectDescribed(path, 'get', await app.ask(url));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('describes health and the tree', async () => {
    for (const [path, url] of [
      ['/health/live', '/health/live'],
      ['/health/ready', '/health/ready'],
      ['/v1/items', '/v1/items?q=08'],
      ['/v1/items/{id}', '/v1/items/08'],
      ['/v1/codes/{code}', '/v1/codes/090499'],
      ['/v1/codes/{code}', '/v1/codes/080102A03B01'],
    ] as const) {
      const answer = await app.ask(url);
      expect(answer.status).toBe(200);
      expectDescribed(path, 'get', answer);
    }
  });
});
