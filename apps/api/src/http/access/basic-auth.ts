import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '@app/domain';
import { AdminPassword } from '@app/security';
import type { AttemptLimiter } from '@app/security';

const USER = 'admin';
const OPEN_PATHS = ['/api/health/live', '/api/health/ready'];

/** Asks for user `admin` and the password, on every path but the health checks; slows down who guesses. */
export function basicAuth(password: string, limiter: AttemptLimiter) {
  const expected = new AdminPassword(password);

  return (req: Request, res: Response, next: NextFunction): void => {
    if (OPEN_PATHS.includes(req.path)) {
      next();
      return;
    }
    const source = req.ip ?? 'unknown';
    const attempt = credentials(req.get('authorization'));
    // A browser asks without credentials first, which is no guess.
    if (attempt === undefined) throw unauthenticated(res, 'This service wants a password.');
    const waitMs = limiter.waitMs(source);
    const right = expected.matches(attempt.password) && attempt.user === USER;
    if (right) {
      // While somebody guesses from the same address (a proxy, a shared network), the failures are not this one's to clear.
      if (waitMs === 0) limiter.succeeded(source);
      next();
      return;
    }
    // One that came too early does not make the wait longer: it would never end.
    if (waitMs > 0) throw slowedDown(res, waitMs);
    limiter.failed(source);
    throw unauthenticated(res, 'The user or the password is wrong.');
  };
}

function credentials(header: string | undefined): { user: string; password: string } | undefined {
  const encoded = /^basic\s+([A-Za-z0-9+/=_-]+)\s*$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? { user: text, password: '' } : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

function unauthenticated(res: Response, message: string): DomainError {
  res.setHeader('WWW-Authenticate', 'Basic realm="Database Backup Service", charset="UTF-8"');
  return new DomainError('UNAUTHENTICATED', message, {
    hint: `Log in as user "${USER}" with the password of ADMIN_PASSWORD, by HTTP authentication.`,
  });
}

function slowedDown(res: Response, waitMs: number): DomainError {
  const seconds = Math.ceil(waitMs / 1000);
  res.setHeader('Retry-After', String(seconds));
  return new DomainError('TOO_MANY_REQUESTS', 'Too many wrong passwords came from your address.', {
    hint: `Try again in ${seconds} s.`,
  });
}
