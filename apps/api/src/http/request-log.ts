import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pinoHttp } from 'pino-http';
import type { PinoLogger } from 'nestjs-pino';

const REQUEST_ID = /^[\w.-]{1,64}$/;

/**
 * One line per request: method, path, status, time; never a header or a body. The id comes from `X-Request-Id` where it
 * is well-formed, goes back in the answer, and stands in each line that the request causes.
 */
export function requestLog(
  logger: PinoLogger['logger'],
): (req: IncomingMessage, res: ServerResponse, next: () => void) => void {
  return pinoHttp({
    logger,
    quietReqLogger: true,
    genReqId: (req, res) => {
      const given = req.headers['x-request-id'];
      const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
      res.setHeader('X-Request-Id', id);
      return id;
    },
    customLogLevel: (req, res) => {
      if (req.url?.startsWith('/api/health/') === true) return 'debug';
      return res.statusCode >= 500 ? 'warn' : 'info';
    },
    serializers: { req: () => undefined, res: () => undefined },
    customSuccessObject: (req, res, fields: object) => ({ ...fields, ...summary(req, res) }),
    // The error itself was logged by the filter, where it was known.
    customErrorObject: (req, res, _error, fields: object) => ({ ...fields, ...summary(req, res), err: undefined }),
    customErrorMessage: () => 'request failed',
  });
}

function summary(req: IncomingMessage, res: ServerResponse): object {
  // This is the path of the request. Routers rewrite `url`.
  const url = 'originalUrl' in req && typeof req.originalUrl === 'string' ? req.originalUrl : req.url;
  return { method: req.method, url: url?.slice(0, 512), status: res.statusCode };
}
