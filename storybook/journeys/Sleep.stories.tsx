import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect } from 'storybook/test';
import { expectUnharmed, rehearse, wordsOf } from '../stage/claims';
import { argTypes, turning } from '../stage/controls';
import type { JourneyOf, Timings } from '../stage/journey';
import type { Scene } from '../stage/scene';
import { Stage } from '../stage/Stage';

/** The lid is closed and opened again. */
const meta: Meta<typeof Stage> = { title: 'Journeys/Sleep and wake', component: Stage, argTypes };

export default meta;

type Story = StoryObj<typeof Stage>;

const minute = 60_000;
const hour = 60 * minute;

/** The server noticed that nobody answers, long ago. */
function wake({ world }: Scene): void {
  world.server.last.drop();
  world.page.show();
  world.page.online();
  world.page.focus();
}

const sleeps = ({ troubleMs }: Timings, afterwards: string) => ({
  orderEveryMs: troubleMs > hour ? minute : 5_000,
  steps: [
    { at: 0, label: 'The page opens' },
    { at: 8_000, label: 'The lid is closed', sleepsMs: troubleMs },
    { at: 8_000 + troubleMs, label: afterwards, run: wake },
  ],
  endMs: 23_000 + troubleMs,
});

const validToken: JourneyOf = timings => ({
  title: 'Sleep, token still valid',
  text: 'A few minutes under a closed lid. The socket is dead and does not know it. Four wake events count as one; the link is replaced at once, with the token in hand. No banner flashes.',
  ...sleeps(timings, 'The lid is opened'),
});

export const SleepWithValidToken: Story = {
  args: { journey: validToken, troubleMs: 3 * minute, tokenLifetimeMs: 15 * minute },
  argTypes: { troubleMs: { control: { type: 'range', min: 30_000, max: 10 * minute, step: 10_000 } } },
  parameters: turning('troubleMs', 'tokenLifetimeMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await step('open again within a second of the wake', async () => {
      await rehearsal.goTo(9_000 + 3 * minute);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    });
    await rehearsal.finish();
    await step('one new socket, no new token, no banner', async () => {
      await expect(scene.world.server.dials).toHaveLength(2);
      await expect(scene.refreshes).toBe(1);
      await expect(wordsOf(tab, 'session')).toEqual(['unknown', 'valid']);
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const expiredToken: JourneyOf = timings => ({
  title: 'Sleep, token expired',
  text: 'Eight hours under a closed lid; the token ran out long ago. One refresh, one new link, and the orders of the night are caught up. The user opens the lid and is where they were.',
  ...sleeps(timings, 'The lid is opened: one refresh, one link'),
});

export const SleepWithExpiredToken: Story = {
  args: { journey: expiredToken, troubleMs: 8 * hour, tokenLifetimeMs: 15 * minute },
  argTypes: { troubleMs: { control: { type: 'range', min: hour, max: 24 * hour, step: hour } } },
  parameters: turning('troubleMs', 'tokenLifetimeMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('one refresh and one new socket', async () => {
      await expect(scene.refreshes).toBe(2);
      await expect(scene.world.server.dials).toHaveLength(2);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
    });
    await step('the token that had run out was not shown to anybody', async () => {
      const shown = scene.world.server.connections.map(
        ({ received }) => (received[0] as { token: string }).token,
      );
      await expect(new Set(shown).size).toBe(2);
    });
    await step('no banner, nobody signed out, the orders of the night are there', async () => {
      await expect(tab.diary.notices).toEqual([]);
      await expect(wordsOf(tab, 'session')).not.toContain('signed-out');
      await expect(tab.diary.orders.received).toBeGreaterThanOrEqual(480);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const networkLater: JourneyOf = timings => {
  const { steps, endMs, ...rest } = sleeps(timings, '');
  const wokenAt = 8_000 + timings.troubleMs;
  return {
    ...rest,
    title: 'Wake before the network',
    text: 'The lid is opened, the token has run out, and the network needs ten more seconds. Every call fails until then, and no failure counts as a sign-out. The user reads that there is no connection, and then it is there.',
    steps: [
      ...steps.slice(0, 2),
      {
        at: wokenAt,
        label: 'The lid is opened; nothing answers',
        run(scene) {
          scene.world.tokens.fail(1_000);
          scene.world.server.refuse();
          wake(scene);
        },
      },
      {
        at: wokenAt + 10_000,
        label: 'The network is back',
        run({ world }) {
          world.tokens.issue();
          world.server.accept();
          world.page.online();
        },
      },
    ],
    endMs: endMs + 10_000,
    showMs: wokenAt + 8_000,
  };
};

export const WakeBeforeTheNetwork: Story = {
  args: { journey: networkLater, troubleMs: hour, tokenLifetimeMs: 15 * minute, lostAfterMs: 5_000 },
  argTypes: {
    troubleMs: { control: { type: 'range', min: 20 * minute, max: 24 * hour, step: 10 * minute } },
  },
  parameters: turning('troubleMs', 'lostAfterMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.goTo(hour + 16_000);
    await step('calls fail, the session is stale, the banner says so', async () => {
      await expect(scene.refreshes).toBeGreaterThan(2);
      await expect(tab.socket.getStatus()).toMatchObject({ session: 'stale', lost: true });
      await expect(rehearsal.screen.getByText(/No connection/)).toBeVisible();
    });
    await step('open within two seconds of the network', async () => {
      await rehearsal.goTo(hour + 20_000);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid' });
    });
    await rehearsal.finish();
    await step('nobody was signed out, nothing is missing', async () => {
      await expect(wordsOf(tab, 'session')).not.toContain('signed-out');
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};
