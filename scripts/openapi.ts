// Writes docs/openapi.json from the schemas of src/protocol; with --check it only says whether the file is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import {
  type ErrorCode,
  frameSchemas,
  STATUS_OF,
  sessionRecordSchemas,
  streamStateSchema,
} from '../src/protocol/index.ts';
import { ROUTES, type Route } from '../src/protocol/routes.ts';

const FILE = new URL('../docs/openapi.json', import.meta.url);

const jsonSchema = (schema: z.core.$ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<
    string,
    unknown
  >;
  return rest;
};

const content = (type: string, schema: object) => ({ content: { [type]: { schema } } });

function answerOf(answer: Route['answers'][number]) {
  if (answer === null) return { description: 'No content' };
  if (answer === 'sse')
    return { description: 'Server-sent events', ...content('text/event-stream', { type: 'string' }) };
  if (answer === 'file')
    return { description: 'A file', ...content('application/octet-stream', { type: 'string' }) };
  return { description: 'As asked', ...content('application/json', jsonSchema(answer, 'output')) };
}

const pathParameters = (path: string) =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
  }));

function queryParameters(query: Route['query']) {
  if (!query) return [];
  const { properties = {}, required = [] } = jsonSchema(query, 'input') as {
    properties?: Record<string, object>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function operationOf({ path, summary, query, body, answers }: Route) {
  const parameters = [...pathParameters(path), ...queryParameters(query)];
  return {
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: true, ...content('application/json', jsonSchema(body, 'input')) } }
      : {}),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)])),
      default: { $ref: '#/components/responses/Rejection' },
    },
  };
}

function document() {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of ROUTES)
    paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  const records = Object.entries({
    ...frameSchemas,
    ...sessionRecordSchemas,
    stream_state: streamStateSchema,
  });
  const codes = Object.keys(STATUS_OF) as ErrorCode[];
  const rejection = {
    type: 'object',
    properties: { error: { type: 'string' }, code: { enum: codes }, field: { type: 'string' } },
    required: ['error', 'code'],
  };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Weir',
      version: '0.1.0',
      description: 'Events of the streams are described in PROTOCOL.md.',
    },
    paths,
    components: {
      responses: {
        Rejection: { description: 'Refused; nothing was written', ...content('application/json', rejection) },
      },
      schemas: Object.fromEntries(
        records.map(([event, schema]) => [`event.${event}`, jsonSchema(schema, 'output')]),
      ),
    },
  };
}

const made = `${JSON.stringify(document(), null, 2)}\n`;
if (!process.argv.includes('--check')) writeFileSync(FILE, made);
else if (readFileSync(FILE, 'utf8') !== made) {
  process.stderr.write('docs/openapi.json is out of date: npm run openapi\n');
  process.exit(1);
}
