import { actionWords, answerWords, detailLines, subjectLink, subjectWords } from './audit-words.js';

describe('who did what, in words', () => {
  it.each([
    ['POST /api/backup', {}, 'Create a backup'],
    ['PATCH /api/schedules/:id', {}, 'Change a schedule'],
    ['POST /api/restore', { dry_run: true }, 'Plan a restore'],
    ['POST /api/restore', { dry_run: false }, 'Restore a backup'],
    ['POST /api/backups/:id/pin', { pinned: false }, 'Unpin a backup'],
    ['POST /api/users', { operation: 'Delete Users' }, 'Delete a database user'],
    ['POST /api/users', {}, 'Change database users'],
    ['POST /wp-login.php', {}, 'POST /wp-login.php'],
  ])('%s %j', (action, details, words) => {
    expect(actionWords({ action, details })).toBe(words);
  });

  it.each([
    [200, 'Done'],
    [202, 'Begun'],
    [401, 'Not allowed'],
    [422, 'Refused'],
    [502, 'Failed'],
    [null, 'Hung up'],
  ])('answers %s as %s', (status, words) => {
    expect(answerWords({ status }).words).toBe(words);
  });

  it('tells what was asked for, a field a line', () => {
    expect(detailLines({ details: { database: 'shop', tables: ['a'], code: 'BUSY' } })).toEqual([
      'database: shop',
      'tables: ["a"]',
      'code: BUSY',
    ]);
  });

  it.each([
    ['POST /api/backup', 200, '/backups/x'],
    ['POST /api/backup', 202, '/activity/x'],
    ['POST /api/backups/:id/verify', 202, '/backups/x'],
    ['POST /api/jobs/:id/cancel', 200, '/activity/x'],
    ['POST /api/restores/:id/undo', 200, '/restores'],
    ['POST /api/restore', 200, undefined],
    ['POST /api/backup', 502, undefined],
    ['DELETE /api/backups/:id', 200, undefined],
    ['POST /api/connect', 200, undefined],
  ])('leads from %s, answered %s, to %s', (action, status, link) => {
    expect(subjectLink({ action, subject: 'x', status })).toBe(link);
  });

  it('names what has no name by what it is', () => {
    const subject = '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52';
    expect(subjectWords({ action: 'POST /api/backup', subject, status: 200 })).toBe('Backup 6f1c8f8e');
    expect(subjectWords({ action: 'POST /api/backup', subject, status: 202 })).toBe('Job 6f1c8f8e');
    expect(subjectWords({ action: 'DELETE /api/connections/:id', subject, status: 200 })).toBe('Connection 6f1c8f8e');
    expect(subjectWords({ action: 'POST /api/users', subject: 'reader', status: 200 })).toBe('reader');
    expect(subjectWords({ action: 'POST /api/tools/detect', subject: null, status: 200 })).toBe('–');
  });
});
