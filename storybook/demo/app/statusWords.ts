import type { SocketStatus } from 'react-auth-socket';
import { span } from './timeWords';

/** One half of the status for the eye: the word of the API, and what it means. */
export interface StatusWord {
  readonly word: string;
  readonly detail: string;
  readonly tone: 'good' | 'busy' | 'bad';
}

export function linkWord(status: SocketStatus, now: number): StatusWord {
  const { link, connection, retryAt, waitingFor } = status;
  switch (link) {
    case 'open':
      return { word: link, detail: `connection ${connection}`, tone: 'good' };
    case 'waiting': {
      const inTime = `in ${span(retryAt - now)}`;
      const detail = waitingFor === 'token' ? `asks for a token ${inTime}` : `next try ${inTime}`;
      return { word: link, detail: waitingFor === 'online' ? 'for the network' : detail, tone: 'busy' };
    }
    case 'stopped':
      return { word: link, detail: status.stopReason, tone: 'bad' };
    case 'idle':
      return { word: link, detail: 'not wanted', tone: 'busy' };
    case 'preparing':
      return { word: link, detail: waitingFor === 'token' ? 'needs a token' : 'about to dial', tone: 'busy' };
    case 'connecting':
      return { word: link, detail: 'dialling', tone: 'busy' };
    case 'authenticating':
      return { word: link, detail: 'shows its token', tone: 'busy' };
  }
}

const sessions: Readonly<Record<SocketStatus['session'], Omit<StatusWord, 'word'>>> = {
  unknown: { detail: 'nobody has answered yet', tone: 'busy' },
  valid: { detail: 'signed in', tone: 'good' },
  refreshing: { detail: 'signed in, asks for a token', tone: 'good' },
  stale: { detail: 'signed in, no good token', tone: 'busy' },
  rejected: { detail: 'signed in, token refused', tone: 'busy' },
  'signed-out': { detail: 'nobody is signed in', tone: 'bad' },
};

export function sessionWord({ session }: SocketStatus): StatusWord {
  return { word: session, ...sessions[session] };
}

/** What it all means for the user, in a sentence that changes only when something did. */
export function meaning({ session, link, stopReason, lost, queued }: SocketStatus): string {
  if (session === 'signed-out') return 'The session is over. The link rests until somebody signs in.';
  if (session === 'rejected')
    return 'The server refuses the tokens of its own endpoint. You are still signed in; it is asked again now and then.';
  if (link === 'stopped') {
    return stopReason === 'forbidden'
      ? 'The server does not allow this connection. It is not dialled again until you ask.'
      : 'The link does not come back by itself. It is not dialled again until you ask.';
  }
  if (session === 'unknown') return 'Nobody has said yet who the user is. The page waits for it.';
  if (link === 'open') return 'Messages flow. The token is refreshed over the open link.';
  const waits =
    queued > 0 ? ` ${queued === 1 ? 'One message waits' : `${queued} messages wait`} for it.` : '';
  if (lost) return `No link for a while. You are still signed in and the page stays as it is.${waits}`;
  return `The link is on its way.${waits}`;
}
