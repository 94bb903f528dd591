import * as React from 'react';
import type { Note } from './notes';
import type { Orders } from './orders';
import { clockTime } from './journeyTime';

interface OrdersScreenProps {
  orders: Orders;
  /** Whether what is shown is live, for the dot beside the title. */
  isLive: boolean;
  banner?: React.ReactNode;
  draft: string;
  onDraft: (draft: string) => void;
  notes?: readonly Note[];
  onSay?: (text: string) => void;
}

const noteWords: Readonly<Record<Note['state'], string>> = {
  waiting: 'waits for the connection',
  sent: 'on its way',
  delivered: 'delivered',
  dropped: 'not sent',
};

/** The mock application: orders come in, and the user writes a note. */
export function OrdersScreen(props: OrdersScreenProps): React.ReactElement {
  const { orders, isLive, banner, draft, onDraft, notes = [], onSay } = props;
  const field = React.useId();
  const { recent, received, missing } = orders;
  return (
    <div className="app">
      <header className="app-head">
        <h3>Orders</h3>
        <span className={`app-live ${isLive ? 'on' : ''}`}>{isLive ? 'live' : 'not live'}</span>
        <span className="app-count">
          {received} received, {missing === 0 ? 'none missing' : <strong>{missing} missing</strong>}
        </span>
      </header>
      <ol className="app-orders" aria-label="Newest orders">
        {recent.map(({ seq, dish, at }) => (
          <li key={seq}>
            <span className="app-number">#{seq}</span> <span>{dish}</span> <time>{clockTime(at)}</time>
          </li>
        ))}
        {recent.length === 0 && <li className="app-none">No orders</li>}
      </ol>
      {banner}
      <form
        className="app-note"
        onSubmit={event => {
          event.preventDefault();
          if (!onSay || draft.trim() === '') return;
          onSay(draft.trim());
          onDraft('');
        }}
      >
        <label htmlFor={field}>Note to the kitchen</label>
        <div className="app-field">
          <input
            id={field}
            value={draft}
            onChange={event => onDraft(event.target.value)}
            autoComplete="off"
          />
          <button type="submit" disabled={!onSay}>
            Send
          </button>
        </div>
        <ul className="app-notes" aria-label="Notes">
          {notes.slice(-2).map(({ id, text, state }) => (
            <li key={id}>
              “{text}” <span className={state}>{noteWords[state]}</span>
            </li>
          ))}
        </ul>
      </form>
    </div>
  );
}
