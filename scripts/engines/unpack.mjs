import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { Complaint, run } from '../bootstrap/say.mjs';

/** Needed by no program that is run here: they set a system up, or are half of what would be unpacked. */
const UNNEEDED = [
  /^libllvm/,
  /^libz3-/,
  /^perl/,
  /^libperl/,
  /^lib.*-perl_/,
  /^systemd/,
  /^libsystemd-shared/,
  /^locales/,
];
const UNNEEDED_FILES = [
  './usr/share/doc',
  './usr/share/man',
  './usr/share/locale',
  './usr/share/i18n',
  './usr/include',
];
/** Compiles queries, with LLVM; a server does without where it is missing. */
const COMPILER = 'llvmjit';

/** Unpacks what was downloaded to `archives` into `folder`. */
export async function unpack(archives, folder) {
  const packages = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  for (const name of packages.filter((each) => !UNNEEDED.some((pattern) => pattern.test(each)))) {
    const excluded = [...UNNEEDED_FILES, `*/${COMPILER}*`].map((path) => `--exclude=${path}`);
    const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x --no-same-owner -C "$2" "$3" "$4" "$5" "$6" "$7" "$8"';
    await run('sh', ['-c', script, 'unpack', join(archives, name), folder, ...excluded]);
  }
}

/**
 * Puts a script in front of each program that starts it with the C library that it was built for, in place of this system's.
 * `folder` will be `home` when the scripts are run.
 */
export function wrapPrograms(folder, home) {
  const libraries = librariesOf(folder);
  const loader = readdirSync(join(folder, libraries)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  if (loader === undefined) throw new Complaint(`The packages in ${folder} hold no dynamic loader.`);
  for (const program of programFolders(folder).flatMap((bin) => programsIn(folder, bin))) {
    const [path, original] = [join(folder, program), `${program}.bin`];
    renameSync(path, join(folder, original));
    const library = join(home, libraries);
    const words = [
      join(library, loader),
      '--library-path',
      library,
      '--argv0',
      join(home, program),
      join(home, original),
    ];
    writeFileSync(path, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(path, 0o755);
  }
}

/** `usr/lib/x86_64-linux-gnu`. */
function librariesOf(folder) {
  const name = readdirSync(join(folder, 'usr/lib')).find((each) =>
    existsSync(join(folder, 'usr/lib', each, 'libc.so.6')),
  );
  if (name === undefined) throw new Complaint(`The packages in ${folder} hold no C library.`);
  return join('usr/lib', name);
}

function programFolders(folder) {
  const postgres = join(folder, 'usr/lib/postgresql');
  const versions = existsSync(postgres) ? readdirSync(postgres) : [];
  return ['usr/bin', 'usr/sbin', ...versions.map((version) => `usr/lib/postgresql/${version}/bin`)];
}

function programsIn(folder, bin) {
  const names = existsSync(join(folder, bin)) ? readdirSync(join(folder, bin)) : [];
  return names.map((name) => join(bin, name)).filter((program) => isProgram(join(folder, program)));
}

function isProgram(path) {
  if (!lstatSync(path).isFile() || basename(path).endsWith('.bin')) return false;
  const start = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, start.length, 0);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1') === '\u007fELF';
}
