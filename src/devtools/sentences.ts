import type { TokenReason } from '../machine/effect';
import type { SocketStatus } from '../machine/snapshot';
import type { TraceEvent } from '../runtime/trace';
import { verdictWords } from './closeWords';
import { causes, isFailedDial, type Story } from './story';
import type { Line } from './timeline';
import { duration } from './timeWords';

/** A line before it has a place in the list. */
export type Sentence = Pick<Line, 'tone' | 'text'> & { readonly key?: string };

type Fact<T extends TraceEvent['type']> = Extract<TraceEvent, { type: T }>;

const good = (text: string): Sentence => ({ tone: 'good', text });
const bad = (text: string, key?: string): Sentence => ({ tone: 'bad', text, ...(key && { key }) });
const quiet = (text: string): Sentence => ({ tone: 'quiet', text });

/**
 * Why a change happened, in words; null for a fact that another line tells.
 *
 * `story` has the fact in it already; `status` is the client's at that moment, of a change the new one.
 */
export function sentenceOf(event: TraceEvent, story: Story, status: SocketStatus): Sentence | null {
  switch (event.type) {
    case 'link.changed':
      return linkSentence(event, story, status);
    case 'link.opened':
      return openSentence(event, story, status);
    case 'session.changed':
      return sessionSentence(event, story, status);
    case 'token.granted':
      return good(`${grantWords(event, story)}${lifeWords(event.facts)}`);
    case 'token.unavailable': {
      if (story.asked?.call !== event.call) return null;
      const later =
        event.retryAfterMs === undefined ? '' : `, which asked for ${duration(event.retryAfterMs)}`;
      return noToken(`its endpoint had none for now${later}`, status, event.at);
    }
    case 'token.acked':
      return quiet('The server took the new token; the link stayed open');
    case 'token.nacked':
      return bad(`The server refused the new token: ${verdictWords[event.verdict]}`);
    case 'token.expiring':
      return quiet('The server says that the token ends soon');
    case 'link.judged':
      return bad(`The server said: ${verdictWords[event.verdict]}${comeBack(event.retryAfterMs)}`);
    case 'page.signalled':
      if (event.signal === 'offline') return quiet('The browser says offline: probing the link');
      return event.signal === 'online' ? quiet('The browser says online: making sure of the link') : null;
    case 'session.leaving':
      return quiet('Signing out: the server is told first');
    case 'sibling.renewed':
      return quiet('Another tab has a new token: asking the token source');
    case 'sibling.leaving':
      return quiet('Another tab is signing out');
    case 'session.retried':
      return quiet('Asked to sign in again: asking the token source');
    case 'session.keyChanged':
    case 'session.replaced':
      return quiet('Another user: everything of the former one is dropped');
    case 'client.misconfigured':
    case 'dial.misconfigured':
      return bad('An option cannot work: stopped');
    case 'dial.unavailable':
      return bad(`The ticket endpoint had none for now${comeBack(event.retryAfterMs)}`, 'ticket');
    case 'dial.rejected':
      return bad('The ticket endpoint refused the token');
    case 'client.destroyed':
      return quiet('The client was destroyed');
    default:
      return null;
  }
}

function openSentence(
  { at, gapMs, connection }: Fact<'link.opened'>,
  story: Story,
  { link }: SocketStatus,
): Sentence {
  if (gapMs === null) return good('Connected: the first link');
  if (link === 'open') {
    return good(
      `Link replaced without a gap: ${story.renewal ?? (causes(story, at) || 'a new one was due')}`,
    );
  }
  const after = gapMs < 100 ? 'at once' : `after ${duration(gapMs)}`;
  const why = causes(story, at);
  return good(`Reconnected ${after}${why === '' ? ` (link ${connection})` : `: ${why}`}`);
}

function linkSentence(event: Fact<'link.changed'>, story: Story, status: SocketStatus): Sentence | null {
  const { from, to, cause, at } = event;
  // The end of the session is told by itself.
  if (status.stopReason === 'signed-out' || status.stopReason === 'destroyed') return null;
  const next = nextWords(status, at);
  if (from === 'open') {
    const isMeant = to === 'idle' || status.stopReason === 'disconnected';
    return isMeant
      ? quiet(`Link closed: ${story.loss}`)
      : bad(`Link lost: ${story.loss}${next && ` → ${next}`}`);
  }
  if (to === 'stopped') return bad(`Link stopped: ${stopWords[status.stopReason ?? 'disconnected']}`);
  if (isFailedDial(event)) {
    if (to === 'idle') return null;
    const why = cause === 'time.passed' ? 'no answer in time' : 'out of reach';
    const close = cause === 'socket.closed' && status.lastClose?.code !== 1006 ? status.lastClose : null;
    return bad(
      `No connection: ${close ? `${verdictWords[close.verdict]} (${close.code})` : why}${next && ` → ${next}`}`,
      'dial',
    );
  }
  const isTokenAwaited = to === 'waiting' && status.waitingFor === 'token';
  return isTokenAwaited && cause === 'time.passed'
    ? noToken('its endpoint did not answer in time', status, at)
    : null;
}

function sessionSentence(
  { from, to, cause, at }: Fact<'session.changed'>,
  story: Story,
  status: SocketStatus,
): Sentence | null {
  switch (to) {
    case 'signed-out':
      return bad(`Signed out ${story.end ?? 'already'}`);
    case 'rejected':
      return bad('The server refuses what the token source has: asking now and then, user kept');
    case 'stale':
      return bad(
        cause === 'token.unavailable'
          ? 'No good token in hand: still trying, user kept'
          : `The token ran out before there was a new one: still trying, user kept`,
      );
    case 'valid':
      if (from !== 'refreshing' || cause !== 'time.passed') return null;
      return noToken('its endpoint did not answer in time', status, at);
    case 'unknown':
    case 'refreshing':
      return null;
  }
}

/** What a failed call means: nothing, while there is a token in hand. */
function noToken(why: string, { tokenExpiresAt }: SocketStatus, at: number): Sentence {
  const leftMs = (tokenExpiresAt ?? 0) - at;
  return leftMs > 0
    ? bad(`Kept the token, good for ${duration(leftMs)} more: ${why}`, 'token')
    : bad(`No token yet, user kept: ${why}`, 'token');
}

function nextWords({ link, retryAt, waitingFor, stopReason }: SocketStatus, at: number): string {
  if (stopReason !== null) return `stopped: ${stopWords[stopReason]}`;
  if (waitingFor === 'token') return 'a new token first';
  if (waitingFor === 'online') return 'waiting for the network';
  if (link !== 'waiting' || retryAt === null || retryAt - at < 100) return 'reconnecting at once';
  return `reconnecting in ${duration(retryAt - at)}`;
}

const comeBack = (ms: number | undefined) => (ms === undefined ? '' : `, back in ${duration(ms)}`);

const stopWords: Readonly<Record<NonNullable<SocketStatus['stopReason']>, string>> = {
  disconnected: 'the application disconnected',
  'signed-out': 'nobody is signed in',
  forbidden: 'the server does not allow it',
  protocol: 'server and client do not speak the same protocol',
  'taken-over': 'another connection took its place',
  misconfigured: 'an option cannot work',
  destroyed: 'the client was destroyed',
};

const askWords: Readonly<Record<TokenReason, string>> = {
  initial: '',
  expiring: 'the old one was about to end',
  expired: 'the old one had run out',
  rejected: 'the server doubted the old one',
  changed: 'its source had a newer one',
  manual: 'the application asked',
};

function grantWords({ call, at, askedAt }: Fact<'token.granted'>, { asked }: Story): string {
  if (call === 0) return 'Token from the rendered page';
  const took = at - askedAt >= 100 ? ` in ${duration(at - askedAt)}` : '';
  if (asked?.call !== call) return `Token of an earlier call${took}`;
  const reason = askWords[asked.reason];
  return reason === '' ? `First token${took}` : `Token refreshed${took}: ${reason}`;
}

function lifeWords({ expiresInMs, issuedAt, expiresAt }: Fact<'token.granted'>['facts']): string {
  const written = issuedAt === null || expiresAt === null ? null : expiresAt - issuedAt;
  const lifeMs = expiresInMs ?? written;
  return lifeMs === null ? '' : `, good for ${duration(lifeMs)}`;
}
