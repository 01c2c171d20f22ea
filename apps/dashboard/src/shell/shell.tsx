import { AppShell, Burger, Group, NavLink, Skeleton, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useEffect, useRef } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { ActiveConnection } from './active-connection.js';
import { ColorSchemeMenu } from './color-scheme-menu.js';
import { ErrorBoundary } from './error-boundary.js';
import { LiveIndicator } from './live-indicator.js';
import { PAGES } from './pages.js';
import { RunningJobs } from './running-jobs.js';
import classes from './shell.module.css';

/** The frame of every page: the menu, the active connection, whether the page is live. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    close();
    // Who reads with the ears or the keyboard goes on in the new page, not in the menu.
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="sm">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label="Menu"
              aria-expanded={opened}
            />
            <Link to="/" className={classes.brand} aria-label="Database Backup Service: overview">
              <Logo />
              <Text fw={700} visibleFrom="xs" span>
                Database Backup
              </Text>
            </Link>
          </Group>
          <Group gap="sm" wrap="nowrap" className={classes.tools}>
            <ActiveConnection />
            <LiveIndicator />
            <ColorSchemeMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" className={classes.navbar} aria-label="Pages">
        <div className={classes.links}>
          {PAGES.map(({ path, label, icon: Icon }) => {
            const active = path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`);
            return (
              <NavLink
                key={path}
                component={Link}
                to={path}
                label={label}
                leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
                active={active}
                aria-current={active ? 'page' : undefined}
                className={classes.link}
              />
            );
          })}
        </div>
        <RunningJobs />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <div className={classes.page}>
          <ErrorBoundary key={pathname}>
            <Suspense fallback={<PageSkeleton />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

/** Shows the mark of public/favicon.svg. */
function Logo() {
  return <img src="/favicon.svg" width={28} height={28} alt="" />;
}

/** Stands in for a page that is being loaded. */
function PageSkeleton() {
  return (
    <Stack aria-busy="true" role="status" aria-label="Loading the page">
      <Skeleton height={32} width={220} />
      <Skeleton height={220} />
    </Stack>
  );
}
