import type { Preview } from '@storybook/react-vite';
import '../storybook/demo/style/palette.css';
import '../storybook/demo/style/base.css';
import '../storybook/demo/style/status.css';
import '../storybook/stage/stage.css';
import '../storybook/stage/orders.css';
import '../storybook/stage/scrubber.css';
import '../storybook/stage/tabs.css';
import '../storybook/stage/narrow.css';
import '../storybook/problems/pair.css';

const preview: Preview = {
  tags: ['autodocs'],
  parameters: {
    layout: 'fullscreen',
    // A violation fails the test of the story.
    a11y: { test: 'error' },
    options: {
      storySort: { order: ['Problems', 'Journeys', 'States', 'Notices', '*', 'Docs'] },
    },
  },
};

export default preview;
