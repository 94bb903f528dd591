import type { Preview } from '@storybook/react-vite';
import '../storybook/demo/style/palette.css';
import '../storybook/demo/style/base.css';
import '../storybook/demo/style/status.css';

const preview: Preview = { parameters: { layout: 'centered' } };

export default preview;
