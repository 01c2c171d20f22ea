import { randomOf } from '../kill/random.js';
import type { Random } from '../kill/random.js';
import { chooseMoment, wordsOf } from '../kill/moment.js';
import type { Moment } from '../kill/moment.js';
import { chooseOperation } from '../kill/operation.js';
import type { Choices, Operation } from '../kill/operation.js';
import type { NetworkFault } from './faulty-proxy.js';

/** What somebody does while the network is silent. */
export type Intervention = 'none' | 'cancel' | 'SIGTERM';

/** A text that the service sends to a server when an operation has come to this place. */
export interface Sight {
  place: Place;
  words: RegExp;
  /** False: it is sent to the server on which backups are verified. */
  ofSource: boolean;
}

export const PLACES = ['dump', 'count', 'load', 'swap', 'verify'] as const;
export type Place = (typeof PLACES)[number];

export interface RoundPlan {
  operation: Operation;
  /** Where it is given, the fault begins there, and not at the moment. */
  sight?: Sight;
  moment: Moment;
  fault: NetworkFault;
  intervention: Intervention;
  /** So long after the fault has begun. */
  interventionAfterMs: number;
  /** Whether the connections to the server are encrypted. */
  tls: boolean;
}

const FAULTS = ['cut', 'cut', 'stall', 'stall', 'delay', 'corrupt', 'corrupt', 'black hole', 'black hole'] as const;
const INTERVENTIONS = ['none', 'cancel', 'SIGTERM'] as const;
const VERIFICATIONS = ['complete', 'stored', 'restored'] as const;

/** The same for the same seed, as far as there is the same to choose from. */
export function planRound(seed: number, round: number, choices: Choices): RoundPlan {
  const random = randomOf(seed, round, 0);
  const fault = chooseFault(random);
  const [intervention, interventionAfterMs, tls] = [
    random.pick(INTERVENTIONS),
    random.between(100, 2_000),
    random.chance(0.3),
  ];
  const verification = random.pick(VERIFICATIONS);
  const operation = overNetwork(chooseOperation(randomOf(seed, round, 1), choices), choices, verification);
  const isSilent = fault.kind === 'stall' || fault.kind === 'black hole';
  return {
    operation,
    moment: chooseMoment(random, operation),
    fault,
    intervention: isSilent ? intervention : 'none',
    interventionAfterMs,
    // Without it nobody can notice a changed byte in the middle of a row.
    tls: fault.kind === 'corrupt' || tls,
  };
}

export function wordsOfPlan({ operation, moment, sight, fault, intervention, tls }: RoundPlan): string {
  const { kind, ...how } = fault;
  const details = Object.values(how).map((value) => (typeof value === 'number' ? Math.round(value) : value));
  const meanwhile = intervention === 'none' ? '' : `, ${intervention} meanwhile`;
  const when = sight === undefined ? wordsOf(moment) : `at the ${sight.place}`;
  return `${operation.words}${tls ? ' over TLS' : ''}; ${kind} (${details.join(', ')}) ${when}${meanwhile}`;
}

function chooseFault(random: Random): NetworkFault {
  const [kind, long, small, odd] = [random.pick(FAULTS), random.next(), random.next(), random.next()];
  const forMs = 200 + long * 5_000;
  switch (kind) {
    case 'cut':
      // Mostly the server is back at once.
      return { kind, forMs: small < 0.5 ? 0 : forMs };
    case 'delay':
      return { kind, ms: 2 + small * 30 };
    case 'corrupt':
      return {
        ...{ kind, direction: odd < 0.5 ? 'from server' : 'to server' },
        // The end of a TLS record holds what it is checked by. With a changed length the receiver could wait for ever.
        ...{ pieces: 1 + Math.floor(long * 4), fromEnd: 1 + Math.floor(small * 16) },
      };
    default:
      return { kind, forMs };
  }
}

/** Replaces the verification of a backup, which needs no network, by a backup that is verified: its rows are counted at the source. */
function overNetwork(operation: Operation, { connectionId, state }: Choices, verification: string): Operation {
  if (operation.kind !== 'backup' && operation.kind !== 'verify') return operation;
  const body: Record<string, unknown> =
    operation.kind === 'backup'
      ? { ...operation.body, verification }
      : { format: 'plain', compression: 'none', verification: 'restored', connection_id: connectionId };
  const { connection_id: _, ...shown } = body;
  return {
    ...operation,
    ...{ kind: 'backup', path: '/api/backup', body, result: state, words: `backup ${Object.values(shown).join(' ')}` },
  };
}
