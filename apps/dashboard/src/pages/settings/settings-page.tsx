import { Page } from '../../ui/page.js';

export default function SettingsPage() {
  return <Page title="Settings">{null}</Page>;
}
