import { join } from 'node:path';
import presetMantine from 'postcss-preset-mantine';
import { defineConfig } from 'vite';

/** Where `vite` sends the API's calls while somebody works on the dashboard. */
const SERVICE = process.env.SERVICE_URL ?? 'http://127.0.0.1:5002';
const FRAMEWORK = /node_modules[\\/](react|react-dom|scheduler|react-router|@tanstack|openapi-fetch)[\\/]/;

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: join(import.meta.dirname, '../../dist/dashboard'),
    emptyOutDir: true,
    target: 'es2022',
    // Hashed, so that browsers may keep them for ever.
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What a first visit loads has a budget with a test of its own: test/dashboard/size.e2e-spec.ts.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      // "use client" is for servers that render React; we have none.
      onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
      output: {
        // What every page needs and only a new version of a package changes stays in the browser's cache. Mantine is not
        // in it: of that each page loads what it uses.
        codeSplitting: { groups: [{ name: 'framework', test: FRAMEWORK }] },
      },
    },
  },
  css: { postcss: { plugins: [presetMantine()] } },
  // With the Host that the browser named, or the service would take the page for a stranger's.
  server: { proxy: { '/api': { target: SERVICE, changeOrigin: false } } },
});
