import { afterAll, beforeAll, expect, it } from 'vitest';
import { titledTriples } from '../protocols/closeTriples';
import { startReferenceServer, type ReferenceServer } from '../server/referenceServer';
import { signInOverWire } from '../server/wireClient';

let server: ReferenceServer;
beforeAll(async () => {
  server = await startReferenceServer({ streamIntervalMs: 0, sessionTtlMs: 3_600_000 });
});
afterAll(() => server.close());

it.each(titledTriples)(
  'S3-F %s on a real socket, and nobody is signed out',
  async (_title, { code, reason, frame, verdict }) => {
    // A client each: twenty dials a minute is all that one makes.
    const { socket, until, ends, calls } = await signInOverWire(server);
    try {
      socket.connect();
      await until(status => status.link === 'open');
      if (frame) await server.control({ command: 'send', frame });
      // No close frame carries 1006: it is what is seen where there was none.
      await server.control(code === 1006 ? { command: 'drop' } : { command: 'close', code, reason });
      await until(status => status.lastClose !== null);
      expect(socket.getStatus().lastClose).toEqual({ code, reason, verdict });
      const stops = verdict === 'forbidden' || verdict === 'protocol' || verdict === 'taken-over';
      if (stops) expect(socket.getStatus()).toMatchObject({ link: 'stopped', stopReason: verdict });
      if (verdict === 'limit')
        expect(socket.getStatus()).toMatchObject({ link: 'waiting', session: 'valid' });
      // Only these two, and one that says nothing of itself, are about the token.
      const isAboutTokens = ['expired', 'revoked', 'ambiguous'].includes(verdict);
      await new Promise(resolve => setTimeout(resolve, 20));
      if (isAboutTokens) expect(calls.length).toBeLessThanOrEqual(2);
      else expect(calls).toHaveLength(1);
      if (verdict === 'expired' || verdict === 'revoked') {
        await until(status => status.link === 'open' && status.connection === 2);
        expect(calls.map(call => call.reason)).toEqual(['initial', 'rejected']);
      }
      expect(socket.getStatus().session).not.toBe('signed-out');
      expect(ends).toEqual([]);
    } finally {
      socket.destroy();
    }
  },
);
