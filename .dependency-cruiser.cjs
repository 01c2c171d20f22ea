/** What each lib may import, and nothing else: the layering of the house. */
const MAY_IMPORT = {
  domain: [],
  security: ['domain'],
  process: ['domain'],
  catalog: ['domain'],
  storage: ['domain'],
  artifact: ['storage', 'process', 'security', 'domain'],
  config: ['security', 'domain'],
  drivers: ['process', 'security', 'domain'],
  sandbox: ['process', 'domain'],
  events: ['catalog', 'domain'],
  jobs: ['catalog', 'events', 'domain'],
  core: [
    'artifact',
    'catalog',
    'config',
    'domain',
    'drivers',
    'events',
    'jobs',
    'process',
    'sandbox',
    'security',
    'storage',
  ],
  runtime: [
    'artifact',
    'catalog',
    'config',
    'core',
    'domain',
    'drivers',
    'events',
    'jobs',
    'process',
    'sandbox',
    'security',
    'storage',
  ],
};

/**
 * What each app may import. The api gets objects from the runtime and takes their classes as injection tokens (ADR 46).
 * The dashboard has a rule of its own.
 */
const APPS_MAY_IMPORT = {
  api: [
    'runtime',
    'artifact',
    'catalog',
    'config',
    'core',
    'domain',
    'drivers',
    'events',
    'jobs',
    'security',
    'storage',
  ],
  demo: ['process', 'sandbox', 'domain'],
};

/**
 * The folders of a lib from the ground up: each may import those before it, so that there is no circle of folders. The files
 * that stand directly in `src/` are free. The folders of libs/drivers do import each other in circles; they are not listed yet.
 */
const FOLDERS = {
  catalog: ['dialects', 'rows', 'repositories', 'migrations'],
  events: ['registry', 'delivery', 'hints'],
  jobs: ['in-process', 'schedules'],
  artifact: ['manifest', 'codecs'],
  core: [
    ...[
      'foreign',
      'housekeeping',
      'inventory',
      'storages',
      'catalog-export',
      'connections',
      'retention',
      'verification',
      'backup',
    ],
    ...['listing', 'schedules', 'restore', 'jobs'],
  ],
};

/** Tests and what only they use: free to wire up whatever they examine. */
const TESTS = '(^test/|\\.spec\\.ts$|/testing/|\\.fixture\\.mjs$)';

const layers = Object.entries(MAY_IMPORT).map(([lib, allowed]) => ({
  name: `layer-${lib}`,
  comment: `libs/${lib} may import ${allowed.length === 0 ? 'no other lib' : `only ${allowed.join(', ')}`}.`,
  severity: 'error',
  from: { path: `^libs/${lib}/`, pathNot: TESTS },
  to: { path: '^(libs|apps|test)/', pathNot: `^libs/(${[lib, ...allowed].join('|')})/` },
}));

const folders = Object.entries(FOLDERS).flatMap(([lib, names]) =>
  names.map((name, index) => ({
    name: `folder-${lib}-${name}`,
    comment: `libs/${lib}/src/${name} may import only the folders before it in FOLDERS.`,
    severity: 'error',
    from: { path: `^libs/${lib}/src/${name}/`, pathNot: TESTS },
    to: { path: `^libs/${lib}/src/[^/]+/`, pathNot: `^libs/${lib}/src/(${names.slice(0, index + 1).join('|')})/` },
  })),
);
const knownFolders = Object.entries(FOLDERS).map(([lib, names]) => `^libs/${lib}/src/(${names.join('|')})/`);

const apps = Object.entries(APPS_MAY_IMPORT).map(([app, allowed]) => ({
  name: `layer-app-${app}`,
  comment: `apps/${app} may import only ${allowed.join(', ')}.`,
  severity: 'error',
  from: { path: `^apps/${app}/`, pathNot: TESTS },
  to: { path: '^libs/', pathNot: `^libs/(${allowed.join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...layers,
    ...folders,
    {
      name: 'folder-unknown',
      comment: 'A new folder of these libs needs its place in FOLDERS.',
      severity: 'error',
      from: { path: `^libs/(${Object.keys(FOLDERS).join('|')})/src/[^/]+/`, pathNot: [...knownFolders, TESTS] },
      to: {},
    },
    {
      name: 'storages-stay-apart',
      comment: 'A kind of storage is known by the port alone: its folder is for itself, and index.ts for the runtime.',
      severity: 'error',
      from: {
        path: '^libs/storage/src/',
        pathNot: `(^libs/storage/src/index\\.ts$|^libs/storage/src/(local|s3)/|${TESTS})`,
      },
      to: { path: '^libs/storage/src/(local|s3)/' },
    },
    {
      name: 'kinds-of-storages-apart',
      comment: 'What several kinds of storages need stands above their folders.',
      severity: 'error',
      from: { path: '^libs/storage/src/(local|s3)/' },
      to: { path: '^libs/storage/src/(local|s3)/', pathNot: '^libs/storage/src/$1/' },
    },
    {
      name: 'engines-apart',
      comment: 'What both engines need stands above their folders.',
      severity: 'error',
      from: { path: '^libs/drivers/src/(postgres|mysql)/' },
      to: { path: '^libs/drivers/src/(postgres|mysql)/', pathNot: '^libs/drivers/src/$1/' },
    },
    ...apps,
    {
      name: 'layer-unknown',
      comment: 'A new lib needs its row in MAY_IMPORT.',
      severity: 'error',
      from: { path: '^libs/', pathNot: `(^libs/(${Object.keys(MAY_IMPORT).join('|')})/|${TESTS})` },
      to: { path: '^(libs|apps|test)/' },
    },
    {
      name: 'layer-apps',
      comment: 'Nothing imports an app, not even another app.',
      severity: 'error',
      from: { path: '^(libs|apps/[^/]+|test)/', pathNot: TESTS },
      to: { path: '^apps/', pathNot: '^$1/' },
    },
    {
      name: 'dashboard-knows-the-api-alone',
      comment: 'The dashboard knows the service by its REST API: types come from the OpenAPI document.',
      severity: 'error',
      from: { path: '^apps/dashboard/' },
      to: { path: '^(libs|apps|test)/', pathNot: '^apps/dashboard/' },
    },
    {
      name: 'dashboard-stays-apart',
      comment: 'What runs in a browser is built and tested there. Not even a test takes a part of it.',
      severity: 'error',
      from: { pathNot: '^apps/dashboard/' },
      to: { path: '^apps/dashboard/' },
    },
    {
      name: 'dashboard-runs-in-a-browser',
      severity: 'error',
      from: { path: '^apps/dashboard/src/', pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-cycle',
      comment: 'A cycle of files dies at load in ESM.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-package',
      comment: 'It works by accident as long as another package brings it along.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-package-in-production',
      comment: 'The packages of the dashboard are built into its files; none is installed where it is served.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `(^apps/dashboard/|${TESTS})` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'no-test-in-production',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: TESTS },
      to: { path: TESTS },
    },
    {
      name: 'index-is-the-face',
      comment: 'From outside, a lib is what its index.ts exports. Its testing/ folder is for the tests of others, too.',
      severity: 'error',
      from: { path: '^(libs/[^/]+|apps/[^/]+|test)/' },
      to: { path: '^libs/[^/]+/', pathNot: ['^$1/', '^libs/[^/]+/src/index\\.ts$', '/testing/'] },
    },
    {
      name: 'database-packages-in-drivers-only',
      comment:
        'What is particular to an engine stands in libs/drivers; sandbox and demo log in to servers of their own, and the ' +
        'catalog to its own.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `(^libs/(drivers|sandbox|catalog)/|^apps/demo/|${TESTS})` },
      to: { path: '^node_modules/(@types/)?(pg|mysql2)/' },
    },
    {
      name: 'processes-in-process-only',
      comment: 'startProcess() of @app/process is the only way to start a child.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: `(^libs/process/|${TESTS})` },
      to: { path: '^(node:)?child_process$' },
    },
    {
      name: 'no-nest-in-libs',
      comment: 'Libs are plain TypeScript; the apps wire them up.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^node_modules/(@nestjs|nestjs-[^/]+)/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', 'dist'] },
    exclude: { path: ['^dist/'] },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types count: a lib that knows another's types knows the other.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
