// Usage: npm run bench -- [--only dispatch,listing,start] [--json <file>] [--baseline <another checkout, built>]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dispatch } from './dispatch.js';
import { tableOf } from './figures.js';
import { listing } from './listing.js';
import type { BenchPart, Figures } from './part.js';
import { start } from './start.js';

const PARTS: readonly BenchPart[] = [dispatch, listing, start];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, json: { type: 'string' }, baseline: { type: 'string' } },
  });
  const { only, json } = values;
  const baseline = values.baseline === undefined ? undefined : resolve(values.baseline);
  const results: Record<string, readonly Figures[]> = {};
  for (const part of partsOf(only)) {
    process.stdout.write(`\n${part.title}\n`);
    const folder = await mkdtemp(join(tmpdir(), `bench-${part.name}-`));
    try {
      const rows = await part.run({ folder, baseline, tell: (line) => process.stderr.write(`  … ${line}\n`) });
      process.stdout.write(`\n${tableOf(rows)}\n`);
      results[part.name] = rows;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  if (json === undefined) return;
  const machine = { node: process.version, cpus: availableParallelism() };
  await writeFile(json, `${JSON.stringify({ at: new Date().toISOString(), ...machine, results }, undefined, 2)}\n`);
}

function partsOf(only: string | undefined): readonly BenchPart[] {
  if (only === undefined) return PARTS;
  return only.split(',').map((name) => {
    const part = PARTS.find((part) => part.name === name.trim());
    if (part !== undefined) return part;
    throw new Error(`There is no part "${name}"; there are ${PARTS.map(({ name }) => name).join(', ')}.`);
  });
}

await main();
