import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './node.mjs';
import { ROOT, contentOf, hashOf } from './place.mjs';
import { say } from './say.mjs';

const LOCKFILE = join(ROOT, 'package-lock.json');
/** What npm itself writes at the very end of an install. */
const INSTALLED = join(ROOT, 'node_modules/.package-lock.json');
const STAMP = join(ROOT, 'node_modules/.installed-lock-hash');

export function arePackagesInstalled() {
  const lock = contentOf(LOCKFILE);
  const installed = contentOf(INSTALLED);
  if (lock === undefined || installed === undefined) return false;
  const hash = hashOf(lock);
  if (contentOf(STAMP) === hash) return true;
  if (!isSame(JSON.parse(lock).packages, JSON.parse(installed).packages)) return false;
  // Somebody has run `npm ci` himself.
  writeFileSync(STAMP, hash);
  return true;
}

function isSame(wanted, installed) {
  const wantedPaths = Object.keys(wanted).filter((path) => path !== '' && !wanted[path].optional);
  return (
    wantedPaths.every((path) => installed[path] !== undefined) &&
    Object.keys(installed).every((path) => installed[path].version === wanted[path]?.version)
  );
}

export async function installPackages(node) {
  const reason = contentOf(INSTALLED) === undefined ? 'there is no node_modules yet' : 'package-lock.json has changed';
  say(`Installing the packages (npm ci): ${reason}.`);
  await npm(node, ['ci', '--no-audit', '--no-fund'], ROOT);
  writeFileSync(STAMP, hashOf(contentOf(LOCKFILE)));
}
