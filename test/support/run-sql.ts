import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { ConnectionParams } from '@app/domain';

/** Runs statements one after the other on a server of either engine; the rows of the last one. */
export async function runSql(
  connection: ConnectionParams,
  statements: readonly string[],
): Promise<Record<string, unknown>[]> {
  return connection.dbType === 'PostgreSQL'
    ? runOnPostgres(connection, statements)
    : runOnMysql(connection, statements);
}

async function runOnPostgres(connection: ConnectionParams, statements: readonly string[]) {
  const { host, port, username: user, password, database } = connection;
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

async function runOnMysql(connection: ConnectionParams, statements: readonly string[]) {
  const { host, port, username: user, password, database } = connection;
  const client = await createConnection({ host, port, user, password, database, charset: 'utf8mb4' });
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) {
      const [result] = await client.query(statement);
      rows = Array.isArray(result) ? (result as Record<string, unknown>[]) : [];
    }
    return rows;
  } finally {
    await client.end();
  }
}
