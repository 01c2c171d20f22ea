import { pino, stdSerializers } from 'pino';
import type { Logger } from 'pino';
import type { LogLevel } from '@app/config';
import { REDACTED, redactor } from '@app/security';

const redact = redactor();

/** Names under which a secret could come into a line, at the top or one level deep. */
const SECRET_FIELDS = ['password', 'authorization', 'cookie', 'secret'];

/** Lines of JSON on stdout. */
export function rootLogger(level: LogLevel): Logger {
  return pino({
    level,
    redact: { paths: SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: REDACTED },
    serializers: {
      err: (error: Error) => {
        const { message, stack, ...rest } = stdSerializers.err(error);
        // A cause may carry a whole connection with it; its text is in message and stack.
        return { type: rest.type, code: codeOf(rest), message: redact(message), stack: redact(stack) };
      },
    },
  });
}

function codeOf(error: object): unknown {
  return 'code' in error ? error.code : undefined;
}
