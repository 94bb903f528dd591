import { expect } from 'vitest';
import { createAuthSocket, signedOut, unavailable, type AuthSocket, type TokenAnswer } from '../../src/core';
import { jsonProtocol, ticket } from '../../src/protocols';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { canaries } from './canaries';

export interface SecretJourney {
  world: TestWorld;
  socket: AuthSocket;
  /** From the first link to a sign-out, through everything that a trace can tell. */
  play(pass?: (ms: number) => Promise<void>): Promise<void>;
  end(): Promise<void>;
}

/** A client whose tokens, tickets, address, messages and user are canaries, in tabs that talk to each other. */
export function secretJourney(carrier: 'ticket' | 'first message' = 'ticket'): SecretJourney {
  const world = createTestWorld();
  const tab = world.openTab();
  let tokens = 0;
  const nextToken = () => grant(`${canaries.accessToken}${++tokens}`);
  let answer: () => TokenAnswer = nextToken;
  const options = {
    url: `wss://app.test/ws?key=${canaries.urlSecret}`,
    sessionKey: canaries.user,
    getToken: () => answer(),
  };
  const socket = createAuthSocket({
    ...options,
    platform: world.platform,
    ...(carrier === 'ticket' && { protocol: jsonProtocol({ carrier: ticket({ getTicket: nextTicket }) }) }),
  });
  const sibling = createAuthSocket({ ...options, platform: tab.platform });
  let tickets = 0;

  function nextTicket() {
    tickets += 1;
    if (tickets === 3) return unavailable();
    return `${canaries.ticket}${tickets}`;
  }

  return {
    world,
    socket,
    async play(pass = ms => world.clock.advance(ms)) {
      const { clock, page, server } = world;
      socket.send({ type: 'say', text: canaries.queued });
      socket.connect();
      sibling.connect();
      await pass(2_000);
      expect(socket.getStatus().link).toBe('open');
      server.last.send({ type: 'news', text: canaries.received });
      socket.send({ type: 'say', text: canaries.sent });
      await pass(60_000);

      // What servers and applications write where words are expected.
      for (const said of [
        `bad ticket ${canaries.ticket}${tickets}`,
        `token ${canaries.accessToken}${tokens} expired`,
        `unknown ${canaries.jwt}`,
        `refresh token ${canaries.foreignSecret} reused`,
        `see https://ada:${canaries.urlPassword}@app.test/help?code=${canaries.foreignSecret}#${canaries.foreignSecret}`,
      ]) {
        expect(socket.getStatus().link).toBe('open');
        for (const connection of server.connections) connection.close(4001, said.slice(0, 120));
        await pass(20_000);
      }
      socket.reconnect(`https://ada:${canaries.urlPassword}@app.test/?token=${canaries.jwt}`);
      await pass(5_000);

      answer = () => unavailable({ cause: new Error(canaries.accessToken) });
      void socket.getToken({ forceRefresh: true }).catch(() => {});
      await pass(5_000);
      answer = () => grant(canaries.laterToken);
      void sibling.getToken({ forceRefresh: true }).catch(() => {});
      await pass(20_000);

      page.offline();
      await pass(10_000);
      page.online();
      await pass(30_000);
      page.hide();
      page.freeze();
      await pass(10_000);
      page.resume();
      page.show();
      await pass(20_000);
      await clock.sleep(3_600_000);
      await pass(20_000);
      socket.send({ type: 'say', text: canaries.sent });

      answer = () => signedOut(`no session for ${canaries.laterToken} ${canaries.jwt}`);
      void socket.getToken({ forceRefresh: true }).catch(() => {});
      await pass(20_000);
      expect(socket.getStatus().session).toBe('signed-out');
    },
    async end() {
      socket.destroy();
      sibling.destroy();
      await world.clock.advance(61_000);
      tab.dispose();
      world.dispose();
    },
  };
}

function grant(token: string): TokenAnswer {
  return { token, expiresInMs: 900_000, subject: canaries.subject };
}
