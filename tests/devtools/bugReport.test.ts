import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../../src/core';
import { bugReport } from '../../src/devtools/bugReport';
import { createRecorder, type Recorder } from '../../src/devtools/recorder';
import { scrub, scrubText } from '../../src/devtools/scrub';
import type { Timeline } from '../../src/devtools/timeline';
import { internalsOf } from '../../src/runtime/internals';
import { canaries, leaksIn } from './canaries';
import { secretJourney } from './secretJourney';

/** What every journey full of secrets goes through. */
const common = [
  'dial.prepared',
  'dial.started',
  'link.changed',
  'link.opened',
  'link.renewalAsked',
  'link.wanted',
  'page.signalled',
  'ping.sent',
  'pong.received',
  'session.changed',
  'sibling.asked',
  'sibling.shared',
  'siblings.asked',
  'siblings.told',
  'socket.closed',
  'socket.opened',
  'token.asked',
  'token.denied',
  'token.granted',
  'token.shared',
  'token.unavailable',
  'token.wanted',
  'turn.granted',
  'turn.requested',
];

function seen(recorder: Recorder): Timeline {
  const timeline = recorder.get();
  if (!timeline) throw new Error('Nobody has looked yet.');
  return timeline;
}

describe('the report', () => {
  it.each(['ticket', 'first message'] as const)(
    'X02 of a life full of secrets, with a %s, has none of them, in no spelling',
    async carrier => {
      const journey = secretJourney(carrier);
      const recorder = createRecorder(journey.socket);
      const lookAway = recorder.start(() => {});
      const types = new Set<TraceEvent['type']>();
      internalsOf(journey.socket).onTrace(({ type }) => types.add(type));
      await journey.play();
      const report = bugReport(seen(recorder), 'a browser');
      expect(leaksIn(report)).toEqual([]);
      expect(leaksIn(JSON.stringify(recorder.get()))).toEqual([]);
      // It did go through what a trace can tell.
      const told = [
        ...common,
        ...(carrier === 'ticket' ? ['dial.unavailable'] : ['link.ready', 'token.acked']),
      ];
      expect(told.filter(type => !types.has(type as TraceEvent['type']))).toEqual([]);
      lookAway();
      await journey.end();
    },
  );

  it('is JSON with package, browser, status, the list and the events of the trace', async () => {
    const journey = secretJourney();
    const recorder = createRecorder(journey.socket);
    const lookAway = recorder.start(() => {});
    journey.socket.connect();
    await journey.world.clock.advance(2_000);
    const report = JSON.parse(bugReport(seen(recorder), 'a browser')) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual([
      'package',
      'userAgent',
      'since',
      'now',
      'status',
      'story',
      'events',
    ]);
    expect(report).toMatchObject({
      package: 'react-auth-socket',
      userAgent: 'a browser',
      now: journey.world.clock.now(),
      status: { session: 'valid', link: 'open', connection: 1 },
      story: [
        { text: 'Watching from here on: session unknown, link idle' },
        { text: 'First token, good for 15 min' },
        { text: 'Connected: the first link' },
      ],
    });
    expect(report.events).toEqual(
      expect.arrayContaining([expect.objectContaining({ type: 'token.granted', call: 1 })]),
    );
    lookAway();
    await journey.end();
  });
});

describe('the second net', () => {
  it.each([
    [canaries.jwt, '[secret]'],
    [`token=${canaries.jwt}; next`, 'token=[secret]; next'],
    [canaries.foreignSecret, '[secret]'],
    ['5f4dcc3b5aa765d61d8327deb882cf99', '[secret]'],
    ['a%2Bb8Zk83JdoQpL5vX2%3D', '[secret]'],
    ['wss://ada:pw@host.test:8443/ws?ticket=1#x', 'wss://host.test:8443/ws'],
    ['HTTPS://host.test/a/b', 'HTTPS://host.test/a/b'],
  ])('catches %s', (text, clean) => {
    expect(scrubText(text)).toBe(clean);
  });

  it.each([
    'token_expired',
    'authentication_timeout_exceeded',
    'Authentication timeout (5000 ms)',
    '{"code":"token_expired"}',
    'no answer to a ping',
    'server-initiated-shutdown-for-maintenance',
    'Session expired at 2026-01-01T00:00:00Z',
  ])('leaves %s as it is', text => {
    expect(scrubText(text)).toBe(text);
  });

  it('leaves out the name of the user, and nothing else of an event', () => {
    const event: TraceEvent = {
      type: 'token.granted',
      at: 1,
      call: 1,
      askedAt: 1,
      facts: {
        id: 1,
        isBearer: true,
        issuedAt: null,
        expiresAt: null,
        expiresInMs: 900_000,
        subject: 'ada',
        isFresh: true,
      },
    };
    expect(scrub(event)).toEqual({ ...event, facts: { ...event.facts, subject: '[user]' } });
    expect(scrub({ type: 'session.keyChanged', at: 1, key: 'ada' })).toMatchObject({ key: '[user]' });
    expect(scrub({ type: 'session.keyChanged', at: 1, key: null })).toMatchObject({ key: null });
  });
});
