import { pipeline } from 'node:stream/promises';
import { HttpException } from '@nestjs/common';
import type { Request, Response } from 'express';
import { requireHash } from '@app/artifact';
import { errorCodeOf } from '@app/domain';
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
  const { artifact, etag, lastModified, sha256 } = download;
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
  if (sha256 !== undefined) {
    response.setHeader('Repr-Digest', `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`);
  }
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    const content = artifact.part({ start, end });
    // A part has no hash of its own. A download of the whole file breaks off before its end when the file is damaged.
    const isChecked = range === undefined && sha256 !== undefined;
    await (isChecked
      ? pipeline(content, (chunks) => requireHash(chunks, sha256, () => download.damaged()), response)
      : pipeline(content, response));
  } catch (error) {
    if (!HUNG_UP.includes(errorCodeOf(error) ?? '')) throw error;
  }
}

/**
 * RFC 6266: an ASCII name for old clients, and the real name where it differs. Express' `response.attachment` would change
 * the header of every download: it quotes no plain name, and writes `?` where this writes `_` (ADR 51).
 */
export function contentDisposition(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"${plain === filename ? '' : `; filename*=UTF-8''${encoded}`}`;
}
