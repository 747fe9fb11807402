import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

/**
 * Builds the page into dist/, with relative addresses so that it also works behind a reverse proxy's path.
 * Nothing is inlined: the collector's Content-Security-Policy allows files of its own origin only.
 */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'third-party-licenses.md' },
  },
})
