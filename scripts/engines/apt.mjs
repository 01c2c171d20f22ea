import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Complaint, run } from '../bootstrap/say.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const SOURCES = '/etc/apt/sources.list';

/**
 * apt with a state of its own in `folder`, which knows one suite of the Debian mirror that this machine is set up with, and
 * nothing of what is installed. It needs no root and changes nothing outside `folder`.
 */
export function aptOf(suite, folder, { sources = false } = {}) {
  if (!existsSync(KEYRING)) {
    throw new Complaint(`Other versions of servers come from Debian's packages, and ${KEYRING} is not there.`);
  }
  for (const name of ['lists/partial', 'cache/archives/partial', 'none']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const trusted = `[signed-by=${KEYRING}] ${mirror()} ${suite} main`;
  writeFileSync(join(folder, 'sources.list'), `deb ${trusted}\n${sources ? `deb-src ${trusted}\n` : ''}`);
  writeFileSync(join(folder, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(folder, 'sources.list'),
    'Dir::Etc::sourceparts': join(folder, 'none'),
    'Dir::Etc::preferences': join(folder, 'none/preferences'),
    'Dir::Etc::preferencesparts': join(folder, 'none'),
    'Dir::State': folder,
    'Dir::State::lists': join(folder, 'lists'),
    'Dir::State::status': join(folder, 'status'),
    'Dir::Cache': join(folder, 'cache'),
    'Acquire::Retries': '3',
    'APT::Sandbox::User': 'root',
    'APT::Update::Post-Invoke-Success': '',
    'Debug::NoLocking': '1',
  };
  const options = ['-qq', '-y', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
  return {
    folder,
    archives: join(folder, 'cache/archives'),
    run: (...words) => run('apt-get', [...options, ...words], { cwd: folder }),
  };
}

/** Of Debian: other sources may hold anything. */
function mirror() {
  const uris = sourceTexts().flatMap((text) => [
    ...[...text.matchAll(/^URIs:\s*(\S+)/gm)].map((match) => match[1]),
    ...[...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)/gm)].map((match) => match[1]),
  ]);
  const debian = uris.find((uri) => /\/debian\/?$/.test(uri));
  if (debian !== undefined) return debian;
  throw new Complaint(
    `Other versions of servers come from Debian's packages, and apt knows no Debian mirror here: ${uris.join(', ')}.`,
  );
}

function sourceTexts() {
  const parts = existsSync(`${SOURCES}.d`) ? readdirSync(`${SOURCES}.d`) : [];
  const files = [...parts.map((name) => join(`${SOURCES}.d`, name)), SOURCES];
  return files
    .filter((file) => /\.(list|sources)$/.test(file) && existsSync(file))
    .map((file) => readFileSync(file, 'utf8'));
}
