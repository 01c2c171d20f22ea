import type { NextFunction, Request, Response } from 'express';
import { auditDetails, auditText } from './audit-details.js';
import { auditSubject, textAt } from './audit-subject.js';
import type { AuditEntry, AuditTrail } from './audit-trail.js';

const MUTATING_METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Records each answered request that would change something. This comes before everything that may refuse a request, so
 * that attempts of strangers are recorded, too.
 */
export function auditRequests(trail: Pick<AuditTrail, 'expect' | 'clock'>) {
  return (req: Request, res: Response, next: NextFunction): void => {
    if (MUTATING_METHODS.includes(req.method)) trail.expect(answerTo(req, res, trail.clock.now().getTime()));
    next();
  };
}

/** Mount this behind the check of the password, where there is one. */
export function auditAsAdmin(_req: Request, res: Response, next: NextFunction): void {
  res.locals['actor'] = 'admin';
  next();
}

async function answerTo(req: Request, res: Response, at: number): Promise<{ entry: AuditEntry; refused: boolean }> {
  // The address is lost when the connection closes, so it is read now.
  const address = req.ip ?? null;
  const json = res.json.bind(res);
  let answer: unknown;
  res.json = (body: unknown) => {
    answer = body;
    return json(body);
  };
  await new Promise<void>((resolve) => res.once('close', resolve));
  const pattern = textAt(req.route, 'path');
  // The wildcard route takes every path without a route of its own.
  const route = pattern?.includes('*') === true ? undefined : pattern;
  const answered = res.writableFinished;
  const entry: AuditEntry = {
    at,
    actor: textAt(res.locals, 'actor') ?? 'anonymous',
    address,
    action: `${req.method} ${route ?? auditText(req.path)}`,
    subject: auditSubject({ params: req.params, body: req.body, answer }),
    status: answered ? res.statusCode : null,
    details: { ...auditDetails(req.body), ...outcome(answer, answered) },
  };
  return { entry, refused: route === undefined };
}

/** A caller who hangs up gets no status. The work goes on, and its job tells how it ends. */
function outcome(answer: unknown, answered: boolean): { code?: string; hung_up?: boolean } {
  const code = textAt(answer, 'code');
  return { ...(code === undefined ? {} : { code }), ...(answered ? {} : { hung_up: true }) };
}
