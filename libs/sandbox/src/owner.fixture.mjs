// Starts one server of each kind, prints their directories, and then waits for its own death.
import { registerHooks } from 'node:module';

const libs = new URL('../../', import.meta.url);

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier.startsWith('@app/')) return nextResolve(new URL(`${specifier.slice(5)}/src/index.ts`, libs).href);
    if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts'))
      return nextResolve(specifier.replace(/\.js$/, '.ts'), context);
    return nextResolve(specifier, context);
  },
});

const { startMariadb, startPostgres } = await import('./index.ts');
const servers = await Promise.all([startPostgres(), startMariadb()]);
process.stdout.write(`${JSON.stringify(servers.map((server) => server.socketDirectory))}\n`);
setInterval(() => undefined, 60_000);
