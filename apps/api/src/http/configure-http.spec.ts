import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Body, Controller, Get, Module, Param, Post } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { DomainError } from '@app/domain';
import { AuditTrail } from '../audit/audit-trail.js';
import type { AuditEntry } from '../audit/audit-trail.js';
import { FoundationModule } from '../foundation/foundation.module.js';
import { CLOCK } from '../foundation/tokens.js';
import { configureHttp } from './configure-http.js';
import {
  FlagOrTextListField,
  ObjectField,
  PortField,
  TextField,
  WholeNumberField,
  WordField,
} from './requests/request-fields.js';

class Collar {
  @WholeNumberField({ min: 0, max: 90, optional: true })
  size?: number | undefined;

  @TextField({ maxLength: 5 })
  colour!: string;
}

class Pet {
  @TextField({ maxLength: 10 })
  name!: string;

  @PortField({ optional: true })
  port?: number | undefined;

  @WordField(['Cat', 'Dog'], { optional: true, aliases: { puppy: 'Dog' } })
  kind?: string | undefined;

  @ObjectField(() => Collar, {
    optional: true,
    nullable: true,
    faultOf: ({ size, colour }) => (size === 0 && colour === 'none' ? 'is no collar' : undefined),
  })
  collar?: Collar | null | undefined;

  @TextField({ maxLength: 10, optional: true, nullable: true })
  owner?: string | null | undefined;

  @TextField({ maxLength: 10, optional: true })
  nickname?: string | undefined;

  @TextField({ maxLength: 10, optional: true, refusesEmpty: true })
  stable?: string | undefined;

  @FlagOrTextListField({ maxLength: 5, maxItems: 2, optional: true })
  tricks?: boolean | string[] | undefined;
}

const { promise: slowCalled, resolve: noteSlowCall } = Promise.withResolvers<Pet>();

@Controller()
class PetController {
  @Get('pets')
  list(): object {
    return { success: true };
  }

  @Get('api/health/live')
  live(): object {
    return { success: true };
  }

  @Post('pets')
  create(@Body() pet: Pet): object {
    return Object.fromEntries(Object.entries(pet));
  }

  @Post('pets/:id/feed')
  feed(@Param('id') id: string): object {
    return { fed: id };
  }

  @Post('slow')
  slow(@Body() pet: Pet): Promise<never> {
    noteSlowCall(pet);
    return new Promise(() => undefined);
  }

  @Get('domain-error')
  domain(): never {
    throw new DomainError('DUMP_FAILED', 'pg_dump failed: password=hunter2 refused', {
      hint: 'Do it.',
      cause: 'secret',
    });
  }

  @Get('bug')
  bug(): never {
    throw new TypeError('cannot read /etc/secret of undefined');
  }
}

let audited: AuditEntry[] = [];

/** Takes the place of the catalog. */
const auditTrail: Pick<AuditTrail, 'expect' | 'clock'> = {
  clock: { now: () => new Date('2026-01-01T00:00:00Z') },
  expect: (answered) => void answered.then(({ entry }) => audited.push(entry)),
};

@Module({ controllers: [PetController], providers: [{ provide: AuditTrail, useValue: auditTrail }] })
class PetModule {}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const FORBIDDEN_ORIGIN = { success: false, code: 'FORBIDDEN_ORIGIN' };

describe('configureHttp', () => {
  let folder: string;
  let app: NestExpressApplication;
  let port: number;
  let time = new Date('2026-01-01T00:00:00Z');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'http-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  afterEach(() => app.close());

  async function start(environment: Record<string, string> = {}): Promise<void> {
    const foundation = await FoundationModule.register({
      environment: { LOG_LEVEL: 'silent', ...environment },
      workingDirectory: folder,
    });
    const module = await Test.createTestingModule({ imports: [foundation, PetModule] })
      .overrideProvider(CLOCK)
      .useValue({ now: () => time })
      .compile();
    app = module.createNestApplication<NestExpressApplication>({ bodyParser: false });
    await configureHttp(app);
    await app.listen(0, '127.0.0.1');
    ({ port } = app.getHttpServer().address() as { port: number });
  }

  async function call(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string | Buffer,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers: { connection: 'close', ...headers } });
      sent.on('error', reject).on('response', (response) => {
        text(response).then((answer) => {
          const isJson = response.headers['content-type']?.includes('json') === true;
          const content: unknown = isJson ? JSON.parse(answer) : answer;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: content });
        }, reject);
      });
      sent.end(body);
    });
  }

  const post = (body: string, headers: Record<string, string> = JSON_TYPE): Promise<Answer> =>
    call('POST', '/pets', headers, body);

  describe('request bodies', () => {
    beforeEach(() => start());

    it('are JSON objects of known fields, converted to their types', async () => {
      const answer = await post('{"name":"Rex","port":"5432","kind":"PUPPY"}');
      expect(answer).toMatchObject({ status: 201, body: { name: 'Rex', port: 5432, kind: 'Dog' } });
      expect((await post('{"name":"Rex","port":null,"kind":""}')).body).toEqual({ name: 'Rex' });
    });

    it('may take away what was set, with null, apart from what they do not mention', async () => {
      expect((await post('{"name":"Rex","owner":null,"collar":null}')).body).toEqual({
        name: 'Rex',
        owner: null,
        collar: null,
      });
      expect((await post('{"name":"Rex","owner":""}')).body).toEqual({ name: 'Rex', owner: null });
      expect((await post('{"name":"Rex"}')).body).toEqual({ name: 'Rex' });
    });

    it('may hold objects, whose fields are checked as their own', async () => {
      const right = { name: 'Rex', collar: { size: 12, colour: 'red' }, tricks: ['sit'] };
      expect((await post(JSON.stringify({ ...right, collar: { size: '12', colour: 'red' } }))).body).toEqual(right);
      expect((await post(JSON.stringify({ ...right, tricks: true }))).body).toEqual({ ...right, tricks: true });
    });

    it('are refused with every faulty field at once, unknown ones too', async () => {
      const answer = await post('{"port":70000,"kind":"Cow","colour":"red"}');
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        success: false,
        message:
          'colour is not a known field, did you mean collar; name is required; port must be a number from 1 to 65535; kind must be "Cat" or "Dog".',
        code: 'INVALID_INPUT',
        hint: 'Correct these fields and send them again.',
        errors: [
          { field: 'colour', message: 'is not a known field, did you mean collar' },
          { field: 'name', message: 'is required' },
          { field: 'port', message: 'must be a number from 1 to 65535' },
          { field: 'kind', message: 'must be "Cat" or "Dog"' },
        ],
      });
    });

    it.each([
      ['{"name":""}', 'name is empty.'],
      ['{"name":"a","nickname":"","stable":""}', 'stable is empty.'],
      ['{"name":"a\\u0000b"}', 'name contains a NUL character.'],
      ['{"name":"\\ud800"}', 'name contains half of a character.'],
      ['{"name":"01234567890"}', 'name is 11 characters long; at most 10 are allowed.'],
      ['{"name":5}', 'name must be text.'],
      ['{"name":["a"]}', 'name must be text.'],
      ['{"name":{"a":1}}', 'name must be text.'],
      ['{"name":"a","port":0}', 'port must be a number from 1 to 65535.'],
      ['{"name":"a","port":"1.5"}', 'port must be a number from 1 to 65535.'],
      ['{"name":"a","port":true}', 'port must be a number from 1 to 65535.'],
      [
        '{"name":"a","collar":{"size":1.5,"bell":1}}',
        'collar.bell is not a known field; collar.size must be a whole number from 0 to 90; collar.colour is required.',
      ],
      ['{"name":"a","collar":{"size":91,"colour":"red"}}', 'collar.size must be a whole number from 0 to 90.'],
      ['{"name":"a","collar":{"size":0,"colour":"none"}}', 'collar is no collar.'],
      ['{"name":"a","collar":5}', 'collar must be an object.'],
      ['{"name":"a","collar":[{"colour":""}]}', 'collar must be an object.'],
      ['{"name":"a","owner":5}', 'owner must be text.'],
      ['{"name":"a","tricks":"sit"}', 'tricks must be true or false, or a list of texts.'],
      ['{"name":"a","tricks":["sit","","a"]}', 'tricks must have at most 2 items.'],
      ['{"name":"a","tricks":["sit",5]}', 'tricks must be text.'],
      ['{"name":"a","port":"5432abc"}', 'port must be a number from 1 to 65535.'],
    ])('say what is wrong with %s', async (body, message) => {
      expect(await post(body)).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT', message } });
    });

    it('of a call that takes no fields may be absent or empty, and hold none', async () => {
      expect((await call('POST', '/pets/5/feed')).body).toEqual({ fed: '5' });
      expect((await call('POST', '/pets/5/feed', JSON_TYPE, '{}')).body).toEqual({ fed: '5' });
      expect(await call('POST', '/pets/5/feed', JSON_TYPE, '{"food":"hay"}')).toMatchObject({
        status: 400,
        body: {
          code: 'INVALID_INPUT',
          message: 'food is not a known field.',
          hint: 'This call takes no fields: send it without a body.',
          errors: [{ field: 'food', message: 'is not a known field' }],
        },
      });
    });

    it('in the query of a call that takes none there are refused, unless it only reads', async () => {
      for (const body of [undefined, '{}']) {
        expect(await call('POST', '/pets/5/feed?food=hay&food=oats', JSON_TYPE, body)).toMatchObject({
          status: 400,
          body: {
            code: 'INVALID_INPUT',
            message: 'food is not a known field of the query.',
            hint: 'This call takes no fields in its query: send it without one.',
            errors: [{ field: 'food', message: 'is not a known field of the query' }],
          },
        });
      }
      expect(await call('POST', '/pets?port=5', JSON_TYPE, '{"name":"a"}')).toMatchObject({
        status: 400,
        body: { hint: 'This call takes no fields in its query: send them in its body.' },
      });
      expect((await call('POST', '/pets/5/feed?')).body).toEqual({ fed: '5' });
      expect((await call('GET', '/pets?_=1')).status).toBe(200);
    });

    it('cannot smuggle in a prototype', async () => {
      const body = '{"name":"a","__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}';
      expect((await post(body)).body).toEqual({ name: 'a' });
      const nested = '{"name":"a","collar":{"colour":"red","__proto__":{"admin":true}}}';
      expect((await post(nested)).body).toEqual({ name: 'a', collar: { colour: 'red' } });
      expect(({} as { admin?: boolean }).admin).toBeUndefined();
    });

    it.each(['[]', '[{"name":"a"}]', '"text"', '5', 'null', 'true'])('must be an object: %s', async (body) => {
      expect(await post(body)).toMatchObject({
        status: 400,
        body: { code: 'INVALID_INPUT', message: 'The request body must be a JSON object.' },
      });
    });

    it('count as an empty object when there is none', async () => {
      expect(await call('POST', '/pets')).toMatchObject({ status: 400, body: { message: 'name is required.' } });
    });

    it('are refused when they are no JSON, without quoting them', async () => {
      const answer = await post('{"name": "hunter2", oops}');
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        success: false,
        message: 'The request body is not valid JSON.',
        code: 'INVALID_INPUT',
        hint: 'Check its quotes, commas and braces.',
      });
    });

    it.each([
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonx',
    ])('are refused as %s, which a form of another site could send', async (type) => {
      expect(await post('{"name":"a"}', { 'content-type': type })).toMatchObject({
        status: 415,
        body: { success: false, code: 'INVALID_INPUT', hint: expect.stringContaining('application/json') as string },
      });
    });

    it('are refused compressed, in another charset, without a type, and above 1 MB', async () => {
      expect((await post('x', { ...JSON_TYPE, 'content-encoding': 'gzip' })).status).toBe(415);
      expect((await post('{}', { 'content-type': 'application/json; charset=latin1' })).status).toBe(415);
      expect((await post('{"name":"a"}', {})).status).toBe(415);
      expect(await post(`{"name":"${'a'.repeat(1024 * 1024)}"}`)).toMatchObject({
        status: 413,
        body: { success: false, code: 'BODY_TOO_LARGE' },
      });
    });
  });

  describe('errors', () => {
    beforeEach(() => start());

    it('of the domain carry code, message and hint, without secrets and causes', async () => {
      const answer = await call('GET', '/domain-error');
      expect(answer.status).toBe(502);
      expect(answer.body).toEqual({
        success: false,
        message: 'pg_dump failed: password=[redacted] refused',
        code: 'DUMP_FAILED',
        hint: 'Do it.',
      });
    });

    it('of the program tell nothing of its inside', async () => {
      const answer = await call('GET', '/bug');
      expect(answer).toMatchObject({ status: 500, body: { success: false, code: 'INTERNAL' } });
      expect(JSON.stringify(answer.body)).not.toMatch(/etc|undefined|TypeError|at /);
    });

    it('name the route that does not exist', async () => {
      expect(await call('DELETE', '/nope?password=x')).toMatchObject({
        status: 404,
        body: { success: false, message: 'There is no DELETE /nope.', code: 'NOT_FOUND' },
      });
      expect((await call('GET', '/pets/%FF')).body).toMatchObject({ success: false });
    });
  });

  describe('every answer', () => {
    beforeEach(() => start());

    it('has an id: the one of the request where it is well-formed', async () => {
      expect((await call('GET', '/pets', { 'x-request-id': 'abc-1.2_3' })).headers['x-request-id']).toBe('abc-1.2_3');
      for (const bad of ['a b', 'x'.repeat(65), '<script>']) {
        expect((await call('GET', '/pets', { 'x-request-id': bad })).headers['x-request-id']).toMatch(
          /^[0-9a-f-]{36}$/,
        );
      }
      expect((await call('GET', '/nope')).headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('has the headers that keep browsers from mischief', async () => {
      const { headers } = await call('GET', '/pets');
      expect(headers['content-security-policy']).toContain("script-src 'self'");
      expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
    });
  });

  describe('Host', () => {
    it.each([
      'localhost',
      'LOCALHOST:5002',
      '127.0.0.1:1',
      '[::1]:5002',
      '127.9.9.9',
      'backup.example.com',
      'localhost.',
    ])('is accepted: %s', async (host) => {
      await start({ ALLOWED_HOSTS: 'Backup.example.com' });
      expect((await call('GET', '/pets', { host })).status).toBe(200);
    });

    it.each([
      'evil.example',
      'evil.example:5002',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '192.168.1.5',
      'a b',
    ])('is refused: %s', async (host) => {
      await start({ ALLOWED_HOSTS: 'backup.example.com' });
      expect(await call('GET', '/pets', { host })).toMatchObject({
        status: 403,
        body: { success: false, code: 'FORBIDDEN_HOST' },
      });
    });

    it('may be any address where the service listens on all, but no foreign name', async () => {
      await start({ HOST: '0.0.0.0', AUTH_DISABLED: 'true' });
      expect((await call('GET', '/pets', { host: '192.168.1.5:5002' })).status).toBe(200);
      expect((await call('GET', '/pets', { host: '[2001:db8::1]:5002' })).status).toBe(200);
      expect((await call('GET', '/pets', { host: 'evil.example' })).status).toBe(403);
    });
  });

  describe('Origin', () => {
    const withOrigin = (origin: string, more: Record<string, string> = {}): Promise<Answer> =>
      post('{"name":"a"}', { ...JSON_TYPE, host: 'localhost:5002', origin, ...more });

    it('may change something from its own pages, from listed ones, and from scripts that send none', async () => {
      await start({ CORS_ORIGINS: 'https://ui.example.com' });
      expect((await withOrigin('http://localhost:5002', { 'sec-fetch-site': 'same-origin' })).status).toBe(201);
      expect((await withOrigin('https://ui.example.com', { 'sec-fetch-site': 'cross-site' })).status).toBe(201);
      expect((await post('{"name":"a"}')).status).toBe(201);
    });

    it.each(['https://evil.example', 'http://localhost:3000', 'http://127.0.0.1:5002', 'null', 'nonsense'])(
      'may not from elsewhere: %s',
      async (origin) => {
        await start({ CORS_ORIGINS: 'https://ui.example.com' });
        expect(await withOrigin(origin)).toMatchObject({ status: 403, body: FORBIDDEN_ORIGIN });
      },
    );

    it('may not when the browser says that it comes from another site', async () => {
      await start();
      for (const site of ['cross-site', 'same-site']) {
        expect(await post('{"name":"a"}', { ...JSON_TYPE, 'sec-fetch-site': site })).toMatchObject({
          status: 403,
          body: FORBIDDEN_ORIGIN,
        });
      }
      expect((await post('{"name":"a"}', { ...JSON_TYPE, 'sec-fetch-site': 'none' })).status).toBe(201);
    });

    it('may read across sites only when it is listed', async () => {
      await start({ CORS_ORIGINS: 'https://ui.example.com' });
      const listed = await call('OPTIONS', '/pets', {
        origin: 'https://ui.example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      });
      expect(listed.status).toBe(204);
      expect(listed.headers['access-control-allow-origin']).toBe('https://ui.example.com');
      const other = await call('GET', '/pets', { origin: 'https://evil.example' });
      expect(other.status).toBe(200);
      expect(other.headers['access-control-allow-origin']).toBeUndefined();
    });

    it('is compared with the public name behind a trusted proxy', async () => {
      await start({ TRUST_PROXY: 'loopback', ALLOWED_HOSTS: 'backup.example.com' });
      const proxied = { 'x-forwarded-host': 'backup.example.com', 'x-forwarded-proto': 'https' };
      expect((await withOrigin('https://backup.example.com', proxied)).status).toBe(201);
      expect((await withOrigin('https://evil.example', proxied)).status).toBe(403);
    });
  });

  describe('the admin password', () => {
    const credentials = (user: string, password: string): Record<string, string> => ({
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
    });

    beforeEach(() => start({ ADMIN_PASSWORD: 'pass:wörd' }));

    it('opens every route, and is asked for on every one but the health checks', async () => {
      expect((await call('GET', '/pets', credentials('admin', 'pass:wörd'))).status).toBe(200);
      for (const path of ['/pets', '/nope', '/', '/api/docs', '/api/docs-json', '/api/health/live/../../pets']) {
        const answer = await call('GET', path);
        expect(answer).toMatchObject({ status: 401, body: { success: false, code: 'UNAUTHENTICATED' } });
        expect(answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
      }
      expect((await call('GET', '/api/health/live')).status).toBe(200);
    });

    it('is checked before a body is read', async () => {
      expect((await post('{not json')).status).toBe(401);
    });

    it.each([
      ['admin', 'wrong'],
      ['admin', ''],
      ['root', 'pass:wörd'],
      ['', 'pass:wörd'],
      ['Admin', 'pass:wörd'],
    ])('is refused for %s with %j', async (user, password) => {
      expect((await call('GET', '/pets', credentials(user, password))).status).toBe(401);
    });

    it.each(['Bearer abc', 'Basic', 'Basic !!!', 'Basic YWRtaW4='])('is not fooled by "%s"', async (authorization) => {
      expect((await call('GET', '/pets', { authorization })).status).toBe(401);
    });

    it('slows guessing down, and never refuses the right one because others guess at the same address', async () => {
      for (let i = 0; i < 6; i += 1) await call('GET', '/pets', credentials('admin', `guess ${i}`));
      const slowed = await call('GET', '/pets', credentials('admin', 'guess'));
      expect(slowed).toMatchObject({ status: 429, body: { success: false, code: 'TOO_MANY_REQUESTS' } });
      expect(slowed.headers['retry-after']).toBe('1');
      expect((await call('GET', '/pets', credentials('admin', 'pass:wörd'))).status).toBe(200);
      expect((await call('GET', '/pets', credentials('admin', 'guess'))).status).toBe(429);
      time = new Date(time.getTime() + 1_000);
      expect((await call('GET', '/pets', credentials('admin', 'pass:wörd'))).status).toBe(200);
    });
  });

  describe('the audit trail', () => {
    const entries = async (count: number): Promise<AuditEntry[]> => {
      while (audited.length < count) await new Promise((resolve) => setImmediate(resolve));
      return audited;
    };
    const basic = `Basic ${Buffer.from('admin:right').toString('base64')}`;

    beforeEach(async () => {
      audited = [];
      await start({ ADMIN_PASSWORD: 'right' });
    });

    it('has what would change something, refused or not, and who did it', async () => {
      await call('GET', '/pets', { authorization: basic });
      await post('{"name":"Rex"}', { ...JSON_TYPE, authorization: basic });
      await post('{"name":1}', { ...JSON_TYPE, authorization: basic });
      await post('{"name":"Rex"}');
      await post('{"name":"Rex"}', { ...JSON_TYPE, host: 'evil.example' });
      await post('{"name":"Rex"}', { ...JSON_TYPE, origin: 'https://evil.example' });
      await call('DELETE', '/pets/7?password=hunter2', { authorization: basic });
      const common = { at: 1767225600000, address: '127.0.0.1', subject: null };
      const pets = { ...common, action: 'POST /pets' };
      const details = { name: 'Rex' };
      expect(await entries(6)).toEqual([
        { ...pets, actor: 'admin', status: 201, details },
        { ...pets, actor: 'admin', status: 400, details: { name: 1, code: 'INVALID_INPUT' } },
        { ...pets, actor: 'anonymous', status: 401, details: { code: 'UNAUTHENTICATED' } },
        { ...pets, actor: 'anonymous', status: 403, details: { code: 'FORBIDDEN_HOST' } },
        { ...pets, actor: 'anonymous', status: 403, details: { code: 'FORBIDDEN_ORIGIN' } },
        { ...common, action: 'DELETE /pets/7', actor: 'admin', status: 404, details: { code: 'NOT_FOUND' } },
      ]);
    });

    it('says that a caller did not wait for the answer', async () => {
      const headers = { ...JSON_TYPE, authorization: basic };
      const sent = request({ host: '127.0.0.1', port, method: 'POST', path: '/slow', headers });
      sent.on('error', () => undefined).end('{"name":"Rex"}');
      await slowCalled;
      sent.destroy();
      expect(await entries(1)).toMatchObject([
        { action: 'POST /slow', actor: 'admin', status: null, details: { name: 'Rex', hung_up: true } },
      ]);
    });
  });

  describe('the documentation', () => {
    beforeEach(() => start());

    it('is a page that the security policy lets work: no script stands in it', async () => {
      const page = await call('GET', '/api/docs');
      expect(page.status).toBe(200);
      const scripts = [...String(page.body).matchAll(/<script([^>]*)>([^<]*)<\/script>/g)];
      expect(scripts.length).toBeGreaterThan(0);
      for (const [, attributes, inline] of scripts) {
        expect(attributes).toMatch(/src="\.\/docs\//);
        expect(inline?.trim()).toBe('');
        const source = /src="\.\/([^"]+)"/.exec(attributes ?? '')?.[1] ?? '';
        expect((await call('GET', `/api/${source}`)).status).toBe(200);
      }
    });

    it('is there for programs too', async () => {
      expect((await call('GET', '/api/docs-json')).body).toMatchObject({
        openapi: expect.stringMatching(/^3\./) as string,
      });
    });
  });
});
