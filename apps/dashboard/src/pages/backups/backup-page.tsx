import { Page } from '../../ui/page.js';

export default function BackupPage() {
  return <Page title="Backup">{null}</Page>;
}
