import type { OpenAPIObject } from '@nestjs/swagger';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

/** Found by walking Express itself, so that a new route cannot be forgotten. */
function routesOf(api: RunningApi): string[] {
  const { router } = api.app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
  return router.stack
    .flatMap(({ route }) => (route === undefined ? [] : [route]))
    .filter(({ path }) => path.startsWith('/api/') && !path.startsWith('/api/docs'))
    .flatMap(({ path, methods }) =>
      Object.keys(methods).map((method) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`),
    )
    .toSorted();
}

/** What the answer of a call is: JSON, but for the one that goes on. */
function typeOf(operation: string): string {
  return operation === 'get /api/events' ? 'text/event-stream' : 'application/json';
}

const SPECIFIED = [
  'post /api/connect',
  'post /api/disconnect',
  'get /api/status',
  'post /api/backup',
  'post /api/backup/force',
  'get /api/backups',
  'post /api/restore',
  'post /api/scheduler/start',
  'post /api/scheduler/stop',
  'get /api/scheduler/status',
  'get /api/users',
  'post /api/users',
  'get /api/config',
  'post /api/config',
  'post /api/tools/detect',
];

describe('the OpenAPI document', () => {
  let api: RunningApi;
  let document: OpenAPIObject;

  beforeAll(async () => {
    api = await startApi();
    document = (await api.call('GET', '/api/docs-json')).body as unknown as OpenAPIObject;
  });
  afterAll(() => api.close());

  function operations(): [string, NonNullable<OpenAPIObject['paths'][string]['get']>][] {
    return Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, NonNullable<typeof item.get>] => [
        `${method} ${path}`,
        operation as NonNullable<typeof item.get>,
      ]),
    );
  }

  it('describes each route that there is, and each that the specification names', () => {
    const described = operations().map(([name]) => name);
    expect(described.toSorted()).toEqual(routesOf(api));
    expect(described).toEqual(expect.arrayContaining(SPECIFIED));
  });

  it('gives each a summary, a schema for 200, and the error schema with examples for failures', () => {
    for (const [name, { summary, responses, security }] of operations()) {
      expect({ name, summary }).toEqual({ name, summary: expect.stringMatching(/\S/) as string });
      expect(Object.keys(responses)).not.toContain('201');
      expect({ name, response: responses['200'] }).toMatchObject({
        response: {
          content: { [typeOf(name)]: { schema: { $ref: expect.stringMatching(/Response$/) as string } } },
        },
      });
      const isOpen = security?.length === 0;
      expect({ name, isOpen }).toEqual({ name, isOpen: name.includes('/api/health/') });
      for (const status of isOpen ? ['400', '403', '500'] : ['400', '401', '403', '500']) {
        expect({ name, status, response: responses[status] }).toMatchObject({
          response: {
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/ErrorResponse' },
                examples: expect.anything() as unknown,
              },
            },
          },
        });
      }
    }
  });

  it('has a schema for each body, with a description or an example for each field, and no schema left open', () => {
    const schemas = document.components?.schemas ?? {};
    expect(Object.keys(schemas)).toEqual(
      expect.arrayContaining([
        'ConnectRequest',
        'BackupCreateRequest',
        'RestoreRequestBody',
        'UserRequest',
        'ConfigRequest',
      ]),
    );
    for (const [name, schema] of Object.entries(schemas)) {
      const { properties = {} } = schema as { properties?: Record<string, Record<string, unknown>> };
      expect({ name, fields: Object.keys(properties).length }).not.toEqual({ name, fields: 0 });
      for (const [field, property] of Object.entries(properties)) {
        const kind = property['type'] ?? property['$ref'] ?? property['oneOf'] ?? property['allOf'] ?? property['enum'];
        expect({ name, field, kind }).toEqual({ name, field, kind: expect.anything() as unknown });
      }
    }
    expect(document.paths['/api/backups']?.get?.parameters).toMatchObject([
      { name: 'backup_location', in: 'query', required: false },
    ]);
  });

  it('declares what each call answers to a body that is refused, with the codes that it has', async () => {
    const send = async (method: string, path: string, type: string, body: string): Promise<[number, unknown]> => {
      const headers = { connection: 'close', 'content-type': type };
      const response = await fetch(api.url + path, { method, headers, body });
      return [response.status, await response.json()];
    };
    const large = JSON.stringify({ name: 'a'.repeat(1024 * 1024) });
    const bodies = [
      [400, 'INVALID_INPUT', 'application/json', '{"name": "hunter2", oops}'],
      [400, 'INVALID_INPUT', 'application/json', '["a list"]'],
      [413, 'BODY_TOO_LARGE', 'application/json', large],
      [415, 'INVALID_INPUT', 'text/plain', '{"name":"a"}'],
    ] as const;
    const withBody = operations().filter(([name]) => !name.startsWith('get '));
    expect(withBody.length).toBeGreaterThan(20);
    for (const [name, { responses }] of withBody) {
      const [method = '', path = ''] = name.split(' ');
      for (const [status, code, type, body] of bodies) {
        expect([name, ...(await send(method.toUpperCase(), path.replaceAll(/[{}]/g, ''), type, body))]).toEqual([
          name,
          status,
          { success: false, code, message: expect.any(String) as unknown, hint: expect.any(String) as unknown },
        ]);
        expect({ name, status, response: responses[status] }).toMatchObject({
          response: {
            description: expect.stringContaining(code) as unknown,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorResponse' } } },
          },
        });
      }
    }
  });

  it('tells who does not know the password nothing about hosts and ports', async () => {
    const guarded = await startApi({ environment: { ADMIN_PASSWORD: 'open sesame' } });
    try {
      const connect = (port: number): Promise<unknown> =>
        guarded.call('POST', '/api/connect', {
          ...{ db_type: 'PostgreSQL', host: '127.0.0.1', username: 'u', password: 'p', database: 'd' },
          port,
        });
      const open = await connect(Number(new URL(guarded.url).port));
      expect(open).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
      expect(await connect(1)).toEqual(open);
      expect(await guarded.call('POST', '/api/connect', '{')).toEqual(open);
    } finally {
      await guarded.close();
    }
  });

  it('refers to nothing that it does not hold', () => {
    const known = Object.keys(document.components?.schemas ?? {}).map((name) => `#/components/schemas/${name}`);
    const named = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, name]) => name);
    expect(named).toContain('#/components/schemas/ScheduleOptionsBody');
    expect(named.filter((name) => name === undefined || !known.includes(name))).toEqual([]);
  });
});
