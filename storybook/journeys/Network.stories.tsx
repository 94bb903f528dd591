import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect } from 'storybook/test';
import { expectUnharmed, framesOf, rehearse, wordsOf } from '../stage/claims';
import { argTypes, turning } from '../stage/controls';
import type { JourneyOf } from '../stage/journey';
import { Stage } from '../stage/Stage';

/** Networks and servers fail in many ways. The page stays what it is. */
const meta: Meta<typeof Stage> = { title: 'Journeys/Network', component: Stage, argTypes };

export default meta;

type Story = StoryObj<typeof Stage>;

const minute = 60_000;

const outage =
  (title: string, text: string, showAt: (troubleMs: number) => number): JourneyOf =>
  ({ troubleMs }) => ({
    title,
    text,
    steps: [
      { at: 0, label: 'The page opens' },
      {
        at: 8_000,
        label: 'The link breaks, and nobody answers a dial',
        run({ world }) {
          world.server.refuse();
          world.server.last.drop();
        },
      },
      { at: 8_000 + troubleMs, label: 'The server answers again', run: ({ world }) => world.server.accept() },
    ],
    endMs: 20_000 + troubleMs * 1.4,
    showMs: showAt(troubleMs),
  });

const shortBlip = outage(
  'Short blip',
  'The link breaks and is back after a few seconds. No banner, no spinner: what came meanwhile is caught up, in order. The user sees nothing.',
  troubleMs => 20_000 + troubleMs * 1.4,
);

export const ShortBlip: Story = {
  args: { journey: shortBlip, troubleMs: 2_000, lostAfterMs: 5_000 },
  parameters: turning('troubleMs', 'lostAfterMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('no banner at any time', async () => {
      await expect(tab.diary.notices).toEqual([]);
      await expect(tab.diary.statuses.some(({ lost }) => lost)).toBe(false);
    });
    await step('the session was valid throughout', async () => {
      for (const { session } of tab.diary.statuses.filter(({ connection }) => connection > 0))
        await expect(['valid', 'refreshing']).toContain(session);
      // After two refused dials the source is asked whether the token is to blame.
      await expect(scene.refreshes).toBeLessThanOrEqual(2);
    });
    await step('a second link, and every order once', async () => {
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
      await expect(tab.diary.orders.received).toBeGreaterThan(18);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const longOutage: JourneyOf = timings => {
  const journey = outage('Long outage', '', troubleMs => 8_000 + troubleMs - 5_000)(timings);
  return {
    ...journey,
    text: 'Nobody answers for half a minute. After five seconds a banner says so. What the user sends meanwhile waits, and leaves when the link is back; the banner goes, and what was missed is caught up.',
    steps: [
      ...journey.steps.slice(0, 2),
      { at: 18_000, label: 'The user sends a note', run: ({ tab }) => tab.notes.say('Less chili') },
      ...journey.steps.slice(2),
    ],
  };
};

export const LongOutage: Story = {
  args: { journey: longOutage, troubleMs: 30_000, lostAfterMs: 5_000, backoffMaxMs: 10_000 },
  parameters: turning('troubleMs', 'lostAfterMs', 'backoffMaxMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await step('nothing is shown for the first five seconds', async () => {
      await rehearsal.goTo(12_900);
      await expect(rehearsal.screen.queryByText(/No connection/)).toBeNull();
    });
    await step('then a banner, and the note waits', async () => {
      await rehearsal.goTo(33_000);
      await expect(rehearsal.screen.getByText(/No connection/)).toBeVisible();
      await expect(rehearsal.screen.getByText('waits for the connection')).toBeVisible();
      await expect(tab.socket.getStatus()).toMatchObject({ lost: true, queued: 1, session: 'valid' });
    });
    await rehearsal.finish();
    await step('the note arrived once, the banner is gone', async () => {
      await expect(scene.kitchen.notes).toEqual(['Less chili']);
      await expect(framesOf(scene, 'note')).toHaveLength(1);
      await expect(rehearsal.screen.queryByText(/No connection/)).toBeNull();
      await expect(tab.diary.notices).toEqual(['reconnecting']);
    });
    await step('nobody was signed out, no order is missing', async () => {
      await expect(new Set(wordsOf(tab, 'session'))).toEqual(new Set(['unknown', 'valid', 'refreshing']));
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const offline: JourneyOf = ({ troubleMs }) => ({
  title: 'Offline',
  text: 'The browser says that it is offline. The banner says so too, in its own words. When the browser is online again the client dials at once, without waiting for its next turn.',
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: 8_000,
      label: 'The train enters a tunnel',
      run({ world }) {
        world.page.offline();
        world.server.last.drop();
      },
    },
    { at: 8_000 + troubleMs, label: 'The tunnel ends', run: ({ world }) => world.page.online() },
  ],
  endMs: 14_000 + troubleMs,
  showMs: 8_000 + troubleMs - 2_000,
});

export const Offline: Story = {
  args: { journey: offline, troubleMs: 40_000, lostAfterMs: 5_000 },
  parameters: turning('troubleMs', 'lostAfterMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { tab } = rehearsal;
    await rehearsal.goTo(46_000);
    await step('the banner says offline; hardly a dial is wasted', async () => {
      await expect(rehearsal.screen.getByText(/You are offline/)).toBeVisible();
      await expect(tab.diary.trace.filter(({ type }) => type === 'dial.started').length).toBeLessThanOrEqual(
        4,
      );
    });
    await step('open within a second of the network', async () => {
      await rehearsal.goTo(49_000);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
    });
    await rehearsal.finish();
    await expect(wordsOf(tab, 'session')).not.toContain('stale');
    await expectUnharmed(canvasElement, rehearsal);
    await rehearsal.leave();
  },
};

const halfOpen: JourneyOf = ({ heartbeatMs }) => ({
  title: 'Half-open link',
  text: 'A router forgets the connection. Nothing fails and nothing arrives: the socket says that it is open. The next heartbeat gets no answer, so the link is replaced and what was missed is caught up.',
  orderEveryMs: 2_000,
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: 8_000,
      label: 'The router forgets the connection',
      run: ({ world }) => world.server.last.halfOpen(),
    },
    { at: 8_000 + heartbeatMs, label: 'By now a ping has left and is not answered' },
    { at: 18_000 + heartbeatMs, label: 'Ten seconds are over: a new link' },
  ],
  endMs: 28_000 + heartbeatMs,
});

export const HalfOpen: Story = {
  args: { journey: halfOpen, heartbeatMs: 15_000 },
  parameters: turning('heartbeatMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await step('the dead link looks open until the ping is overdue', async () => {
      await rehearsal.goTo(20_000);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    });
    await rehearsal.finish();
    await step('found by a heartbeat, replaced by a second link', async () => {
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
      await expect(tab.diary.trace.filter(({ type }) => type === 'ping.sent').length).toBeGreaterThan(0);
      await expect(scene.world.server.dials).toHaveLength(2);
    });
    await step('no banner, no order missing', async () => {
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const serverRestart: JourneyOf = ({ troubleMs }) => ({
  title: 'Server restart',
  text: 'The server announces that it goes and when to come back, then closes with 1012. The client waits for that long and does not hammer. The banner comes and goes; the user is who they were.',
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: 8_000,
      label: `The server closes, 1012: come back in ${troubleMs / 1_000} s`,
      run({ world }) {
        world.server.last.close(1012, JSON.stringify({ code: 'restarting', retry_after: troubleMs / 1_000 }));
        world.server.refuse();
      },
    },
    { at: 7_000 + troubleMs, label: 'It is up again', run: ({ world }) => world.server.accept() },
  ],
  endMs: 14_000 + troubleMs * 1.1,
  showMs: 8_000 + troubleMs * 0.8,
});

export const ServerRestart: Story = {
  args: { journey: serverRestart, troubleMs: 15_000, lostAfterMs: 5_000 },
  parameters: turning('troubleMs', 'lostAfterMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await step('nothing is dialled before the time that the server named', async () => {
      await rehearsal.goTo(22_900);
      await expect(scene.world.server.dials).toHaveLength(1);
      await expect(rehearsal.screen.getByText(/No connection/)).toBeVisible();
    });
    await rehearsal.finish();
    await step('one dial opens the next link; the token is still good', async () => {
      await expect(scene.world.server.dials).toHaveLength(2);
      await expect(scene.refreshes).toBe(1);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const badFrames: JourneyOf = () => ({
  title: 'Bad frames',
  text: 'Something on the way sends half a JSON text, bytes and an empty frame. Each is reported to onError and dropped; the link stays open, and the user sees nothing.',
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: 5_000,
      label: 'Half a JSON text',
      run: ({ world }) => world.server.last.send('{"type":"order","se'),
    },
    { at: 8_000, label: 'Bytes', run: ({ world }) => world.server.last.send(new Uint8Array([7, 0, 255])) },
    { at: 11_000, label: 'An empty frame', run: ({ world }) => world.server.last.send('') },
  ],
  endMs: 15_000,
});

export const BadFrames: Story = {
  args: { journey: badFrames },
  parameters: turning(),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('each is reported, none is delivered', async () => {
      await expect(tab.diary.errors.map(({ code }) => code)).toEqual([
        'malformed-frame',
        'malformed-frame',
        'malformed-frame',
      ]);
    });
    await step('the link stays, every order came', async () => {
      await expect(scene.world.server.connections.map(({ closed }) => closed)).toEqual([null]);
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const frozenTab: JourneyOf = ({ troubleMs }) => ({
  title: 'Frozen tab',
  text: 'The browser freezes a tab in the background. The client closes its socket as that happens, so that the server need not guess, and opens another one as the tab resumes. The user comes back to a page that catches up.',
  orderEveryMs: 10_000,
  pollMs: 500,
  steps: [
    { at: 0, label: 'The page opens' },
    { at: 30_000, label: 'The tab is hidden', run: ({ world }) => world.page.hide() },
    {
      at: minute,
      label: 'The browser freezes it',
      frozenMs: troubleMs,
      run: ({ world }) => world.page.freeze(),
    },
    {
      at: minute + troubleMs,
      label: 'The user comes back to it',
      run({ world }) {
        world.page.resume();
        world.page.show();
      },
    },
  ],
  endMs: minute + troubleMs + 20_000,
});

export const FrozenTab: Story = {
  args: { journey: frozenTab, troubleMs: 5 * minute },
  argTypes: { troubleMs: { control: { type: 'range', min: minute, max: 30 * minute, step: minute } } },
  parameters: turning('troubleMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await step('the socket is closed as the tab freezes', async () => {
      await rehearsal.goTo(minute + 1_000);
      await expect(scene.world.server.last.closed).toMatchObject({ by: 'client' });
    });
    await rehearsal.finish();
    await step('one new link, no banner, no order missing', async () => {
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 2, session: 'valid' });
      await expect(tab.diary.notices).toEqual([]);
      await expect(wordsOf(tab, 'session')).not.toContain('signed-out');
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};
