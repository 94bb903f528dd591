import type { StorybookConfig } from '@storybook/react-vite';
import { sourceAlias } from '../storybook/sourceAlias';

const config: StorybookConfig = {
  framework: '@storybook/react-vite',
  stories: ['../storybook/**/*.stories.tsx'],
  core: { disableTelemetry: true },
  viteFinal: vite => ({ ...vite, resolve: { ...vite.resolve, alias: sourceAlias } }),
};

export default config;
