import { fstatSync, readFileSync } from 'node:fs';

const PARENT_POLL_MS = 500;

/** Calls `end` once: at SIGINT, at SIGTERM, or when whoever started this process is gone. */
export function runUntilEnded(end: () => Promise<void>): void {
  const starters = whoStartedUs();
  const watchStarters = setInterval(() => {
    if (whoStartedUs() !== starters) stop();
  }, PARENT_POLL_MS);
  let hasEnded = false;

  function stop(): void {
    if (hasEnded) return;
    hasEnded = true;
    clearInterval(watchStarters);
    process.stdin.destroy();
    // A socket that broke in an odd moment must not keep the process.
    void end().finally(() => process.exit());
  }

  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);

  // A pipe ends with whoever holds its other end. A terminal or /dev/null says nothing about anybody.
  const stdin = fstatSync(0);
  if (stdin.isFIFO() || stdin.isSocket()) {
    process.stdin.once('end', stop);
    process.stdin.once('error', stop);
    process.stdin.resume();
  }
}

/**
 * The ids of the parent and, under `npm run`, of its parent: a terminated npm takes its shell along and leaves the
 * command it ran, which is our parent, alive.
 */
function whoStartedUs(): string {
  const { ppid, env } = process;
  return env.npm_lifecycle_event === undefined ? `${ppid}` : `${ppid} ${parentOf(ppid)}`;
}

/** Reads `/proc`: where there is none, the parent alone has to do. */
function parentOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in brackets, may hold spaces: the fields that matter follow the last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? '';
  } catch {
    return '';
  }
}
