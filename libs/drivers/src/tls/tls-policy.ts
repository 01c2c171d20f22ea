import nodeTls from 'node:tls';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { tlsMaterialFault } from './tls-material.js';

/** The consequences of an ssl mode with its material, for our own sessions and for the tools of either engine alike. */
export interface TlsPolicy {
  /** `if_offered`: goes on without TLS where the server has none. */
  encrypt: 'never' | 'if_offered' | 'always';
  /** `authority`: who issued the server's certificate; `name`: that, and that it is made out to the host. */
  verify: 'nothing' | 'authority' | 'name';
  /** PEM texts of who may have issued the server's certificate: the given CA alone, else the machine's list. */
  authorities: readonly string[];
  /** PEM; shown to a server that asks for it. */
  client: { certificate: string; key: string } | undefined;
}

/**
 * The modes are libpq's, and so is what a CA means to them: with `require` it is checked as with `verify-ca`, since who
 * gives one wants it used. With `prefer` it is not looked at: libpq would do so, and go on *without TLS* when the check
 * fails, which helps nobody. Fails with INVALID_INPUT when the material cannot be used.
 */
export function tlsPolicy({ sslMode, tls = {}, host }: ConnectionParams): TlsPolicy {
  // TLS over a Unix socket does not exist.
  if (sslMode === 'disable' || host.startsWith('/')) {
    return { encrypt: 'never', verify: 'nothing', authorities: [], client: undefined };
  }
  const fault = tlsMaterialFault(tls);
  if (fault !== undefined) {
    throw new DomainError('INVALID_INPUT', `ssl_${fault.field} cannot be used. ${fault.message}`, {
      hint: 'Give the texts of the PEM files, or leave them out.',
    });
  }
  const { ca, certificate, key } = tls;
  const verify =
    sslMode === 'verify-full'
      ? 'name'
      : sslMode === 'verify-ca' || (sslMode === 'require' && ca !== undefined)
        ? 'authority'
        : 'nothing';
  return {
    encrypt: sslMode === 'prefer' ? 'if_offered' : 'always',
    verify,
    authorities: verify === 'nothing' ? [] : ca === undefined ? trustedCertificates() : [ca],
    client: certificate === undefined || key === undefined ? undefined : { certificate, key },
  };
}

/**
 * The authorities that a verified connection trusts: Node's own list, NODE_EXTRA_CA_CERTS, and the machine's. The
 * client tools are given the same list, so that a server is trusted by both or by neither.
 */
function trustedCertificates(): string[] {
  return [...new Set([...nodeTls.getCACertificates('default'), ...nodeTls.getCACertificates('system')])];
}
