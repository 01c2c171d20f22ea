import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { HttpException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError, errorCodeOf } from '@app/domain';
import { byteRangeOf } from '../http/byte-range.js';
import { isKnown, isSameAs } from '../http/preconditions.js';
import type { Download } from './backup-download.service.js';

/** The error codes of a caller who hangs up, and of a shutdown that waits no longer. */
const HUNG_UP = ['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_UNABLE_TO_PIPE', 'ECONNRESET', 'EPIPE'];

/**
 * Answers with the file or the requested part of it (RFC 9110, 13 and 14), as fast as the caller reads. Resolves when
 * the caller has read all of it, or has hung up.
 */
export async function answerWith(download: Download, request: Request, response: Response): Promise<void> {
  const { artifact, etag, lastModified } = download;
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('ETag', etag);
  response.setHeader('Last-Modified', lastModified);
  // The caller may keep the answer but must ask again each time, since another user may be logged in then.
  response.setHeader('Cache-Control', 'private, no-cache');
  if (isKnown(request.get('if-none-match'), request.get('if-modified-since'), download)) {
    response.status(304).end();
    return;
  }
  const range = isSameAs(request.get('if-range'), download)
    ? byteRangeOf(request.method === 'GET' ? request.get('range') : undefined, artifact.size)
    : undefined;
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${artifact.size}`);
    throw new HttpException('The file has no such bytes.', 416);
  }
  const { start, end } = range ?? { start: 0, end: artifact.size };
  if (range !== undefined) {
    response.status(206).setHeader('Content-Range', `bytes ${start}-${end - 1}/${artifact.size}`);
  }
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('Content-Length', end - start);
  response.setHeader('Content-Disposition', contentDisposition(download.filename));
  // The digest is of the whole file, also if the answer is a part of it (RFC 9530).
  if (download.sha256 !== undefined) response.setHeader('Repr-Digest', `sha-256=:${download.sha256}:`);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    const whole = range === undefined && download.sha256 !== undefined;
    const content = artifact.stream(undefined, { start, end });
    await (whole ? pipeline(content, (chunks) => verified(chunks, download), response) : pipeline(content, response));
  } catch (error) {
    if (!HUNG_UP.includes(errorCodeOf(error) ?? '')) throw error;
  }
}

/** Holds the end of the file back until the hash of all of it is right, so that a damaged download breaks off. */
async function* verified(chunks: AsyncIterable<Buffer>, download: Download): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let held: Buffer | undefined;
  for await (const chunk of chunks) {
    hash.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (hash.digest('base64') !== download.sha256) {
    await download.damaged();
    throw new DomainError('BACKUP_DAMAGED', `${download.filename} is not as it was written: its hash differs.`);
  }
  if (held !== undefined) yield held;
}

/** RFC 6266: an ASCII name for old clients, and the real name where it differs. */
export function contentDisposition(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"${plain === filename ? '' : `; filename*=UTF-8''${encoded}`}`;
}
