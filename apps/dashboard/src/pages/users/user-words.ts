import type { Schemas } from '../../api/client.js';

export type User = Schemas['UserEntry'];

/** `ann`; for MySQL, where the host is part of it, `ann@%`. */
export const accountOf = ({ username, host }: Pick<User, 'username' | 'host'>): string =>
  host === undefined ? username : `${username}@${host}`;

export interface Right {
  label: string;
  /** The explanation of the right. */
  title: string;
  strong?: boolean;
}

const RIGHTS: readonly (Right & { has(user: User): boolean })[] = [
  {
    label: 'Superuser',
    title: 'May do everything on this server.',
    strong: true,
    has: ({ superuser }) => superuser,
  },
  { label: 'Creates databases', title: 'May create databases.', has: ({ create_db }) => create_db },
  {
    label: 'Creates users',
    title: 'May create, modify and delete other users.',
    has: ({ create_role }) => create_role === true,
  },
  { label: 'Replication', title: 'May read the stream of all changes.', has: ({ replication }) => replication },
  {
    label: 'Bypasses row security',
    title: 'Sees every row, whatever the policies of a table say.',
    has: ({ bypass_rls }) => bypass_rls,
  },
];

/** The attributes that a user has. */
export const rightsOf = (user: User): Right[] => RIGHTS.filter(({ has }) => has(user));

/** Whether a user is meant by what somebody searches for: part of the name, host or of a right. */
export function isMeant(user: User, search: string): boolean {
  const wanted = search.trim().toLowerCase();
  const texts = [
    accountOf(user),
    ...rightsOf(user).map(({ label }) => label),
    ...(user.privileges ?? []),
    ...(user.database_privileges ?? []),
  ];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}

const SHOWN = 6;

/** `SELECT, INSERT`; `… and 9 more` where there are many. */
export function privilegesInWords(names: readonly string[]): string {
  if (names.length <= SHOWN + 1) return names.join(', ');
  return `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;
}
