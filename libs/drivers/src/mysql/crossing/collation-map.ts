/** Languages of MySQL's collations of UCA 9.0.0, and the words of MariaDB (and of older collations of both) for the same. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ cs: 'czech', da: 'danish', de_pb: 'german2', eo: 'esperanto', es: 'spanish', es_trad: 'spanish2' },
  ...{ et: 'estonian', hr: 'croatian', hu: 'hungarian', is: 'icelandic', la: 'roman', lt: 'lithuanian' },
  ...{ lv: 'latvian', nb: 'danish', pl: 'polish', ro: 'romanian', sk: 'slovak', sl: 'slovenian', sv: 'swedish' },
  ...{ tr: 'turkish', vi: 'vietnamese' },
};

const OF_MYSQL = /^(utf8mb4)_(?:([a-z_]+)_)?0900_(?:(a[is]_c[is])|(bin))$/;
const OF_MARIADB = /^(\w+?)_uca1400_(?:([a-z0-9]+)_)??(?:nopad_)?(a[is]_c[is])$/;
const WITHOUT_PADDING = /^(\w+)_nopad_(ci|bin)$/;

/**
 * The collations that come nearest to one which a server lacks, the best first. They tell apart what that one told apart wherever
 * there is such; the order of what they tell apart follows another version of Unicode.
 */
export function nearestCollations(collation: string): string[] {
  const name = collation.toLowerCase();
  const [, , code, kind, binary] = OF_MYSQL.exec(name) ?? [];
  if (binary !== undefined) return ['utf8mb4_nopad_bin', 'utf8mb4_bin'];
  if (kind !== undefined) return ofUca1400(code, kind);
  const [, characterSet, language, sensitivity] = OF_MARIADB.exec(name) ?? [];
  if (characterSet !== undefined && sensitivity !== undefined) return ofUca900(characterSet, language, sensitivity);
  const [, family, end] = WITHOUT_PADDING.exec(name) ?? [];
  if (family === undefined || end === undefined) return [];
  return [...(name === 'utf8mb4_nopad_bin' ? ['utf8mb4_0900_bin'] : []), `${family}_${end}`];
}

/** Those of UCA 9.0.0 never pad. */
function ofUca1400(code: string | undefined, kind: string): string[] {
  const language = code === undefined ? '' : LANGUAGES[code];
  if (language === undefined) return [];
  const [infix, old] = language === '' ? ['', 'unicode_520'] : [`${language}_`, language];
  return [
    ...[`utf8mb4_uca1400_${infix}nopad_${kind}`, `utf8mb4_uca1400_${infix}${kind}`],
    // These are the ones of versions before MariaDB 10.10, which know no accents there.
    ...(kind === 'ai_ci' ? [`utf8mb4_${old}_nopad_ci`, `utf8mb4_${old}_ci`] : []),
  ];
}

function ofUca900(characterSet: string, language: string | undefined, sensitivity: string): string[] {
  if (characterSet !== 'utf8mb4')
    return sensitivity === 'ai_ci' ? [`${characterSet}_${language ?? 'unicode_520'}_ci`] : [];
  const codes = Object.entries(LANGUAGES).filter(([, word]) => word === language);
  const infixes = language === undefined ? [''] : codes.map(([code]) => `${code}_`);
  // A collation that tells too much apart makes no two values equal.
  const kinds = sensitivity === 'ai_ci' ? ['ai_ci'] : [sensitivity, 'as_cs'];
  return [
    ...infixes.flatMap((infix) => kinds.map((kind) => `utf8mb4_${infix}0900_${kind}`)),
    ...(sensitivity === 'ai_ci' ? [`utf8mb4_${language ?? 'unicode_520'}_ci`] : []),
  ];
}
