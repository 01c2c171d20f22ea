import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, contentOf, hashOf } from './place.mjs';
import { run, say } from './say.mjs';

const NEST = join(ROOT, 'node_modules/@nestjs/cli/bin/nest.js');
const VITE = join(ROOT, 'node_modules/vite/bin/vite.js');
const BUNDLER = join(ROOT, 'scripts/bundle.mjs');
const STAMPS = join(ROOT, 'dist/.stamps');

const SERVER_SIDE = {
  configuration: ['scripts/bundle.mjs', 'nest-cli.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
  sources: /\.(ts|json)$/,
};

/** Of each app: what is started or served of it, what it is made of, and how. */
const APPS = {
  api: {
    ...SERVER_SIDE,
    result: 'dist/service.js',
    folders: ['libs', 'apps/api'],
    steps: [[NEST, 'build', 'api'], [BUNDLER]],
  },
  demo: {
    ...SERVER_SIDE,
    result: 'dist/apps/demo/src/main.js',
    folders: ['libs', 'apps/demo'],
    steps: [[NEST, 'build', 'demo']],
  },
  dashboard: {
    result: 'dist/dashboard/index.html',
    folders: ['apps/dashboard'],
    configuration: ['package-lock.json', 'tsconfig.json'],
    sources: /\.(tsx?|m?js|json|css|html|svg)$/,
    steps: [[VITE, 'build', 'apps/dashboard', '--logLevel', 'warn']],
  },
};

/** Whether `dist` holds the present sources of an app. */
export function isBuilt(app) {
  return existsSync(join(ROOT, APPS[app].result)) && contentOf(stampOf(app)) === fingerprintOf(app);
}

/** Builds apps in parallel, but for those that write the same files in `dist/libs`. Ends when every build has ended. */
export async function buildAll(node, apps) {
  const serverSide = apps.filter((app) => APPS[app].folders.includes('libs'));
  const groups = [serverSide, ...apps.filter((app) => !serverSide.includes(app)).map((app) => [app])];
  const results = await Promise.allSettled(
    groups.map(async (group) => {
      for (const app of group) await build(node, app);
    }),
  );
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function build(node, app) {
  const { result, steps } = APPS[app];
  const reason = existsSync(join(ROOT, result)) ? 'its sources have changed' : 'for the first time';
  say(`Building the ${app}: ${reason}.`);
  // Taken before, so that a change during the build leads to another build.
  const fingerprint = fingerprintOf(app);
  for (const step of steps) await run(node, step, { cwd: ROOT });
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stampOf(app), fingerprint);
}

function stampOf(app) {
  return join(STAMPS, app);
}

/** Of the content, as checkouts and copies give files new times. */
function fingerprintOf(app) {
  const { folders, configuration, sources } = APPS[app];
  const found = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true })
      .map((name) => join(folder, name))
      .filter((path) => sources.test(path) && !/\.(e2e-)?spec\.tsx?$/.test(path)),
  );
  const paths = [...configuration, ...found.sort()];
  return hashOf(...paths.flatMap((path) => [path, readFileSync(join(ROOT, path))]));
}
