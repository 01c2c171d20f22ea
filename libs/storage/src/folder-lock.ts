import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { DomainError, errorCodeOf, makeFolder } from '@app/domain';
import { PARTIAL_SUFFIX } from './artifact-storage.js';
import { replaceDurably } from './durable-file.js';
import type { StorageWriter } from './artifact-storage.js';

/** The lock file. An open transaction of SQLite holds the lock, so the operating system ends it with the process. */
const LOCK_FILE = 'service.lock';
/** Facts about the holder for people. Nothing is decided by them. */
const HOLDER_FILE = 'service.lock.json';
/** The runs that ever had the lock, one on each line. The present holder knows that they are dead. The first line says on which machine and folder. */
const RUNS_FILE = 'service.runs';
const PLACE = 'place ';
/** A machine differs from its clone by the id of systemd or by the addresses of its network cards. */
const MACHINE_ID = '/etc/machine-id';
const NETWORK_CARDS = '/sys/class/net';
/** How many runs are kept, as nothing of older ones is left. */
const RUNS_KEPT = 200;
/** How long to wait for a predecessor that is just ending. */
const PATIENCE_MS = 2_000;
const POLL_MS = 100;
const SQLITE_BUSY = 5;

export interface FolderLock extends StorageWriter {
  /** Safe to call twice. */
  release(): void;
}

/**
 * Makes this process the only service that works on `folder`. Throws BUSY, with the process id and host of the holder, when
 * another one has it. Id and host are only shown, as processes of two containers can share both.
 */
export async function lockFolder(folder: string, patienceMs = PATIENCE_MS): Promise<FolderLock> {
  const deadline = Date.now() + patienceMs;
  try {
    await makeFolder(folder);
    for (;;) {
      const database = tryLock(join(folder, LOCK_FILE));
      if (database !== undefined) {
        const release = (): void => {
          if (database.isOpen) database.close();
        };
        try {
          await writeFile(join(folder, HOLDER_FILE), holderText(), { mode: 0o600 }).catch(() => undefined);
          return { ...(await signOn(folder)), release };
        } catch (error) {
          release();
          throw error;
        }
      }
      if (Date.now() >= deadline) break;
      await delay(POLL_MS);
    }
  } catch (error) {
    throw new DomainError('STORAGE_FAILED', `The folder ${folder} cannot be locked (${reasonOf(error)}).`, {
      hint: 'DATA_DIR must be a folder that the service may write, on a file system that knows locks.',
      cause: error,
    });
  }
  throw new DomainError('BUSY', `Another service works on ${folder}${await holderOf(folder)}.`, {
    hint: 'Stop that one, or give this one a DATA_DIR of its own.',
  });
}

/** Takes the lock; undefined while another process, or another part of this one, has it. */
function tryLock(path: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY) return;
    throw error;
  }
}

/** Notes this run before it does anything, so that the next ones know it. The runs of a folder of which this one is a copy do not count. */
async function signOn(folder: string): Promise<StorageWriter> {
  const path = join(folder, RUNS_FILE);
  const run = randomUUID();
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errorCodeOf(error) === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n').filter((line) => line !== '');
  const place = `${PLACE}${await placeOf(folder)}`;
  const before = lines.find((line) => line.startsWith(PLACE));
  // The folder is a copy, and the original may still be working.
  const isCopy = before !== undefined && before !== place;
  const past = isCopy ? [] : lines.filter((line) => line !== before).slice(-RUNS_KEPT);
  await rm(path + PARTIAL_SUFFIX, { force: true });
  await replaceDurably(path, path + PARTIAL_SUFFIX, [[place, ...past, run, ''].join('\n')]);
  return { run, pastRuns: new Set(past) };
}

/** Returns an id of the place, which differs for a copy of the folder and on a clone of the machine. */
async function placeOf(folder: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(join(folder, LOCK_FILE), { bigint: true });
  const machine = await readFile(MACHINE_ID, 'utf8').catch(() => '');
  const parts = [ino, birthtimeNs, machine.trim(), ...(await networkCards())];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32);
}

/** Hardware only: others come and go. */
async function networkCards(): Promise<string[]> {
  const names = await readdir(NETWORK_CARDS).catch(() => []);
  const addresses = names.toSorted().map(async (name) => {
    const isHardware = await stat(join(NETWORK_CARDS, name, 'device')).catch(() => undefined);
    if (isHardware === undefined) return [];
    return [(await readFile(join(NETWORK_CARDS, name, 'address'), 'utf8').catch(() => '')).trim()];
  });
  return (await Promise.all(addresses)).flat();
}

function holderText(): string {
  return `${JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() })}\n`;
}

async function holderOf(folder: string): Promise<string> {
  try {
    const { pid, host, since } = JSON.parse(await readFile(join(folder, HOLDER_FILE), 'utf8')) as Record<
      string,
      unknown
    >;
    return `: process ${String(pid)} on host ${String(host)}, since ${String(since)}`;
  } catch {
    return '';
  }
}

function reasonOf(error: unknown): string {
  const code = errorCodeOf(error);
  return code === undefined || code === 'ERR_SQLITE_ERROR' ? String((error as Error).message) : code;
}
