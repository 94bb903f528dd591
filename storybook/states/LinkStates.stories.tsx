import type { Meta, StoryObj } from '@storybook/react-vite';
import { signedOut } from 'react-auth-socket';
import type { TestWorld } from 'react-auth-socket/testing';
import { Stage } from './Stage';

/** What a user can be shown of the link and the session, each after what leads there. */
const meta: Meta<typeof Stage> = { title: 'States', component: Stage };

export default meta;

type Story = StoryObj<typeof Stage>;

/** Long enough for a link to be stable. */
const open = (world: TestWorld) => world.clock.advance(6_000);

/** The token is fetched, the socket dialled, the first message answered. */
export const Open: Story = { args: { journey: open } };

/** The source has not answered yet. Nothing is dialled without a token. */
export const NeedsAToken: Story = {
  args: {
    before: world => world.tokens.hang(),
    journey: world => world.clock.advance(1_000),
  },
};

/** The link was lost a moment ago. Too short to tell anybody. */
export const Reconnecting: Story = {
  args: {
    async journey(world) {
      await open(world);
      world.server.refuse();
      world.server.last.drop();
      await world.clock.advance(2_000);
    },
  },
};

/** No link for more than five visible seconds: `lost` is worth a banner. The session is what it was. */
export const Lost: Story = {
  args: {
    async journey(world) {
      await open(world);
      world.server.refuse();
      world.server.last.drop();
      await world.clock.advance(20_000);
    },
  },
};

/** The browser says that it is offline; a try goes out every half minute all the same. */
export const Offline: Story = {
  args: {
    async journey(world) {
      await open(world);
      world.page.offline();
      world.server.last.drop();
      await world.clock.advance(10_000);
    },
  },
};

/** The token expired while its endpoint was down, so the server closed. Nobody is signed out for that. */
export const Stale: Story = {
  args: {
    async journey(world) {
      await open(world);
      world.tokens.fail(1_000);
      await world.clock.advance(16 * 60_000);
    },
  },
};

/** The lid was closed for eight hours; half a second after the network is back. */
export const AfterEightHoursOfSleep: Story = {
  args: {
    async journey(world) {
      await open(world);
      world.server.last.drop();
      await world.clock.sleep(8 * 3_600_000);
      world.page.show();
      world.page.online();
      await world.clock.advance(1_000);
    },
  },
};

/** The server refuses two tokens in a row: the user stays, and the source is asked now and then. */
export const Rejected: Story = {
  args: {
    async journey(world) {
      await open(world);
      world.tokens.answer('the-same-token-again');
      for (let times = 0; times < 3; times++) {
        world.server.last.close(1008, 'token_invalid');
        await world.clock.advance(3_000);
      }
    },
  },
};

/** The server says `forbidden`: this link is not dialled again until somebody asks. */
export const Stopped: Story = {
  args: {
    async journey(world) {
      await open(world);
      world.server.last.close(1008, JSON.stringify({ code: 'forbidden' }));
      await world.clock.advance(1_000);
    },
  },
};

/** The token source said `signedOut()`. Nothing else ends a session but the user's own sign-out. */
export const SignedOut: Story = {
  args: {
    async journey(world, socket) {
      await open(world);
      world.tokens.answer(signedOut('session ended'));
      socket.getToken({ forceRefresh: true }).catch(() => {});
      await world.clock.advance(1_000);
    },
  },
};
