import { keepPreviousData } from '@tanstack/react-query';
import { useLocation } from 'react-router';
import { $api } from '../../../api/client.js';
import { useAddress } from '../../../ui/use-address.js';
import { isNewestFirst, readAddress, readCursors, writeAddress } from './list-address.js';

export const PAGE_SIZE = 25;

/**
 * The page of backups that the address asks for. What is looked for stands in the address; how far somebody has turned
 * the pages stands in the browser's history, so that Back and a reload find the same page.
 */
export function useBackupList() {
  const { address, change, setParams } = useAddress(readAddress, writeAddress);
  const state: unknown = useLocation().state;
  const cursors = readCursors(state);
  const { search, connection, status, sort, order } = address;
  const query = $api.useQuery(
    'get',
    '/api/catalog/backups',
    {
      params: {
        query: {
          folders: 'all',
          limit: PAGE_SIZE,
          ...(isNewestFirst(address) ? {} : { sort, order }),
          ...(search === '' ? {} : { search }),
          ...(connection === undefined ? {} : { connection_id: connection }),
          ...(status === undefined ? {} : { status }),
          ...(cursors.length === 0 ? {} : { after: cursors.at(-1) }),
        },
      },
    },
    { placeholderData: keepPreviousData },
  );
  const turnTo = (next: readonly string[]): void => setParams(writeAddress(address), { state: { cursors: next } });
  const following = query.data?.next;
  return {
    address,
    /** Looks for something else, from its first page on. */
    look: change,
    query,
    /** The position of the first backup on this page, from 0. */
    offset: cursors.length * PAGE_SIZE,
    turnBack: cursors.length === 0 ? undefined : () => turnTo(cursors.slice(0, -1)),
    turnOn: following ? () => turnTo([...cursors, following]) : undefined,
    toFirst: () => turnTo([]),
  };
}
