import { once } from 'node:events';
import { env, platform, stdout } from 'node:process';
import { ApiClient } from './api-client.js';
import { openInBrowser } from './browser.js';
import { DemoFailure } from './demo-failure.js';
import { demonstrate } from './demonstration.js';
import { openMariadbShop } from './mariadb-shop.js';
import { openPostgresShop } from './postgres-shop.js';
import { bold, dim, heading, print, red, yellow } from './printer.js';
import { DATABASE, ROWS } from './sample-shop.js';
import type { SampleShop } from './sample-shop.js';
import { checkPort, startService } from './service-process.js';
import type { ServiceProcess } from './service-process.js';

const USAGE = `Usage: npm run demo [-- --once]

Starts temporary PostgreSQL and MariaDB servers with sample data and the service (PORT, or 5002), backs both up,
damages and restores them over the REST API, and then stays up for you to try it in the dashboard, until Ctrl-C.
With --once it ends before that.`;

/** A command that damages either database, so that there is something to restore. */
const DAMAGE = 'DROP TABLE order_items';

interface Options {
  once: boolean;
  port: number;
}

function readOptions(args: readonly string[]): Options | undefined {
  if (args.some((arg) => arg !== '--once')) return undefined;
  const port = Number(process.env['PORT'] ?? 5002);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new DemoFailure('PORT must be a number up to 65535.');
  return { once: args.length > 0, port };
}

async function run({ once, port }: Options, signal: AbortSignal): Promise<void> {
  await checkPort(port);
  const opened: AsyncDisposable[] = [];
  const open = async <T extends AsyncDisposable>(opening: Promise<T>): Promise<T> => {
    const thing = await opening;
    opened.push(thing);
    return thing;
  };
  try {
    heading('Two temporary database servers, and the service');
    const rows = Object.values(ROWS).reduce((sum, count) => sum + count, 0);
    const starting = [open(openPostgresShop(signal)), open(openMariadbShop(signal))];
    // When one fails, the other must have come to its end too, or it would be left behind.
    await Promise.allSettled(starting);
    const shops = await Promise.all(starting);
    for (const { title, server } of shops) {
      print(`${title} on ${server.host}:${server.port}, database "${DATABASE}": ${rows.toLocaleString('en')} rows`);
    }
    const service = await open(startService(port, signal));
    print(`The service on ${service.url}`);
    const api = new ApiClient(service.url, signal);
    for (const shop of shops) await demonstrate(shop, api);
    if (!once) await stayUp(service, shops, signal);
  } finally {
    print(dim('\nCleaning up.'));
    for (const thing of opened.toReversed()) await thing[Symbol.asyncDispose]();
  }
}

async function stayUp(service: ServiceProcess, shops: readonly SampleShop[], signal: AbortSignal): Promise<void> {
  heading('Now you. Ctrl-C ends it and removes everything.');
  const opened = openInBrowser(service.url, { platform, env, isTerminal: stdout.isTTY });
  print(`${opened ? 'Opening' : 'Open'} ${bold(service.url)} (the API: ${service.url}/api/docs)`);
  print('\n1. Both databases are there. Create a backup of one.\n2. Break it, here in another terminal:');
  for (const shop of shops) {
    print(`\n   ${dim(`# ${shop.title}`)}\n   ${yellow(shop.clientCommand(DAMAGE))}`);
  }
  print(
    '\n3. Restore the backup in the page. All is back.\n4. Undo the restore there: the damage is back, too. Nothing was lost.',
  );
  const interrupted = once(signal, 'abort');
  await Promise.race([service.process.ended, interrupted]);
  if (!signal.aborted) throw new DemoFailure(`The service has ended by itself:\n${service.process.log}`);
}

const interruption = new AbortController();
let demonstrated = false;
// A second signal finds us at cleaning up already, which is short and must not be cut shorter.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());
// Nobody reads on: `npm run demo | head`.
process.stdout.on('error', () => interruption.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    print(USAGE);
    process.exitCode = 2;
  } else {
    await run(options, interruption.signal);
    demonstrated = true;
  }
} catch (error) {
  if (interruption.signal.aborted) {
    print('Interrupted.');
    process.exitCode = 130;
  } else {
    const words = error instanceof Error ? (error.name === 'Error' ? error.stack : error.message) : String(error);
    process.stderr.write(`\n${red('The demo failed.')} ${words}\n`);
    process.exitCode = 1;
  }
}
if (demonstrated) print('Done.');
