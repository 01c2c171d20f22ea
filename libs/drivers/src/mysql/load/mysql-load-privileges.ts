/** The privileges on a database that clearing and loading it takes. */
export const NEEDED_TO_LOAD: readonly string[] = [
  ...['SELECT', 'INSERT', 'CREATE', 'DROP', 'ALTER', 'INDEX', 'REFERENCES', 'LOCK TABLES', 'CREATE VIEW', 'SHOW VIEW'],
  ...['TRIGGER', 'CREATE ROUTINE', 'ALTER ROUTINE', 'EVENT'],
];
