import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AuthWebSocket, authWebSocket } from '../../src/websocket';
import { bind } from './boundWorld';
import { expectedSurface } from './expectedSurface';
import { readSurface } from './surface';

describe('a socket and the standard', () => {
  it('I06 I07 shows what the WebSocket of Chromium shows: constants, attributes, errors, listeners', async () => {
    const Socket = authWebSocket({
      platform: { WebSocket: (() => {}) as never },
      getToken: () => new Promise(() => {}),
      timeouts: { tokenMs: 50 },
    });
    expect(await readSurface(Socket, 'http://127.0.0.1/')).toEqual(expectedSurface);
  });

  it('I06 close() takes exactly the codes of the standard, in every state', async () => {
    const { dial, advance } = bind();
    const connecting = dial();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -70_000, max: 140_000 }), async code => {
        const isAllowed = code === 1000 || (code >= 3000 && code <= 4999);
        const refused = expect.objectContaining({ name: 'InvalidAccessError' });
        if (!isAllowed) {
          const before = connecting.readyState;
          expect(() => connecting.close(code)).toThrow(refused);
          expect(connecting.readyState).toBe(before);
        } else {
          const other = dial();
          other.close(code);
          expect(other.readyState).toBe(other.CLOSING);
        }
      }),
      { numRuns: 300 },
    );
    await advance();
    expect(connecting.readyState).toBe(connecting.OPEN);
  });

  it('I07 a reason may have 123 bytes of UTF-8 and no more', () => {
    const { dial } = bind();
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 140 }), reason => {
        const socket = dial();
        const isTooLong = new TextEncoder().encode(reason).length > 123;
        if (isTooLong) {
          expect(() => socket.close(1000, reason)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
          expect(socket.readyState).toBe(socket.CONNECTING);
          socket.close();
        } else {
          socket.close(1000, reason);
          expect(socket.readyState).toBe(socket.CLOSING);
        }
      }),
    );
  });

  it('is an AuthWebSocket and passes for a WebSocket class', () => {
    const { Socket, dial } = bind();
    const asStandard: typeof WebSocket = Socket;
    expect(asStandard.OPEN).toBe(1);
    expect(dial()).toBeInstanceOf(AuthWebSocket);
    expect(dial()).toBeInstanceOf(Socket);
  });

  it.each([
    ['ws://app.test/x', 'throws'],
    ['http://app.test/x', 'throws'],
    ['ws://localhost:8080/x', 'ws://localhost:8080/x'],
    ['ws://127.0.0.1/x', 'ws://127.0.0.1/x'],
    ['https://app.test/x?y=1', 'wss://app.test/x?y=1'],
  ])('X06 a credential leaves over wss only, or stays on this machine: %s', (url, outcome) => {
    const { Socket } = bind();
    if (outcome === 'throws') {
      expect(() => new Socket(url)).toThrow(expect.objectContaining({ name: 'SecurityError' }));
      expect(new (bind({ allowInsecure: true }).Socket)(url).url).toBe('ws://app.test/x');
    } else expect(new Socket(url).url).toBe(outcome);
  });
});
