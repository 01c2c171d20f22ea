import { Page } from '../../ui/page.js';

export default function BackupsPage() {
  return <Page title="Backups">{null}</Page>;
}
