// Usage: node scripts/fetch-engine.mjs [name]…     (names: table.json and storage-servers.json in scripts/engines; all without a name)
//
// Gets servers and clients of other versions ready for the tests, in a cache folder (libs/sandbox/src/engines-folder.ts says
// which): nothing is installed, and no root is needed. Prints, for each, a line of JSON with name, version and folder.
import { complain, Complaint } from './bootstrap/say.mjs';
import { ENGINES, provideEngine, STORAGE_SERVERS } from './engines/engine.mjs';

const named = process.argv.slice(2);
const names = named.length > 0 ? named : [...ENGINES, ...STORAGE_SERVERS].map(({ name }) => name);
try {
  for (const name of names) process.stdout.write(`${JSON.stringify(await provideEngine(name))}\n`);
} catch (error) {
  complain(error instanceof Complaint ? error.message : error.stack);
  process.exitCode = 1;
}
