import { spawn } from 'node:child_process';

/** Something that the user has to put right; its message says how. */
export class Complaint extends Error {}

export function say(text) {
  process.stderr.write(`[setup] ${text}\n`);
}

export function complain(text) {
  process.stderr.write(`\n${text}\n`);
}

/** Runs a program to its end without input. Resolves to its output, stdout and stderr as one; throws when it fails. */
export async function run(program, args, options = {}) {
  const chunks = [];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? signal));
  });
  const output = Buffer.concat(chunks).toString().trimEnd();
  if (code !== 0) {
    const words = output.split('\n').slice(-40).join('\n');
    throw new Complaint(`${[program, ...args].join(' ')} failed (${code}):\n${words}`);
  }
  return output;
}
