/**
 * The table inside a copy in which we keep what RENAME TABLE cannot carry: the texts of views, triggers, routines and
 * events. It is ours, and is no part of what the copy holds: whoever counts or lists a copy leaves it out.
 */
export const STORED_OBJECTS_TABLE = '__backup_service_programs';
