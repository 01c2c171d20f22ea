import { randomUUID } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * This run of the service, for others on the same catalog. `host` is where process numbers mean the same: containers
 * may share a host name, and each has its own process 1. Only silence says of one elsewhere that it is dead.
 */
export function thisInstance(): { id: string; host: string; pid: number } {
  return { id: randomUUID(), host: `${hostname()} ${processNamespace()}`.trim(), pid: process.pid };
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return ''; // not Linux
  }
}
