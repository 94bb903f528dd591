import type { TraceEvent } from '../runtime/trace';
import { closeWords, verdictWords } from './closeWords';
import type { Story } from './story';
import type { Mark } from './timeline';

/** A mark before it has a place in the picture. */
export type MarkDraft = Omit<Mark, 'id' | 'at'>;

type Kind = Mark['kind'];
type Tone = Mark['tone'];

const onSession = (kind: Kind, tone: Tone, text: string): MarkDraft => ({
  lane: 'session',
  kind,
  tone,
  text,
});
const onLink = (kind: Kind, tone: Tone, text: string): MarkDraft => ({ lane: 'link', kind, tone, text });

/** What a fact looks like in the picture; null: it only colours the lanes. */
export function markOf(event: TraceEvent, { asked }: Story): MarkDraft | null {
  switch (event.type) {
    case 'token.granted':
      return onSession('refresh', 'good', asked?.reason === 'initial' ? 'First token' : 'Token refreshed');
    case 'token.unavailable':
      return onSession('refresh', 'bad', 'No token: its endpoint had none for now');
    case 'token.denied':
      return onSession('refresh', 'bad', 'The token source says that the session is over');
    case 'token.nacked':
      return onLink('verdict', 'bad', `The server refused the token: ${verdictWords[event.verdict]}`);
    case 'token.expiring':
      return onLink('verdict', 'busy', 'The server says that the token ends soon');
    case 'link.judged':
      return onLink('verdict', 'bad', `The server said: ${verdictWords[event.verdict]}`);
    case 'socket.closed':
      return onLink('verdict', event.code === 1000 ? 'quiet' : 'bad', `Socket ${closeWords(event)}`);
    case 'sibling.asked':
      return onSession('sibling', 'quiet', 'Another tab asked for a newer token');
    case 'sibling.shared':
      return onSession('sibling', 'good', 'Another tab handed over its token');
    case 'sibling.renewed':
      return onSession('sibling', 'good', 'Another tab has a new token');
    case 'sibling.leaving':
      return onSession('sibling', 'busy', 'Another tab is signing out');
    case 'sibling.left':
      return onSession('sibling', 'bad', 'Signed out in another tab');
    case 'token.shared':
      // After every refresh of a shared session; the refresh has a mark.
      return event.cause === 'token.granted'
        ? null
        : onSession('sibling', 'quiet', 'Another tab was handed our token');
    case 'siblings.told':
      return onSession('sibling', 'quiet', 'The other tabs were told of the sign-out');
    case 'session.left':
      return onSession('user', 'bad', 'Signed out');
    case 'session.retried':
      return onSession('user', 'quiet', 'Asked to sign in again');
    case 'link.renewalAsked':
      return onLink('user', 'quiet', 'The application asked for a new link');
    case 'link.unwanted':
      return onLink('user', 'quiet', 'The application wants no link');
    case 'page.signalled':
      return pageWords[event.signal] ? onLink('page', 'quiet', pageWords[event.signal]) : null;
    default:
      return null;
  }
}

const pageWords: Readonly<Record<Extract<TraceEvent, { type: 'page.signalled' }>['signal'], string>> = {
  shown: 'Page in front',
  hidden: 'Page hidden',
  focused: '',
  online: 'The browser says online',
  offline: 'The browser says offline',
  frozen: 'Page frozen',
  resumed: 'Page goes on',
  left: 'Page left',
  returned: 'Page is back',
};
