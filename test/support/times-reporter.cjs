const { existsSync, readFileSync } = require('node:fs');

const seconds = (ms) => `${(ms / 1000).toFixed(1).padStart(8)} s`;
const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);

const print = (lines) => process.stdout.write(`${lines.join('\n')}\n`);

/** Prints at the end what the run has spent its time on: files, the longest first, and starts of servers, services and browsers. */
module.exports = class TimesReporter {
  files = [];

  onTestFileResult({ context, path }, { perfStats, numPassingTests }) {
    const project = context.config.displayName?.name ?? '';
    const name = path.replace(`${context.config.rootDir}/`, '');
    this.files.push({ project, name, tests: numPassingTests, ms: perfStats.end - perfStats.start });
  }

  onRunComplete() {
    const files = this.files.toSorted((one, other) => other.ms - one.ms);
    const lines = files.map(({ project, name, tests, ms }) => `${seconds(ms)}  ${project}  ${name} (${tests} tests)`);
    print(['', 'Time per file:', ...lines, `${seconds(sum(files.map(({ ms }) => ms)))}  all files`]);
    print(['', 'Starts that tests waited for:', ...startsOf(process.env.TEST_TIMES ?? '')]);
  }
};

/** What `noteTime` of libs/sandbox has noted. */
function startsOf(file) {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const notes = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const kinds = Map.groupBy(notes, ({ what }) => what);
  return [...kinds].map(([what, each]) => `${seconds(sum(each.map(({ ms }) => ms)))}  ${each.length} × ${what}`).sort();
}
