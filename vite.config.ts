import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/ui',
  plugins: [react()],
  // The page is the same whoever builds it: a test run must not put React's development build into it.
  define: { 'process.env.NODE_ENV': JSON.stringify('production') },
  resolve: { conditions: ['module', 'browser', 'production'] },
  oxc: { jsx: { runtime: 'automatic', development: false } },
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    sourcemap: false,
    // Nothing may be a data: URL but what the policy of the page allows, and small files are cached as well as large ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The streaming parser asserts on odd markdown; its complaints are not the reader's.
      // Schemas are built without effects: what the page doesn't use of the protocol is no part of it.
      treeshake: { manualPureFunctions: ['console.assert', 'z', 'text'] },
      // What the first load shares with what comes later stays in one file: cut up, it is 3 KB more.
      output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } },
    },
  },
});
