import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { expect, it } from 'vitest';
import { createAuthSocket, signedOut, unavailable, type GetToken, type Platform } from '../../src/core';
import { readMarkdown } from '../../storybook/demo/app/readMarkdown';
import { createMinimalServer } from './minimalServer.mjs';

const page = readFileSync(join(import.meta.dirname, '../../storybook/docs/your-server.mdx'), 'utf8');
const blocks = readMarkdown(page);

it('the page shows the tested server, character by character', () => {
  const shown = blocks.flatMap(block =>
    block.kind === 'code' && block.text.includes('export function createMinimalServer') ? [block.text] : [],
  );
  expect(shown).toEqual([readFileSync(join(import.meta.dirname, 'minimalServer.mjs'), 'utf8').trimEnd()]);
});

it('the page is read as a reader of Markdown would', () => {
  const headings = blocks.flatMap(block => (block.kind === 'heading' ? [block] : []));
  expect(headings.map(({ level, content }) => [level, content[0]?.text])).toEqual([
    [1, 'What your server must do'],
    [2, 'The token endpoint'],
    [2, 'The socket'],
    [2, 'How to close'],
    [2, 'A complete server'],
    [2, 'Before it goes live'],
  ]);
  const leftovers = JSON.stringify(blocks.filter(({ kind }) => kind !== 'code').map(withoutCode));
  expect(leftovers).not.toMatch(/`|\*\*|\]\(|\\n\|/);
});

it('the page holds no expression or tag that MDX would run', () => {
  const prose = page.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`]*`/g, '');
  expect(prose).not.toMatch(/[{}<>]/);
});

it('the server of the page serves this package', async () => {
  const server = createMinimalServer({
    secret: 'a secret of this test',
    sessions: new Map([['cookie-of-ada', 'ada']]),
    onMessage: (user, frame, send) => send({ type: 'thanks', user, frame }),
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const getToken: GetToken = async ({ signal }) => {
    const headers = { cookie: 'session=cookie-of-ada' };
    const answer = await fetch(`http://${host}/auth/refresh`, { method: 'POST', headers, signal });
    if (answer.status === 401) return signedOut();
    return answer.ok ? ((await answer.json()) as { access_token: string }).access_token : unavailable();
  };
  const socket = createAuthSocket({
    url: `ws://${host}/ws`,
    getToken,
    platform: { WebSocket: WebSocket as unknown as Platform['WebSocket'] },
  });
  const answer = new Promise(resolve => socket.onMessage(resolve));
  socket.connect();
  socket.send({ type: 'hello' });
  expect(await answer).toEqual({ type: 'thanks', user: 'ada', frame: { type: 'hello' } });
  const first = await socket.getToken();
  // Another second, another token: JWT times are whole seconds.
  await new Promise(resolve => setTimeout(resolve, 1_001));
  expect(await socket.getToken({ forceRefresh: true })).not.toBe(first);
  await expect
    .poll(() => socket.getStatus())
    .toMatchObject({ link: 'open', connection: 1, session: 'valid' });
  socket.destroy();
  await new Promise(resolve => server.close(resolve));
});

/** A block with its inline code left out. */
function withoutCode(block: (typeof blocks)[number]): unknown {
  return JSON.parse(JSON.stringify(block), (_key, value: unknown) =>
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'code' ? null : value,
  );
}
