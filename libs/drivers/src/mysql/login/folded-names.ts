import type { MysqlSession } from './mysql-session.js';

/**
 * How a server tells the names of databases and tables apart (`lower_case_table_names`): 0 by case, 1 not, and it keeps them in
 * lower case, 2 not, and it keeps them as they were made (macOS).
 */
export async function foldsNames(session: MysqlSession): Promise<boolean> {
  const { folds } = await session.row<{ folds: number }>('SELECT @@lower_case_table_names > 0 AS folds');
  return Number(folds) === 1;
}

/** Whether it gives every table a name in lower case. */
export async function keepsLowerCase(session: MysqlSession): Promise<boolean> {
  const { lower } = await session.row<{ lower: number }>('SELECT @@lower_case_table_names = 1 AS lower');
  return Number(lower) === 1;
}
