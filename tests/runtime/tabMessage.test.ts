import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTabMessage, writeTabMessage, type TabMessage } from '../../src/runtime/tabMessage';
import { isPresentable } from '../../src/runtime/tokenSource';

const at = 1_800_000_000_000;
const good: Record<TabMessage['type'], TabMessage> = {
  ask: { type: 'ask', generation: 0, since: at },
  token: {
    type: 'token',
    token: 'abc',
    generation: 1,
    expiresAt: at,
    serverExpiresAt: null,
    subject: 'ada',
  },
  renewed: { type: 'renewed', generation: 3 },
  leaving: { type: 'leaving', at },
  'signed-out': { type: 'signed-out', reason: 'bye', at },
};
const types = Object.keys(good) as TabMessage['type'][];

/** What one field may hold: good values, and everything else. */
const anyField = fc.oneof(
  fc.constantFrom<unknown>(1, 0, -1, 1.5, NaN, Infinity, 2 ** 60, 8.64e15, 8.65e15, '', 'abc', 'a\nb', null),
  fc.constantFrom<unknown>(true, undefined, [], {}, () => 1, Symbol('s'), 10n, new Date(), /x/),
  fc.anything(),
);

/** Messages that are nearly ours: the right names with any values, and some that have no business there. */
const nearly = fc
  .record({
    version: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, anyField),
    type: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...types) }, anyField),
    fields: fc.dictionary(
      fc.constantFrom(
        'token',
        'generation',
        'expiresAt',
        'serverExpiresAt',
        'subject',
        'since',
        'at',
        'reason',
        '__proto__',
        'constructor',
        'toString',
      ),
      anyField,
    ),
  })
  .map(({ version, type, fields }) => ({ ...fields, version, type }));

const isTime = (value: unknown) =>
  typeof value === 'number' && value > 0 && Number.isFinite(new Date(value).getTime());
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

/** What the machine may rely on. */
function expectSound(message: TabMessage): void {
  if ('generation' in message) expect(isCount(message.generation)).toBe(true);
  if ('since' in message) expect(isTime(message.since)).toBe(true);
  if ('at' in message) expect(isTime(message.at)).toBe(true);
  if (message.type === 'signed-out') expect(message.reason.length).toBeLessThanOrEqual(200);
  if (message.type !== 'token') return;
  expect(isPresentable(message.token)).toBe(true);
  for (const time of [message.expiresAt, message.serverExpiresAt])
    expect(time === null || isTime(time)).toBe(true);
  expect(message.subject === null || typeof message.subject === 'string').toBe(true);
}

describe('a message between tabs', () => {
  it.each(types)('%s is read as it was written, also when it comes out of a structured clone', type => {
    const written = structuredClone(writeTabMessage(good[type]));
    expect(readTabMessage(written)).toEqual(good[type]);
  });

  it('M11 is read, or is null, and never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything({ withNullPrototype: true }), nearly), data => {
        const message = readTabMessage(data);
        if (message !== null) expectSound(message);
      }),
      { numRuns: 3_000 },
    );
  });

  it('M11 X07 takes no field from a prototype and leaves none on one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...types), anyField, (type, value) => {
        const inherited = Object.create({ ...writeTabMessage(good[type]), polluted: value }) as object;
        expect(readTabMessage(inherited)).toBeNull();
        const text = JSON.stringify({ ...writeTabMessage(good[type]) });
        const hostile: unknown = JSON.parse(text.replace('{', '{"__proto__":{"polluted":true,"version":1},'));
        expect(readTabMessage(hostile)).toEqual(good[type]);
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      }),
    );
  });

  it.each([
    ['another version', { ...writeTabMessage(good.ask), version: 2 }],
    ['a version as text', { ...writeTabMessage(good.ask), version: '1' }],
    ['an unknown type', { version: 1, type: 'reload', generation: 1, at }],
    ['a token with a line break', { ...writeTabMessage(good.token), token: 'a\r\nb' }],
    ['an empty token', { ...writeTabMessage(good.token), token: '' }],
    ['an endless life', { ...writeTabMessage(good.token), expiresAt: Infinity }],
    ['a generation that is no count', { ...writeTabMessage(good.renewed), generation: 1.5 }],
    ['a sign-out at no time', { ...writeTabMessage(good['signed-out']), at: 'now' }],
    ['a reason that is no text', { ...writeTabMessage(good['signed-out']), reason: {} }],
  ])('M11 %s is garbage', (_what, data) => {
    expect(readTabMessage(data)).toBeNull();
  });

  it('M11 X08 a reason or a token of a megabyte takes no time, and a long reason is cut', () => {
    const long = 'x'.repeat(1_000_000);
    const started = performance.now();
    expect(
      readTabMessage(writeTabMessage({ ...good['signed-out'], reason: long } as TabMessage)),
    ).toMatchObject({ reason: 'x'.repeat(200) });
    readTabMessage(writeTabMessage({ ...good.token, token: long } as TabMessage));
    readTabMessage(writeTabMessage({ ...good.token, token: `${long}\n` } as TabMessage));
    expect(performance.now() - started).toBeLessThan(150);
  });
});
