/**
 * The condition on information_schema.EVENTS for the events of a database, whose name is given twice. MariaDB compares EVENT_SCHEMA
 * without regard to case, also where `Shop` and `shop` are two databases. Of triggers, EVENT_OBJECT_SCHEMA is compared as the server
 * compares names, and TRIGGER_SCHEMA is not; by it MariaDB would also read the tables of every database.
 */
export const EVENTS_OF_DATABASE =
  'EVENT_SCHEMA = ? AND (@@lower_case_table_names > 0 OR CAST(EVENT_SCHEMA AS BINARY) = ?)';
