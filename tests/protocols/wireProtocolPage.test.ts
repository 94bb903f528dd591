import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { TokenGrant, Verdict } from '../../src/core';
import { defaultSettings } from '../../src/machine/settings';
import { jsonProtocol } from '../../src/protocols';
import type { TestWorld } from '../../src/testing';
import { readMarkdown, type Block, type Inline } from '../../storybook/demo/app/readMarkdown';
import { clientInWorld, type ClientInWorld } from '../scenarios/clientInWorld';

const root = join(import.meta.dirname, '../..');
const blocks = readMarkdown(readFileSync(join(root, 'storybook/docs/wire-protocol.mdx'), 'utf8'));
const protocol = jsonProtocol();

const textOf = (cell: readonly Inline[]) => cell.map(({ text }) => text).join('');

/** The tables whose first columns are called this, row by row as text. */
function rowsUnder(...head: string[]): string[][] {
  const tables = blocks.filter(
    (block): block is Extract<Block, { kind: 'table' }> =>
      block.kind === 'table' && head.every((name, index) => textOf(block.head[index] ?? []) === name),
  );
  expect(tables).not.toEqual([]);
  return tables.flatMap(({ rows }) => rows.map(row => row.map(textOf)));
}

describe('the frames of the page', () => {
  it.each(rowsUnder('frame', 'read as'))('%s is read as %s', (frame, read) => {
    expect(JSON.parse(JSON.stringify(protocol.read(frame)))).toEqual(JSON.parse(read ?? ''));
  });

  it('are written as the client writes them, and there are no others', () => {
    const written = [
      protocol.hello?.('T1'),
      protocol.refresh?.('T1', 1),
      protocol.ping?.(false),
      protocol.ping?.(true),
    ];
    expect(rowsUnder('frame', 'when').map(([frame]) => frame)).toEqual(written);
  });

  it('hold every control frame that the implementation knows', () => {
    const known = literalsIn('src/protocols/jsonProtocol.ts', node =>
      ts.isCaseClause(node) && ts.isStringLiteral(node.expression) ? [node.expression.text] : [],
    );
    const shown = rowsUnder('frame', 'read as', 'what the client does').map(
      ([frame]) => (JSON.parse(frame ?? '') as { type: string }).type,
    );
    expect(new Set(shown)).toEqual(new Set(known));
  });
});

describe('the closes of the page', () => {
  const rows = rowsUnder('code', 'reason', 'verdict');

  it.each(rows)('%s with %s means %s', (code, reason, verdict) => {
    const facts = { code: Number(code), reason: reason === 'none' ? '' : (reason ?? '') };
    expect(protocol.judgeClose({ ...facts, phase: 'open', lastVerdict: null })).toBe(verdict);
  });

  it('hold every word and every code of the table', () => {
    const known = literalsIn('src/protocols/closeTable.ts', node =>
      ts.isVariableDeclaration(node) && ['words', 'codes'].includes(node.name.getText())
        ? ((node.initializer as ts.ObjectLiteralExpression).properties.map(
            property => (property.name as ts.Identifier | ts.NumericLiteral).text,
          ) as string[])
        : [],
    );
    expect(known.length).toBeGreaterThan(20);
    const shown = rows.flatMap(([code, reason = '']) => [code, reason, /"code":"(\w+)"/.exec(reason)?.[1]]);
    expect(known.filter(word => !shown.includes(word))).toEqual([]);
  });
});

describe('what a verdict does', () => {
  it.each(rowsUnder('verdict', 'said by, for example'))(
    '%s, said by %s: new token %s, next link %s',
    async (verdict, said, isAsked, next) => {
      const client = clientInWorld();
      const { world, socket } = client;
      await client.open();
      await world.clock.advance(20_000);
      close(world.server, said ?? '');
      const from = world.clock.now();
      await world.clock.advance(10);
      expect(socket.getStatus().lastClose?.verdict).toBe(verdict);
      while (world.server.dials.length === 1 && world.clock.now() < from + 90_000)
        await world.clock.advance(50);
      expect(world.tokens.calls.slice(1).some(({ forceRefresh }) => forceRefresh)).toBe(isAsked === 'yes');
      const after = (world.server.dials[1]?.at ?? Infinity) - from;
      const [least, most] = (/after ([\d.]+) to ([\d.]+) s/.exec(next ?? '') ?? []).slice(1).map(Number);
      if (next === 'at once') expect(after).toBeLessThan(200);
      else if (least === undefined || most === undefined) {
        expect(after).toBe(Infinity);
        expect(`none: ${socket.getStatus().stopReason}`).toBe(next);
      } else {
        expect(after).toBeGreaterThanOrEqual(least * 1000);
        expect(after).toBeLessThanOrEqual(most * 1000 + 100);
      }
      await client.end();
    },
  );

  it('has a row for every verdict', () => {
    const verdicts: Record<Verdict, true> = {
      expired: true,
      revoked: true,
      forbidden: true,
      limit: true,
      'going-away': true,
      protocol: true,
      'taken-over': true,
      ambiguous: true,
    };
    const shown = rowsUnder('verdict', 'said by, for example').map(([verdict]) => verdict);
    expect(new Set(shown)).toEqual(new Set(Object.keys(verdicts)));
  });
});

describe('the times of the page', () => {
  it.each(rowsUnder('option', 'default'))('%s is %s', (option = '', ms) => {
    const names: Readonly<Record<string, keyof typeof defaultSettings>> = {
      'heartbeat.intervalMs': 'heartbeatMs',
      'heartbeat.timeoutMs': 'pongMs',
    };
    const name = names[option] ?? (option.split('.').at(-1) as keyof typeof defaultSettings);
    expect(String(defaultSettings[name])).toBe(ms);
  });
});

describe('the conversations of the page', () => {
  const conversations = blocks.flatMap(block =>
    block.kind === 'code' && block.text.startsWith('client opens') ? [block.text] : [],
  );

  it('there are some', () => {
    expect(conversations.length).toBeGreaterThan(3);
  });

  it.each(conversations)('%s', async conversation => {
    let issued = 0;
    const grant = (): TokenGrant => ({ token: `T${++issued}`, expiresInMs: 900_000 });
    const client = clientInWorld();
    client.world.server.auto = false;
    client.world.tokens.answer(grant);
    client.socket.connect();
    const play = playOn(client);
    for (const line of conversation.split('\n')) await play(line);
    // Nothing was said that the page does not show.
    const shown = conversation.split('\n').filter(line => /^client (?!.*"ping")\{/.test(line)).length;
    expect(client.world.server.connections.flatMap(spokenOn)).toHaveLength(shown);
    expect(client.errors).toEqual([]);
    await client.end();
  });
});

it('a message that comes before auth_ok is dropped', async () => {
  const client = clientInWorld();
  const { clock, server } = client.world;
  server.auto = false;
  client.socket.connect();
  await clock.advance(100);
  server.last.send({ type: 'early' });
  server.last.send({ type: 'auth_ok' });
  server.last.send({ type: 'in time' });
  await clock.advance(100);
  expect(client.messages).toEqual([{ type: 'in time' }]);
  await client.end();
});

/** What a client said on a link, its pings left out. */
const spokenOn = ({ received }: { received: readonly unknown[] }) =>
  received.map(frame => JSON.stringify(frame)).filter(text => !text.includes('"ping"'));

/** Plays a conversation line by line: the server says its lines, the client must say its own. */
function playOn({ world }: ClientInWorld): (line: string) => Promise<void> {
  const { clock, server } = world;
  let opened = 0;
  let taken = 0;
  return async line => {
    const until = async (isMet: () => boolean) => {
      for (let waited = 0; !isMet() && waited < 60_000; waited += 50) await clock.advance(50);
      expect(isMet(), line).toBe(true);
    };
    const what = line.slice('client '.length);
    if (line === 'client opens') {
      opened += 1;
      taken = 0;
      await until(() => server.connections.length === opened);
    } else if (line === 'client leaves the former link with 1000') {
      await until(() => server.connections.at(-2)?.closed?.code === 1000);
    } else if (line === 'client {"type":"ping"}') {
      const pings = server.last.received.length;
      await until(() => JSON.stringify(server.last.received.slice(pings)).includes('"ping"'));
    } else if (line.startsWith('client ')) {
      await until(() => spokenOn(server.last).length > taken);
      expect(spokenOn(server.last)[taken]).toBe(what);
      taken += 1;
    } else if (what.startsWith('closes ')) close(server, what.slice('closes '.length));
    else {
      // A refresh a moment ago is no reason for another.
      if (what.includes('auth_expiring_soon')) await clock.advance(31_000);
      server.last.send(what);
      await clock.advance(20);
    }
  };
}

/** `1008 {"code":"forbidden"}` or `1006`, which is the end without a close frame. */
function close(server: TestWorld['server'], said: string): void {
  const [code = '', ...reason] = said.split(' ');
  if (code === '1006') server.last.drop();
  else server.last.close(Number(code), reason.join(' '));
}

/** What `pick` finds in the syntax tree of a file. */
function literalsIn(path: string, pick: (node: ts.Node) => string[]): string[] {
  const tree = ts.createSourceFile(
    path,
    readFileSync(join(root, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    found.push(...pick(node));
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}
