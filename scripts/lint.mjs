// All checks of the sources, run in parallel; each one's output is shown only when it complains.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const bin = (path) => join(root, 'node_modules', path);

const CHECKS = {
  format: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  oxlint: [bin('oxlint/bin/oxlint'), '--deny-warnings'],
  layering: [
    bin('dependency-cruiser/bin/dependency-cruiser.mjs'),
    ...['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'apps', 'libs', 'test'],
  ],
  'layering rules': ['--test', '--test-reporter=dot', 'scripts/dependency-rules.test.mjs'],
  documents: ['--test', '--test-reporter=dot', 'scripts/documents.test.mjs'],
  vocabulary: ['--test', '--test-reporter=dot', 'scripts/vocabulary.test.mjs'],
  types: [bin('typescript/bin/tsc'), '--noEmit', '-p', 'tsconfig.json'],
  'types of the dashboard': [bin('typescript/bin/tsc'), '-p', 'apps/dashboard/tsconfig.json'],
};

async function check(name, args) {
  const chunks = [];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
    child.once('error', reject);
    child.once('close', (status) => resolve(status));
  });
  const verdict = code === 0 ? 'ok' : 'FAILED';
  console.log(`${name}: ${verdict}${code === 0 ? '' : `\n${Buffer.concat(chunks).toString().trimEnd()}\n`}`);
  return code === 0;
}

const results = await Promise.all(Object.entries(CHECKS).map(([name, args]) => check(name, args)));
process.exitCode = results.every(Boolean) ? 0 : 1;
