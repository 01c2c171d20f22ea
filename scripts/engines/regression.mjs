import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { enginesFolder } from '../../libs/sandbox/src/engines-folder.ts';
import { exclusively } from '../bootstrap/lock.mjs';
import { Complaint, run, say } from '../bootstrap/say.mjs';
import { aptOf } from './apt.mjs';
import { ENGINES } from './engine.mjs';

/** Of PostgreSQL's sources: the tests that make its regression database, and the library that they call. */
const TESTS = 'src/test/regress';

/**
 * The folder with PostgreSQL's own regression tests of a major version, and `regress.so` built for it: from Debian's source package
 * and the headers of the same suite. Kept next to the engines.
 */
export async function provideRegressionTests(major) {
  const folder = enginesFolder();
  const home = join(folder, `regression-${major}`);
  const library = join(home, 'regress.so');
  if (!existsSync(library))
    await exclusively(() => (existsSync(library) ? undefined : fetch(major, folder, home)), folder);
  return { home, sql: join(home, 'sql'), data: join(home, 'data'), schedule: join(home, 'parallel_schedule'), library };
}

async function fetch(major, folder, home) {
  const staging = join(folder, `.staging-${process.pid}`);
  const suite = ENGINES.find(({ name }) => name === `postgresql-${major}`)?.suite ?? installedSuite();
  const began = Date.now();
  // Also when it is interrupted.
  const remove = () => rmSync(staging, { recursive: true, force: true });
  process.once('exit', remove);
  say(`Fetching the regression tests of PostgreSQL ${major} (sources of Debian ${suite}) into ${folder}.`);
  try {
    mkdirSync(staging, { recursive: true });
    const apt = aptOf(suite, join(staging, 'apt'), { sources: true });
    await apt.run('update');
    await downloadSource(apt, `postgresql-${major}`);
    await apt.run('download', `postgresql-server-dev-${major}`, 'libpq-dev');
    const files = readdirSync(apt.folder);
    const archive = files.find((name) => /\.orig\.tar\.\w+$/.test(name));
    if (archive === undefined) throw new Complaint(`The source package of PostgreSQL ${major} holds no archive.`);
    await run('tar', [
      '-x',
      '--no-same-owner',
      '--strip-components=1',
      '--wildcards',
      '-f',
      join(apt.folder, archive),
      '-C',
      staging,
      `*/${TESTS}`,
    ]);
    for (const name of files.filter((each) => each.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', join(apt.folder, name), join(staging, 'headers')]);
    }
    const tests = join(staging, TESTS);
    const include = join(staging, 'headers/usr/include');
    const includes = ['', 'postgresql', `postgresql/${major}/server`].map((name) => `-I${join(include, name)}`);
    const result = join(tests, 'regress.so');
    await run('cc', ['-shared', '-fPIC', '-O1', '-w', ...includes, '-o', result, join(tests, 'regress.c')]);
    // Servers read them as another account.
    await run('chmod', ['-R', 'a+rX', tests]);
    for (const path of [folder, staging]) chmodSync(path, 0o755);
    rmSync(home, { recursive: true, force: true });
    renameSync(tests, home);
    say(`Fetched and built them in ${Math.round((Date.now() - began) / 1000)} s.`);
  } finally {
    remove();
    process.off('exit', remove);
  }
}

/**
 * A mirror may not have the newest sources for a while: then those of the minor version before serve as well. apt knows no hash of
 * them; only the account of a test server runs them.
 */
async function downloadSource(apt, name) {
  try {
    await apt.run('source', '--download-only', name);
  } catch (error) {
    const listed = await apt.run('source', '--print-uris', '--download-only', name);
    const [, base, minor, ending] = /'(\S+_\d+\.)(\d+)(\.orig\.tar\.\w+)'/.exec(listed) ?? [];
    if (base === undefined) throw error;
    const url = `${base}${Number(minor) - 1}${ending}`;
    say(`The mirror does not have the sources of ${name} that it lists. Taking ${url}.`);
    await run('/usr/lib/apt/apt-helper', ['download-file', url, join(apt.folder, url.split('/').at(-1))]);
  }
}

/** Of this machine. */
function installedSuite() {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  if (codename === undefined) throw new Complaint('/etc/os-release names no suite of Debian.');
  return codename;
}
