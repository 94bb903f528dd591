import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect } from 'storybook/test';
import { rehearse } from '../stage/claims';
import { argTypes, turning } from '../stage/controls';
import type { JourneyOf } from '../stage/journey';
import { Stage } from '../stage/Stage';

/** Tabs of one session act as one. */
const meta: Meta<typeof Stage> = { title: 'Journeys/Tabs', component: Stage, argTypes };

export default meta;

type Story = StoryObj<typeof Stage>;

const minute = 60_000;

const sixTabs: JourneyOf = ({ tokenLifetimeMs, refreshLeadMs }) => ({
  title: 'Six tabs, one refresh',
  text: 'Six tabs of one user. The first token is fetched once and handed to the others in memory; when it is about to run out, one tab refreshes for all six, and each shows the new token on its own open link.',
  tabs: 6,
  orderEveryMs: 10_000,
  pollMs: 2_000,
  options: () => ({ sessionKey: 'ada' }),
  steps: [
    { at: 0, label: 'Six tabs open: one token call' },
    { at: tokenLifetimeMs - refreshLeadMs, label: 'By now one tab has refreshed for all' },
    { at: tokenLifetimeMs, label: 'The first token would have ended here' },
  ],
  endMs: tokenLifetimeMs + minute,
});

export const SixTabs: Story = {
  args: { journey: sixTabs, tokenLifetimeMs: 5 * minute, refreshLeadMs: minute },
  parameters: turning('tokenLifetimeMs', 'refreshLeadMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene } = rehearsal;
    await step('six tabs, one token call', async () => {
      await rehearsal.goTo(3 * minute);
      await expect(scene.refreshes).toBe(1);
      for (const { socket } of scene.tabs) await expect(socket.getStatus()).toMatchObject({ link: 'open' });
    });
    await rehearsal.finish();
    await step('one refresh for all, told by one number', async () => {
      await expect(scene.refreshes).toBe(2);
      await expect(rehearsal.screen.getByText(/token calls for 6 tabs/)).toHaveTextContent(
        '2 token calls for 6 tabs',
      );
    });
    await step('six sockets, none of them replaced, each with the new token', async () => {
      await expect(scene.world.server.connections.map(({ closed }) => closed)).toEqual(
        scene.tabs.map(() => null),
      );
      const ends = scene.tabs.map(({ socket }) => socket.getStatus().tokenExpiresAt);
      await expect(new Set(ends).size).toBe(1);
      for (const { socket, diary } of scene.tabs) {
        await expect(socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
        await expect(diary.orders).toMatchObject({ missing: 0, twice: 0 });
      }
    });
    await rehearsal.leave();
  },
};
