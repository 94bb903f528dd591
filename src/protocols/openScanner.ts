import { AuthSocketError } from '../machine/errors';
import { closeTable } from './closeTable';
import { readJson, writeJson } from './jsonText';
import type { Frame, Inbound, SocketProtocol } from './protocol';

/** Options of `openScanner()`. */
export interface OpenScannerOptions {
  /**
   * What the server wants to read: 'v1' are JSON objects with a `type`, 'legacy' are arrays that begin with a command.
   * Both are understood either way.
   *
   * @default told by the path that is dialled: 'v1' if it contains `/api/v1/`, else 'legacy'
   */
  frames?: 'v1' | 'legacy';
}

/** Closes of the server that say something. Everything else means what it means everywhere. */
const closes = closeTable({
  // Behind an expired frame, as a rule. Invalid, revoked, wrong role, disabled: all look the same.
  '1008:auth failed': 'expired',
  // Our first frame was not what it wanted: it will not want it the next time either.
  '1008:expected text message': 'protocol',
  '1008:invalid message': 'protocol',
  '1000:max clients reached': 'limit',
  '1000:connection limit': 'limit',
});

/** The only key of a feed map that is a question of ours. Those of real ones are numbers. */
const MARK = 'react-auth-socket';

/**
 * OpenScanner (also known as Squelch), listeners and administrators, old frames and new ones.
 *
 * The token travels in the first frame, `["token"]`. The server looks at it then and not again, so a refreshed token
 * costs neither a frame nor a new link. Its expired frame stands for invalid, revoked and forbidden alike: the token
 * source is asked once more and decides.
 *
 * The server pings below the reach of a page and knows no ping of ours, but it sends back every feed map that it is
 * sent, to listeners and administrators, and keeps none: that is our ping. `heartbeat: false` turns it off.
 *
 * Messages are what the server sends, an array or an object; the topic is its command or `type`.
 *
 * @see https://github.com/revtex/OpenScanner/blob/main/backend/internal/ws/client.go
 */
export function openScanner<In = unknown, Out = unknown>({ frames }: OpenScannerOptions = {}): SocketProtocol<
  In,
  Out
> {
  if (frames !== undefined && frames !== 'v1' && frames !== 'legacy') {
    throw new AuthSocketError('invalid-option', `openScanner: frames must be 'v1' or 'legacy'.`);
  }
  let isV1 = frames === 'v1';
  const echo = (mark: 'hello' | 'ping'): string => {
    const feedMap = { [MARK]: mark };
    return JSON.stringify(isV1 ? { type: 'listener.feedMap.update', feedMap } : ['LFM', feedMap]);
  };
  return {
    name: 'openScanner',
    prepare({ url }) {
      if (frames === undefined) isV1 = url.pathname.includes('/api/v1/');
      return { url };
    },
    // An administrator is welcomed with silence: the echo is the first word of a server that let us in.
    hello: token => (token === '' ? null : [JSON.stringify([token]), echo('hello')]),
    refresh: () => [],
    ping: () => echo('ping'),
    read(data: Inbound): Frame<In> | Frame<In>[] {
      // Old servers send the audio of a call in a frame of its own.
      if (typeof data !== 'string') return { kind: 'message', message: data as In };
      const json = readJson(data);
      return 'kind' in json ? json : readFrame<In>(json.value);
    },
    write: message => writeJson(message),
    judgeClose: closes,
  };
}

function readFrame<In>(frame: unknown): Frame<In> | Frame<In>[] {
  const isLegacy = Array.isArray(frame);
  const topic: unknown = isLegacy ? frame[0] : (frame as { type?: unknown } | null)?.type;
  if (typeof topic !== 'string') return { kind: 'malformed', why: 'a frame without a command' };
  const message: Frame<In> = { kind: 'message', message: frame as In, topic };
  switch (topic) {
    case 'VER':
    case 'connection.welcome':
      return [{ kind: 'ready' }, message];
    case 'XPR':
    case 'session.expired':
      return { kind: 'verdict', verdict: 'expired' };
    case 'MAX':
    case 'connection.rejected':
      return { kind: 'verdict', verdict: 'limit' };
    case 'LFM':
    case 'listener.feedMap.snapshot': {
      const feedMap: unknown = isLegacy ? frame[1] : (frame as { feedMap?: unknown }).feedMap;
      const mark = (feedMap as Record<string, unknown> | null | undefined)?.[MARK];
      return mark === 'hello' ? { kind: 'ready' } : mark === 'ping' ? { kind: 'pong' } : message;
    }
    default:
      return message;
  }
}
