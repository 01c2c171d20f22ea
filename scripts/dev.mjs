// Usage: node scripts/dev.mjs
// For `npm run dev`: compiles the api and starts it again after each change of its sources, and serves the dashboard with each
// change at once. All ends together, and with us. The first build is there already: scripts/bootstrap.mjs.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';

const COMPILED = ['dist/libs', 'dist/apps/api'];
/** A compilation writes many files. */
const QUIET_MS = 500;

const port = process.env.PORT ?? '5002';
const env = { ...process.env, PORT: port, SERVICE_URL: `http://127.0.0.1:${port}` };
const run = (...args) => spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], env });

const children = [
  run('node_modules/@nestjs/cli/bin/nest.js', 'build', 'api', '--watch'),
  run('--watch', '--watch-preserve-output', '--expose-gc', 'dist/service.js'),
  run('node_modules/vite/bin/vite.js', 'apps/dashboard', '--clearScreen', 'false'),
];

let timer;
const bundleSoon = () => {
  clearTimeout(timer);
  timer = setTimeout(() => run('scripts/bundle.mjs'), QUIET_MS);
};
const watchers = COMPILED.map((folder) => watch(folder, { recursive: true }, bundleSoon));

function end() {
  clearTimeout(timer);
  for (const watcher of watchers) watcher.close();
  for (const child of children) child.kill('SIGTERM');
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, end);
for (const child of children) {
  child.once('exit', (code) => {
    process.exitCode ||= code ?? 0;
    end();
  });
}
