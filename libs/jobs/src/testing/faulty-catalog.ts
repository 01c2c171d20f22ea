import type { Catalog } from '@app/catalog';
import { DomainError } from '@app/domain';

/** Says how the next calls of the job repository fail. */
export interface Faults {
  /** The methods that fail: after they are `done`, before, or because the database refuses the arguments. */
  failing: Map<keyof Catalog['jobs'], 'undone' | 'done' | ((...args: unknown[]) => boolean)>;
  /** How many calls have failed. */
  count: number;
}

/** A catalog whose job repository fails as if the connection to the database were cut. */
export function faultyCatalog(catalog: Catalog): { catalog: Catalog; faults: Faults } {
  const faults: Faults = { failing: new Map(), count: 0 };
  /** `inside` gets the fault of a call that was done in a transaction, whose commit was done, too. */
  const jobsOf = (jobs: Catalog['jobs'], inside?: { fault?: DomainError }): Catalog['jobs'] =>
    new Proxy(jobs, {
      get: (target, name: keyof Catalog['jobs']) => {
        const method = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          const fault = faults.failing.get(name);
          const refused = typeof fault === 'function' && fault(...args);
          let done: unknown;
          if (fault !== 'undone' && !refused) {
            done = await method(...args);
            if (fault !== 'done') return done;
          }
          faults.count += 1;
          if (refused) throw new DomainError('CATALOG_FAILED', 'The catalog refuses this.');
          const unavailable = new DomainError('CATALOG_UNAVAILABLE', 'The catalog cannot be reached.');
          if (fault !== 'done' || inside === undefined) throw unavailable;
          inside.fault = unavailable;
          return done;
        };
      },
    });
  const jobs = jobsOf(catalog.jobs);
  const transaction: Catalog['transaction'] = async (work) => {
    const inside: { fault?: DomainError } = {};
    const result = await catalog.transaction((inner) =>
      work(
        new Proxy(inner, {
          get: (target, name: keyof Catalog) => (name === 'jobs' ? jobsOf(inner.jobs, inside) : target[name]),
        }),
      ),
    );
    if (inside.fault !== undefined) throw inside.fault;
    return result;
  };
  const faulty = new Proxy(catalog, {
    get: (target, name: keyof Catalog) => {
      if (name === 'jobs') return jobs;
      if (name === 'transaction') return transaction;
      const value = target[name];
      return typeof value === 'function' ? (value as (...args: never[]) => unknown).bind(target) : value;
    },
  });
  return { catalog: faulty, faults };
}
