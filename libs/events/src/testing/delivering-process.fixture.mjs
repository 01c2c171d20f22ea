// Opens the catalog file that it is given, writes one event after the other, and delivers them to a subscriber that takes its
// time. Prints a line of JSON for each event that was committed, and for each that was handled.
import { registerHooks } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

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
const { openCatalog } = await import('@app/catalog');
const { domainEvent, EventDispatcher } = await import('../index.ts');

const [options] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const catalog = await openCatalog({ ...JSON.parse(options), clock: systemClock, logger: silentLogger });
const dispatcher = new EventDispatcher({ catalog, logger: silentLogger, instance: `${process.pid}`, leaseMs: 1_000 });
dispatcher.subscribe({
  name: 'slow',
  events: ['ScheduleChanged'],
  async handle(events) {
    await sleep(40);
    for (const { payload } of events) say({ handled: payload.scheduleId });
  },
});
await dispatcher.start();
for (let n = 0; ; n += 1) {
  await catalog.outbox.append([domainEvent('ScheduleChanged', { scheduleId: `${n}`, change: 'changed' })]);
  say({ committed: `${n}` });
  await sleep(1);
}
