import type { StorybookConfig } from '@storybook/react-vite';
import { docsPages } from '../storybook/docsPages.js';
import { sourceAlias } from '../storybook/sourceAlias.js';

const config: StorybookConfig = {
  framework: '@storybook/react-vite',
  stories: [
    '../storybook/**/*.stories.tsx',
    { directory: '../storybook/docs', files: '**/*.mdx', titlePrefix: 'Docs' },
  ],
  addons: ['@storybook/addon-docs', '@storybook/addon-a11y', '@storybook/addon-vitest'],
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
  viteFinal: vite => ({
    ...vite,
    plugins: [docsPages(), ...(vite.plugins ?? [])],
    resolve: { ...vite.resolve, alias: sourceAlias },
  }),
};

export default config;
