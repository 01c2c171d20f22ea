// Preloaded into the service: lets it live at another time, CLOCK_SHIFT_MS from now, and the clock of its catalog, too.
import { DatabaseSync } from 'node:sqlite';

const shift = Number(process.env['CLOCK_SHIFT_MS']);
const RealDate = Date;
const now = () => RealDate.now() + shift;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});

const { prepare } = DatabaseSync.prototype;
const shifted = new WeakSet();
DatabaseSync.prototype.prepare = function (...args) {
  if (!shifted.has(this)) this.function('unixepoch', { varargs: true }, () => now() / 1000);
  shifted.add(this);
  return prepare.apply(this, args);
};
