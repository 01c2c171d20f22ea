import { SSL_MODES } from '@app/domain';
import { TextField, WordField } from '../http/requests/request-fields.js';
import type { TlsEdit } from './tls-edit.js';

const MAX_PEM_LENGTH = 64 * 1024;

function PemField(description: string): PropertyDecorator {
  return TextField({ maxLength: MAX_PEM_LENGTH, optional: true, nullable: true, description });
}

export function SslModeField(): PropertyDecorator {
  return WordField(SSL_MODES, {
    optional: true,
    example: 'prefer',
    description:
      'libpq’s names. `prefer` (default) uses TLS where the server offers it; `verify-ca` checks who issued the ' +
      'server’s certificate, `verify-full` its name as well; `require` with ssl_ca is `verify-ca`.',
  });
}

/** The TLS material of a request; absent leaves what is stored, null takes it away. */
export class TlsFields {
  @PemField('PEM. What the server’s certificate is checked against; default: the system’s list.')
  ssl_ca?: string | null | undefined;

  @PemField('PEM. The client certificate, with ssl_key.')
  ssl_certificate?: string | null | undefined;

  @PemField('PEM. The private key of ssl_certificate. It is kept sealed and never shown.')
  ssl_key?: string | null | undefined;
}

export function tlsEditOf(request: TlsFields): TlsEdit {
  return { ca: request.ssl_ca, certificate: request.ssl_certificate, key: request.ssl_key };
}
