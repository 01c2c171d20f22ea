// Usage: node scripts/fetch-regression.mjs <major version of PostgreSQL>
//
// Gets PostgreSQL's own regression tests ready in the cache folder of the engines, with the library that they call. Prints a line of
// JSON that says where they are. Needs a C compiler.
import { complain, Complaint } from './bootstrap/say.mjs';
import { provideRegressionTests } from './engines/regression.mjs';

try {
  process.stdout.write(`${JSON.stringify(await provideRegressionTests(process.argv[2]))}\n`);
} catch (error) {
  complain(error instanceof Complaint ? error.message : error.stack);
  process.exitCode = 1;
}
