import { signedOut, type TokenAnswer } from '../machine/tokenAnswer';
import type { TokenRequest, TokenSource } from '../runtime/tokenSource';
import type { FakeClock } from './fakeClock';
import type { FakePage } from './fakePage';
import { unsignedJwt } from './unsignedJwt';

const SUBJECT = 'user-1';

interface PendingCall {
  readonly settle: () => void;
}

/** How the token endpoint answers: one for all tabs. */
export class FakeTokens {
  readonly #clock: FakeClock;
  readonly #lifetimeMs: number;
  #issued = 0;
  #failures = 0;
  #failure: unknown;
  /** null: calls hang. */
  #answer: (() => unknown) | null;
  readonly #pending = new Set<PendingCall>();

  constructor(clock: FakeClock, lifetimeMs: number) {
    this.#clock = clock;
    this.#lifetimeMs = lifetimeMs;
    this.#answer = this.#issue;
  }

  /** Answers with a new token each time, as in the beginning. */
  issue = (): void => this.#enter(this.#issue);

  hang = (): void => this.#enter(null);

  revoke = (): void => this.#enter(() => signedOut('revoked'));

  answer = (answer: TokenAnswer | (() => TokenAnswer)): void =>
    this.#enter(typeof answer === 'function' ? answer : () => answer);

  /** The next calls fail, then it goes on as before; a token endpoint that hung works again after them. */
  fail = (times = 1, error: unknown = new TypeError('Failed to fetch')): void => {
    this.#failures = times;
    this.#failure = error;
    this.#answer ??= this.#issue;
    this.#settlePending();
  };

  /** Settles when the endpoint answers and the page that asked runs. */
  call(page: FakePage): Promise<TokenAnswer> {
    return new Promise((resolve, reject) => {
      const pending: PendingCall = {
        settle: () => {
          this.#pending.delete(pending);
          try {
            const answer = this.#next() as TokenAnswer;
            page.whenRunning(() => resolve(answer));
          } catch (error) {
            page.whenRunning(() => reject(error));
          }
        },
      };
      this.#pending.add(pending);
      if (this.#answer) pending.settle();
    });
  }

  #enter(answer: (() => unknown) | null): void {
    this.#answer = answer;
    this.#failures = 0;
    if (answer) this.#settlePending();
  }

  #settlePending(): void {
    for (const { settle } of [...this.#pending]) settle();
  }

  #next(): unknown {
    if (this.#failures > 0) {
      this.#failures -= 1;
      throw this.#failure;
    }
    return this.#answer?.();
  }

  readonly #issue = (): string => {
    const issuedAt = Math.floor(this.#clock.worldMs / 1_000);
    this.#issued += 1;
    return unsignedJwt({
      sub: SUBJECT,
      iat: issuedAt,
      exp: issuedAt + this.#lifetimeMs / 1_000,
      jti: `token-${this.#issued}`,
    });
  };
}

/** The token endpoint as one tab sees it. */
export class TabTokens {
  readonly source: TokenSource;
  readonly issue: FakeTokens['issue'];
  readonly fail: FakeTokens['fail'];
  readonly hang: FakeTokens['hang'];
  readonly revoke: FakeTokens['revoke'];
  readonly answer: FakeTokens['answer'];
  readonly #calls: TokenRequest[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(tokens: FakeTokens, page: FakePage) {
    ({
      issue: this.issue,
      fail: this.fail,
      hang: this.hang,
      revoke: this.revoke,
      answer: this.answer,
    } = tokens);
    this.source = {
      getToken: (request: TokenRequest) => {
        this.#calls.push(request);
        return tokens.call(page);
      },
      subscribe: onChange => {
        const own = () => onChange();
        this.#listeners.add(own);
        return () => this.#listeners.delete(own);
      },
    };
  }

  /** What this tab asked. */
  get calls(): readonly TokenRequest[] {
    return this.#calls;
  }

  /** The source says of itself that its state changed. */
  notify = (): void => {
    for (const listener of [...this.#listeners]) listener();
  };
}
