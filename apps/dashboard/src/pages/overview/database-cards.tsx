import { Button } from '@mantine/core';
import { useState } from 'react';
import { useLiveState } from '../../live/live-provider.js';
import { DatabaseCard } from './database-card.js';
import type { DatabaseState } from './database-words.js';
import classes from './overview.module.css';

const SHOWN = 6;

/** A card for each database, those in need first. */
export function DatabaseCards({ databases }: { databases: readonly DatabaseState[] }) {
  const [all, setAll] = useState(false);
  const offline = useLiveState() === 'lost';
  const shown = all ? databases : databases.slice(0, SHOWN);
  return (
    <>
      <ul className={classes.cards} aria-label="Databases" data-offline={offline || undefined}>
        {shown.map((state) => (
          <li key={state.connection.id}>
            <DatabaseCard state={state} />
          </li>
        ))}
      </ul>
      {databases.length > SHOWN && (
        <div>
          <Button variant="subtle" size="compact-sm" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? `Show the first ${SHOWN}` : `Show all ${databases.length}`}
          </Button>
        </div>
      )}
    </>
  );
}
