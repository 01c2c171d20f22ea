import { Page } from '../../ui/page.js';

export default function ActivityPage() {
  return <Page title="Activity">{null}</Page>;
}
