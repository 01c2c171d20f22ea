import type { Server } from 'node:http';
import type { NextFunction, Request, Response } from 'express';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { PinoLogger } from 'nestjs-pino';
import type { AppConfig } from '@app/config';
import type { Clock, Logger } from '@app/domain';
import { AttemptLimiter } from '@app/security';
import { auditAsAdmin, auditRequests } from '../audit/audit-requests.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { FrameworkLogger } from '../foundation/framework-logger.js';
import { APP_CONFIG, CLOCK, LOGGER } from '../foundation/tokens.js';
import { basicAuth } from './access/basic-auth.js';
import { ErrorFilter } from './error.filter.js';
import { hostCheck } from './access/host-check.js';
import { JSON_TYPES, jsonOnly, objectOnly } from './requests/json-only.js';
import { UnknownFieldsGuard } from './requests/unknown-fields.guard.js';
import { serveOpenApi } from './open-api.js';
import { originCheck } from './access/origin-check.js';
import { requestLog } from './request-log.js';
import { requestValidation } from './requests/request-validation.pipe.js';
import { securityHeaders } from './access/security-headers.js';

const BODY_LIMIT = '1mb';
/** The response headers that pages of other origins may read in addition to the usual ones. */
const EXPOSED_HEADERS = [
  ...['X-Request-Id', 'Retry-After', 'Location', 'Preference-Applied'],
  ...['Accept-Ranges', 'Content-Disposition', 'Content-Range', 'ETag', 'Repr-Digest'],
];

/**
 * Sets up what every request passes before a controller sees it, in this order: nothing is read of a body before it is clear
 * who sends it. To be called once, before the application is initialised, and created without its own body parser.
 */
export async function configureHttp(app: NestExpressApplication): Promise<void> {
  const config = app.get<AppConfig>(APP_CONFIG);
  const pino = await app.resolve<PinoLogger>(PinoLogger);
  app.useLogger(new FrameworkLogger(pino, {}));
  app.disable('x-powered-by');
  app.set('trust proxy', config.trustProxy);
  app.use(requestLog(pino.logger));
  app.use(auditRequests(app.get(AuditTrail)));
  limitRequests(app.getHttpServer());
  app.use(securityHeaders());
  app.use('/api', noStore);
  app.use(hostCheck(config));
  if (config.corsOrigins.length > 0) {
    app.enableCors({
      origin: [...config.corsOrigins],
      credentials: true,
      exposedHeaders: EXPOSED_HEADERS,
    });
  }
  app.use(originCheck(config));
  if (config.adminPassword !== undefined) {
    app.use(basicAuth(config.adminPassword, new AttemptLimiter(app.get<Clock>(CLOCK))), auditAsAdmin);
  }
  app.use(jsonOnly);
  app.useBodyParser('json', { limit: BODY_LIMIT, strict: false, inflate: false, type: JSON_TYPES });
  app.use(objectOnly);
  app.useGlobalGuards(new UnknownFieldsGuard());
  app.useGlobalPipes(requestValidation());
  app.useGlobalFilters(new ErrorFilter(app.get<Logger>(LOGGER)));
  serveOpenApi(app);
}

/** Requests are small: a client that takes longer to send one is broken, or keeps a connection busy on purpose. */
function limitRequests(server: Server): void {
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
}

/** Answers hold settings and names that no cache should keep. A download sets its own caching rules. */
function noStore(_req: Request, res: Response, next: NextFunction): void {
  res.setHeader('Cache-Control', 'no-store');
  next();
}
