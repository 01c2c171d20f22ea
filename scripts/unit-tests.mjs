// Usage: node scripts/unit-tests.mjs
// Prints the paths of the unit tests that start no server and no browser, one a line, for `npm run test:unit`. Such a test says
// so by what it imports, itself or through other files that only tests use.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Database servers, the built service, a pooler, and anything that listens on a port. */
const STARTS = /\b(start(Postgres|Mariadb|Mysql|Server|Service|Api|Gate|Proxy)\w*|createServer|SupervisedProcess)\(/;
const OF_TESTS = /\.spec\.ts$|\.fixture\.mjs$|-fixture\.ts$|\/testing\/|^test\//;

const known = new Map();

function startsSomething(path) {
  if (!known.has(path)) {
    // For files that import each other.
    known.set(path, false);
    const text = readFileSync(path, 'utf8');
    const imports = [...text.matchAll(/from '(\.[^']+)\.js'/g)].map(([, name]) => join(dirname(path), `${name}.ts`));
    const support = imports.filter((name) => OF_TESTS.test(name) && existsSync(name));
    known.set(path, STARTS.test(text) || support.some(startsSomething));
  }
  return known.get(path);
}

const specs = ['apps', 'libs'].flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.spec.ts')),
);
for (const path of specs.sort().filter((each) => !startsSomething(each))) console.log(path);
