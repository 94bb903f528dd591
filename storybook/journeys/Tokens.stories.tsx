import type { Meta, StoryObj } from '@storybook/react-vite';
import { jsonProtocol, ticket } from 'react-auth-socket/protocols';
import { expect } from 'storybook/test';
import { expectUnharmed, framesOf, rehearse, wordsOf } from '../stage/claims';
import { argTypes, turning } from '../stage/controls';
import type { JourneyOf } from '../stage/journey';
import { Stage } from '../stage/Stage';

/** Tokens run out and are renewed, or cannot be. The user goes on working. */
const meta: Meta<typeof Stage> = { title: 'Journeys/Tokens', component: Stage, argTypes };

export default meta;

type Story = StoryObj<typeof Stage>;

const minute = 60_000;

const silentRefresh: JourneyOf = ({ tokenLifetimeMs, refreshLeadMs }) => ({
  title: 'Silent refresh',
  text: 'The token is about to run out. A new one is fetched in time and shown to the server over the open link. The socket stays, no message is missed, and the user sees nothing at all.',
  orderEveryMs: 10_000,
  pollMs: 1_000,
  steps: [
    { at: 0, label: 'The page opens' },
    { at: tokenLifetimeMs - refreshLeadMs, label: 'The refresh is due, a little earlier' },
    { at: tokenLifetimeMs, label: 'The first token would have ended here' },
  ],
  endMs: tokenLifetimeMs + minute,
});

export const SilentRefresh: Story = {
  args: { journey: silentRefresh, tokenLifetimeMs: 5 * minute, refreshLeadMs: minute },
  parameters: turning('tokenLifetimeMs', 'refreshLeadMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.goTo(4 * minute);
    await step(
      'a minute before the end, and up to a tenth of that more, a new token was fetched',
      async () => {
        const asked = tab.diary.trace.filter(({ type }) => type === 'token.asked').at(-1);
        const at = (asked?.at ?? 0) - (tab.diary.trace[0]?.at ?? 0);
        await expect(at).toBeLessThanOrEqual(4 * minute);
        await expect(at).toBeGreaterThanOrEqual(4 * minute - 7_000);
      },
    );
    await rehearsal.finish();
    await step('one socket for both tokens', async () => {
      await expect(scene.world.server.connections.map(({ closed }) => closed)).toEqual([null]);
      await expect(framesOf(scene, 'auth_refresh')).toHaveLength(1);
      await expect(scene.refreshes).toBe(2);
    });
    await step('nothing was shown and nothing missed', async () => {
      await expect(wordsOf(tab, 'session')).toEqual(['unknown', 'valid', 'refreshing', 'valid']);
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const inBandRefresh: JourneyOf = ({ troubleMs }) => ({
  title: 'In-band refresh, asked for by the server',
  text: 'The server warns that it will not take this token much longer. The client fetches another one at once and hands it over on the open link; the server acknowledges it. One socket all the time.',
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: troubleMs,
      label: 'The server: “expires in 60 s”',
      run: ({ world }) => world.server.last.send({ type: 'auth_expiring_soon', expires_in: 60 }),
    },
    { at: troubleMs + 200, label: 'The new token is handed over and acknowledged' },
  ],
  endMs: troubleMs + 6_000,
});

export const InBandRefresh: Story = {
  args: { journey: inBandRefresh, troubleMs: 40_000 },
  parameters: turning('troubleMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('one exchange on the open link, numbered and acknowledged', async () => {
      await expect(framesOf(scene, 'auth_refresh')).toMatchObject([{ id: 1 }]);
      await expect(tab.diary.trace.filter(({ type }) => type === 'token.acked')).toHaveLength(1);
      await expect(framesOf(scene, 'auth_refresh')[0]?.token).not.toBe(framesOf(scene, 'auth')[0]?.token);
    });
    await step('one socket', async () => {
      await expect(scene.world.server.dials).toHaveLength(1);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
    });
    await step('nothing was shown and nothing missed', async () => {
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const singleUseTickets: JourneyOf = ({ troubleMs }) => {
  let given = 0;
  return {
    title: 'Single-use tickets',
    text: 'This server wants a ticket in the address, and takes each ticket once. One is fetched right before each dial, and none is ever shown twice. The user sees orders, whatever the network does.',
    options: () => ({
      protocol: jsonProtocol({ carrier: ticket({ getTicket: () => `ticket-${(given += 1)}` }) }),
    }),
    before() {
      given = 0;
    },
    steps: [
      { at: 0, label: 'The page opens with ticket 1' },
      ...[1, 2, 3].map(n => ({
        at: 6_000 + (n - 1) * troubleMs,
        label: `The link breaks; ticket ${n + 1}`,
        run: ({ world }: Parameters<NonNullable<ReturnType<JourneyOf>['before']>>[0]) =>
          world.server.last.drop(),
      })),
    ],
    endMs: 10_000 + 3 * troubleMs,
  };
};

export const SingleUseTickets: Story = {
  args: { journey: singleUseTickets, troubleMs: 8_000 },
  parameters: turning('troubleMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('each dial has a ticket of its own', async () => {
      const tickets = scene.world.server.dials.map(({ url }) => new URL(url).searchParams.get('ticket'));
      await expect(tickets).toEqual(['ticket-1', 'ticket-2', 'ticket-3', 'ticket-4']);
    });
    await step('and the access token is never in an address', async () => {
      for (const { url } of scene.world.server.dials) await expect(url).not.toContain('eyJ');
    });
    await step('nothing was shown and nothing missed', async () => {
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 4 });
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const hungRefresh: JourneyOf = ({ tokenLifetimeMs, refreshLeadMs, troubleMs }) => {
  const dueMs = tokenLifetimeMs - refreshLeadMs * 1.1;
  return {
    title: 'Hung token endpoint, mid-session',
    text: 'The refresh is due and its endpoint hangs. Each call is given up after ten seconds and made again; the token in hand is still good, so the link stays open and the user sees nothing.',
    orderEveryMs: 5_000,
    pollMs: 1_000,
    steps: [
      { at: 0, label: 'The page opens' },
      { at: dueMs, label: 'The token endpoint hangs', run: ({ world }) => world.tokens.hang() },
      { at: dueMs + troubleMs, label: 'It answers again', run: ({ world }) => world.tokens.issue() },
      { at: tokenLifetimeMs, label: 'The first token would have ended here' },
    ],
    endMs: tokenLifetimeMs + 20_000,
  };
};

export const HungRefresh: Story = {
  args: { journey: hungRefresh, tokenLifetimeMs: 4 * minute, refreshLeadMs: 90_000, troubleMs: 50_000 },
  parameters: turning('troubleMs', 'tokenLifetimeMs', 'refreshLeadMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.goTo(185_000);
    await step('calls that hang are given up and made again, while the link stays open', async () => {
      await expect(tab.world.tokens.calls.filter(({ signal }) => signal.aborted).length).toBeGreaterThan(1);
      await expect(tab.socket.getStatus()).toMatchObject({
        link: 'open',
        session: expect.stringMatching(/valid|refreshing/),
      });
    });
    await rehearsal.finish();
    await step('one socket, no banner, no order missed', async () => {
      await expect(scene.world.server.dials).toHaveLength(1);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 1 });
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

const endpointDown: JourneyOf = ({ tokenLifetimeMs, troubleMs }) => ({
  title: 'Token endpoint down past the expiry',
  text: 'The token endpoint fails for so long that the token runs out and the server closes with 1008. The session is stale, not over: the user reads that there is no connection, keeps the page, and goes on when the endpoint is back.',
  orderEveryMs: 5_000,
  pollMs: 1_000,
  steps: [
    { at: 0, label: 'The page opens' },
    { at: 30_000, label: 'The token endpoint goes down', run: ({ world }) => world.tokens.fail(1_000) },
    { at: tokenLifetimeMs, label: 'The token has run out: the server closes, 1008' },
    { at: 30_000 + troubleMs, label: 'The endpoint is back', run: ({ world }) => world.tokens.issue() },
  ],
  endMs: 75_000 + troubleMs,
  showMs: tokenLifetimeMs + 20_000,
});

export const TokenEndpointDown: Story = {
  args: { journey: endpointDown, tokenLifetimeMs: 2 * minute, troubleMs: 2 * minute, backoffMaxMs: 30_000 },
  parameters: turning('troubleMs', 'tokenLifetimeMs', 'backoffMaxMs'),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.goTo(145_000);
    await step('stale, with a banner; nothing is dialled with a token that has run out', async () => {
      await expect(tab.socket.getStatus()).toMatchObject({
        session: 'stale',
        lost: true,
        waitingFor: 'token',
      });
      await expect(rehearsal.screen.getByText(/No connection/)).toBeVisible();
      await expect(scene.world.server.dials).toHaveLength(1);
    });
    await rehearsal.finish();
    await step(
      'within one step of the ladder after the endpoint is back: open again, nobody signed out',
      async () => {
        await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
        await expect(wordsOf(tab, 'session')).not.toContain('signed-out');
        await expect(tab.diary.notices).toEqual(['reconnecting']);
        await expectUnharmed(canvasElement, rehearsal);
      },
    );
    await rehearsal.leave();
  },
};
