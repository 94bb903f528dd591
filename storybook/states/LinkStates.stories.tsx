import type { Meta, StoryObj } from '@storybook/react-vite';
import { signedOut, type SocketStatus } from 'react-auth-socket';
import { expect } from 'storybook/test';
import { rehearse } from '../stage/claims';
import { argTypes, turning } from '../stage/controls';
import type { Journey, JourneyOf, Step } from '../stage/journey';
import type { Scene } from '../stage/scene';
import { Stage } from '../stage/Stage';

/** Every word of the status that a user can meet, each after what leads there. */
const meta: Meta<typeof Stage> = {
  title: 'States',
  component: Stage,
  argTypes,
  parameters: turning(),
};

export default meta;

type Story = StoryObj<typeof Stage>;

const opens: Step<Scene> = { at: 0, label: 'The page opens' };

const state =
  (
    title: string,
    text: string,
    steps: Step<Scene>[],
    endMs: number,
    rest: Partial<Journey> = {},
  ): JourneyOf =>
  () => ({ title, text, steps: [opens, ...steps], endMs, ...rest });

/** The story ends in this status, and its words are on the screen. */
const shows =
  (wanted: Partial<SocketStatus>): NonNullable<Story['play']> =>
  async ({ canvasElement, canvas }) => {
    const rehearsal = await rehearse(canvasElement);
    await rehearsal.finish();
    const { session, link } = rehearsal.tab.socket.getStatus();
    await expect(rehearsal.tab.socket.getStatus()).toMatchObject(wanted);
    const status = canvas.getByRole('region', { name: 'Status' });
    const words = [...status.querySelectorAll('.word')].map(({ textContent }) => textContent);
    await expect(words).toEqual([link, session]);
    await expect(canvas.getByLabelText('Note to the kitchen')).toHaveValue('Table 4 waits');
    await expect(rehearsal.tab.diary.mounts).toBe(1);
  };

/** The link breaks, and nobody answers for the time being. */
function breakLink({ world }: Scene): void {
  world.server.refuse();
  world.server.last.drop();
}

export const Unknown: Story = {
  args: {
    journey: state(
      'unknown · preparing',
      'The token source has not answered yet. Nothing is dialled without a token.',
      [],
      2_000,
      {
        before: ({ world }) => world.tokens.hang(),
      },
    ),
  },
  play: shows({ session: 'unknown', link: 'preparing', waitingFor: 'token' }),
};

export const Connecting: Story = {
  args: {
    journey: state('valid · connecting', 'The token is there, the socket is being dialled.', [], 2_000, {
      before: ({ world }) => world.server.hang(),
    }),
  },
  play: shows({ session: 'valid', link: 'connecting' }),
};

export const Authenticating: Story = {
  args: {
    journey: state(
      'valid · authenticating',
      'The socket is up; the server has not said yet whether it takes the token.',
      [],
      2_000,
      {
        before({ world }) {
          world.server.auto = false;
        },
      },
    ),
  },
  play: shows({ session: 'valid', link: 'authenticating' }),
};

export const Open: Story = {
  args: { journey: state('valid · open', 'Messages flow.', [], 8_000) },
  play: shows({ session: 'valid', link: 'open', connection: 1, lost: false }),
};

export const Refreshing: Story = {
  args: {
    journey: state(
      'refreshing · open',
      'A new token is asked for while the one in hand is good. Messages flow all the same.',
      [
        {
          at: 6_000,
          label: 'A refresh begins',
          run({ tab, world }) {
            world.tokens.hang();
            tab.socket.getToken({ forceRefresh: true }).catch(() => {});
          },
        },
      ],
      8_000,
    ),
  },
  play: shows({ session: 'refreshing', link: 'open' }),
};

export const Reconnecting: Story = {
  args: {
    journey: state(
      'valid · waiting',
      'The link was lost a moment ago. Too short to tell anybody.',
      [{ at: 6_000, label: 'The link breaks', run: breakLink }],
      9_000,
    ),
  },
  play: shows({ session: 'valid', link: 'waiting', waitingFor: 'backoff', lost: false }),
};

export const Lost: Story = {
  args: {
    journey: state(
      'valid · waiting, lost',
      'No link for more than five visible seconds: worth a banner. The session is what it was.',
      [{ at: 6_000, label: 'The link breaks', run: breakLink }],
      24_000,
    ),
  },
  play: shows({ session: 'valid', link: 'waiting', lost: true }),
};

export const Offline: Story = {
  args: {
    journey: state(
      'valid · waiting for the network',
      'The browser says that it is offline; a try goes out every half minute all the same.',
      [
        {
          at: 6_000,
          label: 'The browser goes offline',
          run({ world }) {
            world.page.offline();
            world.server.last.drop();
          },
        },
      ],
      16_000,
    ),
  },
  play: shows({ session: 'valid', link: 'waiting', waitingFor: 'online' }),
};

export const Stale: Story = {
  args: {
    tokenLifetimeMs: 120_000,
    journey: state(
      'stale · waiting',
      'The token ran out while its endpoint was down, so the server closed. Nobody is signed out for that.',
      [{ at: 6_000, label: 'The token endpoint goes down', run: ({ world }) => world.tokens.fail(1_000) }],
      150_000,
      { orderEveryMs: 5_000, pollMs: 1_000 },
    ),
  },
  play: shows({ session: 'stale', link: 'waiting', waitingFor: 'token', tokenExpiresAt: null }),
};

export const Rejected: Story = {
  args: {
    journey: state(
      'rejected · waiting',
      'The server refuses whatever the token source has. The user stays, nothing is dialled with a refused token, and the source is asked now and then.',
      [
        {
          at: 5_900,
          label: 'The source repeats itself',
          run: ({ world }) => world.tokens.answer('the-same-token'),
        },
        ...[6_000, 9_000].map(at => ({
          at,
          label: 'The server refuses the token',
          run: ({ world }: Scene) => world.server.last.close(1008, 'token_invalid'),
        })),
      ],
      15_000,
    ),
  },
  play: shows({ session: 'rejected', link: 'waiting', waitingFor: 'token' }),
};

export const SignedOut: Story = {
  args: {
    journey: state(
      'signed-out · stopped',
      'The token source said signedOut(). Nothing else ends a session but the user’s own sign-out.',
      [
        {
          at: 6_000,
          label: 'The source says that the session is over',
          run({ world, tab }) {
            world.tokens.answer(signedOut('session ended'));
            tab.socket.getToken({ forceRefresh: true }).catch(() => {});
          },
        },
      ],
      8_000,
    ),
  },
  play: shows({ session: 'signed-out', link: 'stopped', stopReason: 'signed-out' }),
};

const stopped = (title: string, text: string, label: string, run: (scene: Scene) => void): JourneyOf =>
  state(title, text, [{ at: 6_000, label, run }], 8_000);

export const Disconnected: Story = {
  args: {
    journey: stopped(
      'stopped: disconnected',
      'The application called disconnect(). No banner: nobody wants a link.',
      'The application disconnects',
      ({ tab }) => tab.socket.disconnect(),
    ),
  },
  play: shows({ session: 'valid', link: 'stopped', stopReason: 'disconnected' }),
};

export const Forbidden: Story = {
  args: {
    journey: stopped(
      'stopped: forbidden',
      'The server does not allow this connection. It is not dialled again until somebody asks.',
      'The server closes: forbidden',
      ({ world }) => world.server.last.close(1008, '{"code":"forbidden"}'),
    ),
  },
  play: shows({ session: 'valid', link: 'stopped', stopReason: 'forbidden' }),
};

export const Protocol: Story = {
  args: {
    journey: stopped(
      'stopped: protocol',
      'Client and server do not understand each other. Trying again would not help.',
      'The server closes, 1002',
      ({ world }) => world.server.last.close(1002, ''),
    ),
  },
  play: shows({ session: 'valid', link: 'stopped', stopReason: 'protocol' }),
};

export const TakenOver: Story = {
  args: {
    journey: stopped(
      'stopped: taken-over',
      'Another connection of this user took the place of this one.',
      'The server closes: taken over',
      ({ world }) => world.server.last.close(1008, 'taken_over'),
    ),
  },
  play: shows({ session: 'valid', link: 'stopped', stopReason: 'taken-over' }),
};

export const Misconfigured: Story = {
  args: {
    journey: state(
      'stopped: misconfigured',
      'The address is one to which no token may go: ws:// to another machine. Nothing is sent; onError says what to do.',
      [],
      2_000,
      { options: () => ({ url: 'ws://orders.example/ws' }) },
    ),
  },
  play: shows({ link: 'stopped', stopReason: 'misconfigured' }),
};
