import { WebSocket } from 'ws';
import { createAuthSocket, signedOut, unavailable, type GetToken, type Platform } from '../../src/core';
import { jsonProtocol, type Frame } from '../../src/protocols';
import { openFrames, type FrameClient, type ServerFrame } from './frameClient';
import { untilStatus } from './untilStatus';

/** A server of any make, started with times short enough to wait for. */
export interface ServerUnderTest {
  /** `http://127.0.0.1:8080`: the refresh endpoint is `/auth/refresh`, the socket `/ws`. */
  origin: string;
  /** The Cookie headers of two users who are signed in. */
  cookies: readonly [string, string];
  /** How long its access tokens live. Two to five seconds do. */
  lifeS: number;
  /** How long it waits for the first message. */
  helloS: number;
}

interface Clause {
  says: string;
  /** Throws what is wrong. */
  check(server: ServerUnderTest): Promise<void>;
}

const protocol = jsonProtocol();

/** What `jsonProtocol()` needs of a server, clause by clause, as a client can observe it. */
export const serverContract: readonly Clause[] = [
  {
    says: 'without a session the refresh endpoint answers 401',
    async check(server) {
      const { status } = await refresh(server, 'nothing=here');
      demand(status === 401, `it answered ${status}`);
    },
  },
  {
    says: 'with one it answers an access token and its life in seconds',
    async check(server) {
      const answer = await refresh(server, server.cookies[0]);
      const body = (await answer.json()) as { access_token?: unknown; expires_in?: unknown };
      demand(answer.ok && typeof body.access_token === 'string', `it answered ${answer.status}`);
      demand(
        typeof body.expires_in === 'number' && body.expires_in > 0,
        `expires_in ${String(body.expires_in)}`,
      );
    },
  },
  {
    says: 'a token as the first message is answered by auth_ok',
    async check(server) {
      const client = await open(server, 0);
      const left = client.ready.expires_in;
      demand(typeof left === 'number' && left > 0 && left <= server.lifeS, `expires_in ${String(left)}`);
      await isAlive(client);
    },
  },
  {
    says: 'a token that is none is refused, and the socket closed',
    async check(server) {
      const client = await dial(server);
      client.send({ type: 'auth', token: 'made-up' });
      await client.next('auth_error');
      const { code } = await ended(client);
      demand(isDeliberate(code), `it closed with ${code}`);
    },
  },
  {
    says: 'any other first message closes the socket',
    async check(server) {
      for (const text of ['{"type":"hello"}', 'null', 'no json']) {
        const client = await dial(server);
        client.socket.send(text);
        const { code } = await ended(client);
        demand(isDeliberate(code), `it closed with ${code} after ${text}`);
        demand(
          client.frames.every(({ type }) => type !== 'thanks'),
          `it took ${text} for a message`,
        );
      }
    },
  },
  {
    says: 'a socket without a first message is closed in time',
    async check(server) {
      const client = await dial(server);
      const { afterMs } = await ended(client, (server.helloS + 2) * 1000);
      demand(afterMs >= server.helloS * 900, `it closed after ${afterMs} ms`);
    },
  },
  {
    says: 'a fresh token is taken over the open socket, under its id',
    async check(server) {
      const client = await open(server, 0);
      client.send({ type: 'auth_refresh', id: 7, token: await tokenOf(server, 0) });
      const { id } = await client.next('auth_ok');
      demand(id === 7, `it answered under ${String(id)}`);
      await isAlive(client);
    },
  },
  {
    says: 'a fresh token that is none leaves the socket open: the one before still counts',
    async check(server) {
      const client = await open(server, 0);
      client.send({ type: 'auth_refresh', id: 7, token: 'made-up' });
      const { id } = await client.next('auth_error');
      demand(id === 7, `it answered under ${String(id)}`);
      await isAlive(client);
    },
  },
  {
    says: 'a token of somebody else is not taken over an open socket',
    async check(server) {
      const client = await open(server, 0);
      client.send({ type: 'auth_refresh', id: 7, token: await tokenOf(server, 1) });
      await client.next('auth_error');
      const { code } = await ended(client);
      demand(isDeliberate(code), `it closed with ${code}`);
    },
  },
  {
    says: 'it warns before a token ends, and closes at its end in words that mean "expired"',
    async check(server) {
      const client = await open(server, 0);
      await client.next('auth_expiring_soon');
      const { code, reason, afterMs } = await ended(client, (server.lifeS + 2) * 1000);
      demand(afterMs <= (server.lifeS + 1) * 1000, `it closed after ${afterMs} ms`);
      const verdict = protocol.judgeClose({ code, reason, phase: 'open', lastVerdict: lastVerdict(client) });
      demand(verdict === 'expired', `${code} "${reason}" means ${JSON.stringify(verdict)}`);
    },
  },
  {
    says: 'this client stays on one socket for three lives of a token, and gets an answer',
    check: staysForThreeLives,
  },
];

async function staysForThreeLives(server: ServerUnderTest): Promise<void> {
  const getToken: GetToken = async ({ signal }) => {
    const answer = await refresh(server, server.cookies[0], signal);
    if (answer.status === 401) return signedOut();
    if (!answer.ok) return unavailable();
    const { access_token: token, expires_in: seconds } = (await answer.json()) as ServerFrame;
    return { token: String(token), expiresInMs: Number(seconds) * 1000 };
  };
  const socket = createAuthSocket({
    url: socketUrl(server),
    getToken,
    platform: { WebSocket: socketOfOrigin(server.origin) },
  });
  try {
    const answer = new Promise(resolve => socket.onMessage(resolve));
    socket.connect();
    await untilStatus(socket, ({ link }) => link === 'open');
    const endsAt = Date.now() + server.lifeS * 3_000;
    socket.send({ type: 'hello' });
    await answer;
    await untilStatus(socket, ({ tokenExpiresAt }) => (tokenExpiresAt ?? 0) > endsAt);
    const { connection, link } = socket.getStatus();
    demand(connection === 1 && link === 'open', `it is on link ${connection}, which is ${link}`);
  } finally {
    socket.destroy();
  }
}

const refresh = (server: ServerUnderTest, cookie: string, signal?: AbortSignal) =>
  fetch(`${server.origin}/auth/refresh`, { method: 'POST', headers: { cookie }, ...(signal && { signal }) });

const socketUrl = ({ origin }: ServerUnderTest) => `${origin.replace('http', 'ws')}/ws`;

async function tokenOf(server: ServerUnderTest, user: 0 | 1): Promise<string> {
  const answer = await refresh(server, server.cookies[user]);
  return ((await answer.json()) as { access_token: string }).access_token;
}

/** From a page of the server's own origin, as a browser says by itself. */
const dial = (server: ServerUnderTest) => openFrames(socketUrl(server), { origin: server.origin });

async function open(server: ServerUnderTest, user: 0 | 1): Promise<FrameClient & { ready: ServerFrame }> {
  const client = await dial(server);
  client.send({ type: 'auth', token: await tokenOf(server, user) });
  return { ...client, ready: await client.next('auth_ok') };
}

function socketOfOrigin(origin: string): Platform['WebSocket'] {
  const Dialler = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { origin });
    }
  };
  return Dialler as unknown as Platform['WebSocket'];
}

async function isAlive(client: FrameClient): Promise<void> {
  client.send({ type: 'ping' });
  await client.next('pong');
  client.socket.close();
}

async function ended(client: FrameClient, withinMs = 3_000) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the socket was still open after ${withinMs} ms`)), withinMs);
  });
  try {
    return await Promise.race([client.closed, late]);
  } finally {
    clearTimeout(timer);
    client.socket.terminate();
  }
}

/** 1008, or a code of its own where the server's library keeps 1008 to itself, as Daphne does. */
const isDeliberate = (code: number) => code === 1008 || (code >= 4000 && code <= 4999);

function lastVerdict({ frames }: FrameClient) {
  const read = frames.map(frame => protocol.read(JSON.stringify(frame)) as Frame<unknown>);
  return read.findLast(frame => frame.kind === 'verdict')?.verdict ?? null;
}

function demand(isMet: boolean, otherwise: string): asserts isMet {
  if (!isMet) throw new Error(otherwise);
}
