import { auditText } from './audit-details.js';

/** The subject of a call: an id of the catalog if there is one, otherwise a name; null if the call names nothing. */
export function auditSubject(request: { params: unknown; body: unknown; answer: unknown }): string | null {
  const { params, body, answer } = request;
  // A call on database users names two subjects, and acts on the user.
  const user = textAt(body, 'operation') === undefined ? undefined : textAt(body, 'username');
  const made = ['storage', 'connection', 'schedule', 'job', 'backup'].map((thing) => textAt(answer, thing, 'id'));
  const named = ['connection_id', 'target_database', 'database'].map((field) => textAt(body, field));
  const restored = ['restore', 'plan'].map((thing) => textAt(answer, thing, 'database'));
  const subject = [textAt(params, 'id'), user, ...made, ...named, ...restored].find((text) => text !== undefined);
  return subject === undefined ? null : auditText(subject);
}

/** The text at a path of fields, if it is one. */
export function textAt(value: unknown, ...path: string[]): string | undefined {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return typeof found === 'string' && found !== '' ? found : undefined;
}
