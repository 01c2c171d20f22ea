import { isIP } from 'node:net';
import type { NextFunction, Request, Response } from 'express';
import { isLoopback } from '@app/config';
import type { AppConfig } from '@app/config';
import { DomainError } from '@app/domain';

const WILDCARDS = ['0.0.0.0', '::'];

/**
 * Refuses names that are not the service's. Against DNS rebinding: a page of a stranger whose name suddenly resolves to
 * this machine still sends its own name. Addresses cannot be rebound, so where the service listens on all of them, any
 * may be used.
 */
export function hostCheck(config: Pick<AppConfig, 'host' | 'allowedHosts'>) {
  const allowed = new Set([config.host.toLowerCase(), ...config.allowedHosts]);
  const anyAddress = WILDCARDS.includes(config.host);

  return (req: Request, _res: Response, next: NextFunction): void => {
    const host = hostName(req.host);
    if (host !== undefined && (isLoopback(host) || allowed.has(host) || (anyAddress && isIP(host) !== 0))) {
      next();
      return;
    }
    throw new DomainError('FORBIDDEN_HOST', `The service is not known under the name ${JSON.stringify(host ?? '')}.`, {
      hint: 'Use the name or address that it listens on, or let the operator add the name to ALLOWED_HOSTS.',
    });
  };
}

/** `[::1]:5002` to `::1`; undefined when there is none. */
function hostName(header: string | undefined): string | undefined {
  if (header === undefined || !URL.canParse(`http://${header}`)) return undefined;
  return new URL(`http://${header}`).hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}
