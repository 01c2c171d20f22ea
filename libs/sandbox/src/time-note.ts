import { appendFileSync } from 'node:fs';

/**
 * Notes in the file that TEST_TIMES names how long something took that tests wait for, such as the start of a server; without
 * TEST_TIMES, nothing. `npm run test:times` adds the notes up.
 */
export function noteTime(what: string, since: number): void {
  const file = process.env['TEST_TIMES'];
  if (file === undefined || file === '') return;
  // One short line is appended at once, so that notes of several processes do not mix.
  appendFileSync(file, `${JSON.stringify({ what, ms: Math.round(performance.now() - since) })}\n`);
}
