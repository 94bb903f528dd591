import { afterAll, afterEach, beforeEach } from 'vitest';
import { judgeConsole, type ConsoleLine, type ConsoleMethod, type ExpectedLine } from './judgeConsole';

/**
 * Runs before every test file. A line on the console that no test asked for fails the test that printed it,
 * React's warnings included; so does a line that was asked for and never came.
 */

const watched = ['log', 'info', 'warn', 'error', 'debug'] as const satisfies readonly ConsoleMethod[];

let lines: ConsoleLine[] = [];
let expected: ExpectedLine[] = [];

for (const method of watched) {
  console[method] = (...args: unknown[]) => {
    lines.push({ method, text: args.map(readable).join(' ') });
  };
}

/** Declares that the current test prints at least one line that matches. May be called before or after the line. */
export function expectConsole(method: ConsoleMethod, pattern: RegExp): void {
  expected.push({ method, pattern });
}

beforeEach(() => {
  expected = [];
});

afterEach(() => {
  failOnSurprises();
});

afterAll(() => {
  failOnSurprises();
});

function failOnSurprises(): void {
  const complaints = judgeConsole(lines, expected);
  lines = [];
  expected = [];
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
}

function readable(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Error) return value.stack ?? value.message;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
