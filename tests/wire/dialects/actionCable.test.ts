import * as ActionCable from '@rails/actioncable';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { signedIn, signedOut, type AuthSocketOptions, type Platform } from '../../../src/core';
import { subprotocol, ticket } from '../../../src/protocols';
import { actionCable, type CableIncoming, type CableOutgoing } from '../../../src/protocols/actionCable';
import {
  startActionCableServer,
  type ActionCableServer,
  type ActionCableServerOptions,
} from '../../server/dialects/actionCableServer';
import { connectDialect, type DialectClient } from './dialectClient';

const chat = { channel: 'ChatChannel', room: 1 };
const identifier = JSON.stringify(chat);

async function start(options?: ActionCableServerOptions): Promise<ActionCableServer> {
  const server = await startActionCableServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** The sockets of a browser that holds a session cookie: it is asked at every handshake. */
function browserWith(session: () => string): Platform['WebSocket'] {
  class CookieSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { headers: { cookie: `theme=dark; session=${session()}` } });
    }
  }
  return CookieSocket as unknown as Platform['WebSocket'];
}

/** On a busy machine, too. */
const expectSoon = <T>(look: () => T) => expect.poll(look, { timeout: 5_000 });

/** Long enough for a client that would dial to do so. */
const whileNobodyDials = () => new Promise(resolve => setTimeout(resolve, 500));

describe('the server, driven by @rails/actioncable', () => {
  interface Told {
    readonly said: unknown[];
    readonly subscription: ActionCable.Subscription;
    readonly consumer: ActionCable.Consumer;
  }

  /** The real client in a page without a document. `staleS`: when silence is too long for it, 6 s in production. */
  function connect(
    server: ActionCableServer,
    session: string,
    { params = chat, staleS = 6 }: { params?: ActionCable.ChannelNameWithParams; staleS?: number } = {},
  ): Told {
    vi.stubGlobal('addEventListener', () => {});
    vi.stubGlobal('removeEventListener', () => {});
    const { Connection, ConnectionMonitor } = ActionCable as unknown as {
      Connection: { reopenDelay: number };
      ConnectionMonitor: { staleThreshold: number };
    };
    ConnectionMonitor.staleThreshold = staleS;
    Connection.reopenDelay = 1;
    ActionCable.adapters.WebSocket = browserWith(() => session) as typeof globalThis.WebSocket;
    const consumer = ActionCable.createConsumer(server.url);
    onTestFinished(async () => {
      // One that is about to reopen cannot be told not to.
      await new Promise(resolve => setTimeout(resolve, 10));
      consumer.disconnect();
    });
    const said: unknown[] = [];
    const subscription = consumer.subscriptions.create(params, {
      connected: ({ reconnected }: { reconnected: boolean }) =>
        said.push(reconnected ? 'reconnected' : 'connected'),
      disconnected: ({ willAttemptReconnect }: { willAttemptReconnect: boolean | undefined }) =>
        said.push(willAttemptReconnect ? 'lost' : 'left'),
      rejected: () => said.push('rejected'),
      received: (data: unknown) => said.push(data),
    });
    return { said, subscription, consumer };
  }

  it('welcomes by cookie, confirms a subscription and passes on what is said', async () => {
    const server = await start();
    const { said, subscription } = connect(server, server.tokens.issue('ada'));
    await expectSoon(() => said).toEqual(['connected']);
    subscription.perform('speak', { text: 'hi' });
    await expectSoon(() => said).toEqual(['connected', { text: 'hi' }]);
    expect(server.welcomed).toEqual(['ada']);
    expect(server.upgrades).toEqual([
      { target: '/cable', protocols: ['actioncable-v1-json', 'actioncable-unsupported'], refusedWith: null },
    ]);
    expect(server.commands.map(({ command, data }) => [command, data])).toEqual([
      ['subscribe', undefined],
      ['message', { action: 'speak', text: 'hi' }],
    ]);
  });

  it('rejects a subscription and goes on', async () => {
    const server = await start();
    const { said, consumer } = connect(server, server.tokens.issue('ada'), {
      params: { channel: 'AdminChannel' },
    });
    await expectSoon(() => said).toEqual(['rejected']);
    consumer.subscriptions.create(chat, { connected: () => said.push('connected') });
    await expectSoon(() => said).toEqual(['rejected', 'connected']);
  });

  const times = (said: readonly unknown[], word: string) => said.filter(each => each === word).length;

  it('turns away who is not known, for good', async () => {
    const server = await start();
    const { said } = connect(server, 'made-up', { staleS: 0.5 });
    await expectSoon(() => said).toContain('left');
    const dials = server.upgrades.length;
    await whileNobodyDials();
    expect(server.upgrades).toHaveLength(dials);
  });

  it('is found again after a restart that it announced, and after one that it did not', async () => {
    const server = await start({ pingMs: 50 });
    const { said } = connect(server, server.tokens.issue('ada'), { staleS: 0.5 });
    await expectSoon(() => said).toContain('connected');
    server.disconnect('server_restart');
    await expectSoon(() => times(said, 'reconnected')).toBe(1);
    server.restart(100);
    await expectSoon(() => times(said, 'reconnected')).toBe(2);
    expect(said).not.toContain('left');
  });

  it('is obeyed when it disconnects from afar', async () => {
    const server = await start({ pingMs: 50 });
    const { said } = connect(server, server.tokens.issue('ada'), { staleS: 0.5 });
    await expectSoon(() => said).toContain('connected');
    server.disconnect('remote');
    await expectSoon(() => times(said, 'reconnected')).toBe(1);
    server.disconnect('remote', false);
    await expectSoon(() => said).toContain('left');
    const dials = server.upgrades.length;
    await whileNobodyDials();
    expect(server.upgrades).toHaveLength(dials);
  });

  it('is given up as stale when its pings stop', async () => {
    const server = await start({ pingMs: 50 });
    const { said } = connect(server, server.tokens.issue('ada'), { staleS: 0.5 });
    await expectSoon(() => said).toContain('connected');
    server.silence();
    await expectSoon(() => server.welcomed.length).toBe(2);
  });
});

describe('actionCable, speaking to the server', () => {
  interface Chatting extends DialectClient {
    say(text: string): void;
    /** What was said in the room. */
    readonly heard: readonly unknown[];
  }

  type Options = Partial<AuthSocketOptions<CableIncoming, CableOutgoing>>;

  /** Waits are drawn near their lower end. */
  function platformWith(session: () => string): Partial<Platform> {
    return { WebSocket: browserWith(session), random: () => 0.02 };
  }

  /** Connects and subscribes in `onOpen`, on every link, as an application does. */
  function join(server: ActionCableServer, session: () => string, options: Options = {}): Chatting {
    const ours = connectDialect({
      url: server.url,
      protocol: actionCable(),
      platform: platformWith(session),
      ...options,
    });
    const heard: unknown[] = [];
    ours.socket.onOpen(({ send }) => send({ command: 'subscribe', identifier }));
    ours.socket.onMessage((frame: CableIncoming) => frame.type === undefined && heard.push(frame.message), {
      topic: identifier,
    });
    const say = (text: string) =>
      void ours.socket.send({ command: 'message', identifier, data: { action: 'speak', text } });
    return { ...ours, say, heard };
  }

  const confirmed = ({ messages }: DialectClient, times: number) =>
    expectSoon(() => messages.filter(({ type }) => type === 'confirm_subscription').length).toBe(times);

  it('connects by cookie, subscribes, speaks and hears, each subscription under its own topic', async () => {
    const server = await start({ connectMs: 100 });
    const ours = join(server, () => cookie);
    const cookie = server.tokens.issue('ada');
    ours.say('queued until the welcome');
    await confirmed(ours, 1);
    ours.say('hi');
    await expectSoon(() => ours.heard).toEqual([{ text: 'queued until the welcome' }, { text: 'hi' }]);
    const elsewhere = JSON.stringify({ channel: 'ChatChannel', room: 2 });
    ours.socket.send({ command: 'subscribe', identifier: elsewhere });
    await confirmed(ours, 2);
    server.broadcast(2, 'not for room 1');
    await expectSoon(() => ours.messages).toContainEqual({
      identifier: elsewhere,
      message: 'not for room 1',
    });
    ours.socket.send({ command: 'unsubscribe', identifier });
    ours.say('to nobody');
    await expectSoon(() => server.commands.length).toBe(6);
    expect(ours.heard).toHaveLength(2);
    expect(server.commands.map(({ command }) => command)).toEqual([
      'subscribe',
      'message',
      'message',
      'subscribe',
      'unsubscribe',
      'message',
    ]);
    expect(ours.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
    expect(server.upgrades.map(({ protocols }) => protocols)).toEqual([['actioncable-v1-json']]);
    expect(ours.errors).toEqual([]);
  });

  it('a rejected subscription is a message; the link and the others go on', async () => {
    const server = await start();
    const ours = join(server, () => cookie);
    const cookie = server.tokens.issue('ada');
    await confirmed(ours, 1);
    const admin = JSON.stringify({ channel: 'AdminChannel' });
    ours.socket.send({ command: 'subscribe', identifier: admin });
    await expectSoon(() => ours.messages).toContainEqual({ identifier: admin, type: 'reject_subscription' });
    ours.say('still here');
    await expectSoon(() => ours.heard).toEqual([{ text: 'still here' }]);
  });

  it('S3-F unauthorized signs nobody out where a cookie is all there is; a login elsewhere is enough to come in', async () => {
    const server = await start();
    let cookie = 'made-up';
    const ours = join(server, () => cookie);
    await expectSoon(() => server.upgrades.length).toBeGreaterThan(1);
    expect(ours.socket.getStatus()).toMatchObject({ lastClose: { verdict: 'expired' } });
    cookie = server.tokens.issue('ada');
    await confirmed(ours, 1);
    cookie = 'gone';
    server.reset();
    await expectSoon(() => server.upgrades.length).toBeGreaterThan(3);
    expect(ours.socket.getStatus().session).toBe('valid');
    expect(ours.ends).toEqual([]);
    cookie = server.tokens.issue('ada');
    await confirmed(ours, 2);
  });

  it('S3-F unauthorized costs one refresh where there is a token, and the next one comes in', async () => {
    const server = await start();
    const ours = join(server, () => '', {
      protocol: actionCable({ carrier: subprotocol({ accept: 'actioncable-v1-json' }) }),
      getToken: ({ forceRefresh }) => (forceRefresh ? server.tokens.issue('ada') : 'made-up'),
    });
    await confirmed(ours, 1);
    expect(ours.calls.map(({ reason }) => reason)).toEqual(['initial', 'rejected']);
    expect(server.upgrades).toHaveLength(2);
    expect(ours.ends).toEqual([]);
    for (const token of server.tokens.all) {
      expect(ours.printed.join()).not.toContain(token);
      expect(server.upgrades.map(({ target }) => target).join()).not.toContain(token);
    }
  });

  it('S12 unauthorized ends the session when the token source says so, and not before', async () => {
    const server = await start();
    let isOver = false;
    const ours = join(server, () => '', {
      protocol: actionCable({ carrier: subprotocol({ accept: 'actioncable-v1-json' }) }),
      getToken: () => (isOver ? signedOut('dismissed') : server.tokens.issue('ada')),
    });
    await confirmed(ours, 1);
    isOver = true;
    for (const token of server.tokens.all) server.tokens.revoke(token);
    server.reset();
    await ours.until(({ session }) => session === 'signed-out');
    expect(ours.ends).toMatchObject([{ reason: 'dismissed', by: 'token-source' }]);
  });

  it('S12 a session by cookie ends as well when somebody is asked who knows', async () => {
    const server = await start();
    let cookie = server.tokens.issue('ada');
    let isOver = false;
    const ours = join(server, () => cookie, {
      getToken: () => (isOver ? signedOut('logged out') : signedIn()),
    });
    await confirmed(ours, 1);
    cookie = 'gone';
    isOver = true;
    server.reset();
    await ours.until(({ session }) => session === 'signed-out');
    expect(ours.ends).toMatchObject([{ reason: 'logged out', by: 'token-source' }]);
    expect(ours.calls.map(({ reason }) => reason)).toEqual(['initial', 'rejected']);
  });

  it('S08 a restart that the server announced is followed, jittered, without a token call', async () => {
    const server = await start();
    const ours = join(server, () => '', {
      protocol: actionCable({ carrier: subprotocol({ accept: 'actioncable-v1-json' }) }),
      getToken: () => server.tokens.issue('ada'),
    });
    await confirmed(ours, 1);
    server.disconnect('server_restart');
    await confirmed(ours, 2);
    expect(ours.calls).toHaveLength(1);
    expect(ours.socket.getStatus()).toMatchObject({
      connection: 2,
      lastClose: { code: 1000, verdict: 'going-away' },
    });
  });

  it('a restart that it did not announce is survived', async () => {
    const server = await start();
    const cookie = server.tokens.issue('ada');
    const ours = join(server, () => cookie);
    await confirmed(ours, 1);
    server.restart(200);
    await confirmed(ours, 2);
    expect(ours.ends).toEqual([]);
  });

  it('a disconnect from afar that lets us come back costs a new link', async () => {
    const server = await start();
    const cookie = server.tokens.issue('ada');
    const ours = join(server, () => cookie);
    await confirmed(ours, 1);
    server.disconnect('remote');
    await confirmed(ours, 2);
    expect(ours.socket.getStatus()).toMatchObject({ connection: 2, session: 'valid' });
  });

  it('S12 one that does not asks the token source, which says that the session is over', async () => {
    const server = await start();
    const ours = join(server, () => '', {
      protocol: actionCable({ carrier: subprotocol({ accept: 'actioncable-v1-json' }) }),
      getToken: ({ reason }) => (reason === 'rejected' ? signedOut('elsewhere') : server.tokens.issue('ada')),
    });
    await confirmed(ours, 1);
    server.disconnect('remote', false);
    await ours.until(({ session }) => session === 'signed-out');
    expect(ours.ends).toMatchObject([{ reason: 'elsewhere', by: 'token-source' }]);
    expect(server.upgrades).toHaveLength(1);
  });

  it('S12 one that does not is answered with another token, never with the same', async () => {
    const server = await start();
    const ours = join(server, () => '', {
      protocol: actionCable({ carrier: subprotocol({ accept: 'actioncable-v1-json' }) }),
      getToken: () => server.tokens.issue('ada'),
    });
    await confirmed(ours, 1);
    server.disconnect('remote', false);
    await confirmed(ours, 2);
    expect(new Set(server.upgrades.map(({ protocols }) => protocols[1])).size).toBe(2);
    expect(ours.ends).toEqual([]);
  });

  it.each([
    ['kicked', 'forbidden'],
    ['invalid_request', 'protocol'],
  ])(
    'S16 reconnect: false for the reason %s stops the link and keeps the session',
    async (reason, stopReason) => {
      const server = await start();
      const cookie = server.tokens.issue('ada');
      const ours = join(server, () => cookie);
      await confirmed(ours, 1);
      server.disconnect(reason, false);
      await ours.until(({ link }) => link === 'stopped');
      await whileNobodyDials();
      expect(server.upgrades).toHaveLength(1);
      expect(ours.socket.getStatus()).toMatchObject({ stopReason, session: 'valid' });
      ours.socket.reconnect();
      await confirmed(ours, 2);
    },
  );

  it('T16 a ticket is fetched for every link and presented once', async () => {
    const server = await start();
    const ours = join(server, () => '', {
      protocol: actionCable({ carrier: ticket({ getTicket: () => server.tickets.issue('ada') }) }),
    });
    for (let link = 1; link <= 3; link++) {
      await confirmed(ours, link);
      server.reset();
    }
    await confirmed(ours, 4);
    expect(server.upgrades.map(({ target }) => target)).toEqual(
      server.tickets.all.map(issued => `/cable?ticket=${issued}`),
    );
    for (const issued of server.tickets.all) expect(ours.printed.join()).not.toContain(issued);
  });

  it('S06 a server that fell silent is noticed and left', async () => {
    const server = await start({ pingMs: 50 });
    const cookie = server.tokens.issue('ada');
    const ours = join(server, () => cookie, {
      protocol: actionCable({ serverPingMs: 100 }),
      heartbeat: { timeoutMs: 600 },
    });
    await confirmed(ours, 1);
    server.silence();
    await confirmed(ours, 2);
    expect(ours.socket.getStatus().lastClose).toMatchObject({ code: 1006, verdict: 'ambiguous' });
    expect(ours.ends).toEqual([]);
  });

  it('a server that has nothing to say but pings is kept', async () => {
    const server = await start({ pingMs: 50 });
    const cookie = server.tokens.issue('ada');
    const ours = join(server, () => cookie, {
      protocol: actionCable({ serverPingMs: 100 }),
      heartbeat: { timeoutMs: 600 },
    });
    await confirmed(ours, 1);
    await new Promise(resolve => setTimeout(resolve, 1_500));
    expect(ours.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(ours.errors).toEqual([]);
  });
});
