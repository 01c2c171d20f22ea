import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { TlsMaterial } from '@app/domain';
import { opensslReason } from './tls-errors.js';

export interface TlsMaterialFault {
  field: keyof TlsMaterial;
  /** A sentence; never any part of a key. */
  message: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[^]*?-----END (?:[A-Z]+ )*PRIVATE KEY-----/;
/** How both formats of an encrypted key in PEM say so. */
const ENCRYPTED = /-----BEGIN ENCRYPTED |^Proc-Type: *4,ENCRYPTED/m;

/**
 * The first thing that keeps these texts from being used, or undefined. Whether a server likes them is another question:
 * neither dates nor signatures are looked at.
 */
export function tlsMaterialFault({ ca, certificate, key }: TlsMaterial): TlsMaterialFault | undefined {
  const fault = (field: keyof TlsMaterial, message: string | undefined): TlsMaterialFault | undefined =>
    message === undefined ? undefined : { field, message };
  return (
    (ca === undefined ? undefined : fault('ca', certificatesFault(ca))) ??
    (certificate === undefined ? undefined : fault('certificate', certificatesFault(certificate))) ??
    (key === undefined ? undefined : fault('key', keyFault(key))) ??
    pairFault(certificate, key) ??
    refusal({ ca, certificate, key })
  );
}

function certificatesFault(text: string): string | undefined {
  if (PRIVATE_KEY.test(text)) return 'It holds a private key, which must not lie among certificates.';
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return 'It is not a certificate in PEM format ("-----BEGIN CERTIFICATE-----").';
  const broken = blocks.findIndex((block) => certificateOf(block) === undefined);
  if (broken === -1) return undefined;
  return blocks.length === 1 ? 'The certificate is damaged.' : `Certificate ${broken + 1} in it is damaged.`;
}

function certificateOf(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
}

function keyFault(text: string): string | undefined {
  if (ENCRYPTED.test(text)) {
    return 'The key is protected by a passphrase. Take it off: "openssl pkey -in key.pem -out open.pem".';
  }
  if (!PRIVATE_KEY.test(text)) return 'It is not a private key in PEM format ("-----BEGIN PRIVATE KEY-----").';
  return keyOf(text) === undefined ? 'The key is damaged.' : undefined;
}

function keyOf(text: string): KeyObject | undefined {
  try {
    // The block alone: tools write parameters before a key.
    return createPrivateKey(PRIVATE_KEY.exec(text)?.[0] ?? '');
  } catch {
    return undefined;
  }
}

function pairFault(certificate: string | undefined, key: string | undefined): TlsMaterialFault | undefined {
  if (certificate === undefined && key === undefined) return undefined;
  if (key === undefined) return { field: 'key', message: 'A client certificate is of no use without its key.' };
  if (certificate === undefined) {
    return { field: 'certificate', message: 'A key is of no use without its client certificate.' };
  }
  const [own = ''] = certificate.match(CERTIFICATE) ?? [];
  const privateKey = keyOf(key);
  if (privateKey !== undefined && certificateOf(own)?.checkPrivateKey(privateKey) === true) return undefined;
  return { field: 'key', message: 'The key does not belong to the (first) client certificate.' };
}

/** Returns why OpenSSL's own rules forbid the material, such as keys that are too short. */
function refusal({
  ca,
  certificate,
  key,
}: { [Part in keyof TlsMaterial]: string | undefined }): TlsMaterialFault | undefined {
  const attempt = (field: keyof TlsMaterial, options: Parameters<typeof createSecureContext>[0]) => {
    try {
      createSecureContext(options);
      return undefined;
    } catch (error) {
      return { field, message: `OpenSSL does not take it: ${opensslReason(error) ?? 'it is not usable'}.` };
    }
  };
  return (
    (ca === undefined ? undefined : attempt('ca', { ca })) ??
    (certificate === undefined ? undefined : attempt('certificate', { cert: certificate, key }))
  );
}
