/**
 * The table inside a staging or previous database in which we keep what RENAME TABLE cannot carry: the texts of views, triggers, routines and
 * events. It is ours, and no part of the content: whoever counts or lists the content leaves it out.
 */
export const STORED_OBJECTS_TABLE = '__backup_service_programs';
