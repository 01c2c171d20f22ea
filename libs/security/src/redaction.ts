export const REDACTED = '[redacted]';

/** Shorter secrets are not searched for by text: blanking every `a` would hide the message and show the secret. */
const MIN_SEARCHED_LENGTH = 3;

/** Where a secret stands in what programs print, whatever the secret is. Group 1 is kept. */
const PATTERNS: readonly RegExp[] = [
  // scheme://user:secret@host
  /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+(?=@)/gi,
  // password=secret, "password": "secret", PGPASSWORD=secret, --password=secret; not MySQL's "using password: YES"
  /((?:password|passwd|passphrase|pgpassword|mysql_pwd|secret)["']?\s*[=:]\s*)(?!(?:yes|no)\b)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.|'')*'|[^\s,;&"']+)/gi,
  // IDENTIFIED BY 'secret', PASSWORD 'secret', PASSWORD('secret')
  /\b((?:identified\s+by|password)\s*\(?\s*(?:password\s+)?)'(?:[^'\\]|\\.|'')*'/gi,
  // mysql -psecret
  /((?:^|\s)-p)[^\s]+/g,
  // Authorization: Basic …
  /\b((?:basic|bearer)\s+)[A-Za-z0-9+/=._~-]{6,}/gi,
];

/**
 * A function that takes the given secrets, and whatever stands where secrets usually stand, out of a text. The secrets
 * are found as they are, percent-encoded, and escaped as in JSON or SQL.
 */
export function redactor(secrets: readonly string[] = []): (text: string) => string {
  const searched = [...new Set(secrets.flatMap(formsOf))]
    .filter((secret) => secret.length >= MIN_SEARCHED_LENGTH)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let result = text;
    for (const secret of searched) result = result.replaceAll(secret, REDACTED);
    for (const pattern of PATTERNS) result = result.replace(pattern, `$1${REDACTED}`);
    return result;
  };
}

function formsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret.toWellFormed()),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", "''"),
    secret.replaceAll('\\', '\\\\').replaceAll("'", "\\'"),
  ];
}
