import { createTheme, localStorageColorSchemeManager } from '@mantine/core';
import type { CSSVariablesResolver } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 5 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Ubuntu, Cantarell, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '650' },
  components: {
    // The placeholder is a child that a menu may not have.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close the message' } } },
    Modal: { defaultProps: { closeButtonProps: { 'aria-label': 'Close the dialog' } } },
  },
});

/** Some of Mantine's own are too pale on white, or under white, for WCAG AA. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#f8f9fb',
    '--mantine-color-dimmed': '#545b63',
    '--mantine-color-placeholder': '#666d75',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-red-filled': '#d42a2a',
    '--mantine-color-red-filled-hover': '#b92525',
    '--mantine-color-red-light-color': '#a01919',
    '--mantine-color-green-light-color': '#1b5e2b',
    '--mantine-color-yellow-light-color': '#7a4300',
    '--surface': '#ffffff',
    '--surface-border': '#dfe3e8',
  },
  dark: {
    '--mantine-color-body': '#15171a',
    '--mantine-color-dimmed': '#a9b0b8',
    '--mantine-color-placeholder': '#98a0a8',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-indigo-filled': '#4263eb',
    '--mantine-color-indigo-filled-hover': '#3b5bdb',
    '--mantine-color-red-filled': '#d42a2a',
    '--mantine-color-red-filled-hover': '#b92525',
    '--mantine-color-red-light-color': '#ffb0b0',
    '--mantine-color-green-light-color': '#8ce99a',
    '--mantine-color-yellow-light-color': '#ffd08a',
    '--surface': '#1d2024',
    '--surface-border': '#343a41',
  },
});

/** The same key as public/color-scheme.js. */
export const colorScheme = localStorageColorSchemeManager({ key: 'color-scheme' });
