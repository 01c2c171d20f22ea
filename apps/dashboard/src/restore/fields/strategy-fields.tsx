import { Checkbox, Collapse, Radio, Select, Stack, UnstyledButton } from '@mantine/core';
import { useId } from '@mantine/hooks';
import { IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { Place, RestoreChoices } from '../restore-choices.js';
import { COLLATION_OPTIONS, COMPARE_OPTIONS, DEFINER_OPTIONS, strategyOptions } from '../restore-words.js';
import classes from '../restore.module.css';

interface Props {
  choices: RestoreChoices;
  onChange(change: Partial<RestoreChoices>): void;
  engine: 'PostgreSQL' | 'MySQL';
  trouble(place: Place): ReactNode;
}

/** Options that are rarely changed: the strategy, the comparison, owners and grants, collations and the locale. */
export function StrategyFields({ choices, onChange, engine, trouble }: Props) {
  const id = useId();
  const [asked, setAsked] = useState(
    choices.strategy !== 'auto' ||
      choices.compare !== 'default' ||
      choices.noOwner ||
      choices.definer !== 'keep' ||
      choices.collations !== 'keep' ||
      choices.noTablespaces ||
      choices.localeFallback,
  );
  const refusal = trouble('strategy');
  // Fields with a fault must be seen.
  const ofCollations = engine === 'MySQL' ? trouble('collations') : null;
  const opened = asked || refusal !== null || ofCollations !== null;
  return (
    <Stack gap="xs">
      <UnstyledButton
        className={classes.more}
        aria-expanded={opened}
        aria-controls={id}
        onClick={() => setAsked(!opened)}
      >
        <IconChevronRight size={16} aria-hidden />
        More options
      </UnstyledButton>
      <Collapse expanded={opened} id={id}>
        <Stack gap="sm">
          <Radio.Group label="Strategy" value={choices.strategy} onChange={(strategy) => onChange({ strategy })}>
            <Stack gap={8} mt={6}>
              {strategyOptions(engine).map((option) => (
                <Radio key={option.value} {...option} />
              ))}
            </Stack>
          </Radio.Group>
          {refusal}
          <Select
            label="Compare by"
            description="How the restored data is compared before it takes the database’s place."
            data={[...COMPARE_OPTIONS]}
            value={choices.compare}
            onChange={(compare) => onChange({ compare: compare ?? 'default' })}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
          />
          {engine === 'PostgreSQL' && (
            <Checkbox
              label="Leave out owners and grants"
              description="Everything belongs to the user of the connection then: for a server without the old one’s roles."
              checked={choices.noOwner}
              onChange={(event) => onChange({ noOwner: event.currentTarget.checked })}
            />
          )}
          {engine === 'MySQL' && (
            <Select
              label="Views, routines, triggers and events belong to"
              description="An object whose account does not exist on the server fails when it is used (error 1449)."
              data={[...DEFINER_OPTIONS]}
              value={choices.definer}
              onChange={(definer) => onChange({ definer: definer ?? 'keep' })}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
          )}
          {engine === 'MySQL' && (
            <Select
              label="Collations that the server does not have"
              description="Backups of MySQL on MariaDB, the reverse, and those of newer servers may name such. With others, texts may sort otherwise."
              data={[...COLLATION_OPTIONS]}
              value={choices.collations}
              onChange={(collations) => onChange({ collations: collations ?? 'keep' })}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
            />
          )}
          {ofCollations}
          {engine === 'PostgreSQL' && (
            <Checkbox
              label="Leave out tablespaces"
              description="Everything lies in the tablespace of the database then: for a server without the old one’s."
              checked={choices.noTablespaces}
              onChange={(event) => onChange({ noTablespaces: event.currentTarget.checked })}
            />
          )}
          {choices.target === 'other' && (
            <Checkbox
              label="Accept another locale"
              description="If the server does not have the locale or encoding of the backup, the new database gets the nearest one. Text may sort in another order."
              checked={choices.localeFallback}
              onChange={(event) => onChange({ localeFallback: event.currentTarget.checked })}
            />
          )}
        </Stack>
      </Collapse>
    </Stack>
  );
}
