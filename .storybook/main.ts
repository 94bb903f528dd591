import { join } from 'node:path';
import type { StorybookConfig } from '@storybook/react-vite';

const src = join(import.meta.dirname, '../src');

const config: StorybookConfig = {
  framework: '@storybook/react-vite',
  stories: ['../storybook/**/*.stories.tsx'],
  core: { disableTelemetry: true },
  viteFinal: vite => ({
    ...vite,
    resolve: {
      ...vite.resolve,
      alias: [
        { find: /^react-auth-socket$/, replacement: join(src, 'index.ts') },
        { find: /^react-auth-socket\/testing$/, replacement: join(src, 'testing/index.ts') },
      ],
    },
  }),
};

export default config;
