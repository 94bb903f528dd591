import type { Meta, StoryObj } from '@storybook/react-vite';
import { signedOut, type AuthSocket } from 'react-auth-socket';
import type { TestWorld } from 'react-auth-socket/testing';
import { expect, userEvent, waitFor, within } from 'storybook/test';
import { NoticeStage } from './NoticeStage';

/**
 * Three looks for what `useConnectionNotice()` tells. Each is a live region that is in the page from the start, and none
 * moves anything when it speaks. The server is back by the time you press a button.
 */
const meta: Meta<typeof NoticeStage> = {
  title: 'Notices',
  component: NoticeStage,
  args: {
    onClick(world) {
      world.server.accept();
      world.tokens.issue();
    },
  },
  // Each one covers its page.
  parameters: { docs: { story: { inline: false, height: '480px' } } },
};

export default meta;

type Story = StoryObj<typeof NoticeStage>;

async function loseLink(world: TestWorld, ms: number): Promise<void> {
  await world.clock.advance(6_000);
  world.server.refuse();
  world.server.last.drop();
  await world.clock.advance(ms);
}

const blipMs = 3_000;
const awayMs = 40_000;

async function goOffline(world: TestWorld, socket: AuthSocket): Promise<void> {
  await world.clock.advance(6_000);
  world.page.offline();
  world.server.last.drop();
  await world.clock.advance(4_000);
  socket.send({ type: 'say', text: 'On my way' });
  socket.send({ type: 'say', text: 'Five minutes' });
  await world.clock.advance(8_000);
}

async function isRefused(world: TestWorld): Promise<void> {
  await world.clock.advance(6_000);
  world.server.last.close(1008, JSON.stringify({ code: 'forbidden' }));
  await world.clock.advance(2_000);
}

async function isSignedOut(world: TestWorld, socket: AuthSocket): Promise<void> {
  await world.clock.advance(6_000);
  world.tokens.answer(signedOut('session ended'));
  socket.getToken({ forceRefresh: true }).catch(() => {});
  await world.clock.advance(2_000);
}

/** The live region, once everything has happened. */
async function settled(canvasElement: HTMLElement): Promise<HTMLElement> {
  const page = canvasElement.querySelector('.notice-page');
  await waitFor(() => expect(page).toHaveAttribute('data-ready', 'true'));
  return within(canvasElement).getByRole('status');
}

const says =
  (text: string, button: string | null): NonNullable<Story['play']> =>
  async ({ canvasElement, canvas }) => {
    const status = await settled(canvasElement);
    await expect(status).toHaveTextContent(text);
    if (button === null) await expect(canvas.queryByRole('button')).toBeNull();
    else await expect(canvas.getByRole('button')).toHaveAccessibleName(button);
    // What a screen reader says does not change while the seconds do.
    await expect(status).not.toHaveTextContent(/\d+ s\b/);
  };

/** The link was lost three seconds ago. Most come back by then, so nobody is told. */
export const NothingForABlip: Story = {
  args: { look: 'slim bar', journey: world => loseLink(world, blipMs) },
  play: async ({ canvasElement, canvas }) => {
    await expect(await settled(canvasElement)).toBeEmptyDOMElement();
    await expect(canvas.queryByRole('button')).toBeNull();
  },
};

/** Five visible seconds without a link: a bar over the page, with the time of the next try for the eye. */
export const SlimBar: Story = {
  args: { look: 'slim bar', journey: world => loseLink(world, awayMs) },
  play: says('No connection. Your changes are kept.', 'Try now'),
};

/** The button dials at once, the bar goes when the link is there, and the page has not moved. */
export const SlimBarAndBack: Story = {
  ...SlimBar,
  play: async ({ canvasElement, canvas }) => {
    const status = await settled(canvasElement);
    const heading = canvas.getByRole('heading', { name: 'General' });
    const { top } = heading.getBoundingClientRect();
    await userEvent.click(canvas.getByRole('button', { name: 'Try now' }));
    await waitFor(() => expect(status).toBeEmptyDOMElement());
    await expect(canvas.queryByRole('button')).toBeNull();
    await expect(heading.getBoundingClientRect().top).toBe(top);
  },
};

/** The browser says that there is no network: no countdown, and no button that could not help. */
export const SlimBarOffline: Story = {
  args: { look: 'slim bar', journey: goOffline },
  play: says('You are offline. Your changes are kept.', null),
};

/** One word in a corner. */
export const CornerPill: Story = {
  args: { look: 'corner pill', journey: world => loseLink(world, awayMs) },
  play: says('Reconnecting', 'Try now'),
};

/** The server does not want this connection; it is not dialled again until somebody asks. */
export const CornerPillBlocked: Story = {
  args: { look: 'corner pill', journey: isRefused },
  play: says('Disconnected', 'Connect again'),
};

/** Under the field, with what waits for the link. */
export const ComposerNote: Story = {
  args: { look: 'composer note', journey: goOffline },
  play: says('You are offline. Your changes are kept. 2 messages wait.', null),
};

/** The session is over. The draft is where it was. */
export const ComposerNoteSignedOut: Story = {
  args: { look: 'composer note', journey: isSignedOut },
  play: async context => {
    await says('You have been signed out. Your draft stays here.', 'Sign in')(context);
    await expect(context.canvas.getByLabelText('Message to General')).toHaveValue(
      'I can take the first point',
    );
  },
};
