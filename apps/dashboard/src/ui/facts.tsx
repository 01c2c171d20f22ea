import type { ReactNode } from 'react';
import classes from './facts.module.css';

export interface Fact {
  label: string;
  /** null: not known, and then not shown. */
  value: ReactNode | null;
}

/** Shows the known facts of a thing, each with its name. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={classes.facts}>
      {facts
        .filter(({ value }) => value !== null)
        .map(({ label, value }) => (
          <div key={label} className={classes.fact}>
            <dt>{label}</dt>
            <dd className="break">{value}</dd>
          </div>
        ))}
    </dl>
  );
}
