import { Auth, createConnection, ERR_INVALID_AUTH, type Connection } from 'home-assistant-js-websocket';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { tokenEndpoint, type AuthSocketOptions, type GetToken } from '../../../src/core';
import { homeAssistant, type HomeAssistantMessage } from '../../../src/protocols/homeAssistant';
import {
  startHomeAssistantServer,
  type HomeAssistantServer,
  type HomeAssistantServerOptions,
} from '../../server/dialects/homeAssistantServer';
import { connectDialect } from './dialectClient';

/** For what arrives some time, on a busy machine too. */
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: 5_000 });

async function start(options?: HomeAssistantServerOptions): Promise<HomeAssistantServer> {
  const server = await startHomeAssistantServer(options);
  onTestFinished(() => server.close());
  return server;
}

describe('the server, driven by home-assistant-js-websocket', () => {
  /** The real client; its own `createSocket` finds `ws` where a browser has `WebSocket`. */
  async function connect(
    server: HomeAssistantServer,
    refreshToken: string,
  ): Promise<{ connection: Connection; auth: Auth }> {
    vi.stubGlobal('WebSocket', WebSocket);
    const auth = new Auth({
      hassUrl: server.httpUrl,
      clientId: 'https://app.example/',
      expires: 0,
      refresh_token: refreshToken,
      access_token: 'long gone',
      expires_in: 1_800,
    });
    const connection = await createConnection({ auth, setupRetry: 0 });
    onTestFinished(() => connection.close());
    return { connection, auth };
  }

  const becomesReady = (connection: Connection) =>
    new Promise<void>(resolve => connection.addEventListener('ready', () => resolve()));

  it('logs in with a refreshed token, subscribes, pings and unsubscribes', async () => {
    const server = await start();
    const { connection } = await connect(server, server.logIn());
    expect(connection.haVersion).toBe('2025.1.0');
    expect(server.tokenRequests).toEqual([200]);
    const events: unknown[] = [];
    const unsubscribe = await connection.subscribeEvents<{ data: unknown }>(
      ({ data }) => events.push(data),
      'state_changed',
    );
    await connection.ping();
    server.fire('state_changed', 1, 2);
    server.fire('call_service', 'of no interest');
    await eventually(() => events).toEqual([1, 2]);
    expect(server.coalesced).toBeGreaterThan(0);
    await unsubscribe();
    await expect(connection.sendMessagePromise({ type: 'no_such' })).rejects.toMatchObject({
      code: 'unknown_command',
    });
    expect(server.commands.map(({ id, type, error }) => [id, type, error])).toEqual([
      [1, 'supported_features', null],
      [3, 'subscribe_events', null],
      [4, 'ping', null],
      [5, 'unsubscribe_events', null],
      [6, 'no_such', 'unknown_command'],
    ]);
  });

  it('asks for ids that increase', async () => {
    const server = await start();
    const { connection } = await connect(server, server.logIn());
    await connection.ping();
    connection.sendMessage({ type: 'ping' }, 2);
    await connection.ping();
    expect(server.commands.map(({ id, error }) => [id, error])).toEqual([
      [1, null],
      [3, null],
      [2, 'id_reuse'],
      [4, null],
    ]);
  });

  it('keeps a link whose token expired, and asks for another at the next', async () => {
    const server = await start();
    const { connection, auth } = await connect(server, server.logIn());
    const events: unknown[] = [];
    await connection.subscribeEvents(event => events.push(event));
    server.expireAccessTokens();
    auth.data.expires = 0;
    await connection.ping();
    const ready = becomesReady(connection);
    server.reset();
    await ready;
    expect(server.tokenRequests).toEqual([200, 200]);
    await eventually(() => server.commands.filter(({ type }) => type === 'subscribe_events').length).toBe(2);
    server.fire('test_event');
    await eventually(() => events.length).toBe(1);
    expect(server.failedLogins).toBe(0);
  });

  it('closes a withdrawn login, and gives its client no new token', async () => {
    const server = await start();
    const refreshToken = server.logIn();
    const { connection, auth } = await connect(server, refreshToken);
    const failed = new Promise(resolve =>
      connection.addEventListener('reconnect-error', (_connection, error) => resolve(error)),
    );
    auth.data.expires = 0;
    server.revoke(refreshToken);
    expect(await failed).toBe(ERR_INVALID_AUTH);
    expect(server.tokenRequests.slice(0, 2)).toEqual([200, 400]);
    expect(server.open.size).toBe(0);
  });

  it('says auth_invalid to a token of a withdrawn login', async () => {
    const server = await start();
    const refreshToken = server.logIn();
    const { connection } = await connect(server, refreshToken);
    const failed = new Promise(resolve =>
      connection.addEventListener('reconnect-error', (_connection, error) => resolve(error)),
    );
    server.revoke(refreshToken);
    expect(await failed).toBe(ERR_INVALID_AUTH);
    expect(server.failedLogins).toBe(1);
  });

  it('comes back after a restart', async () => {
    const server = await start();
    const { connection } = await connect(server, server.logIn());
    const ready = becomesReady(connection);
    server.restart(50);
    await ready;
    await connection.ping();
    expect(server.upgrades.length).toBe(2);
  });
});

describe('S3-F homeAssistant: our client', () => {
  function connectOurs(
    server: HomeAssistantServer,
    refreshToken: string,
    options: Partial<AuthSocketOptions<unknown, unknown>> = {},
  ) {
    const protocol = homeAssistant();
    const client = connectDialect({
      url: server.url,
      getToken: tokenEndpoint(`${server.httpUrl}/auth/token`, {
        body: () => new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }),
      }),
      protocol,
      reconnect: { minMs: 100 },
      ...options,
    });
    const links: string[] = [];
    client.socket.subscribe(() => links.push(client.socket.getStatus().link));
    const expectNoLeak = () => {
      const texts = [...client.printed, ...server.upgrades.map(({ target }) => target)].join('\n');
      for (const token of [refreshToken, ...server.accessTokens.all]) expect(texts).not.toContain(token);
    };
    return { ...client, protocol, links, expectNoLeak };
  }

  /** Follows one kind of events on every link, under one id. */
  function follow({ socket, protocol }: ReturnType<typeof connectOurs>, eventType: string): unknown[] {
    const seen: unknown[] = [];
    const id = protocol.nextId();
    socket.onOpen(({ send }) => send({ id, type: 'subscribe_events', event_type: eventType }));
    socket.onMessage((message: HomeAssistantMessage) => {
      if (message.type === 'event' && message.id === id) seen.push((message.event as { data: unknown }).data);
    });
    return seen;
  }

  /** Answers with a token that lives so long, as far as the client is told; unknown by default. */
  const tokenOf =
    (server: HomeAssistantServer, refreshToken: string, expiresInMs?: number): GetToken =>
    async ({ signal }) => {
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
      const answer = await fetch(`${server.httpUrl}/auth/token`, { method: 'POST', body, signal });
      const { access_token: token } = (await answer.json()) as { access_token: string };
      return expiresInMs === undefined ? token : { token, expiresInMs };
    };

  const subscriptions = (server: HomeAssistantServer) =>
    server.commands.filter(({ type, error }) => type === 'subscribe_events' && error === null).length;
  const refusedCommands = (server: HomeAssistantServer) =>
    server.commands.filter(({ error }) => error !== null);

  it('X01 X02 logs in, subscribes, pings and unsubscribes; frames that hold several messages come apart', async () => {
    const server = await start();
    const ours = connectOurs(server, server.logIn(), {
      heartbeat: { intervalMs: 100, timeoutMs: 300 },
    });
    const seen = follow(ours, 'state_changed');
    await eventually(() => subscriptions(server)).toBe(1);
    server.fire('state_changed', 1, 2, 3);
    server.fire('call_service', 'of no interest');
    await eventually(() => seen).toEqual([1, 2, 3]);
    await eventually(() => server.commands.filter(({ type }) => type === 'ping').length).toBeGreaterThan(1);
    const id = ours.protocol.nextId();
    ours.socket.send({ id, type: 'get_states' });
    await eventually(() =>
      ours.messages.find((message: HomeAssistantMessage) => message.id === id),
    ).toMatchObject({ type: 'result', success: true, result: [{ entity_id: 'light.kitchen' }] });
    ours.socket.send({ type: 'unsubscribe_events', subscription: 1 });
    await eventually(() => server.commands.at(-1)).toMatchObject({ type: 'unsubscribe_events', error: null });
    expect(server.coalesced).toBeGreaterThan(0);
    expect(refusedCommands(server)).toEqual([]);
    expect(ours.socket.getStatus()).toMatchObject({ link: 'open', connection: 1 });
    expect(server.upgrades.map(({ target }) => target)).toEqual(['/api/websocket']);
    ours.expectNoLeak();
  });

  it('a link outlives its tokens; the next one begins with the newest', async () => {
    const server = await start();
    const refreshToken = server.logIn();
    const lives = [800, 800, 800];
    const ours = connectOurs(server, refreshToken, {
      getToken: request => tokenOf(server, refreshToken, lives.shift() ?? 600_000)(request),
    });
    const seen = follow(ours, 'tick');
    await ours.until(({ tokenExpiresAt }) => (tokenExpiresAt ?? 0) - Date.now() > 60_000);
    expect(ours.calls).toHaveLength(4);
    server.fire('tick', 'on the first link');
    await eventually(() => seen).toEqual(['on the first link']);
    expect(ours.socket.getStatus()).toMatchObject({ link: 'open', connection: 1, session: 'valid' });
    expect(server.upgrades).toHaveLength(1);
    expect(server.commands.map(({ type }) => type)).toEqual(['supported_features', 'subscribe_events']);
    server.expireAccessTokens({ except: server.accessTokens.all.at(-1) });
    server.reset();
    await ours.until(({ connection }) => connection === 2);
    expect(server.failedLogins).toBe(0);
    expect(refusedCommands(server)).toEqual([]);
    ours.expectNoLeak();
  });

  it('a link is replaced by a new one before it goes, where that is asked for', async () => {
    const server = await start();
    const ours = connectOurs(server, server.logIn());
    const seen = follow(ours, 'tick');
    await eventually(() => subscriptions(server)).toBe(1);
    for (const number of [2, 3]) {
      ours.socket.reconnect();
      await ours.until(({ connection }) => connection === number);
      await eventually(() => subscriptions(server)).toBe(number);
      await eventually(() => server.open.size).toBe(1);
      server.fire('tick', number);
    }
    await eventually(() => seen).toEqual([2, 3]);
    expect(ours.links.slice(ours.links.indexOf('open')).filter(link => link !== 'open')).toEqual([]);
    expect(refusedCommands(server)).toEqual([]);
  });

  it('an expired token is never presented: it would count as a failed login', async () => {
    const server = await start({ loginAttempts: 1 });
    const refreshToken = server.logIn();
    const ours = connectOurs(server, refreshToken, { getToken: tokenOf(server, refreshToken, 800) });
    await ours.until(({ link }) => link === 'open');
    server.expireAccessTokens();
    server.restart(1_200);
    await ours.until(({ link, session }) => link !== 'open' && session === 'stale');
    await ours.until(({ link }) => link === 'open');
    expect(server.failedLogins).toBe(0);
    expect(ours.ends).toEqual([]);
  });

  it('auth_invalid costs one forced refresh, and the next token opens the link', async () => {
    const server = await start();
    const ours = connectOurs(server, server.logIn());
    await ours.until(({ link }) => link === 'open');
    server.expireAccessTokens();
    server.reset();
    await ours.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(server.failedLogins).toBe(1);
    expect(server.tokenRequests).toEqual([200, 200]);
    expect(ours.ends).toEqual([]);
    ours.expectNoLeak();
  });

  it('I08 an opaque token whose life nobody names is used until it is refused', async () => {
    const server = await start();
    const refreshToken = server.logIn();
    const ours = connectOurs(server, refreshToken, { getToken: tokenOf(server, refreshToken) });
    await ours.until(({ link }) => link === 'open');
    expect(ours.socket.getStatus()).toMatchObject({ session: 'valid', tokenExpiresAt: null });
    expect(ours.calls).toHaveLength(1);
    server.expireAccessTokens();
    server.reset();
    await ours.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(ours.calls.slice(1)).toMatchObject([{ reason: 'rejected', forceRefresh: true }]);
    expect(server.failedLogins).toBe(1);
  });

  it('a withdrawn login closes 1000, which says nothing; the token endpoint does, and the session ends once', async () => {
    const server = await start();
    const refreshToken = server.logIn();
    const ours = connectOurs(server, refreshToken);
    await ours.until(({ link }) => link === 'open');
    server.revoke(refreshToken);
    await ours.until(({ session }) => session === 'signed-out');
    expect(ours.ends).toMatchObject([{ by: 'token-source' }]);
    expect(server.failedLogins).toBe(1);
    expect(server.tokenRequests.filter(status => status === 400).length).toBeGreaterThan(0);
    const asked = server.tokenRequests.length;
    await new Promise(resolve => setTimeout(resolve, 300));
    expect(server.tokenRequests.length).toBe(asked);
    expect(server.upgrades.length).toBe(2);
    ours.expectNoLeak();
  });

  it.each<[string, (server: HomeAssistantServer) => void]>([
    ['a restart', server => server.restart(200)],
    ['the goodbye of a server that stops', server => server.stop()],
    ['a TCP reset', server => server.reset()],
  ])(
    'after %s it subscribes again under the same id, and what waited is numbered anew',
    async (_name, end) => {
      const server = await start();
      const ours = connectOurs(server, server.logIn());
      const seen = follow(ours, 'tick');
      await eventually(() => subscriptions(server)).toBe(1);
      server.fire('tick', 'before');
      await eventually(() => seen).toEqual(['before']);
      end(server);
      await ours.until(({ link }) => link !== 'open');
      const queued = [ours.protocol.nextId(), ours.protocol.nextId()];
      for (const id of queued) expect(ours.socket.send({ id, type: 'get_states' })).toBe('queued');
      await eventually(() => subscriptions(server)).toBe(2);
      server.fire('tick', 'after');
      await eventually(() => seen).toEqual(['before', 'after']);
      const answered = () =>
        ours.messages.filter(
          (message: HomeAssistantMessage) => queued.includes(message.id) && message.type === 'result',
        );
      await eventually(answered).toMatchObject(queued.map(id => ({ id, success: true })));
      expect(refusedCommands(server)).toEqual([]);
      expect(ours.ends).toEqual([]);
    },
  );

  it('a server that fell silent is noticed by the missing pong', async () => {
    const server = await start();
    const ours = connectOurs(server, server.logIn(), { heartbeat: { intervalMs: 150, timeoutMs: 300 } });
    await ours.until(({ link }) => link === 'open');
    server.silence();
    await ours.until(({ link, connection }) => link === 'open' && connection === 2);
    expect(ours.ends).toEqual([]);
  });
});
