import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { enginesFolder } from '../../libs/sandbox/src/engines-folder.ts';
import { exclusively } from '../bootstrap/lock.mjs';
import { Complaint, say } from '../bootstrap/say.mjs';
import { aptOf } from './apt.mjs';
import { unpack, wrapPrograms } from './unpack.mjs';

/** The table of the engines: a new version is one line there. */
export const ENGINES = tableOf('table.json');
/** Servers of storages, which no engine is tested on. */
export const STORAGE_SERVERS = tableOf('storage-servers.json');

/** Begins the name of a folder in which an engine is not whole yet. */
const STAGING = '.staging-';
const DESCRIPTION = 'engine.json';
const MEGABYTE = 1024 * 1024;

/**
 * Name, version and folder of an engine, fetched from Debian where it is missing. Runs at once wait for each other, and what an
 * interrupted one left is removed by the next: an engine is moved to its name when it is whole.
 */
export async function provideEngine(name) {
  const known = [...ENGINES, ...STORAGE_SERVERS];
  const engine = known.find((each) => each.name === name);
  if (engine === undefined) {
    throw new Complaint(`Unknown engine: ${name}. One of ${known.map((each) => each.name).join(', ')}.`);
  }
  const folder = enginesFolder();
  const home = join(folder, name);
  if (!isThere(home)) {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    await exclusively(async () => {
      for (const left of readdirSync(folder).filter((each) => each.startsWith(STAGING))) {
        rmSync(join(folder, left), { recursive: true, force: true });
      }
      // While we waited, another run may have fetched it.
      if (!isThere(home)) await fetch(engine, folder, home);
    }, folder);
  }
  return { ...JSON.parse(readFileSync(join(home, DESCRIPTION), 'utf8')), home };
}

function tableOf(name) {
  return JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'));
}

function isThere(home) {
  return existsSync(join(home, DESCRIPTION));
}

async function fetch(engine, folder, home) {
  const staging = join(folder, `${STAGING}${process.pid}`);
  const began = Date.now();
  // Also when it is interrupted.
  const remove = () => rmSync(staging, { recursive: true, force: true });
  process.once('exit', remove);
  say(`Fetching ${engine.name} (${engine.packages.join(', ')} of Debian ${engine.suite}) into ${folder}.`);
  try {
    const content = join(staging, 'content');
    mkdirSync(content, { recursive: true });
    const apt = aptOf(engine.suite, join(staging, 'apt'));
    await apt.run('update');
    await apt.run('install', '--download-only', '--no-install-recommends', ...engine.packages);
    const downloaded = sizeOf(apt.archives);
    const version = versionIn(apt.archives, engine.packages[0]);
    await unpack(apt.archives, content);
    wrapPrograms(content, home);
    writeFileSync(join(content, DESCRIPTION), `${JSON.stringify({ ...engine, version })}\n`);
    // Servers run as another account than root.
    for (const path of [folder, content]) chmodSync(path, 0o755);
    rmSync(home, { recursive: true, force: true });
    renameSync(content, home);
    const seconds = Math.round((Date.now() - began) / 1000);
    say(
      `Fetched ${engine.name}, which is ${version}, in ${seconds} s: ${Math.round(downloaded / MEGABYTE)} MB were downloaded.`,
    );
  } finally {
    remove();
    process.off('exit', remove);
  }
}

function sizeOf(archives) {
  return readdirSync(archives, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + statSync(join(archives, name)).size, 0);
}

/** `9.7.4` of `mysql-server-core_9.7.4-2_amd64.deb`, `11.8.9` of `mariadb-server-core_1%3a11.8.9-0+deb13u1_amd64.deb`. */
function versionIn(archives, name) {
  const file = readdirSync(archives).find((each) => each.startsWith(`${name}_`)) ?? '';
  const version = file.slice(name.length + 1).replace(/^\d+%3a/, '');
  return /^[\d.]+(?:~?(?:rc|beta|alpha)\d+)?/.exec(version)?.[0] ?? version;
}
