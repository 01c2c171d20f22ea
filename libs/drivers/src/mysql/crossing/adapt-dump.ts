import { addAbortSignal, Readable } from 'node:stream';
import { compareVersions, DomainError, someOf } from '@app/domain';
import type { DatabaseSettings, ServerInfo } from '@app/domain';
import type { AdaptationQuestion, AdaptedDump, DumpSource } from '../../db-driver.js';
import { headOf } from '../../dump-head.js';
import { EditedText } from '../../edited-text.js';
import { withSession } from '../login/mysql-session.js';
import { ScriptReader } from '../script/mysql-script-reader.js';
import { onlyTables } from '../selection/dump-sections.js';
import { nearestCollations } from './collation-map.js';
import { crossingTarget } from './crossing-target.js';
import type { CrossingTarget } from './crossing-target.js';
import { originOf } from './dump-origin.js';
import type { DumpOrigin } from './dump-origin.js';
import { Findings } from './findings.js';
import { StatementAdaptation } from './statement-adaptation.js';
import type { AdaptationPlan } from './statement-adaptation.js';

const ROWS = /^(INSERT|REPLACE)\b/i;

/**
 * A dump of another product, or of a newer server, than the one that is to take it in (ADR 40): reads it through and says by name what
 * the server would skip or lacks; what can be said in its words is translated as the dump streams by. UNSUPPORTED for what can
 * be neither. Dumps of the same product and no newer version are left as they are, unread.
 */
export async function adaptDump(
  source: DumpSource,
  question: AdaptationQuestion,
  signal: AbortSignal,
): Promise<AdaptedDump> {
  const origin = originOf(await headOf(source));
  const { connection, tables } = question;
  const target = await withSession(connection, { database: null, signal }, async (session) => {
    const server = await session.serverInfo();
    return isCrossing(origin, server) ? await crossingTarget(session, server) : undefined;
  });
  const settings = question.databaseSettings ?? {};
  if (target === undefined) return { source, warnings: [], databaseSettings: settings };
  const findings = new Findings();
  const part = tables === null ? source : onlyTables(source, new Set(tables));
  const survey: AdaptationPlan = { origin, target, findings, mapped: new Map() };
  // A storage that is silent must not hold up a cancellation.
  const surveyed = { ...part, open: () => addAbortSignal(signal, part.open()) };
  for await (const chunk of adapted(surveyed, survey)) {
    void chunk;
    signal.throwIfAborted();
  }
  noteUnnamedRows(findings, target);
  const ownCollation = settings['collation']?.toLowerCase();
  if (ownCollation !== undefined && !target.collations.has(ownCollation))
    findings.noteCollation(ownCollation, 'the database itself');
  const mapped = mappedCollations(findings, target);
  requireLoadable({ findings, origin, target, mapped, maps: question.collations === 'map' });
  const plan: AdaptationPlan = { origin, target, findings: findingsFor(findings), mapped };
  return {
    source: {
      ...source,
      open: () => Readable.from(adapted(source, { ...plan, findings: findingsFor(findings) }), { objectMode: false }),
    },
    warnings: [...findings.warnings, ...mappingWarnings(findings, mapped)],
    databaseSettings: mappedSettings(settings, mapped),
  };
}

/** Also where the dump does not say whose it is: its own comments tell. */
function isCrossing(origin: DumpOrigin | undefined, { flavour, versionParts }: ServerInfo): boolean {
  if (origin === undefined || origin.flavour !== flavour) return true;
  const [was = 0] = origin.versionParts;
  const [is = 0] = versionParts;
  // MySQL 8 took modes of sql_mode away with which routines of before were made.
  if (flavour === 'MySQL' && was < 8 && is >= 8) return true;
  return compareVersions(origin.versionParts.slice(0, 2), versionParts.slice(0, 2)) > 0;
}

/** Returns what the second reading must know of the first; names of CHECKs are collected anew. */
function findingsFor(survey: Findings): Findings {
  const findings = new Findings();
  for (const table of survey.unnamedRows) findings.unnamedRows.add(table);
  return findings;
}

/** Keeps every line on its line. */
async function* adapted(source: DumpSource, plan: AdaptationPlan): AsyncGenerator<Buffer> {
  const text = new EditedText();
  const adaptation = new StatementAdaptation(plan);
  const reader = new ScriptReader({
    statement: (statement) => {
      if (ROWS.test(statement.text)) {
        adaptation.rows(statement.text);
        return;
      }
      const { from, to } = statement;
      for (const edit of adaptation.edits(text.latin1(from, to))) {
        text.replace(from + edit.from, from + edit.to, Buffer.from(edit.by, 'latin1'));
      }
    },
    command: () => undefined,
  });
  const input = source.open();
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      text.push(chunk);
      reader.push(chunk);
      yield* nonEmpty(text.handOn(reader.finishedOffset));
    }
    reader.end();
    yield* nonEmpty(text.handOn(text.end));
  } finally {
    input.destroy();
  }
}

function* nonEmpty(parts: Iterable<Buffer>): Generator<Buffer> {
  for (const part of parts) if (part.length > 0) yield part;
}

/** Such rows would not fit a table with invisible columns. */
function noteUnnamedRows(
  { madeInvisible, unnamedRows, warnings }: Findings,
  { flavour, version }: CrossingTarget,
): void {
  for (const [table, columns] of madeInvisible) {
    if (!unnamedRows.has(table)) continue;
    for (const column of columns) {
      warnings.add(
        `The ${column}, which is invisible in the source, is visible on ${flavour} ${version}: the dump writes rows without names of columns.`,
      );
    }
  }
}

function mappedCollations({ collations }: Findings, target: CrossingTarget): Map<string, string> {
  const mapped = new Map<string, string>();
  for (const name of collations.keys()) {
    const nearest = nearestCollations(name).find((candidate) => target.collations.has(candidate));
    if (nearest !== undefined) mapped.set(name, nearest);
  }
  return mapped;
}

function requireLoadable({
  findings,
  origin,
  target,
  mapped,
  maps,
}: {
  findings: Findings;
  origin: DumpOrigin | undefined;
  target: CrossingTarget;
  mapped: ReadonlyMap<string, string>;
  maps: boolean;
}): void {
  const server = `${target.flavour} ${target.version}`;
  const dump = origin === undefined ? 'The dump' : `The dump of ${origin.flavour} ${origin.version}`;
  const elsewhere =
    origin === undefined
      ? 'a server of the kind that it was made of'
      : `${origin.flavour} ${origin.versionParts.slice(0, 2).join('.')} or newer`;
  if (findings.refused.size > 0) {
    throw new DomainError(
      'UNSUPPORTED',
      `${dump} holds what ${server} does not have: ${[...findings.refused].join('; ')}.`,
      {
        hint: `Nothing was changed. Restore into ${elsewhere}, restore only other tables (tables), or change these in the source or in the dump.`,
      },
    );
  }
  const missing = [...findings.collations].filter(([name]) => !maps || !mapped.has(name));
  if (missing.length === 0) return;
  const listed = missing.map(([name, places]) => `${name} (${someOf([...places])})`).join('; ');
  const possible = [...findings.collations.keys()].every((name) => mapped.has(name));
  const mappings = [...mapped].map(([from, to]) => `${from} becomes ${to}`).join(', ');
  const hint = possible
    ? `Nothing was changed. Restore with "collations": "map": ${mappings}; texts may sort otherwise then. Or restore into ${elsewhere}.`
    : `Nothing was changed. There is nothing like ${missing
        .filter(([name]) => !mapped.has(name))
        .map(([name]) => name)
        .join(', ')} there: restore into ${elsewhere}, or change the collation in the source.`;
  throw new DomainError('UNSUPPORTED', `${dump} names collations that ${server} does not know: ${listed}.`, {
    hint,
    ...(possible ? { fields: [{ field: 'collations', message: 'must be map for this server' }] } : {}),
  });
}

function mappingWarnings({ collations }: Findings, mapped: ReadonlyMap<string, string>): string[] {
  if (collations.size === 0) return [];
  const pairs = [...collations].map(([name, places]) => `${name} to ${mapped.get(name)} (${someOf([...places])})`);
  return [
    `Collations were mapped: ${pairs.join('; ')}. Texts may sort and compare otherwise than in the source, and values that differ there may be equal in a unique key here.`,
  ];
}

function mappedSettings(settings: DatabaseSettings, mapped: ReadonlyMap<string, string>): DatabaseSettings {
  const collation = mapped.get(settings['collation']?.toLowerCase() ?? '');
  return collation === undefined ? settings : { ...settings, collation };
}
