import type { Duplex } from 'node:stream';

const TEXT = 0x81;
const CLOSE = 0x88;

/** An unmasked frame, as a server sends it. Payloads up to 125 bytes. */
function smallFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > 125)
    throw new RangeError(`a raw frame holds at most 125 bytes, not ${payload.length}`);
  return Buffer.concat([Buffer.from([opcode, payload.length]), payload]);
}

/** Writes a close frame with any code, those that no library lets through included (0, 999, 1005, 2000, 5000). */
export function writeRawClose(socket: Duplex, code: number, reason = ''): void {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  socket.write(smallFrame(CLOSE, payload));
}

/** Writes a text frame that is not UTF-8. */
export function writeInvalidUtf8(socket: Duplex): void {
  socket.write(smallFrame(TEXT, Buffer.from([0x61, 0xc3, 0x28, 0x62])));
}

/** Text frames that are no messages of ours: not JSON, JSON of the wrong shape, control frames with wrong fields. */
export const garbageTexts: readonly string[] = [
  '',
  'not json',
  '{"type":"tick"',
  'null',
  '42',
  '"auth_ok"',
  '[]',
  '{}',
  '{"type":null}',
  '{"type":5}',
  '{"type":"auth_ok","id":"one","expires_in":"soon"}',
  '{"type":"auth_ok","expires_in":-1}',
  '{"type":"auth_error","id":{},"code":7,"retryable":"no"}',
  '{"type":"auth_expiring_soon","expires_in":null}',
  '{"type":"going_away","retry_after":"later"}',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
];
