import { closeSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, isAbsolute, join, sep } from 'node:path';
import { DomainError } from '@app/domain';
import { startProcess } from './start-process.js';
import type { ProcessSpec, RunningProcess } from './start-process.js';

/** The number of links that Linux follows. */
const MAX_LINKS = 40;
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
/** How many bytes of a script's first line Linux reads. */
const FIRST_LINE = 256;
/** How often a script may be run by another script; Linux stops at five. */
const MAX_INTERPRETERS = 5;

/**
 * Throws TOOL_UNUSABLE when another account of this machine could decide what runs under this path: the file, each link to it
 * and each folder above them must belong to root or to the service's own account, and nobody else may write them (a sticky bit,
 * as that of /tmp, does not help). It must not lie in one of `excluded` either, as people may put data there. The same holds for
 * the program that runs a script. A path that leads nowhere passes.
 */
export function assertTrustedProgram(path: string, excluded: readonly string[] = []): void {
  let program: string | undefined = path;
  for (let turn = 0; program !== undefined && turn < MAX_INTERPRETERS; turn += 1) {
    assertTrusted(program, excluded);
    const interpreter: string | undefined = interpreterOf(program);
    if (interpreter !== undefined && !isAbsolute(interpreter)) {
      throw untrusted(
        path,
        `its first line names "${interpreter}" without a folder, so that the working directory decides which program runs it`,
        'Name that program by its absolute path.',
      );
    }
    program = interpreter;
  }
}

function assertTrusted(path: string, excluded: readonly string[]): void {
  if (process.platform === 'win32' || !isAbsolute(path)) return;
  const real = follow(path);
  if (real === undefined) return;
  const folder = excluded.find((candidate) =>
    [path, real].some((each) => isWithin(each, candidate) || isWithin(each, follow(candidate, false) ?? candidate)),
  );
  if (folder === undefined) return;
  throw untrusted(
    path,
    `it lies in "${folder}", where the service keeps backups or its own data`,
    'Install it elsewhere.',
  );
}

/** Starts a client program as {@link startProcess} does, and checks it right before. Throws TOOL_UNUSABLE. */
export function startTool(spec: ProcessSpec): RunningProcess {
  assertTrustedProgram(spec.command);
  return startProcess(spec);
}

/** Returns the program that runs a script, by its first line; undefined for a file that is no script, or cannot be read. */
function interpreterOf(path: string): string | undefined {
  if (!isAbsolute(path)) return undefined;
  const head = Buffer.alloc(FIRST_LINE);
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, FIRST_LINE, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
  return /^#![ \t]*([^ \t\r\n\0]+)/.exec(head.toString('latin1'))?.[1];
}

/** Returns the real path, and checks each step of it with `check`; undefined when it leads nowhere. */
function follow(path: string, check = true): string | undefined {
  const pending = path.split(sep).filter((name) => name !== '');
  let at: string = sep;
  let links = 0;
  try {
    if (check) refuseIfWritable(path, at, lstatSync(at));
    for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
      if (name === '.') continue;
      if (name === '..') {
        at = dirname(at);
        continue;
      }
      const next = join(at, name);
      const found = lstatSync(next);
      if (found.isSymbolicLink()) {
        if ((links += 1) > MAX_LINKS) return undefined;
        const target = readlinkSync(next);
        pending.unshift(...target.split(sep).filter((part) => part !== ''));
        // Everybody who may write its folder may replace the link, and the folder was checked.
        if (isAbsolute(target)) at = sep;
        continue;
      }
      if (check) refuseIfWritable(path, next, found);
      at = next;
    }
    return at;
  } catch (error) {
    if (error instanceof DomainError) throw error;
    return undefined;
  }
}

function refuseIfWritable(path: string, checked: string, { uid, mode }: Stats): void {
  const what = checked === path ? 'it' : `${(mode & 0o170000) === 0o040000 ? 'the folder' : 'the file'} "${checked}"`;
  const own = process.geteuid?.() ?? 0;
  if (uid !== 0 && uid !== own) {
    throw untrusted(
      path,
      `${what} belongs to another account (uid ${uid}), which could put another program there`,
      `Let root${own === 0 ? '' : ` or the service's account (uid ${own})`} own it ("chown root ${checked}"), or install the tool elsewhere.`,
    );
  }
  if ((mode & WRITABLE_BY_OTHERS) === 0) return;
  throw untrusted(
    path,
    `${what} can be written by other accounts (mode ${(mode & 0o7777).toString(8).padStart(4, '0')})`,
    // Everybody needs the right to write folders such as /tmp.
    (mode & STICKY) === 0
      ? `Take that from them ("chmod go-w ${checked}"), or install the tool elsewhere.`
      : 'Install the tool elsewhere.',
  );
}

function untrusted(path: string, why: string, remedy: string): DomainError {
  return new DomainError('TOOL_UNUSABLE', `"${path}" is not run, because ${why}. ${remedy}`, {
    hint:
      'The service runs a tool with its own rights. So only root and the account of the service may be able to write ' +
      'its file and the folders above it.',
  });
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
