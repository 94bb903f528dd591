import type { AuthSocket, AuthSocketOptions } from '../../../src/index';

/** How the next token calls end; when the list is used up they go to the real endpoint. */
export type TokenStep =
  'reject' | 'throw' | 'null' | 'undefined' | 'empty' | 'hang' | 'signed-out' | 'endpoint';

export interface MountSetup {
  strict?: boolean;
  /** Whatever can be written as JSON; the token source and the callbacks are the page's own. */
  options?: Partial<Omit<AuthSocketOptions, 'getToken' | 'protocol' | 'platform' | 'url'>> & { url?: string };
}

/** What a test may do to the scripted page. */
export interface Lab {
  script(steps: readonly TokenStep[]): void;
  mount(setup?: MountSetup): void;
  unmount(): void;
  /** The mounted client. */
  client(): AuthSocket;
  /** Every access token that ever reached this page. */
  readonly tokens: readonly string[];
  /** Everything that this package handed to a hook for logs or errors, as a log would print it. */
  readonly printed: readonly string[];
}

declare global {
  interface Window {
    lab: Lab;
  }
}
