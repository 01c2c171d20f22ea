import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Complaint, complain, run, say } from './say.mjs';

/** Programs that stand for a package, any spelling of each, and the Debian package that brings them. */
const POSTGRES_CLIENT = {
  name: 'PostgreSQL client',
  programs: [['pg_dump'], ['pg_restore']],
  apt: 'postgresql-client',
};
const MYSQL_CLIENT = {
  name: 'MySQL/MariaDB client',
  programs: [
    ['mariadb-dump', 'mysqldump'],
    ['mariadb', 'mysql'],
  ],
  apt: 'mariadb-client',
};
const POSTGRES_SERVER = { name: 'PostgreSQL server', programs: [['initdb'], ['postgres']], apt: 'postgresql' };
// Only the programs: the package mariadb-server would also set up a service, and start it at every boot.
const MARIADB_SERVER = {
  name: 'MariaDB server',
  programs: [['mariadbd'], ['mariadb-install-db']],
  apt: 'mariadb-server-core',
};

const CLIENTS = [POSTGRES_CLIENT, MYSQL_CLIENT];
const SERVERS = [POSTGRES_SERVER, MARIADB_SERVER];
const FILE_TOOLS = [
  { name: 'zstd', programs: [['zstd']], apt: 'zstd' },
  { name: 'ps', programs: [['ps']], apt: 'procps' },
];
// Brings a font with fontconfig: without one, pages would have no letters.
const BROWSER = {
  name: 'Chromium',
  programs: [['chromium', 'chromium-browser', 'google-chrome']],
  apt: 'chromium',
};

// To test what stands between a client and its server. Only the program: see withoutServices.
const POOLER = { name: 'PgBouncer', programs: [['pgbouncer']], apt: 'pgbouncer' };

const WANTED = {
  start: CLIENTS,
  demo: [...CLIENTS, ...SERVERS],
  servers: [...CLIENTS, ...SERVERS, ...FILE_TOOLS],
  test: [...CLIENTS, ...SERVERS, ...FILE_TOOLS, BROWSER, POOLER],
};

/** Ends well when the machine can do what the command is for; a service is of use with one kind of client already. */
export async function providePrograms(command) {
  const missing = WANTED[command].filter(({ programs }) => !programs.every(isInstalled));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const isUseful = command === 'start' && missing.length < CLIENTS.length;
  try {
    await install(
      names.join(', '),
      missing.map(({ apt }) => apt),
    );
  } catch (error) {
    if (!(isUseful && error instanceof Complaint)) throw error;
    complain(`${error.message}\nStarting without: ${names.join(', ')}.\n`);
  }
}

async function install(names, packages) {
  if (!has('apt-get')) {
    throw new Complaint(
      `Not installed: ${names}. Install ${packages.length > 1 ? 'them' : 'it'} with your system's package manager, and run this again.`,
    );
  }
  if (process.getuid() !== 0) {
    const command = `sudo apt-get update && sudo apt-get install --no-install-recommends ${packages.join(' ')}`;
    throw new Complaint(`Not installed: ${names}. Please run\n\n  ${command}\n\nand then this again.`);
  }
  say(`Installing with apt: ${packages.join(' ')}.`);
  await withoutMainCluster(() => withoutServices(packages, () => aptInstall(packages)));
}

async function aptInstall(packages) {
  const args = ['install', '-y', '-qq', '--no-install-recommends'];
  const options = [
    '-o',
    'DPkg::Lock::Timeout=120',
    '-o',
    'Dpkg::Options::=--force-confdef',
    '-o',
    'Dpkg::Options::=--force-confold',
  ];
  const apt = (...words) =>
    run('apt-get', [...options, ...words], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  try {
    await apt(...args, ...packages);
  } catch {
    // On a new machine the lists are missing; on an old one they name versions that are gone.
    await apt('update', '-qq');
    await apt(...args, ...packages);
  }
}

/** Debian's PostgreSQL server package makes a cluster and starts it. We want programs only; existing clusters stay. */
async function withoutMainCluster(work) {
  const directory = '/etc/postgresql-common/createcluster.d';
  const file = join(directory, 'no-main-cluster.conf');
  const ours = !existsSync(file);
  if (ours) {
    mkdirSync(directory, { recursive: true });
    writeFileSync(file, 'create_main_cluster = false\n');
  }
  const remove = () => ours && rmSync(file, { force: true });
  process.once('exit', remove);
  try {
    await work();
  } finally {
    remove();
    process.off('exit', remove);
  }
}

/** Packages whose service is not to run here, now or after the next boot: we start the program ourselves. */
const SERVICES = ['pgbouncer'];

async function withoutServices(packages, work) {
  const services = SERVICES.filter((name) => packages.includes(name));
  if (services.length === 0) return work();
  // Debian's packages ask this program before they start anything; 101 means no.
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  const remove = () => ours && rmSync(policy, { force: true });
  process.once('exit', remove);
  try {
    await work();
  } finally {
    remove();
    process.off('exit', remove);
  }
  for (const service of services) {
    const env = { ...process.env, DPKG_MAINTSCRIPT_PACKAGE: service };
    if (has('deb-systemd-helper')) await run('deb-systemd-helper', ['disable', `${service}.service`], { env });
    if (has('update-rc.d')) await run('update-rc.d', [service, 'disable'], { env });
  }
}

function isInstalled(spellings) {
  return spellings.some(has);
}

function has(program) {
  return find(program) !== undefined;
}

function find(program) {
  return directories()
    .map((directory) => join(directory, program))
    .find((path) => existsSync(path));
}

function directories() {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  const postgres = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => `/usr/lib/postgresql/${version}/bin`);
  return [...postgres, ...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'];
}
