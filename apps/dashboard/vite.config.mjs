import { join } from 'node:path';
import presetMantine from 'postcss-preset-mantine';
import { defineConfig } from 'vite';

/** Where `vite` sends the API's calls while somebody works on the dashboard. */
const SERVICE = process.env.SERVICE_URL ?? 'http://127.0.0.1:5002';

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
    rolldownOptions: {
      // "use client" is for servers that render React; we have none.
      onLog: (level, log, handle) => log.code === 'MODULE_LEVEL_DIRECTIVE' || handle(level, log),
    },
  },
  css: { postcss: { plugins: [presetMantine()] } },
  server: { proxy: { '/api': { target: SERVICE, changeOrigin: true } } },
});
