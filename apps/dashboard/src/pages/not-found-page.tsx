import { Anchor } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { Link } from 'react-router';
import { EmptyState } from '../ui/empty-state.js';
import { Page } from '../ui/page.js';

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <EmptyState icon={IconMapQuestion} title="There is nothing at this address.">
        Go to the{' '}
        <Anchor component={Link} to="/">
          overview
        </Anchor>
        .
      </EmptyState>
    </Page>
  );
}
