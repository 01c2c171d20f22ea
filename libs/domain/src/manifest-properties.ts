/** The properties of a database that no dump holds, in the form of the manifest. The fields are in snake_case, as it is a file format. */
export interface ManifestProperties {
  owner: string;
  /** The grants in the order in which they were made; null when nobody has ever changed them, so that the built-in ones apply. */
  grants: readonly DatabaseGrant[] | null;
  /** Settings of ALTER DATABASE … SET, as `name=value`. */
  settings: readonly string[];
  /** Settings of ALTER ROLE … IN DATABASE … SET, as `name=value`. */
  role_settings: readonly { role: string; settings: readonly string[] }[];
  comment: string | null;
  /** −1: none. */
  connection_limit: number;
  /** Absent when the database is no template. */
  is_template?: boolean;
}

/** The rights of one role on a database, from one grantor. */
export interface DatabaseGrant {
  /** Null stands for everybody. */
  grantee: string | null;
  grantor: string;
  privileges: readonly string[];
  /** The rights that the role may grant to others. */
  grantable: readonly string[];
}

/** A role of the server that a dump refers to, without its password and settings. */
export interface ReferencedRole {
  name: string;
  /** The options of CREATE ROLE that differ from its defaults: `LOGIN`, `SUPERUSER`, `NOINHERIT`, … */
  attributes: readonly string[];
  /** −1: none. */
  connection_limit: number;
  valid_until: string | null;
  member_of: readonly string[];
}

/** The names of settings that may hold secrets (`app.jwt_secret`): only custom settings have a dot. */
const SECRET_SETTING = /^[^=]*\.[^=]*=/;
const MASK = '********';

/** Removes the values of settings that may be secrets, for answers and for the catalog. */
export function withoutSecrets(properties: ManifestProperties): ManifestProperties {
  const masked = (settings: readonly string[]): string[] =>
    settings.map((setting) => (SECRET_SETTING.test(setting) ? setting.replace(/=.*$/s, `=${MASK}`) : setting));
  return {
    ...properties,
    settings: masked(properties.settings),
    role_settings: properties.role_settings.map(({ role, settings }) => ({ role, settings: masked(settings) })),
  };
}
