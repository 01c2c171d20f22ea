import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

const AddConnectionDialog = lazy(() => import('./add-connection-dialog.js'));

/** For a database that is to be protected, but not worked with here and now. */
export function AddConnection() {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpened(true)}>
        Add connection…
      </Button>
      <Suspense fallback={null}>{opened && <AddConnectionDialog onClose={() => setOpened(false)} />}</Suspense>
    </>
  );
}
