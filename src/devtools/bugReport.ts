import type { Timeline } from './timeline';

/** What `Copy as JSON` copies: what a maintainer needs, and nothing that anybody could sign in with. */
export function bugReport({ since, now, status, lines, events }: Timeline, userAgent: string): string {
  const story = lines.map(({ at, text, count }) => ({ at, text, ...(count > 1 && { count }) }));
  const parts = { package: 'react-auth-socket', userAgent, since, now, status, story, events };
  const entries = Object.entries(parts).map(([name, part]) => `"${name}": ${listed(part)}`);
  return `{\n${entries.join(',\n')}\n}\n`;
}

/** JSON, of a list one item a line: a report is read by people, too. */
function listed(part: unknown): string {
  if (!Array.isArray(part) || part.length === 0) return JSON.stringify(part);
  return `[\n${part.map(item => ` ${JSON.stringify(item)}`).join(',\n')}\n]`;
}
