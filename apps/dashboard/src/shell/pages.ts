import {
  IconActivity,
  IconArrowBackUp,
  IconCalendarClock,
  IconDatabase,
  IconLayoutDashboard,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react';
import { lazy } from 'react';

/** The pages, in the order of the menu. All but the first are loaded when they are opened. */
export const PAGES = [
  { path: '/', label: 'Overview', icon: IconLayoutDashboard },
  { path: '/backups', label: 'Backups', icon: IconDatabase },
  { path: '/restores', label: 'Restores', icon: IconArrowBackUp },
  { path: '/schedules', label: 'Schedules', icon: IconCalendarClock },
  { path: '/users', label: 'Database users', icon: IconUsers },
  { path: '/activity', label: 'Activity', icon: IconActivity },
  { path: '/settings', label: 'Settings', icon: IconSettings },
] as const;

export const BackupsPage = lazy(() => import('../pages/backups/backups-page.js'));
export const BackupPage = lazy(() => import('../pages/backups/backup-page.js'));
export const RestoresPage = lazy(() => import('../pages/restores/restores-page.js'));
export const SchedulesPage = lazy(() => import('../pages/schedules/schedules-page.js'));
export const UsersPage = lazy(() => import('../pages/users/users-page.js'));
export const ActivityPage = lazy(() => import('../pages/activity/activity-page.js'));
export const JobPage = lazy(() => import('../pages/activity/job-page.js'));
export const SettingsPage = lazy(() => import('../pages/settings/settings-page.js'));
