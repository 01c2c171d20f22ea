import { browserCommand } from './browser.js';

describe('browserCommand', () => {
  const desk = { platform: 'linux', env: { DISPLAY: ':0' }, isTerminal: true } as const;

  it.each([
    ['on a Linux desktop', desk, 'xdg-open'],
    ['on Wayland', { ...desk, env: { WAYLAND_DISPLAY: 'wayland-0' } }, 'xdg-open'],
    ['on a Mac', { ...desk, platform: 'darwin', env: {} }, 'open'],
    ['without a desktop', { ...desk, env: {} }, undefined],
    ['over SSH, even with a display', { ...desk, env: { DISPLAY: ':10', SSH_CONNECTION: '1 2 3 4' } }, undefined],
    ['in CI', { ...desk, env: { DISPLAY: ':99', CI: 'true' } }, undefined],
    ['into a pipe', { ...desk, isTerminal: false }, undefined],
  ] as const)('is right %s', (_where, machine, command) => {
    expect(browserCommand(machine)).toBe(command);
  });
});
