export const REDACTED = '[redacted]';

/** Shorter secrets are parts of words: blanking every `a` would hide the message and show the secret. */
const MIN_SEARCHED_LENGTH = 6;
/** Shorter ones are words of their own, such as the `a` of a sentence, and are taken out in quotes only. */
const MIN_TOKEN_LENGTH = 3;

/** What messages are made of. To blank one of these would show that it is the secret. */
const COMMON_WORDS = new Set(
  (
    'access account address admin administrator aborted authentication authorization backup cannot client closed command ' +
    'connect connection could database databases default denied does dump error exist exists failed failure fatal file ' +
    'function group guest host hostname invalid localhost login mariadb message missing mysql mysqldump network ' +
    'option password passwd permission pg_dump postgres postgresql privilege psql public query refused relation restore ' +
    'role root schema secret server service socket statement string superuser syntax system table test timeout ' +
    'transaction unknown user username value warning while with without wrong'
  ).split(' '),
);

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
 * are found as they are, percent-encoded, and escaped as in JSON or SQL. Short ones are taken out only where they are a
 * whole value: in quotes, or between what is no part of a word. One that is a common word, or among `names` (the user, the
 * database), is taken out only where secrets usually stand: anywhere else its gap would tell it.
 */
export function redactor(secrets: readonly string[] = [], names: readonly string[] = []): (text: string) => string {
  const told = new Set([...COMMON_WORDS, ...names.map((name) => name.toLowerCase())]);
  const searched = [...new Set(secrets.filter((secret) => !told.has(secret.toLowerCase())).flatMap(formsOf))]
    .filter((secret) => secret !== '')
    .sort((a, b) => b.length - a.length)
    .map(placeOf);
  return (text) => {
    let result = text;
    for (const place of searched) result = result.replace(place, `$1${REDACTED}`);
    for (const pattern of PATTERNS) result = result.replace(pattern, `$1${REDACTED}`);
    return result;
  };
}

/** Where a secret is to be taken out. Group 1 is kept. */
function placeOf(secret: string): RegExp {
  const text = secret.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  if (secret.length >= MIN_SEARCHED_LENGTH) return new RegExp(`()${text}`, 'g');
  // Letters alone may be a word of the message.
  const isWord = secret.length < MIN_TOKEN_LENGTH || /^\p{L}+$/u.test(secret);
  return isWord
    ? new RegExp(`(["'\`])${text}(?=\\1)`, 'g')
    : new RegExp(`()(?<![\\p{L}\\p{N}_])${text}(?![\\p{L}\\p{N}_])`, 'gu');
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
