import type { AuthSocket } from 'react-auth-socket';
import type { FromKitchen, ToKitchen } from './kitchen';

/** What the user said, and what became of it. */
export interface Note {
  readonly id: string;
  readonly text: string;
  readonly state: 'waiting' | 'sent' | 'delivered' | 'dropped';
}

/** The user's notes. One that a dying link swallowed goes out again on the next; the server knows it by its id. */
export class Notes {
  #notes: readonly Note[] = [];
  readonly #socket: AuthSocket;
  readonly #listeners = new Set<() => void>();

  constructor(socket: AuthSocket) {
    this.#socket = socket;
    socket.onMessage(message => {
      const { type, id } = message as FromKitchen & { id?: string };
      if (type === 'noted') this.#change(note => (note.id === id ? { ...note, state: 'delivered' } : note));
    });
    socket.onOpen(({ send }) => {
      for (const { id, text, state } of this.#notes)
        if (state === 'sent') send({ type: 'note', id, text } satisfies ToKitchen);
      this.#change(note => (note.state === 'waiting' ? { ...note, state: 'sent' } : note));
    });
  }

  get = (): readonly Note[] => this.#notes;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  say = (text: string): void => {
    const id = `note-${this.#notes.length + 1}`;
    const outcome = this.#socket.send({ type: 'note', id, text } satisfies ToKitchen);
    const state = outcome === 'queued' ? 'waiting' : outcome;
    this.#notes = [...this.#notes, { id, text, state }];
    this.#tell();
  };

  /** A message that waited too long, or whose user has gone. */
  drop(message: unknown): void {
    const { id } = message as { id?: string };
    this.#change(note => (note.id === id ? { ...note, state: 'dropped' } : note));
  }

  #change(change: (note: Note) => Note): void {
    this.#notes = this.#notes.map(change);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
