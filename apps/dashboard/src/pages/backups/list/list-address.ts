import type { Backup } from '../backup-words.js';

export const SORTS = ['created', 'size', 'database', 'filename'] as const;
export type Sort = (typeof SORTS)[number];
export type Order = 'asc' | 'desc';
const STATUSES: readonly Backup['status'][] = ['complete', 'foreign', 'damaged'];

/** The search as the page's address says it, so that it can be reloaded and passed on. */
export interface ListAddress {
  search: string;
  connection: string | undefined;
  status: Backup['status'] | undefined;
  sort: Sort;
  order: Order;
}

/** The order in which a column is sorted first: the latest, the largest, from A. */
export const firstOrder = (sort: Sort): Order => (sort === 'created' || sort === 'size' ? 'desc' : 'asc');

/** Reads the address. It ignores what it does not understand: anybody may have written an address. */
export function readAddress(params: URLSearchParams): ListAddress {
  const sort = SORTS.find((name) => name === params.get('sort')) ?? 'created';
  const order = params.get('order');
  return {
    search: params.get('search') ?? '',
    connection: params.get('connection') ?? undefined,
    status: STATUSES.find((status) => status === params.get('status')),
    sort,
    order: order === 'asc' || order === 'desc' ? order : firstOrder(sort),
  };
}

/** Without what goes without saying. */
export function writeAddress({ search, connection, status, sort, order }: ListAddress): URLSearchParams {
  const params = new URLSearchParams();
  if (search !== '') params.set('search', search);
  if (connection !== undefined) params.set('connection', connection);
  if (status !== undefined) params.set('status', status);
  if (sort !== 'created') params.set('sort', sort);
  if (order !== firstOrder(sort)) params.set('order', order);
  return params;
}

/** Whether the list has the order that it has when nobody has chosen one. */
export const isNewestFirst = ({ sort, order }: ListAddress): boolean => sort === 'created' && order === 'desc';

/** Whether anything is left out of the list. */
export const isFiltered = ({ search, connection, status }: ListAddress): boolean =>
  search !== '' || connection !== undefined || status !== undefined;

/** The address after a click on the head of a column: sorted by that column, or in the reverse order. */
export function sortedBy(address: ListAddress, sort: Sort): Pick<ListAddress, 'sort' | 'order'> {
  const order = address.sort !== sort ? firstOrder(sort) : address.order === 'asc' ? 'desc' : 'asc';
  return { sort, order };
}

/** The cursors of the pages up to the one that is shown, kept with the entry of the browser's history. */
export function readCursors(state: unknown): readonly string[] {
  if (typeof state !== 'object' || state === null || !('cursors' in state)) return [];
  const { cursors } = state;
  return Array.isArray(cursors) && cursors.every((cursor) => typeof cursor === 'string') ? cursors : [];
}
