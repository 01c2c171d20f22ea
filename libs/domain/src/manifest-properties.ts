/** What belongs to a database and is in no dump of it, as the manifest holds it. snake_case because it is a file format. */
export interface ManifestProperties {
  owner: string;
  /** In the order in which they were granted; null where nobody has ever changed them: then the built-in ones hold. */
  grants: readonly DatabaseGrant[] | null;
  /** `name=value`, by ALTER DATABASE … SET. */
  settings: readonly string[];
  /** `name=value`, by ALTER ROLE … IN DATABASE … SET. */
  role_settings: readonly { role: string; settings: readonly string[] }[];
  comment: string | null;
  /** −1: none. */
  connection_limit: number;
  /** Absent where it is none. */
  is_template?: boolean;
}

/** The rights of one role on a database, from one grantor. */
export interface DatabaseGrant {
  /** Null: everybody. */
  grantee: string | null;
  grantor: string;
  privileges: readonly string[];
  /** Those of them that may be passed on. */
  grantable: readonly string[];
}

/** A role of the server that a dump refers to. Without its password and its settings. */
export interface ReferencedRole {
  name: string;
  /** Words of CREATE ROLE, only those that are not its default: `LOGIN`, `SUPERUSER`, `NOINHERIT`, … */
  attributes: readonly string[];
  /** −1: none. */
  connection_limit: number;
  valid_until: string | null;
  member_of: readonly string[];
}

/** Names of settings that people keep secrets in (`app.jwt_secret`): only settings of their own have a dot. */
const SECRET_SETTING = /^[^=]*\.[^=]*=/;
const MASK = '********';

/** The same without the values of settings that may be secrets: for what is shown, and for the catalog. */
export function withoutSecrets(properties: ManifestProperties): ManifestProperties {
  const masked = (settings: readonly string[]): string[] =>
    settings.map((setting) => (SECRET_SETTING.test(setting) ? setting.replace(/=.*$/s, `=${MASK}`) : setting));
  return {
    ...properties,
    settings: masked(properties.settings),
    role_settings: properties.role_settings.map(({ role, settings }) => ({ role, settings: masked(settings) })),
  };
}
