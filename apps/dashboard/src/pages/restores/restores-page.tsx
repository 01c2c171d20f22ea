import { Page } from '../../ui/page.js';

export default function RestoresPage() {
  return <Page title="Restores">{null}</Page>;
}
