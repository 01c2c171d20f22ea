import { Page } from '../../ui/page.js';

export default function UsersPage() {
  return <Page title="Database users">{null}</Page>;
}
