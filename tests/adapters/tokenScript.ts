import { signedIn, signedOut, type GetToken, type TokenAnswer, type TokenRequest } from '../../src/core';
import { unsignedJwt } from '../../src/testing/unsignedJwt';

/** How one token call ends. */
export type TokenStep = 'fresh' | 'same' | 'throw' | 'null' | 'hang' | 'late-throw' | 'signed-out' | 'cookie';

/** A token source that does what a list says, call by call, and then hands out fresh tokens. */
export class TokenScript {
  readonly calls: Pick<TokenRequest, 'reason' | 'forceRefresh'>[] = [];
  /** Every token that was handed out, oldest first. */
  readonly issued: string[] = [];
  /** What the next calls do. */
  readonly steps: TokenStep[];
  /** What a call does when the list is used up. */
  otherwise: TokenStep = 'fresh';
  /** Whose tokens they are. */
  user = 'ada';
  readonly #lifeMs: number;

  constructor(lifeMs: number, steps: readonly TokenStep[] = []) {
    this.#lifeMs = lifeMs;
    this.steps = [...steps];
  }

  get last(): string {
    return this.issued.at(-1) ?? '';
  }

  /** For our client. */
  readonly source: GetToken = async ({ reason, forceRefresh }) => {
    this.calls.push({ reason, forceRefresh });
    // What SDKs do, whatever their types say.
    return (await this.ask()) as TokenAnswer;
  };

  /** For those who ask without us. */
  async ask(): Promise<TokenAnswer | null> {
    switch (this.steps.shift() ?? this.otherwise) {
      case 'fresh':
        return this.#issue();
      case 'same':
        return this.last;
      case 'throw':
        throw new TypeError('Failed to fetch');
      case 'late-throw':
        await new Promise(resolve => setTimeout(resolve, 200));
        throw new TypeError('Failed to fetch');
      case 'null':
        return null;
      case 'hang':
        return new Promise(() => {});
      case 'signed-out':
        return signedOut('over');
      case 'cookie':
        return signedIn();
    }
  }

  #issue(): string {
    const iat = Date.now() / 1_000;
    const jti = String(this.issued.length + 1);
    const token = unsignedJwt({ sub: this.user, iat, exp: iat + this.#lifeMs / 1_000, jti });
    this.issued.push(token);
    return token;
  }
}
