import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect } from 'storybook/test';
import { expectUnharmed, framesOf, rehearse, wordsOf } from '../stage/claims';
import { argTypes, turning } from '../stage/controls';
import type { JourneyOf } from '../stage/journey';
import { Stage } from '../stage/Stage';

/** From a page that opens to messages that flow. */
const meta: Meta<typeof Stage> = { title: 'Journeys/Connecting', component: Stage, argTypes };

export default meta;

type Story = StoryObj<typeof Stage>;

const firstConnect: JourneyOf = ({ tokenLifetimeMs }) => ({
  title: 'First connect',
  text: 'A token is fetched, the socket dialled, the token shown in the first message. Only when the server has said yes does anything else leave. The user sees the page, and then orders.',
  tokenLatencyMs: 400,
  before({ world, tab }) {
    world.server.hang();
    world.server.auto = false;
    // Written before there is a link: it waits its turn.
    tab.notes.say('No onions');
  },
  steps: [
    { at: 0, label: 'The page opens and asks for a token' },
    { at: 400, label: 'The token is there: the socket is dialled' },
    { at: 700, label: 'The server takes the call', run: ({ world }) => world.server.accept() },
    {
      at: 1_000,
      label: 'The server accepts the token',
      run({ world }) {
        world.server.last.send({ type: 'auth_ok', expires_in: tokenLifetimeMs / 1_000 });
        world.server.auto = true;
      },
    },
  ],
  endMs: 4_500,
});

export const FirstConnect: Story = {
  args: { journey: firstConnect, tokenLifetimeMs: 900_000 },
  parameters: turning('tokenLifetimeMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await step('nothing leaves before the server has accepted the token', async () => {
      await rehearsal.goTo(999);
      await expect(scene.world.server.last.received).toMatchObject([{ type: 'auth' }]);
    });
    await rehearsal.finish();
    await step('one token, one socket, in this order', async () => {
      await expect(wordsOf(tab, 'link')).toEqual([
        'idle',
        'preparing',
        'connecting',
        'authenticating',
        'open',
      ]);
      await expect(scene.refreshes).toBe(1);
      await expect(scene.world.server.dials).toHaveLength(1);
    });
    await step('what was written before there was a link has arrived', async () => {
      await expect(scene.kitchen.notes).toEqual(['No onions']);
      await expect(framesOf(scene, 'note')).toHaveLength(1);
    });
    await step('no banner was shown', async () => {
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const hungAtFirst: JourneyOf = ({ troubleMs }) => ({
  title: 'Hung token endpoint, first connect',
  text: 'The token endpoint takes the call and never answers. After ten seconds the client gives the call up and asks again. Nothing is dialled without a token, and nobody is sent to a login page. The user reads that there is no connection.',
  before: ({ world }) => world.tokens.hang(),
  steps: [
    { at: 0, label: 'The token endpoint hangs' },
    { at: troubleMs, label: 'It answers again', run: ({ world }) => world.tokens.issue() },
  ],
  endMs: troubleMs + 6_000,
  showMs: troubleMs - 1_000,
});

export const HungTokenEndpoint: Story = {
  args: { journey: hungAtFirst, troubleMs: 25_000, lostAfterMs: 5_000 },
  parameters: turning('troubleMs', 'lostAfterMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.goTo(24_000);
    await step('the user reads that there is no connection', async () => {
      await expect(rehearsal.screen.getByText(/No connection/)).toBeVisible();
      await expect(scene.world.server.dials).toEqual([]);
    });
    await step('the call that hung was given up, and another one made', async () => {
      await expect(scene.refreshes).toBeGreaterThanOrEqual(2);
      await expect(tab.world.tokens.calls[0]?.signal.aborted).toBe(true);
    });
    await rehearsal.finish();
    await step('one dial, and the banner is gone', async () => {
      await expect(scene.world.server.dials).toHaveLength(1);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
      await expect(rehearsal.screen.queryByText(/No connection/)).toBeNull();
      await expect(tab.diary.notices).toEqual(['reconnecting']);
      await expect(wordsOf(tab, 'session')).not.toContain('signed-out');
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};
