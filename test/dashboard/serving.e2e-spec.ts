import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';

const PASSWORD = 'correct horse battery staple';
const DEEP_LINKS = ['/', '/backups', '/backups/0b6ae9b2-0000-4000-8000-000000000000', '/no/such/page', '/assets.old'];

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** As `fetch`, which would hide how a body was compressed and would not send another Host. */
async function ask(url: string, method = 'GET', headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    })
      .once('error', reject)
      .end();
  });
}

const assetsOf = (html: string): string[] => [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');

describe('how the dashboard is served', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await DashboardFixture.start([]);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    ask(fixture.service.url + path, 'GET', headers);

  it.each(DEEP_LINKS)('answers %s with the page, to be asked for anew each time', async (path) => {
    const { status, headers, body } = await get(path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    expect(body).toContain('<div id="root">');
    expect(await ask(fixture.service.url + path, 'HEAD')).toMatchObject({ status: 200, body: '' });
  });

  it.each(['/color-scheme.js', '/favicon.svg'])('makes browsers revalidate %s each time', async (path) => {
    const { status, headers } = await get(path);
    expect(status).toBe(200);
    expect(headers['cache-control']).toBe('no-cache');
    expect(await get(path, { 'if-none-match': headers.etag ?? '' })).toMatchObject({ status: 304, body: '' });
  });

  it('lets browsers keep what has its hash in its name, and sends it compressed', async () => {
    const assets = assetsOf((await get('/')).body);
    expect(assets.length).toBeGreaterThan(1);
    for (const path of assets) {
      const { status, headers } = await get(path, { 'accept-encoding': 'gzip' });
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      // Of a kilobyte or less there is nothing to be gained.
      const isSmall = (await get(path)).body.length < 1024;
      expect([path, headers['content-encoding']]).toEqual([path, isSmall ? undefined : 'gzip']);
    }
  });

  it('compresses nothing of the API', async () => {
    for (const path of ['/api/docs-json', '/api/settings', '/api/docs']) {
      const { headers } = await get(path, { 'accept-encoding': 'gzip, br' });
      expect([path, headers['content-encoding']]).toEqual([path, undefined]);
    }
  });

  it.each(['/assets/index-00000000.js', '/assets/', '/api', '/api/no-such-call'])(
    'answers %s with an error for programs: nothing of that name is there',
    async (path) => {
      const { status, headers, body } = await get(path, { accept: 'text/html' });
      expect(status).toBe(404);
      expect(headers['content-type']).toMatch('application/json');
      expect(JSON.parse(body)).toMatchObject({ success: false, code: 'NOT_FOUND', hint: expect.any(String) as string });
    },
  );

  it('refuses requests that send something to a page', async () => {
    const { status, body } = await ask(`${fixture.service.url}/backups`, 'POST');
    expect(status).toBe(404);
    expect(JSON.parse(body)).toMatchObject({ success: false, code: 'NOT_FOUND' });
  });

  it('is not served under a foreign host name', async () => {
    for (const path of ['/', '/favicon.svg', ...assetsOf((await get('/')).body)]) {
      const { status, body } = await get(path, { host: 'rebound.example' });
      expect(status).toBe(403);
      expect(JSON.parse(body)).toMatchObject({ success: false, code: 'FORBIDDEN_HOST' });
    }
  });

  it('allows pages only the host itself, and forbids framing', async () => {
    for (const path of ['/', '/backups', '/color-scheme.js', '/api/status', '/api/docs/']) {
      const { headers } = await get(path);
      const policy = String(headers['content-security-policy']);
      expect(policy.split(';').toSorted()).toEqual([
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
      ]);
      expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff' });
    }
  });

  it('runs no script that was injected into the page', async () => {
    const view = await fixture.open('/');
    await view.page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'document.title = "intruded"';
      document.body.append(script);
    }`);
    expect(await view.page.title()).not.toBe('intruded');
    expect(view.complaints().join()).toMatch('Content Security Policy');
  });

  it('lets the documentation of the API work', async () => {
    const view = await fixture.browser.open(`${fixture.service.url}/api/docs`);
    await view.page.getByRole('heading', { name: 'Database Backup Service' }).waitFor();
    await view.page.getByRole('button', { name: 'GET /api/status Connection' }).click();
    await view.page.getByRole('button', { name: 'Try it out' }).click();
    await view.page.getByRole('button', { name: 'Execute' }).click();
    await view.page.getByText('"connected": false').first().waitFor();
    expect(view.complaints()).toEqual([]);
    await view.close();
  });
});

describe('the dashboard of a service with a password', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await DashboardFixture.start([], { ADMIN_PASSWORD: PASSWORD });
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  it.each(['/', '/backups', '/favicon.svg', '/assets/index-00000000.js'])('asks for it at %s', async (path) => {
    const { status, headers, body } = await ask(fixture.service.url + path);
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect(body).not.toContain('<');
  });

  it('works with it, and is live', async () => {
    const credentials = { username: 'admin', password: PASSWORD };
    const { page } = await fixture.open('/backups', { credentials });
    await page.getByRole('heading', { level: 1, name: 'Backups' }).waitFor();
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  });
});
