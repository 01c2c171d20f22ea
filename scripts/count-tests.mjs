// Usage: node scripts/count-tests.mjs <result of jest --json>
// Prints `N passed, N failed`. A test file that did not even run counts as one failure, and so does Jest itself.
import { existsSync, readFileSync } from 'node:fs';

const file = process.argv[2];
const results = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { numPassedTests: 0, numFailedTests: 1 };
const failed = results.numFailedTests + (results.numRuntimeErrorTestSuites ?? 0);
console.log(`${results.numPassedTests} passed, ${failed} failed`);
