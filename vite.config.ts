import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { build, defineConfig, type Plugin } from 'vite';

// The page is the same whoever builds it: a test run must not put React's development build into it.
const define = { 'process.env.NODE_ENV': JSON.stringify('production') };
// The streaming parser asserts on odd markdown; its complaints are not the reader's.
// Schemas are built without effects: what the page doesn't use of the protocol is no part of it.
const treeshake = { manualPureFunctions: ['console.assert', 'z', 'text'] };

/**
 * One script at the root, without chunks. The service worker: it serves what lies below it, and browsers run no chunks in
 * it. What an inspecting server puts before the page's own modules: it must be there before they are.
 */
function script(input: string, file: string): Plugin {
  let outDir = '';
  return {
    name: `weir-script-${file}`,
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
            input,
            treeshake,
            output: { format: 'iife', entryFileNames: file },
          },
        },
      });
    },
  };
}

const common = {
  root: 'src/ui',
  define,
  resolve: { conditions: ['module', 'browser', 'production'] },
  oxc: { jsx: { runtime: 'automatic' as const, development: false } },
  build: {
    outDir: '../../dist/ui',
    sourcemap: false,
    // Nothing may be a data: URL but what the policy of the page allows, and small files are cached as well as large ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false as const },
  },
};

/** The inspector is a page of its own, in a folder that is served only while it is wanted: the page shares nothing with it. */
function inspector(): Plugin {
  return {
    name: 'weir-inspector',
    apply: 'build',
    async closeBundle() {
      await build({
        ...common,
        configFile: false,
        plugins: [react()],
        publicDir: false,
        logLevel: 'warn',
        build: {
          ...common.build,
          emptyOutDir: false,
          assetsDir: 'assets/inspect',
          rolldownOptions: { input: 'src/ui/inspector.html', treeshake },
        },
      });
    },
  };
}

export default defineConfig({
  ...common,
  plugins: [
    react(),
    script('src/ui/service-worker.ts', 'sw.js'),
    script('src/ui/inspected.ts', 'inspected.js'),
    script('src/ui/inspect-stately.ts', 'inspect-stately.js'),
    inspector(),
  ],
  build: {
    ...common.build,
    emptyOutDir: true,
    rolldownOptions: {
      treeshake,
      // What the first load shares with what comes later stays in one file: cut up, it is 3 KB more.
      output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } },
    },
  },
});
