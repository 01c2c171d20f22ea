// Usage: npm run bench -- [--only backup,restore,memory,responses,start,listing,dispatch] [--engine postgres,mysql]
//   [--size <MB of SQL, 1000>] [--rounds <5>] [--json <file>] [--baseline <another checkout, built>]
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { backup } from './backup.js';
import { dispatch } from './dispatch.js';
import { tableOf } from './figures.js';
import { listing } from './listing.js';
import { machine } from './machine.js';
import { memory } from './memory.js';
import type { BenchPart, Figures } from './part.js';
import { responses } from './responses.js';
import { restore } from './restore.js';
import { start } from './start.js';
import { ENGINES } from './workload.js';
import type { Engine } from './workload.js';

const PARTS: readonly BenchPart[] = [backup, restore, memory, responses, start, listing, dispatch];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...{
        only: { type: 'string' },
        engine: { type: 'string' },
        json: { type: 'string' },
        baseline: { type: 'string' },
      },
      ...{ size: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '5' } },
    },
  });
  const { only, json } = values;
  const baseline = values.baseline === undefined ? undefined : resolve(values.baseline);
  const context = {
    engines: enginesOf(values.engine),
    megabytes: positive('--size', values.size),
    rounds: positive('--rounds', values.rounds),
    baseline,
  };
  const results: Record<string, readonly Figures[]> = {};
  for (const part of partsOf(only)) {
    process.stdout.write(`\n${part.title}\n`);
    const folder = await mkdtemp(join(tmpdir(), `bench-${part.name}-`));
    try {
      const rows = await part.run({ ...context, folder, tell: (line) => process.stderr.write(`  … ${line}\n`) });
      process.stdout.write(`\n${tableOf(rows)}\n`);
      results[part.name] = rows;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  if (json === undefined) return;
  const { megabytes, rounds } = context;
  const content = { at: new Date().toISOString(), machine: await machine(), megabytes, rounds, results };
  await writeFile(json, `${JSON.stringify(content, undefined, 2)}\n`);
}

function partsOf(only: string | undefined): readonly BenchPart[] {
  if (only === undefined) return PARTS;
  return only.split(',').map((name) => {
    const part = PARTS.find((part) => part.name === name.trim());
    if (part !== undefined) return part;
    throw new Error(`There is no part "${name}"; there are ${PARTS.map(({ name }) => name).join(', ')}.`);
  });
}

function enginesOf(names: string | undefined): readonly Engine[] {
  if (names === undefined) return ENGINES;
  return names.split(',').map((name) => {
    const engine = ENGINES.find((engine) => engine === name.trim());
    if (engine !== undefined) return engine;
    throw new Error(`There is no engine "${name}"; there are ${ENGINES.join(', ')}.`);
  });
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${option} must be a whole number above 0, not "${text}".`);
  return value;
}

await main();
