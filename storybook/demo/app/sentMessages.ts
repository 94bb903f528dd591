/** Something the user said. */
export interface SentMessage {
  readonly id: string;
  readonly text: string;
  /** 'waiting': for a link · 'underway': handed to the socket, no answer yet · 'dropped': waited too long. */
  readonly state: 'waiting' | 'underway' | 'delivered' | 'dropped';
}

export type SentChange =
  | { type: 'said'; message: SentMessage }
  | { type: 'moved'; id: string; to: SentMessage['state'] }
  /** A link opened: what waited has left. */
  | { type: 'left' };

const MOST_SHOWN = 5;

export function reduceSent(sent: readonly SentMessage[], change: SentChange): readonly SentMessage[] {
  switch (change.type) {
    case 'said':
      return [...sent, change.message].slice(-MOST_SHOWN);
    case 'moved':
      return sent.map(message => (message.id === change.id ? { ...message, state: change.to } : message));
    case 'left':
      return sent.map(message => (message.state === 'waiting' ? { ...message, state: 'underway' } : message));
  }
}
