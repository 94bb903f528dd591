import type { Page } from 'playwright-core';

export interface ConsoleSpy {
  /** Console lines, uncaught errors and unhandled rejections, as text. */
  readonly lines: readonly string[];
  /** Lines of this shape are part of the fault that a test makes, e.g. the browser's own word on a refused request. */
  allow(pattern: RegExp): void;
  /** Throws if anything was printed that nobody allowed. */
  assertQuiet(): void;
}

/** What the browser itself prints when a request or a dial of a test fails. */
export const networkNoise = [
  /^error: Failed to load resource: /,
  /^error: WebSocket connection to 'ws:\/\/127\.0\.0\.1:\d+\/ws[^']*' failed: /,
];

/** What the browser prints when a CONNECTING socket is closed. */
export const closedWhileConnecting = /WebSocket is closed before the connection is established/;

/** Collects what a tab prints and throws. */
export function consoleSpy(page: Page): ConsoleSpy {
  const lines: string[] = [];
  const allowed: RegExp[] = [];
  page.on('console', message => {
    // An invitation that development builds of React print.
    if (message.text().includes('Download the React DevTools')) return;
    lines.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', error => {
    lines.push(`uncaught: ${error.stack ?? error.message}`);
  });
  return {
    lines,
    allow: pattern => void allowed.push(pattern),
    assertQuiet() {
      const surprises = lines.filter(line => !allowed.some(pattern => pattern.test(line)));
      if (surprises.length > 0) throw new Error(`The page printed:\n${surprises.join('\n')}`);
    },
  };
}
