const { once } = require('node:events');

/** Has the folder of server-templates.cjs removed, and waits for it. */
module.exports = async () => {
  const remover = globalThis.serverTemplates;
  const ended = once(remover, 'close');
  remover.stdin.end();
  await ended;
};
