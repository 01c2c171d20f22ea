/** Suffix of what is still being written; never listed, never taken for a backup. */
export const PARTIAL_SUFFIX = '.partial';
export const MANIFEST_SUFFIX = '.manifest.json';
/** Of the script with the roles of the server, which stands beside some artifacts and goes with them. */
export const GLOBALS_SUFFIX = '.globals.sql';
