import { Route, Routes } from 'react-router';
import { OverviewPage } from './pages/overview/overview-page.js';
import { NotFoundPage } from './pages/not-found-page.js';
import {
  ActivityPage,
  BackupPage,
  BackupsPage,
  JobPage,
  RestoresPage,
  SchedulesPage,
  SettingsPage,
  UsersPage,
} from './shell/pages.js';
import { Shell } from './shell/shell.js';

export function App() {
  return (
    <Routes>
      <Route element={<Shell />}>
        <Route index element={<OverviewPage />} />
        <Route path="backups" element={<BackupsPage />} />
        <Route path="backups/:id" element={<BackupPage />} />
        <Route path="restores" element={<RestoresPage />} />
        <Route path="schedules" element={<SchedulesPage />} />
        <Route path="users" element={<UsersPage />} />
        <Route path="activity" element={<ActivityPage />} />
        <Route path="activity/:id" element={<JobPage />} />
        <Route path="settings" element={<SettingsPage />} />
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
