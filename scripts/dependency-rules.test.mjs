// Checks that each rule of .dependency-cruiser.cjs finds its violation: one small tree with all of them, and some correct imports.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');

const files = {
  'package.json': '{"type":"module","dependencies":{"pg":"1","@nestjs/common":"1"},"devDependencies":{"jest":"1"}}',
  ...Object.fromEntries(
    ['pg', '@nestjs/common', 'jest', 'stray'].flatMap((name) => [
      [`node_modules/${name}/package.json`, `{"name":"${name}","version":"1.0.0","main":"index.js"}`],
      [`node_modules/${name}/index.js`, 'module.exports = {};'],
    ]),
  ),
  'libs/domain/src/index.ts': 'export const a = 1;',
  'libs/domain/src/inside.ts': 'export const b = 1;',
  'libs/process/src/index.ts': "import 'node:child_process'; import '@app/domain';",
  'libs/drivers/src/index.ts': "import 'pg'; import '@app/process'; import '@app/domain';",
  'libs/drivers/src/drivers.spec.ts': "import '@app/sandbox';",
  'libs/sandbox/src/index.ts': "import 'pg'; import '@app/process';",
  'libs/storage/src/index.ts': "import '@app/domain';",
  'libs/artifact/src/index.ts': "import '@app/storage'; import '@app/process';",
  'libs/core/src/index.ts':
    "import '@app/artifact'; import '@app/drivers'; import '@app/storage'; import '@app/sandbox';",
  'libs/runtime/src/index.ts': "import '@app/core'; import '@app/sandbox';",
  'apps/api/src/main.ts': "import '@nestjs/common'; import '@app/runtime'; import '@app/domain';",
  'apps/dashboard/src/main.tsx': "import 'jest'; import './page.js'; import './main.css';",
  'apps/dashboard/src/page.tsx': 'export const c = 1;',
  'apps/dashboard/src/main.css': '',
  'apps/dashboard/src/page.spec.ts': "import 'node:fs'; import './page.js';",
  'apps/dashboard/src/sin-lib.tsx': "import type { a } from '@app/domain';",
  'apps/dashboard/src/sin-node.tsx': "import 'node:path';",
  'apps/dashboard/src/sin-cycle.tsx': "import './sin-cycle.js';",
  'apps/demo/src/sin-dashboard.spec.ts': "import '../../dashboard/src/page.js';",
  'libs/domain/src/sin-layer.ts': "import type { x } from '@app/process';",
  'libs/storage/src/sin-layer.ts': "import '@app/core';",
  'libs/artifact/src/sin-layer.ts': "import '@app/drivers';",
  'libs/newcomer/src/sin-unknown.ts': "import '@app/domain';",
  'apps/demo/src/sin-app.ts': "import '../../api/src/main.js';",
  'apps/demo/src/sin-layer.ts': "import '@app/core';",
  'apps/api/src/sin-layer.ts': "import '@app/sandbox';",
  'libs/core/src/sin-runtime.ts': "import '@app/runtime';",
  'libs/core/src/sin-cycle.ts': "import './sin-cycle-back.js';",
  'libs/core/src/sin-cycle-back.ts': "import './sin-cycle.js';",
  'libs/core/src/sin-unresolved.ts': "import './nowhere.js';",
  'libs/core/src/sin-undeclared.ts': "import 'stray';",
  'libs/core/src/sin-development.ts': "import 'jest';",
  'libs/drivers/src/sin-test.ts': "import './drivers.spec.js';",
  'libs/core/src/sin-inside.ts': "import '../../domain/src/inside.js';",
  'libs/core/src/sin-database.ts': "import 'pg';",
  'libs/core/src/sin-process.ts': "import { spawn } from 'node:child_process';",
  'libs/core/src/sin-nest.ts': "import '@nestjs/common';",
  'libs/core/src/foreign/ground.ts': 'export const d = 1;',
  'libs/core/src/foreign/sin-folder.ts': "import '../restore/upper.js';",
  'libs/core/src/restore/upper.ts': "import '../foreign/ground.js';",
  'libs/core/src/restore/upper.spec.ts': "import '../jobs/top.js';",
  'libs/core/src/jobs/top.ts': "import '../restore/upper.js';",
  'libs/core/src/newcomer/sin-unknown-folder.ts': "import '../foreign/ground.js';",
  'libs/storage/src/local/place.ts': 'export const f = 1;',
  'libs/storage/src/s3/sin-kind.ts': "import '../local/place.js';",
  'libs/drivers/src/postgres/engine.ts': 'export const e = 1;',
  'libs/drivers/src/mysql/sin-engine.ts': "import '../postgres/engine.js';",
};

const sins = [
  ['libs/artifact/src/sin-layer.ts', 'layer-artifact'],
  ['apps/dashboard/src/sin-cycle.tsx', 'no-cycle'],
  ['apps/dashboard/src/sin-lib.tsx', 'dashboard-knows-the-api-alone'],
  ['apps/dashboard/src/sin-node.tsx', 'dashboard-runs-in-a-browser'],
  ['apps/demo/src/sin-dashboard.spec.ts', 'dashboard-stays-apart'],
  ['apps/api/src/sin-layer.ts', 'layer-app-api'],
  ['apps/demo/src/sin-app.ts', 'layer-apps'],
  ['apps/demo/src/sin-layer.ts', 'layer-app-demo'],
  ['libs/core/src/sin-runtime.ts', 'layer-core'],
  ['libs/domain/src/sin-layer.ts', 'layer-domain'],
  ['libs/drivers/src/sin-test.ts', 'no-test-in-production'],
  ['libs/drivers/src/mysql/sin-engine.ts', 'engines-apart'],
  ['libs/core/src/foreign/sin-folder.ts', 'folder-core-foreign'],
  ['libs/core/src/newcomer/sin-unknown-folder.ts', 'folder-unknown'],
  ['libs/core/src/sin-cycle-back.ts', 'no-cycle'],
  ['libs/core/src/sin-database.ts', 'database-packages-in-drivers-only'],
  ['libs/core/src/sin-development.ts', 'no-development-package-in-production'],
  ['libs/core/src/sin-inside.ts', 'index-is-the-face'],
  ['libs/core/src/sin-nest.ts', 'no-nest-in-libs'],
  ['libs/core/src/sin-process.ts', 'processes-in-process-only'],
  ['libs/core/src/sin-undeclared.ts', 'no-undeclared-package'],
  ['libs/core/src/sin-unresolved.ts', 'no-unresolved'],
  ['libs/newcomer/src/sin-unknown.ts', 'layer-unknown'],
  ['libs/storage/src/sin-layer.ts', 'layer-storage'],
  ['libs/storage/src/s3/sin-kind.ts', 'kinds-of-storages-apart'],
];

await test('every rule of the layering finds its sinner, and nobody else', () => {
  const tree = mkdtempSync(join(tmpdir(), 'dependency-rules-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, name)), { recursive: true });
      writeFileSync(join(tree, name), content);
    }
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json']) cpSync(join(root, name), join(tree, name));
    const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [depcruise, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'apps', 'libs'],
      { cwd: tree, encoding: 'utf8' },
    );
    assert.equal(stderr, '');
    const { violations } = JSON.parse(stdout).summary;
    const found = violations.map(({ from, rule }) => `${from} ${rule.name}`).sort();
    assert.deepEqual(found, sins.map(([from, rule]) => `${from} ${rule}`).sort());
  } finally {
    rmSync(tree, { recursive: true });
  }
});
