import type { NextFunction, Request, Response } from 'express';
import type { AppConfig } from '@app/config';
import { DomainError } from '@app/domain';

const HARMLESS_METHODS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses requests by which a page of another site would change something. Browsers say where a request comes from;
 * programs such as curl say nothing, and are let through.
 */
export function originCheck(config: Pick<AppConfig, 'corsOrigins'>) {
  return (req: Request, _res: Response, next: NextFunction): void => {
    const origin = req.get('origin');
    if (HARMLESS_METHODS.includes(req.method) || isOwn(req, origin) || isListed(origin)) {
      next();
      return;
    }
    throw new DomainError('FORBIDDEN_ORIGIN', `A page of ${origin ?? 'another site'} may not do this.`, {
      hint: 'Use the service from its own address, or let the operator add the origin to CORS_ORIGINS.',
    });
  };

  function isListed(origin: string | undefined): boolean {
    return origin !== undefined && config.corsOrigins.includes(origin.toLowerCase());
  }

  function isOwn(req: Request, origin: string | undefined): boolean {
    const site = req.get('sec-fetch-site');
    if (origin === undefined) return site === undefined || site === 'same-origin' || site === 'none';
    return site !== 'cross-site' && URL.canParse(origin) && new URL(origin).host === ownHost(req, origin);
  }

  /** Without the port that is the default for the page's scheme: behind a proxy that is not the scheme we see. */
  function ownHost(req: Request, origin: string): string | undefined {
    const defaultPort = origin.startsWith('https:') ? /:443$/ : /:80$/;
    return req.host?.toLowerCase().replace(defaultPort, '');
  }
}
