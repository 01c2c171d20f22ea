import type { Page } from 'playwright-core';

export interface Picture {
  name: string;
  path: string;
  /** What is done on the page before its picture is taken. */
  act?: (page: Page) => Promise<void>;
}

/** Every page, and the dialogs that a person meets first. `backup` and `job`: ids of what to look at. */
export function picturesOf({ backup, job }: { backup: string; job: string }): readonly Picture[] {
  return [
    { name: 'overview', path: '/' },
    { name: 'backups', path: '/backups' },
    { name: 'backup', path: `/backups/${backup}` },
    { name: 'restore', path: `/backups/${backup}`, act: openRestore },
    { name: 'restores', path: '/restores' },
    { name: 'schedules', path: '/schedules' },
    { name: 'users', path: '/users' },
    { name: 'activity', path: '/activity' },
    { name: 'job', path: `/activity/${job}` },
    { name: 'settings', path: '/settings' },
  ];
}

async function openRestore(page: Page): Promise<void> {
  await page
    .getByRole('main')
    .getByRole('button', { name: /^Restore/ })
    .first()
    .click();
  await page.getByRole('dialog').waitFor();
}
