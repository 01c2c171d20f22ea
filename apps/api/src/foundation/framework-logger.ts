import { Logger } from 'nestjs-pino';

/** The framework's own lines, in the same log. What it tells about each route it mounts is for debugging. */
export class FrameworkLogger extends Logger {
  override log(message: unknown, ...rest: unknown[]): void {
    this.debug(message, ...rest);
  }
}
