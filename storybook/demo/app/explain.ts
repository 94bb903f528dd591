import type { SocketStatus, TraceEvent } from 'react-auth-socket';
import { closeWords } from './closeWords';
import { span } from './timeWords';

/** One line of the log. 'you': the visitor did it. */
export interface LogLine {
  readonly tone: 'good' | 'bad' | 'plain' | 'you';
  readonly text: string;
}

type Fact<T extends TraceEvent['type']> = Extract<TraceEvent, { type: T }>;

/**
 * What a fact of the trace means, in words; null for one that another line tells already.
 *
 * `status` is the client's at the moment of the fact: for `link.changed` and `session.changed` the new one.
 */
export function explain(event: TraceEvent, status: SocketStatus): LogLine | null {
  switch (event.type) {
    case 'link.changed':
      return explainLink(event, status);
    case 'link.opened':
      return good(openWords(event, status));
    case 'link.renewalAsked':
      return plain('A new link was asked for');
    case 'link.restarted':
      return plain('The address changed → a new link');
    case 'link.unwanted':
      return plain('The application wants no link any more');
    case 'dial.started':
      return plain(dialWords(status));

    case 'session.changed':
      return explainSession(event, status);
    case 'session.leaving':
      return plain('Signing out: the server is told first');
    case 'session.left':
      return plain('The user signed out → token dropped, link closed');
    case 'session.retried':
      return plain('Signed in again → asking the token source');
    case 'session.keyChanged':
      return plain('Another user → everything of the former one is dropped');

    case 'token.asked':
      return plain(`Asking for a token: ${askWords[event.reason]}${tries(event.attempt)}`);
    case 'token.granted':
      return good(`New token${lifeWords(event.facts)}`);
    case 'token.acked':
      return good('The server took the new token; the link stayed open');
    case 'token.nacked':
      return bad(`The server refused the new token (${event.verdict})`);
    case 'token.unavailable':
      // An answer to a call that was given up already: that was told.
      if (status.session === 'valid') return null;
      return bad(`No token: its endpoint failed or did not answer → ${sparedWords(status)}`);
    case 'token.denied':
      return bad(`The token source says that the session is over (${plainWord(event.reason)}) → signed out`);
    case 'token.expiring':
      return plain('The server says that the token ends soon');

    case 'sibling.shared':
      return good('Another tab handed over its new token');
    case 'sibling.renewed':
      return plain('Another tab has a new token → asking the token source');
    case 'sibling.leaving':
      return plain('Signing out in another tab');
    case 'sibling.left':
      return plain('Signed out in another tab → token dropped, link closed');
    case 'session.replaced':
      return plain('Another user → everything of the former one is dropped');

    case 'link.judged':
      return plain(announcementWords(event));
    case 'page.signalled': {
      const words = pageWords[event.signal];
      return words === null ? null : plain(words);
    }
    case 'client.misconfigured':
    case 'dial.misconfigured':
      return bad('An option cannot work → stopped');
    case 'client.destroyed':
      return plain('The client was destroyed');

    // Steps between two facts that are told.
    case 'link.wanted':
    case 'link.ready':
    case 'socket.opened':
    case 'socket.closed':
    case 'token.presented':
    case 'token.wanted':
    case 'source.changed':
    case 'dial.prepared':
    case 'dial.unavailable':
    case 'dial.rejected':
    case 'dial.denied':
    case 'ping.sent':
    case 'pong.received':
    case 'turn.requested':
    case 'sibling.asked':
    case 'turn.granted':
    case 'turn.denied':
    case 'siblings.asked':
    case 'siblings.absent':
    case 'siblings.told':
    case 'token.shared':
      return null;
  }
}

const good = (text: string): LogLine => ({ tone: 'good', text });
const bad = (text: string): LogLine => ({ tone: 'bad', text });
const plain = (text: string): LogLine => ({ tone: 'plain', text });

function explainLink({ from, to, cause, at }: Fact<'link.changed'>, status: SocketStatus): LogLine | null {
  const wasOpen = from === 'open';
  const wasDialling = from === 'connecting' || from === 'authenticating';
  const isDialling = to === 'open' || to === 'authenticating' || to === 'connecting';
  // Whoever ended the session, froze the page or wants no link has been told already.
  if (status.stopReason === 'signed-out' || to === 'idle') return null;
  const next = nextWords(status, at);
  if (wasOpen) return bad(`Link lost: ${lossWords(cause, status)} → ${next}`);
  if (wasDialling && !isDialling) return bad(`No connection: ${failureWords(cause, status)} → ${next}`);
  if (to === 'stopped') return bad(`Link ${next}`);
  return to === 'waiting' && status.waitingFor === 'token' ? plain(`No token yet → ${next}`) : null;
}

function explainSession({ to, from, cause }: Fact<'session.changed'>, status: SocketStatus): LogLine | null {
  switch (to) {
    case 'stale':
      return bad('No good token in hand → still trying, and the user is still who they are');
    case 'rejected':
      return bad('The server refuses what the token source has → asking again now and then');
    case 'valid':
      if (cause === 'time.passed') return bad(`No token: no answer in time → ${sparedWords(status)}`);
      return from === 'unknown' ? good('The session is valid') : null;
    case 'unknown':
    case 'refreshing':
    case 'signed-out':
      return null;
  }
}

/** Why an open link is gone. */
function lossWords(cause: string, { lastClose }: Pick<SocketStatus, 'lastClose'>): string {
  if (cause === 'time.passed') return 'the server did not answer a ping';
  if (cause === 'link.judged') return 'the server said so';
  return cause === 'socket.closed' && lastClose ? closeWords(lastClose) : 'it was closed here';
}

/** Why a dial came to nothing. */
function failureWords(cause: string, { lastClose }: SocketStatus): string {
  if (cause === 'time.passed') return 'no answer in time';
  return lastClose?.code === 1006 ? 'the server is out of reach (1006)' : lossWords(cause, { lastClose });
}

function nextWords({ link, retryAt, waitingFor, stopReason }: SocketStatus, at: number): string {
  if (stopReason !== null) return `stopped (${stopReason}) until somebody asks`;
  if (waitingFor === 'token')
    return retryAt === null ? 'a new token first' : `asking for a token in ${span(retryAt - at)}`;
  if (link !== 'waiting' || retryAt === null) return 'reconnecting at once';
  return waitingFor === 'online' ? 'waiting for the network' : `reconnecting in ${span(retryAt - at)}`;
}

function openWords({ connection, gapMs }: Fact<'link.opened'>, { link }: SocketStatus): string {
  if (gapMs === null) return 'Link open';
  if (link === 'open') return `Link ${connection} open, and only now the old one is closed`;
  return `Link open again, ${gapMs < 100 ? 'at once' : `after ${span(gapMs)}`}`;
}

function dialWords({ link, attempt }: SocketStatus): string {
  if (link === 'open') return 'Opening a new link beside the old one';
  return `Dialling the server${tries(attempt + 1)}`;
}

function announcementWords({ verdict, retryAfterMs }: Fact<'link.judged'>): string {
  const word = verdict === 'going-away' ? 'it is going away' : `the link is over (${verdict})`;
  return `The server says that ${word}${retryAfterMs === undefined ? '' : `, back in ${span(retryAfterMs)}`}`;
}

function sparedWords({ tokenExpiresAt }: SocketStatus): string {
  return tokenExpiresAt !== null
    ? 'the one in hand is still good'
    : 'trying again; nobody is signed out for that';
}

const askWords: Readonly<Record<Fact<'token.asked'>['reason'], string>> = {
  initial: 'there is none yet',
  expiring: 'the one in hand ends soon',
  expired: 'the last one has ended',
  rejected: 'the last one may be no good any more',
  changed: 'the sign-in changed',
  manual: 'the application asked',
};

const pageWords: Readonly<Record<Fact<'page.signalled'>['signal'], string | null>> = {
  shown: 'The page is in front again → making sure of the link',
  hidden: 'The page is hidden',
  focused: null,
  online: 'The browser says that it is online → making sure of the link',
  offline: 'The browser says that it is offline → making sure of the link',
  frozen: 'The page is frozen → link closed',
  resumed: 'The page goes on',
  left: 'The page was left → link closed',
  returned: 'The page is back',
};

function lifeWords({ expiresInMs, issuedAt, expiresAt }: Fact<'token.granted'>['facts']): string {
  const written = issuedAt === null || expiresAt === null ? null : expiresAt - issuedAt;
  const lifeMs = expiresInMs ?? written;
  return lifeMs === null ? '' : `, good for ${span(lifeMs)}`;
}

const tries = (attempt: number) => (attempt > 1 ? ` (try ${attempt})` : '');
const plainWord = (code: string) => code.replaceAll('_', ' ');
