import type { ConnectionNotice } from 'react-auth-socket';

/** A notice in words. They change only with its kind, so a screen reader says each of them once. */
export interface NoticeWords {
  readonly text: string;
  /** The same in the space of a pill. */
  readonly short: string;
  /** What the user can do about it; null: wait. */
  readonly action: string | null;
  readonly tone: 'busy' | 'bad';
}

const words: Readonly<Record<ConnectionNotice['kind'], NoticeWords>> = {
  reconnecting: {
    text: 'No connection. Your changes are kept.',
    short: 'Reconnecting',
    action: 'Try now',
    tone: 'busy',
  },
  offline: { text: 'You are offline. Your changes are kept.', short: 'Offline', action: null, tone: 'busy' },
  'signed-out': {
    text: 'You have been signed out. Your draft stays here.',
    short: 'Signed out',
    action: 'Sign in',
    tone: 'bad',
  },
  blocked: {
    text: 'The server ended this connection.',
    short: 'Disconnected',
    action: 'Connect again',
    tone: 'bad',
  },
};

export function noticeWords({ kind }: ConnectionNotice): NoticeWords {
  return words[kind];
}
