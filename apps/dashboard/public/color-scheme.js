// What theme.ts and Mantine do once they are loaded, done before anything is painted. A file, not an inline script: the
// content security policy lets no inline script run.
(() => {
  let chosen;
  try {
    chosen = localStorage.getItem('color-scheme');
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const dark =
    chosen === 'light' || chosen === 'dark' ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
