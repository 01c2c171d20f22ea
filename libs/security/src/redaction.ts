export const REDACTED = '[redacted]';

/** The least length of a secret that is searched. Shorter ones are parts of words: blanking every `a` would hide the message and show the secret. */
const MIN_SEARCHED_LENGTH = 6;
/** The least length outside quotes. Shorter secrets can be words, such as the `a` of a sentence, and are removed only in quotes. */
const MIN_TOKEN_LENGTH = 3;

/** Common words of messages. Blanking one of them would show that it is the secret. */
const COMMON_WORDS = new Set(
  (
    'access account address admin administrator aborted already altered backups authentication authorization backup cannot changed client closed column columns command created ' +
    'connect connection could database databases default denied does dump error exist exists failed failure fatal file ' +
    'function functions group guest host hostname invalid localhost login mariadb message messages missing mysql mysqldump nothing network number ' +
    'option password passwd permission pg_dump postgres postgresql previous privilege privileges psql public query redacted refused relation restore restored restores ' +
    'role root schema secret server service socket statement string superuser syntax system table tables test timeout ' +
    'transaction transactions unknown user username users value values verification version warning while with without wrong'
  ).split(' '),
);

/** The places of secrets in the output of programs, for any secret. Group 1 is kept. */
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
 * Returns a function that removes the given secrets, and every value at a usual place of secrets, from a text. It finds secrets
 * as they are, percent-encoded, in base64, and escaped as in JSON, SQL or a log. It removes a short secret only where that is a
 * whole value: in quotes, or between characters that belong to no word. A gap in a well-known word would tell the secret. So a
 * secret that is a common word, or one of `names` (the user, the database, the server), is removed only at the usual places of
 * secrets, and one that is a part of such a word only where it is a whole value outside of it.
 */
export function redactor(secrets: readonly string[] = [], names: readonly string[] = []): (text: string) => string {
  const words = [...COMMON_WORDS, ...names.map((name) => name.toLowerCase())];
  const kept = new Set<string>();
  const places: { text: string; place: string }[] = [];
  for (const secret of secrets) {
    const around = words.filter((word) => word.includes(secret.toLowerCase()));
    if (secret === '' || around.includes(secret.toLowerCase())) continue;
    if (secret.length >= MIN_TOKEN_LENGTH) for (const word of around) kept.add(word);
    const placeOf = around.length > 0 && secret.length >= MIN_SEARCHED_LENGTH ? wholeValue : placeOfSecret;
    places.push(...formsOf(secret).map((text) => ({ text, place: placeOf(text) })));
  }
  places.push(...[...kept].map((text) => ({ text, place: `(?i:${wholeValue(text)})` })));
  // It searches for all secrets at once, the longest first, so that none is searched in the replacement of another.
  const searched = places.toSorted((a, b) => b.text.length - a.text.length).map(({ place }) => place);
  const all = searched.length === 0 ? undefined : new RegExp(searched.join('|'), 'gu');
  return (text) => {
    let result = all === undefined ? text : text.replace(all, (is) => (kept.has(is.toLowerCase()) ? is : REDACTED));
    for (const pattern of PATTERNS) result = result.replace(pattern, `$1${REDACTED}`);
    return result;
  };
}

/** Returns the places where a secret is removed, as a regular expression. */
function placeOfSecret(secret: string): string {
  if (secret.length >= MIN_SEARCHED_LENGTH) return literal(secret);
  // A secret of letters alone may be a word of the message.
  const isWord = secret.length < MIN_TOKEN_LENGTH || /^\p{L}+$/u.test(secret);
  return isWord
    ? ['"', "'", '`'].map((quote) => `(?<=${quote})${literal(secret)}(?=${quote})`).join('|')
    : wholeValue(secret);
}

function wholeValue(text: string): string {
  return `(?<![\\p{L}\\p{N}_])${literal(text)}(?![\\p{L}\\p{N}_])`;
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function formsOf(given: string): string[] {
  const secret = given.toWellFormed();
  const percent = encodeURIComponent(secret);
  return [
    secret,
    percent,
    percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    secret.replaceAll("'", "''"),
    secret.replaceAll('\\', '\\\\').replaceAll("'", "\\'"),
    // The last characters depend on the text that follows, so they are left out.
    ...(secret.length < MIN_SEARCHED_LENGTH ? [] : [Buffer.from(secret).toString('base64').replace(/.?=*$/, '')]),
  ];
}
