// Usage: npm run screenshots -- [--out <folder>] [--only overview,restore]
//
// Pictures of every page of the dashboard, light and dark, wide and narrow, of a service with some days of work behind
// it; and those of the README, which are in docs/screenshots.
import { mkdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Camera } from './camera.js';
import type { Shot } from './camera.js';
import { Company } from './company.js';
import { picturesOf } from './pictures.js';
import type { Picture } from './pictures.js';

const README_FOLDER = resolve(import.meta.dirname, '../../docs/screenshots');

type ReadmeShot = Omit<Shot, 'picture' | 'file'> & { of: string; name: string };

const README: readonly ReadmeShot[] = [
  { of: 'overview', name: 'overview', width: 1440, height: 810, scheme: 'light' },
  { of: 'overview', name: 'overview-phone-dark', width: 390, height: 844, scheme: 'dark' },
  { of: 'restore', name: 'restore', width: 1280, height: 760, scheme: 'light' },
  { of: 'backups', name: 'backups', width: 1280, height: 760, scheme: 'dark' },
];

const tell = (line: string): void => void process.stderr.write(`  … ${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { out: { type: 'string' }, only: { type: 'string' } } });
  const wanted = (name: string): boolean => values.only === undefined || values.only.split(',').includes(name);
  const folder = resolve(values.out ?? join(import.meta.dirname, 'out'));
  await using company = await Company.found(tell);
  await using camera = await Camera.open(company.url, () => company.now());
  const pictures = picturesOf(await company.sights());
  tell('pictures of every page');
  const failures = await camera.takeAll(
    pictures.filter(({ name }) => wanted(name)),
    folder,
  );
  for (const failure of failures) tell(failure);
  if (failures.length > 0) process.exitCode = 1;
  tell('pictures for the README');
  await mkdir(README_FOLDER, { recursive: true });
  for (const { of, name, ...view } of README.filter(({ of }) => wanted(of))) {
    const file = join(README_FOLDER, `${name}.png`);
    await camera.take({ ...view, picture: named(pictures, of), file });
    tell(`${relative('.', file)}: ${Math.round((await stat(file)).size / 1000)} kB`);
  }
  process.stdout.write(`The pictures are in ${folder}\n`);
}

function named(pictures: readonly Picture[], name: string): Picture {
  const picture = pictures.find((picture) => picture.name === name);
  if (picture === undefined) throw new Error(`there is no picture ${name}`);
  return picture;
}

await main();
