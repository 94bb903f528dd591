import type { Meta, StoryObj } from '@storybook/react-vite';
import { signedOut } from 'react-auth-socket';
import { expect } from 'storybook/test';
import { rehearse, wordsOf } from '../stage/claims';
import { argTypes, turning } from '../stage/controls';
import type { JourneyOf } from '../stage/journey';
import { Stage } from '../stage/Stage';

/** The three ways in which a session ends, and the way back. */
const meta: Meta<typeof Stage> = { title: 'Journeys/The end of a session', component: Stage, argTypes };

export default meta;

type Story = StoryObj<typeof Stage>;

const revoked: JourneyOf = () => ({
  title: 'Revoked',
  text: 'An administrator ends the session. The server closes, the token source is asked once and says signedOut(): now it is over, and onSessionExpired says so once. The draft stays on the screen, whatever happens next.',
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: 8_000,
      label: 'The session is revoked: the server closes, 1008',
      run({ world }) {
        world.tokens.answer(signedOut('ended by an administrator'));
        world.server.last.close(1008, '{"code":"session_revoked"}');
      },
    },
    { at: 8_200, label: 'The token source confirms it' },
  ],
  endMs: 20_000,
});

export const Revoked: Story = {
  args: { journey: revoked },
  parameters: turning(),
  async play({ canvasElement, userEvent, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('over after one confirmation, told once', async () => {
      await expect(scene.refreshes).toBe(2);
      await expect(tab.diary.ends).toMatchObject([
        { reason: 'ended by an administrator', by: 'token-source' },
      ]);
      await expect(tab.socket.getStatus()).toMatchObject({ session: 'signed-out', link: 'stopped' });
    });
    await step('nobody dials any more; the page and the draft are there', async () => {
      await expect(scene.world.server.dials).toHaveLength(1);
      await expect(rehearsal.screen.getByText(/You are signed out/)).toBeVisible();
      await expect(rehearsal.screen.getByLabelText('Note to the kitchen')).toHaveValue('Table 4 waits');
      await expect(tab.diary.mounts).toBe(1);
    });
    await step('“Sign in” leads back, to the same page', async () => {
      scene.world.tokens.issue();
      await userEvent.click(rehearsal.screen.getByRole('button', { name: 'Sign in' }));
      await scene.world.clock.advance(3_000);
      await expect(tab.socket.getStatus()).toMatchObject({ session: 'valid', link: 'open' });
      await expect(rehearsal.screen.getByLabelText('Note to the kitchen')).toHaveValue('Table 4 waits');
    });
    await rehearsal.goTo(0);
    await rehearsal.leave();
  },
};

const elsewhere: JourneyOf = () => ({
  title: 'Signed out in another tab',
  text: 'Three tabs of one session. The user signs out in the second; the others follow within a second, close their links and do not come back. The token source is not asked.',
  tabs: 3,
  options: () => ({ sessionKey: 'ada' }),
  steps: [
    { at: 0, label: 'Three tabs open' },
    {
      at: 8_000,
      label: 'The user signs out in tab 2',
      run: ({ tabs }) => void tabs[1]?.socket.signOut({ reason: 'the user left' }),
    },
  ],
  endMs: 14_000,
});

export const SignedOutElsewhere: Story = {
  args: { journey: elsewhere },
  parameters: turning(),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene } = rehearsal;
    await step('all three follow within a second', async () => {
      await rehearsal.goTo(9_000);
      for (const { socket } of scene.tabs)
        await expect(socket.getStatus()).toMatchObject({ session: 'signed-out', link: 'stopped' });
    });
    await rehearsal.finish();
    await step('once each, with who did it', async () => {
      const told = scene.tabs.map(({ diary }) => diary.ends.map(({ by, reason }) => `${by}: ${reason}`));
      const other = ['other-tab: the user left'];
      await expect(told).toEqual([other, ['this-tab: the user left'], other]);
    });
    await step('no link is left, and none is dialled', async () => {
      await expect(scene.world.server.connections.map(({ closed }) => closed?.code)).toEqual([
        1000, 1000, 1000,
      ]);
      await expect(scene.world.server.dials).toHaveLength(3);
      await expect(scene.refreshes).toBe(1);
    });
    await rehearsal.leave();
  },
};

const signOut: JourneyOf = () => ({
  title: 'Signed out here',
  text: 'The user signs out. The logout call gets the last token while the link is still up; a server that closes meanwhile changes nothing. Then the link is closed normally and the session is over.',
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: 8_000,
      label: 'The user signs out; the logout call takes a second',
      run({ tab, world }) {
        const logout = () => new Promise<void>(resolve => world.platform.clock.setTimer(resolve, 1_000));
        void tab.socket.signOut({ reason: 'the user left', before: logout });
      },
    },
    {
      at: 8_500,
      label: 'The server withdraws the token meanwhile',
      run: ({ world }) => world.server.last.close(1008, '{"code":"token_revoked"}'),
    },
    { at: 9_000, label: 'The logout call is done' },
  ],
  endMs: 14_000,
});

export const SignedOutHere: Story = {
  args: { journey: signOut },
  parameters: turning(),
  async play({ canvasElement, step }) {
    const rehearsal = await rehearse(canvasElement);
    const { scene, tab } = rehearsal;
    await rehearsal.finish();
    await step('one end, by this tab; the server’s word in between started nothing', async () => {
      await expect(tab.diary.ends).toMatchObject([{ by: 'this-tab', reason: 'the user left' }]);
      await expect(scene.refreshes).toBe(1);
      await expect(scene.world.server.dials).toHaveLength(1);
      await expect(wordsOf(tab, 'session').at(-1)).toBe('signed-out');
    });
    await step('the page is still there', async () => {
      await expect(rehearsal.screen.getByText(/You are signed out/)).toBeVisible();
      await expect(tab.diary.mounts).toBe(1);
    });
    await rehearsal.leave();
  },
};
