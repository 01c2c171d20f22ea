import { Page } from '../../ui/page.js';

export default function SchedulesPage() {
  return <Page title="Schedules">{null}</Page>;
}
