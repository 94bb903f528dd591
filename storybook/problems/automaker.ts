import { signedIn, unavailable } from 'react-auth-socket';
import { jsonProtocol, ticket } from 'react-auth-socket/protocols';
import type { TestWorld } from 'react-auth-socket/testing';
import type { ProblemOf, ReportedClient } from './problem';
import type { ReportedPage } from './reportedPage';
import { TicketDesk } from './ticketDesk';

const RECONNECT_MS = 5_000;

/**
 * automaker's client as it was reported and read: any 401 or 403 on the way makes it post the logout; without a ticket it
 * connects all the same; it waits five seconds, always.
 *
 * @see https://github.com/AutoMaker-Org/automaker/issues/350
 */
class AutomakerClient implements ReportedClient {
  readonly #world: TestWorld;
  readonly #desk: TicketDesk;
  readonly #page: ReportedPage;
  #socket: WebSocket | null = null;
  #isStopped = false;

  constructor(world: TestWorld, desk: TicketDesk, page: ReportedPage) {
    this.#world = world;
    this.#desk = desk;
    this.#page = page;
  }

  start(): void {
    void this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    const { status, ticket } = await this.#desk.ask();
    if (this.#isStopped) return;
    if (status === 401 || status === 403) {
      this.#desk.logout();
      this.#page.showLogin(`ticket endpoint: ${status} → posts the logout`);
    }
    const socket = new this.#world.platform.WebSocket(
      `wss://app.test/api/events${ticket === undefined ? '' : `?wsToken=${ticket}`}`,
    );
    this.#socket = socket;
    socket.onopen = () => this.#page.isLive(true);
    socket.onmessage = ({ data }) => this.#page.received(data);
    socket.onclose = () => {
      if (this.#isStopped) return;
      this.#page.isLive(false);
      this.#world.platform.clock.setTimer(() => void (this.#isStopped || this.#connect()), RECONNECT_MS);
    };
  }
}

export const automaker: ProblemOf<TicketDesk> = ({ troubleMs }) => ({
  title: '1: a 403 on the way to a ticket',
  text: 'The server wants a single-use ticket for each connection. For some seconds something in the way answers 403 in place of the ticket endpoint, and meanwhile the socket is dropped. The server itself is well throughout, and the login is good for 30 days.',
  reportedName: 'As reported: automaker #350',
  pollMs: 100,
  surroundings: world => new TicketDesk(world),
  reported: (world, desk, page) => new AutomakerClient(world, desk, page),
  ours: (_world, desk) => ({
    url: '/api/events',
    getToken: () => signedIn(),
    protocol: jsonProtocol({
      carrier: ticket({
        param: 'wsToken',
        getTicket: async () => (await desk.ask()).ticket ?? unavailable(),
      }),
    }),
  }),
  steps: [
    { at: 0, label: 'The page opens' },
    {
      at: 4_000,
      label: 'Something in the way answers 403 for the ticket endpoint',
      run({ around }) {
        around.isBlocked = true;
      },
    },
    { at: 4_500, label: 'A proxy drops the socket', run: ({ world }) => world.server.last.drop() },
    {
      at: 4_000 + troubleMs,
      label: 'The ticket endpoint can be reached again',
      run({ around }) {
        around.isBlocked = false;
      },
    },
  ],
  endMs: 26_000 + troubleMs,
  figures: [
    { label: 'Thrown out to the login page', most: 0, of: ({ signOuts }) => signOuts },
    { label: 'Logout calls by the client itself', most: 0, of: ({ around }) => around.logouts },
    { label: 'Handshakes without a ticket', most: 0, of: ({ around }) => around.bareDials },
    { label: 'Orders that never came', most: 0, of: ({ missed }) => missed },
  ],
});
