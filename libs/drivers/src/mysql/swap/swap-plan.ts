import type { JsonObject } from '@app/domain';

/** The plan of a swap. The journal and the previous database keep it: names only; the texts are in the two databases. */
export interface SwapPlan {
  version: 1;
  /** The target's name, which the incoming content gets. */
  live: string;
  incoming: string;
  outgoing: string;
  /** Marks the names that tables have on their way. */
  tag: string;
  /** The character set of the target, which keeps it. */
  characterSet: string;
  collation: string;
  /** Tables and sequences that are to leave, and that are to come. */
  old: readonly string[];
  new: readonly string[];
  /** Views of the target as it was. */
  views: readonly string[];
  /** Only these change place, with their triggers; absent: everything that the target holds. */
  tables?: readonly string[];
  /** True: nothing but tables changes place, so that one statement does it all and nobody is locked out. */
  atomic: boolean;
  /** `prepare`: the target is untouched. `exchange`: tables may be on their way. `back`: they are going home again. */
  phase: 'prepare' | 'exchange' | 'back';
}

export type Side = 'old' | 'new';

/** Which of the two states a swap is being brought to. */
export type Direction = 'forward' | 'back';

export function arrivingSide(direction: Direction): Side {
  return direction === 'forward' ? 'new' : 'old';
}

export function leavingSide(direction: Direction): Side {
  return direction === 'forward' ? 'old' : 'new';
}

/** The database that a side's tables live in when they are not in the target. */
export function homeOf(plan: SwapPlan, side: Side): string {
  return side === 'old' ? plan.outgoing : plan.incoming;
}

/** The name in the target under which a table waits while its triggers are dropped or made. */
export function waitingName(plan: SwapPlan, side: Side, table: string): string {
  return `__swap_${plan.tag}_${side}_${positionIn(plan[side], table)}`;
}

/** The positions in each list that was asked for: thousands of tables are looked up many times while nobody can use the target. */
const POSITIONS = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

function positionIn(names: readonly string[], name: string): number {
  let positions = POSITIONS.get(names);
  if (positions === undefined) {
    positions = new Map(names.map((one, index) => [one, index]));
    POSITIONS.set(names, positions);
  }
  return positions.get(name) ?? -1;
}

/** The same for views of the target: they cannot leave it, and wait until it is certain that they are not needed. */
export function waitingViewName(plan: SwapPlan, view: string): string {
  return `${waitingViewPrefix(plan)}${positionIn(plan.views, view)}`;
}

/** The view that waits under this name; undefined when it is none of ours. */
export function waitingView(plan: SwapPlan, name: string): string | undefined {
  const prefix = waitingViewPrefix(plan);
  return name.startsWith(prefix) ? plan.views[Number(name.slice(prefix.length))] : undefined;
}

function waitingViewPrefix(plan: SwapPlan): string {
  return `__swap_${plan.tag}_view_`;
}

export function planAsJson(plan: SwapPlan): JsonObject {
  return { ...plan, old: [...plan.old], new: [...plan.new], views: [...plan.views] };
}

/** Undefined for what no swap has written. */
export function planFromJson(json: unknown): SwapPlan | undefined {
  const plan = json as SwapPlan | null;
  return typeof plan === 'object' && plan?.version === 1 && Array.isArray(plan.old) && Array.isArray(plan.new)
    ? plan
    : undefined;
}
