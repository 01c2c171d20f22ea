import { Page } from '../../ui/page.js';

export default function JobPage() {
  return <Page title="Job">{null}</Page>;
}
