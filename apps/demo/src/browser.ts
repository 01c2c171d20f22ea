import { startProcess } from '@app/process';

interface Machine {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** Whether a person reads the output. */
  isTerminal: boolean;
}

/** The facts by which a desktop is found. */
const DESKTOP = /^(DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|XDG_.*|DESKTOP_SESSION|BROWSER)$/;

/** The command that opens a page for the person at this machine; undefined where nobody would see it. */
export function browserCommand({ platform, env, isTerminal }: Machine): string | undefined {
  if (!isTerminal || env['SSH_CONNECTION'] !== undefined || env['CI'] !== undefined) return undefined;
  if (platform === 'darwin') return 'open';
  return (env['DISPLAY'] ?? env['WAYLAND_DISPLAY'] ?? '') === '' ? undefined : 'xdg-open';
}

/** Opens the page without waiting for it, and tells whether this machine could. The address is printed anyway. */
export function openInBrowser(url: string, machine: Machine): boolean {
  const command = browserCommand(machine);
  if (command === undefined) return false;
  const env = Object.entries(machine.env).filter(
    (entry): entry is [string, string] => DESKTOP.test(entry[0]) && entry[1] !== undefined,
  );
  const { stdout, completed } = startProcess({ command, args: [url], env: Object.fromEntries(env) });
  stdout.resume();
  completed.catch(() => undefined);
  return true;
}
