import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, contentOf, hashOf } from './place.mjs';
import { run, say } from './say.mjs';

/** What is started of each app. */
const RESULTS = { api: 'dist/service.js', demo: 'dist/apps/demo/src/main.js' };
const STAMPS = join(ROOT, 'dist/.stamps');
const BUNDLER = join(ROOT, 'scripts/bundle.mjs');
const CONFIGURATION = [
  'scripts/bundle.mjs',
  'nest-cli.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Whether `dist` holds the present sources of an app. An app without sources needs no build. */
export function isBuilt(app) {
  if (!existsSync(join(ROOT, 'apps', app, 'src/main.ts'))) return true;
  return existsSync(join(ROOT, RESULTS[app])) && contentOf(stampOf(app)) === fingerprintOf(app);
}

export async function build(node, app) {
  const reason = existsSync(join(ROOT, 'dist/apps', app)) ? 'its sources have changed' : 'for the first time';
  say(`Building the ${app}: ${reason}.`);
  // Taken before, so that a change during the build leads to another build.
  const fingerprint = fingerprintOf(app);
  await run(node, [join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js'), 'build', app], { cwd: ROOT });
  if (app === 'api') await run(node, [BUNDLER], { cwd: ROOT });
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stampOf(app), fingerprint);
}

function stampOf(app) {
  return join(STAMPS, app);
}

/** Of the content, as checkouts and copies give files new times. */
function fingerprintOf(app) {
  const sources = ['libs', `apps/${app}`].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .map((name) => join(folder, name))
      .filter((path) => /\.(ts|json)$/.test(path) && !/\.(e2e-)?spec\.ts$/.test(path)),
  );
  const paths = [...CONFIGURATION, ...sources.sort()];
  return hashOf(...paths.flatMap((path) => [path, readFileSync(join(ROOT, path))]));
}
