import { hostname } from 'node:os';

/** This run of the service, for others on the same catalog. Host and process are for people: nothing is decided by them. */
export function thisInstance(run: string): { id: string; host: string; pid: number } {
  return { id: run, host: hostname(), pid: process.pid };
}
