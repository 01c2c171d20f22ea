import type { Schemas } from '../api/client.js';
import { firstChoices, fittingConnections, placeOf, requestOf } from './restore-choices.js';

type Connection = Schemas['ConnectionEntry'];

const connection = (id: string, database: string, more: Partial<Connection> = {}): Connection =>
  ({ id, database, db_type: 'PostgreSQL', active: false, ...more }) as Connection;

const SHOP = {
  path: './backups/shop.sql',
  filename: 'shop.sql',
  database: 'shop',
  db_type: 'PostgreSQL',
  id: 'b',
} as const;

describe('where a restore goes by default', () => {
  const shop = connection('1', 'shop');
  const crm = connection('2', 'crm', { active: true });

  it('is the connection that the backup was made from, though another one is active', () => {
    expect(firstChoices(SHOP, [crm, shop], '1')).toMatchObject({ connectionId: '1', target: 'own' });
  });

  it('is the active connection without that, into a database of the backup’s own name', () => {
    expect(firstChoices(SHOP, [shop, crm], null)).toMatchObject({
      connectionId: '2',
      target: 'other',
      otherDatabase: 'shop',
    });
  });

  it('is the database of the active connection for a file that does not tell its own', () => {
    expect(firstChoices({ ...SHOP, database: null }, [crm], null)).toMatchObject({ connectionId: '2', target: 'own' });
  });

  it('is nowhere without a connection of the same engine', () => {
    const fitting = fittingConnections(SHOP, [connection('3', 'shop', { db_type: 'MySQL' })]);
    expect(firstChoices(SHOP, fitting, null)).toBeUndefined();
  });

  it('is any connection for a file that does not tell its engine', () => {
    const both = [shop, connection('3', 'shop', { db_type: 'MySQL' })];
    expect(fittingConnections({ ...SHOP, db_type: null }, both)).toEqual(both);
  });
});

describe('what is asked of the API', () => {
  const shop = connection('1', 'shop');
  const choices = firstChoices(SHOP, [shop], '1') ?? fail();

  it('names file, connection and database outright', () => {
    expect(requestOf(SHOP, choices, shop)).toEqual({
      backup_file_path: './backups/shop.sql',
      connection_id: '1',
      target_database: 'shop',
      strategy: 'auto',
    });
  });

  it('is nothing while the name of the other database or of a table is missing', () => {
    expect(requestOf(SHOP, { ...choices, target: 'other', otherDatabase: ' ' }, shop)).toBeUndefined();
    expect(requestOf(SHOP, { ...choices, scope: 'tables' }, shop)).toBeUndefined();
  });

  it('leaves owners out of PostgreSQL alone', () => {
    const chosen = { ...choices, noOwner: true };
    expect(requestOf(SHOP, chosen, shop)).toMatchObject({ no_owner: true });
    expect(requestOf(SHOP, chosen, { ...shop, db_type: 'MySQL' })).not.toHaveProperty('no_owner');
  });
});

describe('37: a file of several databases', () => {
  const shop = connection('1', 'shop');
  const choices = firstChoices(SHOP, [shop], '1') ?? fail();

  it('is asked for one of them by the name that was typed, and as a whole until then', () => {
    expect(requestOf(SHOP, choices, shop)).not.toHaveProperty('source_database');
    expect(requestOf(SHOP, { ...choices, sourceDatabase: ' ' }, shop)).not.toHaveProperty('source_database');
    expect(requestOf(SHOP, { ...choices, sourceDatabase: ' crm ' }, shop)).toMatchObject({ source_database: 'crm' });
  });

  it.each(['UNSUPPORTED', 'NOT_A_BACKUP', 'INVALID_INPUT'])('is refused at the field for that name: %s', (code) => {
    expect(placeOf({ code, fields: { source_database: 'is needed' } }, choices)).toBe('source');
  });
});

describe('where a refusal stands', () => {
  const everything = { scope: 'everything', strategy: 'auto' } as const;

  it.each([
    [{ code: 'INVALID_INPUT', fields: { target_database: 'is too long' } }, everything, 'database'],
    [{ code: 'INVALID_INPUT', fields: { 'tables.0': 'is unknown' } }, everything, 'tables'],
    [{ code: 'BACKUP_DAMAGED', fields: {} }, everything, 'backup'],
    [{ code: 'HOST_UNREACHABLE', fields: {} }, everything, 'connection'],
    [{ code: 'UNSUPPORTED', fields: {} }, { scope: 'tables', strategy: 'auto' }, 'tables'],
    [{ code: 'UNSUPPORTED', fields: {} }, { scope: 'everything', strategy: 'swap' }, 'strategy'],
    [{ code: 'UNSUPPORTED', fields: {} }, everything, 'plan'],
    [{ code: undefined, fields: {} }, everything, 'plan'],
  ] as const)('%j with %j: at the %s', (trouble, choices, place) => {
    expect(placeOf(trouble, choices)).toBe(place);
  });
});

function fail(): never {
  throw new Error('no choices');
}
