// Usage: node scripts/bootstrap.mjs <start|dev|demo|test|unit|times|engines|fetch|regression|kill|network|soak|bench|screenshots|openapi|lint|build|format>
//
// Gets ready what a command needs on a machine that may have nothing but Node 20, npm and apt: Node 24, the packages,
// the build, the programs of the system. Prints the path of Node 24 on stdout; on stderr, what it does and why, which is
// nothing when all is there. No dependencies, and no newer JavaScript than Node 20 knows.
import { buildAll, isBuilt } from './bootstrap/build.mjs';
import { exclusively } from './bootstrap/lock.mjs';
import { installNode, installedNode } from './bootstrap/node.mjs';
import { arePackagesInstalled, installPackages } from './bootstrap/packages.mjs';
import { Complaint, complain } from './bootstrap/say.mjs';
import { providePrograms } from './bootstrap/system-packages.mjs';

const NEEDS = {
  start: { apps: ['api', 'dashboard'], system: 'start' },
  dev: { apps: ['api'], system: 'start' },
  demo: { apps: ['api', 'demo', 'dashboard'], system: 'demo' },
  test: { apps: ['api', 'demo', 'dashboard'], system: 'test' },
  unit: { apps: [] },
  times: { apps: ['api', 'demo', 'dashboard'], system: 'test' },
  engines: { apps: [], system: 'servers' },
  fetch: { apps: [], packages: false },
  regression: { apps: [], system: 'servers' },
  bench: { apps: ['api', 'demo'], system: 'servers' },
  kill: { apps: ['api', 'demo'], system: 'servers' },
  network: { apps: ['api', 'demo'], system: 'servers' },
  soak: { apps: ['api', 'demo'], system: 'servers' },
  screenshots: { apps: ['api', 'demo', 'dashboard'], system: 'test' },
  build: { apps: ['api', 'demo', 'dashboard'] },
  openapi: { apps: ['api'] },
  lint: { apps: [] },
  format: { apps: [] },
};

async function main(command) {
  const needs = NEEDS[command];
  if (needs === undefined) throw new Complaint(`Unknown command: ${command}. One of ${Object.keys(NEEDS).join(', ')}.`);
  // First, as it may end with a request to the user, who need not wait for the rest.
  if (needs.system !== undefined) await providePrograms(needs.system);
  const stale = () => needs.apps.filter((app) => !isBuilt(app));
  const arePackagesThere = () => needs.packages === false || arePackagesInstalled();
  if (installedNode() === undefined || !arePackagesThere() || stale().length > 0) {
    await exclusively(async () => {
      // Each asked again: while we waited for the lock, another run may have done it.
      const node = installedNode() ?? (await installNode());
      if (!arePackagesThere()) await installPackages(node);
      await buildAll(node, stale());
    });
  }
  process.stdout.write(`${installedNode()}\n`);
}

main(process.argv[2]).catch((error) => {
  complain(error instanceof Complaint ? error.message : error.stack);
  process.exitCode = 1;
});
