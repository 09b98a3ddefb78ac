import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin } from 'vite';

// The page is the same whoever builds it: a test run must not put React's development build into it.
const define = { 'process.env.NODE_ENV': JSON.stringify('production') };
// The streaming parser asserts on odd markdown; its complaints are not the reader's.
// Schemas are built without effects: what the page doesn't use of the protocol is no part of it.
const treeshake = { manualPureFunctions: ['console.assert', 'z', 'text'] };

/** The service worker is one script at the root: it serves what lies below it, and browsers run no chunks in it. */
function serviceWorker(): Plugin {
  let outDir = '';
  return {
    name: 'weir-service-worker',
    apply: 'build',
    configResolved({ root, build }) {
      outDir = resolve(root, build.outDir);
    },
    async closeBundle() {
      await build({
        configFile: false,
        publicDir: false,
        logLevel: 'warn',
        define,
        build: {
          outDir,
          emptyOutDir: false,
          rolldownOptions: {
            input: 'src/ui/service-worker.ts',
            treeshake,
            output: { format: 'iife', entryFileNames: 'sw.js' },
          },
        },
      });
    },
  };
}

export default defineConfig({
  root: 'src/ui',
  plugins: [react(), serviceWorker()],
  define,
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
      treeshake,
      // What the first load shares with what comes later stays in one file: cut up, it is 3 KB more.
      output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } },
    },
  },
});
