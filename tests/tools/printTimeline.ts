import type { DiaryLine } from '../server/socketDiary';

/** Prints what happened, a line each, with its time in seconds. */
export function printTimeline(title: string, lines: readonly DiaryLine[]): void {
  console.log(`\n=== ${title} ===\n`);
  for (const { atMs, text } of lines) console.log(`  ${(atMs / 1000).toFixed(2).padStart(6)} s  ${text}`);
  console.log('');
}

/** The client that the command line names; ends the process if it names none. */
export function chosenClient(command: string): 'reported' | 'ours' {
  const [client = 'ours'] = process.argv.slice(2);
  if (client === 'reported' || client === 'ours') return client;
  console.error(`Usage: tsx ${command} reported|ours`);
  process.exit(2);
}
