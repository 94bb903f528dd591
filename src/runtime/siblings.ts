import type { SharedFacts } from '../machine/credential';
import type { Event } from '../machine/event';
import { hasEnded, usable } from '../machine/session';
import type { State } from '../machine/state';
import type { TabChannel, Tabs } from './ports';
import { readTabMessage, writeTabMessage, type TabMessage } from './tabMessage';
import type { TokenVault } from './tokenVault';

export interface SiblingPorts {
  tabs: Tabs | null;
  /** The channel of this session; null: it shares nothing. */
  channelName(): string | null;
  vault: TokenVault;
  state(): State;
  dispatch(event: Event): void;
}

/** The other tabs of this session, over a channel that may be missing or broken: then this tab is alone. */
export interface Siblings {
  /** Joins the channel of this name and leaves the former one; null: no channel. */
  join(name: string | null): void;
  ask(generation: number, since: number): void;
  /** Hands a token over, or only says that there is one. */
  share(id: number, generation: number): void;
  tell(what: 'signed-out' | 'leaving', reason: string, at: number): void;
  /** There is a channel to listen on. */
  readonly isJoined: boolean;
}

export function createSiblings({ tabs, channelName, vault, state, dispatch }: SiblingPorts): Siblings {
  let channel: TabChannel | null = null;
  let joined: string | null = null;

  function post(message: TabMessage): void {
    try {
      channel?.post(writeTabMessage(message));
    } catch {
      // A channel that takes nothing is none; every tab can go on without it.
    }
  }

  function heldToken(): string | undefined {
    const held = usable(state().session);
    return vault.grant(held?.id ?? null)?.token;
  }

  function tokenMessage(id: number, generation: number): TabMessage | null {
    const grant = vault.grant(id);
    const held = usable(state().session);
    if (!grant || held?.id !== id) return null;
    const { expiresAt, serverExpiresAt } = held;
    const { subject } = state().session;
    return { type: 'token', token: grant.token, generation, expiresAt, serverExpiresAt, subject };
  }

  function hear(data: unknown): void {
    const message = readTabMessage(data);
    switch (message?.type) {
      case undefined:
        return;
      case 'ask':
        return dispatch({ ...message, type: 'sibling.asked' });
      case 'token': {
        const { session, settings } = state();
        // After a sign-out no token is kept, not even one that would not be used.
        if (settings.tabs !== 'share' || hasEnded(session)) return;
        const { token, generation, expiresAt, serverExpiresAt, subject } = message;
        // Every sibling answers a question, and all hear it. (To look at the token in hand keeps it in the vault.)
        if (token === heldToken() && generation <= session.generation) return;
        const id = vault.put(subject === null ? { token } : { token, subject });
        const facts: SharedFacts = { id, generation, expiresAt, serverExpiresAt, subject };
        return dispatch({ type: 'sibling.shared', facts });
      }
      case 'renewed':
        return dispatch({ type: 'sibling.renewed', generation: message.generation });
      case 'leaving':
        return dispatch({ type: 'sibling.leaving', at: message.at });
      case 'signed-out':
        return dispatch({ type: 'sibling.left', reason: vault.redact(message.reason), at: message.at });
    }
  }

  function join(name: string | null): void {
    if (name === joined) return;
    channel?.leave();
    channel = null;
    joined = name;
    if (name === null || !tabs) return;
    try {
      // What a channel still delivers after it was left is for somebody else.
      const own: { channel: TabChannel | null } = { channel: null };
      own.channel = channel = tabs.join(name, data => {
        if (own.channel === channel) hear(data);
      });
    } catch {
      channel = null;
    }
  }

  return {
    join,
    ask(generation, since) {
      if (!channel || channel.isAlone?.()) dispatch({ type: 'siblings.absent' });
      else post({ type: 'ask', generation, since });
    },
    share(id, generation) {
      const message: TabMessage | null =
        state().settings.tabs === 'share' ? tokenMessage(id, generation) : { type: 'renewed', generation };
      if (message) post(message);
    },
    get isJoined() {
      return channel !== null;
    },
    tell(what, reason, at) {
      // A client that is not connected has something to say as well.
      const isVisit = joined === null;
      if (isVisit) join(channelName());
      post(what === 'leaving' ? { type: 'leaving', at } : { type: 'signed-out', reason, at });
      if (isVisit) join(null);
    },
  };
}
