import { readFileSync } from 'node:fs';

/** Own code and the ESM-only packages are compiled to CommonJS: the fastest way that needs no Node flag. */
const shared = {
  // Jest keeps what it has compiled in a folder of this name. All projects compile alike, so they share it.
  id: 'compiled',
  rootDir: '.',
  testEnvironment: 'node',
  transform: {
    '^.+\\.(ts|m?js)$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!(@nestjs|ini|kysely)/)', '<rootDir>/dist/'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  moduleNameMapper: {
    '^@app/([a-z]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.toolchain/'],
};

/**
 * Other versions of the servers with their own clients; scripts/engines/table.json names them. Part of `npm test` is the short form,
 * what each of them must do; `npm run test:engines` (ENGINES=full) runs more, and the same on what is installed.
 */
const form = process.env.ENGINES ?? 'short';
const engines = JSON.parse(readFileSync(new URL('scripts/engines/table.json', import.meta.url), 'utf8'));
const FULL_FORM = {
  PostgreSQL: ['postgres-round-trip', 'everything'],
  MariaDB: ['mysql-limits', 'mysql-round-trip', 'mysql-swap'],
  MySQL: [],
};

const OF_MYSQL_AND_MARIADB = [
  'everything',
  'mysql-content',
  'mysql-elsewhere',
  'mysql-foreign',
  'mysql-grants',
  'mysql-names',
  'mysql-replica',
  'mysql-restore',
  'mysql-scripts',
];
const SHORT_FORM = {
  PostgreSQL: [],
  MariaDB: OF_MYSQL_AND_MARIADB,
  MySQL: ['engines/oracle/*', 'mysql-limits', ...OF_MYSQL_AND_MARIADB],
};

function engineTests(product) {
  // PostgreSQL's own regression database: `npm run test:regression`.
  if (form === 'regression') return product === 'PostgreSQL' ? ['regression/*'] : [];
  return ['driver-contract', 'engines/*', ...SHORT_FORM[product], ...(form === 'full' ? FULL_FORM[product] : [])];
}

const filesOf = (tests) => tests.map((test) => `<rootDir>/test/${test}.e2e-spec.ts`);
const installed = { full: ['engines/*'], regression: ['regression/*'] }[form];
const engineProjects = [
  ...engines
    .filter(({ product }) => engineTests(product).length > 0)
    .map(({ name, product }) => ({
      ...shared,
      displayName: name,
      globals: { ENGINE: name },
      setupFilesAfterEnv: ['<rootDir>/test/support/given-engine.ts'],
      testMatch: filesOf(engineTests(product)),
    })),
  ...(installed === undefined ? [] : [{ ...shared, displayName: 'installed', testMatch: filesOf(installed) }]),
];

export default {
  // One more than the machines of our CI have processors: much of the time is spent waiting for servers and browsers.
  maxWorkers: 3,
  globalSetup: '<rootDir>/test/support/server-templates.cjs',
  globalTeardown: '<rootDir>/test/support/server-templates-end.cjs',
  testSequencer: '<rootDir>/test/support/longest-first.cjs',
  // No test asserts a time; this only ends one that hangs.
  testTimeout: 120_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs}/**/*.spec.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/*.e2e-spec.ts'] },
    // The same once more, with the catalog on PostgreSQL; without what asks nothing of it (docs/adr, 47).
    {
      ...shared,
      displayName: 'e2e, PostgreSQL catalog',
      globals: { CATALOG: 'postgres' },
      testMatch: [
        '<rootDir>/test/!(contract-openapi|contract-paths|download|driver-contract|everything|foreign-dumps|globals|*-round-trip|memory|mysql-content|mysql-elsewhere|mysql-foreign|mysql-grants|mysql-limits|mysql-names|mysql-re(plica|store)|mysql-scripts|mysql-swap|postgres-staging|postgres-restore|restore-sources|rights|secrets|server-lock|tables|tools|verification|wide-tables).e2e-spec.ts',
      ],
    },
    // The web interface, in a real browser.
    { ...shared, displayName: 'dashboard', testMatch: ['<rootDir>/test/dashboard/*.e2e-spec.ts'] },
    // What goes wrong, put there on purpose: FAILURES by number, a service that is killed at random, a network that fails.
    { ...shared, displayName: 'faults', testMatch: ['<rootDir>/test/{faults,kill,network,storages}/*.e2e-spec.ts'] },
    ...engineProjects,
  ],
};
