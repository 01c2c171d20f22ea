// Usage: node scripts/fetch-engine.mjs <name>…     (names: scripts/engines/table.json)
//
// Gets servers and clients of other versions ready for the tests, in a cache folder (libs/sandbox/src/engines-folder.ts says
// which): nothing is installed, and no root is needed. Prints, for each, a line of JSON with name, version and folder.
import { complain, Complaint } from './bootstrap/say.mjs';
import { provideEngine } from './engines/engine.mjs';

try {
  for (const name of process.argv.slice(2)) process.stdout.write(`${JSON.stringify(await provideEngine(name))}\n`);
} catch (error) {
  complain(error instanceof Complaint ? error.message : error.stack);
  process.exitCode = 1;
}
