import { Button, Collapse } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useId } from 'react';
import type { ReactNode } from 'react';
import classes from './disclosure.module.css';

interface Props {
  title: string;
  /** At first. */
  opened?: boolean;
  /** Made when it is opened for the first time. */
  children: ReactNode;
}

/** Something that is shown when it is asked for. */
export function Disclosure({ title, opened: initially = false, children }: Props) {
  const [opened, { toggle }] = useDisclosure(initially);
  const id = useId();
  const Icon = opened ? IconChevronDown : IconChevronRight;
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-md"
        leftSection={<Icon size={16} aria-hidden />}
        onClick={toggle}
        aria-expanded={opened}
        aria-controls={id}
        ml={-8}
        classNames={{ root: classes.button, label: classes.label }}
      >
        {title}
      </Button>
      <Collapse expanded={opened} id={id}>
        {opened && <div style={{ paddingTop: 'var(--mantine-spacing-xs)' }}>{children}</div>}
      </Collapse>
    </div>
  );
}
