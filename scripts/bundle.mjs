// Usage: node scripts/bundle.mjs
//
// Puts the built service and the query builder that it brings along, hundreds of small modules, into one file that
// starts in half the time: dist/service.js. Other packages stay where they are. Nothing is renamed or squeezed, so that
// the lines of a stack can be looked up, and the map next to it leads to the sources: `node --enable-source-maps`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..');
const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Made of so many modules that loading them one by one is felt. */
const BUNDLED = ['kysely'];
const external = Object.keys(dependencies).filter((name) => !BUNDLED.includes(name));

await build({
  entryPoints: [join(root, 'dist/apps/api/src/main.js')],
  outfile: join(root, 'dist/service.js'),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Dependency injection, logs and the API's schemas go by the names of classes.
  keepNames: true,
  external: external.flatMap((name) => [name, `${name}/*`]),
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});
