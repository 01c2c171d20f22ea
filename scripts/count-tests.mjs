// Usage: node scripts/count-tests.mjs <result of jest --json>
// Prints `N passed, N failed`. A test file that did not even run counts as one failure, and so does Jest itself.
import { readFileSync } from 'node:fs';

const content = readFileSync(process.argv[2], 'utf8');
const results = content === '' ? { numPassedTests: 0, numFailedTests: 1 } : JSON.parse(content);
const failed = results.numFailedTests + (results.numRuntimeErrorTestSuites ?? 0);
console.log(`${results.numPassedTests} passed, ${failed} failed`);
