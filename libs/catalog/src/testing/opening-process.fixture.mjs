// Opens the catalog file that it is given and writes jobs into it, one after the other. Prints a line of JSON for the
// opening, and one for each job that it was told is kept. Arguments: file, number of jobs, prefix of their unique keys.
import { registerHooks } from 'node:module';

const libs = new URL('../../../', import.meta.url);

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('@app/')) return nextResolve(new URL(`${specifier.slice(5)}/src/index.ts`, libs).href);
    if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts'))
      return nextResolve(specifier.replace(/\.js$/, '.ts'), context);
    return nextResolve(specifier, context);
  },
});

const { silentLogger, systemClock } = await import('@app/domain');
const { openCatalog } = await import('../index.ts');
const { aJob } = await import('./sample-records.ts');

const [file, jobs, prefix] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const catalog = await openCatalog({ file, clock: systemClock, logger: silentLogger });
say({ id: catalog.id });
for (let n = 0; n < Number(jobs); n += 1) {
  const [id] = await catalog.jobs.insert([aJob({ uniqueKey: `${prefix}${n}` })]);
  say({ n, inserted: id !== undefined });
}
await catalog.close();
