import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect } from 'storybook/test';
import { expectUnharmed, rehearse, wordsOf } from '../stage/claims';
import { argTypes, turning } from '../stage/controls';
import type { JourneyOf } from '../stage/journey';
import { Stage } from '../stage/Stage';

/** One close code, many meanings. The reason is read before the code, and none of them signs anybody out. */
const meta: Meta<typeof Stage> = { title: 'Journeys/1008', component: Stage, argTypes };

export default meta;

type Story = StoryObj<typeof Stage>;

const closed =
  (title: string, text: string, reason: string, endMs = 20_000): JourneyOf =>
  () => ({
    title,
    text,
    steps: [
      { at: 0, label: 'The page opens' },
      {
        at: 8_000,
        label: `The server closes, 1008${reason === '' ? ', and does not say why' : ` ${reason}`}`,
        run: ({ world }) => world.server.last.close(1008, reason),
      },
    ],
    endMs,
  });

export const Expired: Story = {
  args: {
    journey: closed(
      '1008, the token has expired',
      'The server will not take this token any longer. One refresh, one new link, and the user sees nothing.',
      'token_expired',
    ),
  },
  parameters: turning(),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('one refresh, which no cache may answer, and one new socket', async () => {
      await expect(tab.world.tokens.calls.map(({ reason }) => reason)).toEqual(['initial', 'rejected']);
      await expect(tab.world.tokens.calls[1]).toMatchObject({ forceRefresh: true });
      await expect(scene.world.server.dials).toHaveLength(2);
    });
    await step('nothing was shown and nothing missed', async () => {
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
      await expect(tab.socket.getStatus().lastClose).toMatchObject({ code: 1008, verdict: 'expired' });
      await expect(tab.diary.notices).toEqual([]);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

export const Withdrawn: Story = {
  args: {
    journey: closed(
      '1008, the token was withdrawn',
      'The server says “revoked”. Whether the session is over is for the token source to say: it is asked once, gives another token, and the user sees nothing.',
      '{"code":"token_revoked"}',
    ),
  },
  parameters: turning(),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('the source was asked once and decided', async () => {
      await expect(scene.refreshes).toBe(2);
      await expect(tab.socket.getStatus().lastClose).toMatchObject({ verdict: 'revoked' });
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
    });
    await expect(tab.diary.notices).toEqual([]);
    await expectUnharmed(canvasElement, rehearsal);
    await rehearsal.leave();
  },
};

export const RateLimited: Story = {
  args: {
    journey: closed(
      '1008, too much at once',
      'A rate limit, and the server names the time to come back. The token is not to blame, so none is fetched. The user reads that there is no connection, until it is there again.',
      '{"code":"rate_limited","retry_after":10}',
      26_000,
    ),
  },
  parameters: turning(),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await step('nothing is dialled before the time that the server named', async () => {
      await rehearsal.goTo(17_900);
      await expect(scene.world.server.dials).toHaveLength(1);
    });
    await rehearsal.finish();
    await step('then one dial, with the same token', async () => {
      await expect(scene.world.server.dials).toHaveLength(2);
      await expect(scene.refreshes).toBe(1);
      await expect(tab.socket.getStatus().lastClose).toMatchObject({ verdict: 'limit' });
      await expect(wordsOf(tab, 'session')).toEqual(['unknown', 'valid']);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await rehearsal.leave();
  },
};

export const Bare: Story = {
  args: {
    journey: closed(
      '1008 without a reason',
      'The server does not say why. It may be about the token, so the token source is asked, once, and the link is dialled again. It never counts as a sign-out, and the user sees nothing.',
      '',
    ),
  },
  parameters: turning(),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('asked once and dialled again, nobody signed out', async () => {
      await expect(tab.socket.getStatus().lastClose).toMatchObject({ verdict: 'ambiguous' });
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', session: 'valid', connection: 2 });
      await expect(scene.refreshes).toBe(2);
      await expect(wordsOf(tab, 'session')).not.toContain('signed-out');
    });
    await expect(tab.diary.notices).toEqual([]);
    await expectUnharmed(canvasElement, rehearsal);
    await rehearsal.leave();
  },
};

export const Forbidden: Story = {
  args: {
    journey: closed(
      '1008, forbidden',
      'This user may not have this connection. It is not dialled again by itself; the user is told and can try again. They are still signed in.',
      '{"code":"forbidden"}',
    ),
  },
  parameters: turning(),
  async play({ canvasElement, userEvent, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('stopped, and the user is told', async () => {
      await expect(tab.socket.getStatus()).toMatchObject({
        link: 'stopped',
        stopReason: 'forbidden',
        session: 'valid',
      });
      await expect(rehearsal.screen.getByText('The connection was ended by the server.')).toBeVisible();
      await expect(scene.world.server.dials).toHaveLength(1);
      await expect(tab.diary.notices).toEqual(['blocked']);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await step('“Try again” dials', async () => {
      await userEvent.click(rehearsal.screen.getByRole('button', { name: 'Try again' }));
      await scene.world.clock.advance(2_000);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    });
    await rehearsal.goTo(0);
    await rehearsal.leave();
  },
};

export const TakenOver: Story = {
  args: {
    journey: closed(
      '1008, taken over',
      'The same user went on somewhere else, and this server allows one connection. Dialling again would throw the other one out: this tab rests and offers to go on here.',
      'taken_over',
    ),
  },
  parameters: turning(),
  async play({ canvasElement, userEvent, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('this tab rests, signed in', async () => {
      await expect(tab.socket.getStatus()).toMatchObject({
        link: 'stopped',
        stopReason: 'taken-over',
        session: 'valid',
      });
      await expect(scene.world.server.dials).toHaveLength(1);
      await expectUnharmed(canvasElement, rehearsal);
    });
    await step('“Go on here” dials', async () => {
      await userEvent.click(rehearsal.screen.getByRole('button', { name: 'Go on here' }));
      await scene.world.clock.advance(2_000);
      await expect(tab.socket.getStatus()).toMatchObject({ link: 'open', connection: 2 });
    });
    await rehearsal.goTo(0);
    await rehearsal.leave();
  },
};
