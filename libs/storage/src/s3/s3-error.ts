import { DomainError } from '@app/domain';
import type { ErrorCode } from '@app/domain';

/** The step of a failed request, and the bucket and key that it was for. */
export interface S3Step {
  /** The end of "Could not …". */
  readonly step: string;
  readonly bucket: string;
  readonly key: string | undefined;
}

/** The parts of an error of the SDK, of Node or of ours that are used; everything else of it may hold a signature or a secret. */
interface RawError {
  name?: unknown;
  message?: unknown;
  code?: unknown;
  $metadata?: { httpStatusCode?: unknown; requestId?: unknown; clockSkewCorrected?: unknown };
}

/** The name of the error of a server that did not answer in time. */
export const SILENT = 'Silent';

/** The names of S3 errors that another attempt may not have. */
const TRANSIENT = new Set([
  SILENT,
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequests',
]);
/** The codes of Node for connections that failed. */
const CONNECTION =
  /^(E(AI_AGAIN|CONN(ABORTED|REFUSED|RESET)|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE|TIMEDOUT)|UND_ERR_|ERR_STREAM_PREMATURE_CLOSE)/;
const FULL = new Set(['InsufficientStorage', 'QuotaExceeded', 'XMinioStorageFull', 'XMinioAdminBucketQuotaExceeded']);
const FULL_STATUS = 507;

interface Advice {
  readonly names: readonly string[];
  readonly status?: number;
  readonly code?: ErrorCode;
  readonly hint: string;
}

/** The first that fits is given. */
const ADVICE: readonly Advice[] = [
  {
    names: ['NoSuchBucket'],
    code: 'STORAGE_MISSING',
    hint: 'Check bucket, endpoint and region; this service makes no bucket.',
  },
  {
    names: ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'InvalidToken', 'ExpiredToken', 'TokenRefreshRequired'],
    hint: 'The server does not accept the credentials: check access_key_id, its secret key, and region.',
  },
  {
    names: ['CredentialsProviderError', 'TokenProviderError'],
    hint: 'Set access_key_id and secret_access_key, or let the environment, the files of the AWS tools or the role of this machine have credentials.',
  },
  {
    names: ['RequestTimeTooSkewed', 'RequestExpired'],
    hint: 'The clocks of this machine and of the server differ: set that of this machine.',
  },
  {
    names: [
      'PermanentRedirect',
      'AuthorizationHeaderMalformed',
      'IllegalLocationConstraintException',
      'MovedPermanently',
    ],
    hint: 'The bucket is in another region, or behind another endpoint: check region and endpoint.',
  },
  {
    names: ['PreconditionFailed', 'ConditionalRequestConflict'],
    status: 412,
    hint: 'Another object has this name, and was not overwritten. Look for others that write into the bucket.',
  },
  {
    names: ['InvalidObjectState'],
    hint: 'The object is archived: bring it back with the tools of the provider first.',
  },
  {
    names: ['KMS.NotFoundException', 'KMS.DisabledException', 'KMSKeyNotAccessible', 'KMS.KMSInvalidStateException'],
    hint: 'Check kms_key_id, and that the account may use the key.',
  },
  {
    names: ['InvalidPart', 'InvalidPartOrder', 'EntityTooSmall', 'EntityTooLarge'],
    hint: 'The server refuses parts of this size: set another part_size_mib.',
  },
  {
    names: ['BadDigest', 'InvalidDigest', 'XAmzContentChecksumMismatch', 'XAmzContentSHA256Mismatch'],
    hint: 'The bytes were changed on their way: look at the network and at proxies. Nothing was stored.',
  },
  {
    names: ['AccessDenied', 'AllAccessDisabled', 'Forbidden'],
    status: 403,
    hint: 'Let the account list the bucket, and read, write and delete in it: s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload; with Object Lock also s3:PutObjectRetention.',
  },
  {
    names: ['SlowDown', 'ServiceUnavailable', 'Throttling', 'ThrottlingException', 'TooManyRequests'],
    status: 503,
    hint: 'The server refuses so many requests now: try again later.',
  },
];
const CONNECTION_HINT = 'Check the endpoint, the network and the firewall, and that the server runs.';

/** A request to an S3 server that failed for good. Its text names step, bucket and key, and holds no secret. */
export class S3Error extends DomainError {
  /** The name of the error: `NoSuchKey`, `ECONNRESET`, `Silent`. */
  readonly reason: string;
  readonly status: number | undefined;
  /** Whether another attempt may succeed. */
  readonly transient: boolean;
  /** Whether the server may have done what it was asked for, or may still do it. */
  readonly uncertain: boolean;

  constructor(raw: unknown, { step, bucket, key }: S3Step, secrets: readonly string[]) {
    const { reason, status, message, corrected } = partsOf(raw, secrets);
    const advice = ADVICE.find((each) => each.names.includes(reason) || (each.status ?? NaN) === status);
    const isFull = FULL.has(reason) || status === FULL_STATUS;
    const isConnection = CONNECTION.test(reason) || reason === SILENT || reason === 'TimeoutError';
    const hint = isFull
      ? 'Free some space in the bucket, or raise its quota.'
      : (advice?.hint ?? (isConnection ? CONNECTION_HINT : undefined));
    const where = key === undefined ? `bucket "${bucket}"` : `bucket "${bucket}", key "${key}"`;
    super(isFull ? 'NO_SPACE' : (advice?.code ?? 'STORAGE_FAILED'), `Could not ${step} (${where}): ${message}.`, {
      ...(hint === undefined ? {} : { hint }),
    });
    this.reason = reason;
    this.status = status;
    this.transient =
      TRANSIENT.has(reason) || CONNECTION.test(reason) || corrected || status === 429 || (status ?? 0) >= 500;
    // It is transient by its status, but the server does not know how to do it.
    if (status === 501 || isFull) this.transient = false;
    this.uncertain = status === undefined || (status >= 500 && status !== 501 && reason !== 'SlowDown');
  }

  get isMissing(): boolean {
    return this.status === 404;
  }

  /** Whether a condition of the request did not hold: something is there, or has changed. */
  get isConflict(): boolean {
    return this.status === 412 || this.status === 409;
  }

  /** Whether the server does not know the request, or a condition in it. */
  get isUnknownToServer(): boolean {
    return this.status === 501 || this.reason === 'NotImplemented';
  }
}

function partsOf(
  raw: unknown,
  secrets: readonly string[],
): { reason: string; status: number | undefined; message: string; corrected: boolean } {
  const error = (typeof raw === 'object' && raw !== null ? raw : {}) as RawError;
  const status = error.$metadata?.httpStatusCode;
  const code = typeof error.code === 'string' ? error.code : undefined;
  const name = typeof error.name === 'string' ? error.name : 'Error';
  const reason = code !== undefined && CONNECTION.test(code) ? code : name;
  const text = typeof error.message === 'string' ? error.message : '';
  const id = error.$metadata?.requestId;
  const details = [
    typeof status === 'number' ? `status ${status}` : undefined,
    typeof id === 'string' && id !== '' ? `request ${id}` : undefined,
  ].filter((detail) => detail !== undefined);
  let message = [
    reason === SILENT || text.includes(reason) ? undefined : reason,
    text === '' || text === reason
      ? undefined
      : text
          .replace(/\s+/g, ' ')
          .slice(0, 300)
          .replace(/[.\s]+$/, ''),
  ]
    .filter((part) => part !== undefined)
    .join(': ');
  if (message === '') message = reason;
  if (details.length > 0) message += ` (${details.join(', ')})`;
  for (const secret of secrets) message = message.replaceAll(secret, '********');
  return {
    reason,
    status: typeof status === 'number' ? status : undefined,
    message,
    corrected: error.$metadata?.clockSkewCorrected === true,
  };
}
