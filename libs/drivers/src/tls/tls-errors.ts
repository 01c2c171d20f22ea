import { errorCodeOf, messageOf } from '@app/domain';
import type { ConnectionParams } from '@app/domain';

/** Node's names for what can be wrong with a certificate or a handshake, and mysql2's. */
const TLS_TROUBLE =
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|HANDSHAKE_SSL_ERROR|EPROTO$)/;

export function isTlsTrouble(error: unknown): boolean {
  return TLS_TROUBLE.test(errorCodeOf(error) ?? '');
}

/** The words of a server that does not like our certificate. */
const CLIENT_CERTIFICATE_ALERT =
  /alert (unknown ca|bad certificate|certificate |unsupported certificate|decrypt error)/;

/** OpenSSL's own word for it (`tlsv1 alert unknown ca`), without the place in its source; undefined for other errors. */
export function opensslReason(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('library' in error) || !('reason' in error)) return undefined;
  return typeof error.reason === 'string' ? error.reason : undefined;
}

export function tlsWords(error: unknown): string {
  return (opensslReason(error) ?? messageOf(error)).replace(/\.$/, '');
}

/** Says what to do about it, in the words of a connection's fields. It goes by the words, because mysql2 writes over the codes. */
export function tlsHint(error: unknown, { sslMode, tls }: ConnectionParams): string {
  const words = messageOf(error);
  if (/does not match certificate/.test(words)) {
    return 'Use the name that the certificate is made out to, or ssl_mode "verify-ca", which does not look at names.';
  }
  if (CLIENT_CERTIFICATE_ALERT.test(words)) {
    return tls?.certificate === undefined
      ? 'Give a client certificate (ssl_certificate and ssl_key).'
      : 'Check that the server knows the authority of the client certificate, and that it has not expired.';
  }
  if (/certificate (has expired|is not yet valid)/.test(words)) {
    return 'Renew the certificate of the server, or put the clock right.';
  }
  if (sslMode === 'prefer' || (sslMode === 'require' && tls?.ca === undefined)) {
    return 'Check the TLS setup of the server.';
  }
  return tls?.ca === undefined
    ? 'Give the certificate of its authority as ssl_ca, or make it known through NODE_EXTRA_CA_CERTS.'
    : 'Give the certificate of the authority that issued the server’s own as ssl_ca.';
}
