/** The suffix of files that are still being written. They are never listed, and never count as a backup. */
export const PARTIAL_SUFFIX = '.partial';
export const MANIFEST_SUFFIX = '.manifest.json';
/** The suffix of the script with the roles of the server, which some artifacts have. */
export const GLOBALS_SUFFIX = '.globals.sql';
