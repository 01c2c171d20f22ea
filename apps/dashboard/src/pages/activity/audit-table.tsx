import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { useConnections } from '../../connections/use-connections.js';
import { RelativeTime, Time } from '../../ui/figures.js';
import { ResponsiveTable } from '../../ui/tables/responsive-table.js';
import type { Column } from '../../ui/tables/responsive-table.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import { actionWords, answerWords, detailLines, subjectLink, subjectWords } from './audit-words.js';
import classes from './activity.module.css';

type Entry = Schemas['AuditEntryBody'];

const COLUMNS: readonly Column<Entry>[] = [
  { key: 'when', header: 'When', cell: (entry) => <When entry={entry} /> },
  { key: 'who', header: 'Who', cell: (entry) => <Who entry={entry} /> },
  { key: 'what', header: 'What', cell: (entry) => <What entry={entry} /> },
  { key: 'subject', header: 'On what', cell: (entry) => <Subject entry={entry} /> },
  { key: 'answer', header: 'Answer', cell: (entry) => <Answer entry={entry} /> },
];

export function AuditTable({ entries }: { entries: readonly Entry[] }) {
  return (
    <ResponsiveTable
      caption="Who did what"
      columns={COLUMNS}
      rows={entries}
      keyOf={({ at, action, subject, address }) => `${at} ${action} ${subject} ${address}`}
    />
  );
}

function When({ entry: { at } }: { entry: Entry }) {
  return (
    <div className={classes.cell}>
      <Text size="sm" component="div">
        <RelativeTime at={at} />
      </Text>
      <Text size="xs" c="dimmed" component="div">
        <Time at={at} />
      </Text>
    </div>
  );
}

function Who({ entry: { actor, address } }: { entry: Entry }) {
  return (
    <div className={classes.cell}>
      <Text
        size="sm"
        title={actor === 'anonymous' ? 'Gave no password: none is asked for, or it was refused.' : undefined}
      >
        {actor === 'anonymous' ? 'Anonymous' : actor}
      </Text>
      {address !== null && (
        <Text size="xs" c="dimmed" className="break">
          from {address}
        </Text>
      )}
    </div>
  );
}

function What({ entry }: { entry: Entry }) {
  const lines = detailLines(entry);
  return (
    <div className={classes.cell}>
      <Text size="sm" fw={600} className="break">
        {actionWords(entry)}
      </Text>
      <details className={classes.details}>
        <summary>Details</summary>
        <pre>{[entry.action, ...lines].join('\n')}</pre>
      </details>
    </div>
  );
}

/** Shows a subject by its name where it is known by an id. */
function Subject({ entry }: { entry: Entry }) {
  const { subject } = entry;
  const connections = useConnections();
  const schedules = $api.useQuery('get', '/api/schedules', { params: { query: { limit: 500 } } });
  if (subject === null) return <Text size="sm">–</Text>;
  const connection = connections.find(({ id }) => id === subject)?.distinctName;
  const schedule = schedules.data?.schedules.find(({ id }) => id === subject)?.name;
  const words = connection ?? schedule ?? subjectWords(entry);
  const link = subjectLink(entry);
  return (
    <Text size="sm" className="break" maw="18rem" component="div" title={subject}>
      {link === undefined ? (
        words
      ) : (
        <Anchor component={Link} to={link} inherit>
          {words}
        </Anchor>
      )}
    </Text>
  );
}

function Answer({ entry }: { entry: Entry }) {
  const { tone, words } = answerWords(entry);
  const { code } = entry.details as { code?: string };
  return (
    <div className={classes.cell}>
      <StateBadge
        tone={tone}
        title={entry.status === null ? 'The caller hung up before it was answered.' : `HTTP ${entry.status}`}
      >
        {words}
      </StateBadge>
      {code !== undefined && (
        <Text size="xs" c="dimmed" mt={2} className="break">
          {code}
        </Text>
      )}
    </div>
  );
}
