const { spawn } = require('node:child_process');
const { chmodSync, mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/**
 * Makes the folder in which libs/sandbox keeps initialised data directories, so that the servers of the tests start with copies of them.
 * A shell removes the folder when its stdin closes: this process has then ended, in whatever way.
 */
module.exports = () => {
  const folder = mkdtempSync(join(tmpdir(), 'server-templates-'));
  // The accounts of the servers pass through it.
  chmodSync(folder, 0o711);
  process.env.SANDBOX_TEMPLATES = folder;
  const remover = ['-c', 'read -r _; rm -rf "$0"', folder];
  globalThis.serverTemplates = spawn('sh', remover, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
};
