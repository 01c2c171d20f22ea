import { once } from 'node:events';
import { ApiClient } from './api-client.js';
import { DemoFailure } from './demo-failure.js';
import { demonstrate } from './demonstration.js';
import { openMariadbShop } from './mariadb-shop.js';
import { openPostgresShop } from './postgres-shop.js';
import { bold, dim, heading, print, red } from './printer.js';
import { DATABASE, ROWS } from './sample-shop.js';
import type { SampleShop } from './sample-shop.js';
import { checkPort, startService } from './service-process.js';
import type { ServiceProcess } from './service-process.js';

const USAGE = `Usage: npm run demo [-- --once]

Starts throwaway PostgreSQL and MariaDB servers with sample data and the service (PORT, or 5002), backs both up,
damages and restores them over the REST API, and then stays up until Ctrl-C. With --once it ends there.`;

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
    heading('Two throwaway database servers, and the service');
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
  heading('The service stays up. Ctrl-C ends it and removes everything.');
  print(`Service   ${bold(service.url)}\nAPI       ${bold(`${service.url}/api/docs`)}`);
  for (const { dbType, title, server } of shops) {
    const { host, port, username, password } = server;
    const connection = { db_type: dbType, host, port: String(port), database: DATABASE, username, password };
    print(`\n${title}, as /api/connect takes it:\n${JSON.stringify(connection)}`);
  }
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
