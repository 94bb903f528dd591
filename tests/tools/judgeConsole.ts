export type ConsoleMethod = 'log' | 'info' | 'warn' | 'error' | 'debug';

/** One line that reached the console. */
export interface ConsoleLine {
  method: ConsoleMethod;
  text: string;
}

/** A line that a test announced. */
export interface ExpectedLine {
  method: ConsoleMethod;
  pattern: RegExp;
}

/** Compares what was printed with what was announced; one sentence for each difference. */
export function judgeConsole(lines: readonly ConsoleLine[], expected: readonly ExpectedLine[]): string[] {
  const isMatch = (line: ConsoleLine, wanted: ExpectedLine) =>
    line.method === wanted.method && line.text.search(wanted.pattern) >= 0;
  return [
    ...lines
      .filter(line => !expected.some(wanted => isMatch(line, wanted)))
      .map(line => `Unexpected console.${line.method}: ${line.text}`),
    ...expected
      .filter(wanted => !lines.some(line => isMatch(line, wanted)))
      .map(wanted => `Expected console.${wanted.method} matching ${wanted.pattern}, but it never came.`),
  ];
}
