import { describe, expect, it } from 'vitest';
import { judgeConsole } from './judgeConsole';
import { expectConsole } from './silentConsole';

describe('the console during a test', () => {
  it('may stay silent', () => {
    expect(judgeConsole([], [])).toEqual([]);
  });

  it('Z07 fails the test for a line that nobody announced', () => {
    expect(judgeConsole([{ method: 'warn', text: 'not wrapped in act(...)' }], [])).toEqual([
      'Unexpected console.warn: not wrapped in act(...)',
    ]);
  });

  it('fails the test for an announced line that never comes', () => {
    expect(judgeConsole([], [{ method: 'error', pattern: /boom/ }])).toEqual([
      'Expected console.error matching /boom/, but it never came.',
    ]);
  });

  it('tells the methods apart', () => {
    const complaints = judgeConsole(
      [{ method: 'log', text: 'boom' }],
      [{ method: 'error', pattern: /boom/ }],
    );
    expect(complaints).toHaveLength(2);
  });

  it('accepts a line that was announced', () => {
    expectConsole('warn', /7 seconds/);
    console.warn('late by', 7, 'seconds');
  });
});
