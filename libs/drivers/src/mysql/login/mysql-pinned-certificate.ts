import { basename } from 'node:path';
import { checkServerIdentity } from 'node:tls';
import { DomainError, compareVersions } from '@app/domain';
import type { ConnectionParams, ToolInfo } from '@app/domain';
import { tlsPolicy } from '../../tls/tls-policy.js';
import type { MysqlSession } from './mysql-session.js';

/** The first clients of MariaDB with `ssl-fp`. */
const PINNING_SINCE = [11, 4];

/** Whether MariaDB's client lacks a mode for what is asked: it checks a certificate's authority only with its name. */
export function checksAuthorityAlone(connection: ConnectionParams, tool: Pick<ToolInfo, 'flavour'>): boolean {
  return tool.flavour === 'MariaDB' && tlsPolicy(connection).verify === 'authority';
}

/**
 * How MariaDB's client comes to `verify-ca`, which it does not have. The fingerprint (SHA-256) of the certificate that
 * this session has verified, for clients that can be told to accept no other (11.4 and newer). Undefined where nothing
 * is to be pinned: older ones check the name too, and UNSUPPORTED says so where the certificate does not bear it.
 *
 * Giving older ones the authority without `ssl-verify-server-cert` looks like verify-ca, but goes on in plain text when
 * somebody in between takes TLS out of the server's greeting; newer ones then do not look at the authority at all.
 */
export function pinnedCertificate(
  session: Pick<MysqlSession, 'serverCertificate'>,
  connection: ConnectionParams,
  tool: ToolInfo,
): string | undefined {
  if (!checksAuthorityAlone(connection, tool)) return undefined;
  const certificate = session.serverCertificate();
  if (compareVersions(tool.versionParts, PINNING_SINCE) >= 0) return certificate.fingerprint256;
  if (checkServerIdentity(connection.host, certificate) === undefined) return undefined;
  throw new DomainError(
    'UNSUPPORTED',
    `${basename(tool.path)} ${tool.version} checks a certificate's authority only together with its name, and that of the server is not made out to "${connection.host}".`,
    {
      hint: `Use a host name that the certificate bears${certificate.subjectaltname === undefined ? '' : ` (${certificate.subjectaltname})`}, or the client tools of MariaDB 11.4 or newer.`,
    },
  );
}
