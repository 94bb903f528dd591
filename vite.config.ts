import { join } from 'node:path';
import { storybookTest } from '@storybook/addon-vitest/vitest-plugin';
import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { sourceAlias } from './storybook/sourceAlias';
import { chromiumFlags } from './tests/browser/harness/chromiumFlags';

const isLongRun = process.env.LONG === '1';

/** What every project shares. Runs that take minutes are left out unless they were asked for. */
const shared = {
  setupFiles: ['tests/tools/silentConsole.ts'],
  exclude: [...configDefaults.exclude, ...(isLongRun ? [] : ['**/*.long.test.ts'])],
  restoreMocks: true,
  unstubGlobals: true,
};

const longTimeoutMs = 15 * 60_000;

/** `--project unit` and the like: Vitest readies every project that it finds, and that of the stories takes two seconds. */
const asked = process.argv.flatMap((arg, n, args) => {
  if (arg === '--project') return args[n + 1] ?? [];
  return arg.startsWith('--project=') ? arg.slice('--project='.length) : [];
});
const areOthersAsked =
  asked.length > 0 && asked.every(name => ['unit', 'dom', 'wire', 'package', 'browser'].includes(name));

/** The stories, each with its `play`, in the browser that `npm test` has found. */
function storiesProject(): TestProjectInlineConfiguration {
  const { CHROMIUM } = process.env;
  return {
    plugins: [storybookTest({ configDir: join(import.meta.dirname, '.storybook') })],
    resolve: { alias: sourceAlias },
    test: {
      name: 'storybook',
      setupFiles: ['tests/tools/silentConsole.ts'],
      testTimeout: 30_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        viewport: { width: 1_200, height: 900 },
        provider: playwright({
          launchOptions: {
            args: [...chromiumFlags],
            ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
          },
        }),
        instances: [{ browser: 'chromium' }],
      },
      maxWorkers: 1,
      sequence: { groupOrder: 4 },
    },
  };
}

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
      ...(areOthersAsked ? [] : [storiesProject()]),
    ],
  },
});
