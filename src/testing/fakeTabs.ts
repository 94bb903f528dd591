import type { TabChannel, Tabs } from '../runtime/ports';
import type { FakeClock } from './fakeClock';
import type { FakePage } from './fakePage';

interface Member {
  readonly page: FakePage;
  readonly onMessage: (message: unknown) => void;
}

/** The channels between the tabs of one browser. A frozen tab gets its messages when it resumes. */
export class FakeTabs {
  readonly #clock: FakeClock;
  readonly #channels = new Map<string, Set<Member>>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** The channels as one tab sees them. */
  portOf(page: FakePage): Tabs {
    return { join: (name, onMessage) => this.#join(name, { page, onMessage }) };
  }

  /** The tab is closed. */
  leave(page: FakePage): void {
    for (const [name, members] of this.#channels) {
      for (const member of members) if (member.page === page) this.#remove(name, member);
    }
  }

  #join(name: string, member: Member): TabChannel {
    const members = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, members.add(member));
    return {
      post: message => this.#post(name, member, message),
      leave: () => this.#remove(name, member),
      isAlone: () => (this.#channels.get(name)?.size ?? 0) < 2,
    };
  }

  #post(name: string, sender: Member, message: unknown): void {
    const members = this.#channels.get(name);
    if (!members?.has(sender)) throw new DOMException('The channel is closed.', 'InvalidStateError');
    for (const member of members) {
      if (member === sender) continue;
      const copy = cloned(message);
      const deliver = () => {
        if (this.#channels.get(name)?.has(member)) member.onMessage(copy);
      };
      this.#clock.atElapsed(this.#clock.elapsedMs, () => member.page.whenRunning(deliver));
    }
  }

  #remove(name: string, member: Member): void {
    const members = this.#channels.get(name);
    members?.delete(member);
    if (members?.size === 0) this.#channels.delete(name);
  }
}

/** Some test environments have no `structuredClone`. */
function cloned(message: unknown): unknown {
  return typeof structuredClone === 'function'
    ? structuredClone(message)
    : JSON.parse(JSON.stringify(message));
}
