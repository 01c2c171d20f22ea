import type { ReactNode } from 'react';
import classes from './settings.module.css';

/** A part of the page that has an address of its own: `/settings#tools`. */
export function Section({ id, children }: { id: string; children: ReactNode }) {
  return (
    // What is gone to by a link is read on from there.
    <div id={id} className={classes.section} tabIndex={-1}>
      {children}
    </div>
  );
}
