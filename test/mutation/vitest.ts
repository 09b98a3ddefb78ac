// What a test file gets for `vitest` while mutants are looked for: the engine of this folder, and Vitest's own claims.
export { expect, vi } from 'vitest';
export { describe, onTestFinished, test } from './engine.ts';
