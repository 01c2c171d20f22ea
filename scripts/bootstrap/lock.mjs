import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT, contentOf } from './place.mjs';
import { Complaint, say } from './say.mjs';

/** Two runs at once must not install into one directory: the second waits for the first. */
export async function exclusively(work, folder = join(ROOT, '.toolchain')) {
  const lock = join(folder, 'setup.lock');
  mkdirSync(folder, { recursive: true });
  for (let waited = 0; !acquire(lock); waited += 1) {
    const owner = Number(contentOf(ownerFile(lock)));
    // Without a number yet, the owner has but just made the directory; for 5 s we believe that.
    if (owner > 0 ? !isAlive(owner) : waited > 25) {
      rmSync(lock, { recursive: true, force: true });
      continue;
    }
    if (waited === 0) {
      say(`Waiting for another setup in ${folder}${owner > 0 ? ` (process ${owner})` : ''} to end.`);
    }
    if (waited > 5 * 60 * 20)
      throw new Complaint(`Another setup has been running for 20 minutes. If not: rm -r ${lock}`);
    await sleep(200);
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  const end = () => process.exit(1);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  process.once('exit', release);
  for (const signal of signals) process.once(signal, end);
  try {
    return await work();
  } finally {
    release();
    process.off('exit', release);
    for (const signal of signals) process.off(signal, end);
  }
}

function ownerFile(lock) {
  return join(lock, 'pid');
}

function acquire(lock) {
  try {
    mkdirSync(lock);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(ownerFile(lock), String(process.pid));
  return true;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
