import { Text } from '@mantine/core';
import { $api } from '../api/client.js';
import { StateBadge } from '../ui/badges/state-badge.js';
import classes from './active-connection.module.css';

/** Which database the calls act on that name none. */
export function ActiveConnection() {
  const { data: status } = $api.useQuery('get', '/api/status');
  if (status === undefined) return null;
  if (!status.connected) return <StateBadge tone="plain">Not connected</StateBadge>;
  return (
    <Text
      size="sm"
      className={classes.name}
      title={`${status.flavour ?? status.db_type} on ${status.host}:${status.port}`}
    >
      <strong>{status.database}</strong>
      <span className={classes.host}> on {status.host}</span>
    </Text>
  );
}
