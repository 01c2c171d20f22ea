/** Suffix of what is still being written; never listed, never taken for a backup. */
export const PARTIAL_SUFFIX = '.partial';
export const MANIFEST_SUFFIX = '.manifest.json';
