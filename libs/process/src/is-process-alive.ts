import { errorCodeOf } from '@app/domain';

/** Whether a process has this number, of whatever account. A number that no process can have, such as 0 or NaN, is not alive. */
export function isProcessAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCodeOf(error) === 'EPERM';
  }
}
