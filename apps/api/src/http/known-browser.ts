import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Request, Response } from 'express';

const COOKIE = 'known_browser';
const MAX_AGE_SECONDS = 30 * 24 * 3_600;
const ID = /^[0-9a-f]{32}$/;

/**
 * Remembers in a browser that it has logged in here. It opens nothing: its wrong passwords are counted apart from those of others
 * at the same address, so that nobody who guesses there (behind one proxy, in one network) keeps it out. Ends with the process.
 */
export class KnownBrowser {
  private readonly key = randomBytes(32);

  /** Its id; undefined for one that has never logged in. */
  idOf(req: Request): string | undefined {
    const cookies = (req.get('cookie') ?? '').split(';').map((cookie) => cookie.trim());
    const value = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '';
    const [id = '', mac = ''] = value.split('.');
    if (!ID.test(id)) return undefined;
    const expected = this.macOf(id);
    const given = Buffer.from(mac, 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected) ? id : undefined;
  }

  remember(req: Request, res: Response): void {
    const id = randomBytes(16).toString('hex');
    const secure = req.secure ? '; Secure' : '';
    res.append(
      'Set-Cookie',
      `${COOKIE}=${id}.${this.macOf(id).toString('hex')}; Path=/; Max-Age=${MAX_AGE_SECONDS}; HttpOnly; SameSite=Strict${secure}`,
    );
  }

  private macOf(id: string): Buffer {
    return createHmac('sha256', this.key).update(id).digest();
  }
}
