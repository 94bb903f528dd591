import { configDefaults, defineConfig } from 'vitest/config';
import { sourceAlias } from './storybook/sourceAlias';

const isLongRun = process.env.LONG === '1';

/** What every project shares. Runs that take minutes are left out unless they were asked for. */
const shared = {
  setupFiles: ['tests/tools/silentConsole.ts'],
  exclude: [...configDefaults.exclude, ...(isLongRun ? [] : ['**/*.long.test.ts'])],
  restoreMocks: true,
  unstubGlobals: true,
};

const longTimeoutMs = 15 * 60_000;

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias: sourceAlias },
        test: {
          ...shared,
          name: 'unit',
          environment: 'node',
          testTimeout: isLongRun ? longTimeoutMs : 30_000,
          include: [
            'tests/*.test.ts',
            'tests/{machine,runtime,protocols,testing,conformance,scenarios,websocket,adapters,devtools,tools}/**/*.test.ts',
          ],
        },
      },
      {
        resolve: { alias: sourceAlias },
        test: {
          ...shared,
          name: 'dom',
          environment: 'jsdom',
          // testing-library tidies up after each test and announces act() only where it finds the global hooks.
          globals: true,
          testTimeout: 30_000,
          include: ['tests/react/**/*.test.{ts,tsx}', 'tests/{scenarios,adapters,devtools}/**/*.test.tsx'],
        },
      },
      {
        test: {
          ...shared,
          name: 'wire',
          environment: 'node',
          include: ['tests/{server,wire}/**/*.test.ts'],
          testTimeout: isLongRun ? longTimeoutMs : 30_000,
          hookTimeout: 30_000,
          // Real time is measured here: nothing else competes for the processor meanwhile.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: 'package',
          environment: 'node',
          include: ['tests/{package,types}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...shared,
          name: 'browser',
          environment: 'node',
          include: ['tests/{browser,bench}/**/*.test.ts'],
          testTimeout: isLongRun ? longTimeoutMs : 120_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
