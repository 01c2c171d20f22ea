import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT, contentOf } from './place.mjs';
import { Complaint, say } from './say.mjs';

const TOOLCHAIN = join(ROOT, '.toolchain');
const LOCK = join(TOOLCHAIN, 'setup.lock');
const OWNER = join(LOCK, 'pid');

/** Two runs at once must not install into one directory: the second waits for the first. */
export async function exclusively(work) {
  mkdirSync(TOOLCHAIN, { recursive: true });
  for (let waited = 0; !acquire(); waited += 1) {
    const owner = Number(contentOf(OWNER));
    // Without a number yet, the owner has but just made the directory; for 5 s we believe that.
    if (owner > 0 ? !isAlive(owner) : waited > 25) {
      rmSync(LOCK, { recursive: true, force: true });
      continue;
    }
    if (waited === 0) say(`Waiting for another setup of this folder${owner > 0 ? ` (process ${owner})` : ''} to end.`);
    if (waited > 5 * 60 * 20)
      throw new Complaint(`Another setup has been running for 20 minutes. If not: rm -r ${LOCK}`);
    await sleep(200);
  }
  const release = () => rmSync(LOCK, { recursive: true, force: true });
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
  try {
    await work();
  } finally {
    release();
    process.off('exit', release);
  }
}

function acquire() {
  try {
    mkdirSync(LOCK);
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(OWNER, String(process.pid));
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
