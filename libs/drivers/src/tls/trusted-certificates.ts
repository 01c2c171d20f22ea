import tls from 'node:tls';

/**
 * The authorities that a verified connection trusts: Node's own list, NODE_EXTRA_CA_CERTS, and the machine's. The
 * client tools are given the same list, so that a server is trusted by both or by neither.
 */
export function trustedCertificates(): string[] {
  return [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
}
