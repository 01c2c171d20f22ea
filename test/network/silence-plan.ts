import type { Choices, Operation } from '../kill/operation.js';
import { STATES } from '../kill/states.js';
import type { EngineName } from '../kill/target.js';
import { PLACES } from './round-plan.js';
import type { Intervention, Place, RoundPlan, Sight } from './round-plan.js';

export interface SilentPlace {
  engine: EngineName;
  place: Place;
  intervention: Intervention;
}

const WORDS: Record<EngineName, Record<Place, RegExp>> = {
  postgres: {
    dump: /COPY .* TO stdout/i,
    count: /count\(\*\)|hash_record_extended|hashtextextended/,
    load: /COPY .* FROM stdin/i,
    swap: /ALTER DATABASE .* RENAME TO/,
    verify: /COPY .* FROM stdin/i,
  },
  mariadb: {
    dump: /SELECT .*SQL_NO_CACHE/,
    count: /COUNT\(\*\) AS total/,
    load: /INSERT INTO/,
    swap: /RENAME TABLE/,
    verify: /INSERT INTO/,
  },
};
/** Longer than anything waits for. */
const SILENT_MS = 600_000;

/** Somebody cancels the operation, or ends the service, while the network is silent: in each place of each engine. */
export function silentPlaces(engines: readonly EngineName[]): SilentPlace[] {
  return engines.flatMap((engine) =>
    PLACES.flatMap((place) =>
      (['cancel', 'SIGTERM'] as const).map((intervention) => ({ engine, place, intervention })),
    ),
  );
}

export function planSilence({ engine, place, intervention }: SilentPlace, choices: Choices): RoundPlan {
  const sight: Sight = { place, words: WORDS[engine][place], ofSource: place !== 'verify' };
  return {
    operation: operationAt(place, choices),
    sight,
    moment: { at: 'share', share: 0 },
    fault: { kind: 'black hole', forMs: SILENT_MS },
    intervention,
    interventionAfterMs: 300,
    // In an encrypted connection the proxy could not read what it looks for.
    tls: false,
  };
}

function operationAt(place: Place, choices: Choices): Operation {
  if (place === 'load' || place === 'swap') return swapIn(choices);
  return backUp(place === 'dump' ? 'complete' : 'restored', choices);
}

function backUp(verification: string, { connectionId, database, state }: Choices): Operation {
  const body = { format: 'plain', compression: 'none', verification, connection_id: connectionId };
  return {
    ...{ kind: 'backup', words: `backup ${verification}`, method: 'POST', path: '/api/backup', body },
    ...{ database, result: state, strategy: '', held: false },
  };
}

function swapIn({ connectionId, database, state, backups }: Choices): Operation {
  const wanted = STATES.find((other) => other !== state) ?? state;
  const source = backups.find((candidate) => candidate.state === wanted && candidate.backup.path.endsWith('.sql'));
  if (source === undefined) throw new Error(`There is no backup of ${wanted}.`);
  const body = { connection_id: connectionId, backup_file_path: source.backup.path, strategy: 'swap' };
  return {
    ...{ kind: 'restore', words: `restore swap (${wanted})`, method: 'POST', path: '/api/restore', body },
    ...{ database, result: wanted, strategy: 'swap', held: false },
  };
}
