// Usage: node scripts/openapi.mjs [--check]
//
// Writes the types of the API, from the document that the built service gives, for the dashboard to be checked against:
// apps/dashboard/src/api/schema.d.ts. With --check it only says whether that file is what it would write; a test asks.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import openapiTypes, { astToString } from 'openapi-typescript';

const root = join(import.meta.dirname, '..');
const TYPES = join(root, 'apps/dashboard/src/api/schema.d.ts');

const home = await mkdtemp(join(tmpdir(), 'openapi-'));
const port = await freePort();
const service = spawn(process.execPath, [join(root, 'dist/service.js')], {
  cwd: home,
  env: { PATH: process.env.PATH, PORT: String(port), LOG_LEVEL: 'error' },
  stdio: ['ignore', 'inherit', 'inherit'],
});
try {
  const document = await fetchDocument(`http://127.0.0.1:${port}/api/docs-json`);
  const types = astToString(await openapiTypes(document));
  if (!process.argv.includes('--check')) await writeFile(TYPES, types);
  else if ((await readFile(TYPES, 'utf8')) !== types) {
    process.stderr.write('The API is not what apps/dashboard/src/api/schema.d.ts says. Run: npm run openapi\n');
    process.exitCode = 1;
  }
} finally {
  const ended = new Promise((resolve) => service.once('close', resolve));
  if (service.exitCode === null && service.kill()) await ended;
  await rm(home, { recursive: true, force: true });
}

async function fetchDocument(url) {
  for (;;) {
    if (service.exitCode !== null) throw new Error('The service did not start.');
    try {
      const answer = await fetch(url);
      if (answer.ok) return await answer.json();
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
