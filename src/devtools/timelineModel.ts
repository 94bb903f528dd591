import type { SocketStatus } from '../machine/snapshot';
import type { TraceEvent } from '../runtime/trace';
import { markOf, type MarkDraft } from './marks';
import { scrub } from './scrub';
import { sentenceOf, type Sentence } from './sentences';
import { newStory, remember, settled, type Ping } from './story';
import { most, type Gap, type Mark, type Span, type Timeline, type TokenLife } from './timeline';
import { duration } from './timeWords';

/** What the clock says, and whether anybody can see the page. */
export interface Moment {
  readonly wallMs: number;
  readonly elapsedMs: number;
  readonly isVisible: boolean;
  /** No more elapsed time than this can have gone by since the last look; more was a stopped process. */
  readonly withinMs: number;
}

/** As the machine has it: a wall clock that ran ahead by this is a wake. A hidden page's timers come once a minute. */
const VISIBLE_GAP_MS = 5_000;
const HIDDEN_GAP_MS = 90_000;
const SET_BACK_MS = 2_000;

/** The server's word on a token's life corrects ours by less; by more it is another token. */
const SAME_TOKEN_MS = 2_000;

/** Begins to watch: what was before is unknown. */
export function newTimeline(status: SocketStatus, { wallMs, elapsedMs, isVisible }: Moment): Timeline {
  const { session, link, tokenExpiresAt } = status;
  const text = `Watching from here on: session ${session}, link ${link}`;
  return {
    since: wallMs,
    now: wallMs,
    elapsedMs,
    isVisible,
    status,
    session: [{ word: session, from: wallMs, to: null }],
    link: [{ word: link, from: wallMs, to: null }],
    tokens: tokenExpiresAt === null ? [] : [{ from: wallMs, to: null, expiresAt: tokenExpiresAt }],
    gaps: [],
    marks: [],
    lines: [{ id: 0, at: wallMs, tone: 'quiet', text, key: null, count: 1 }],
    events: [],
    story: newStory,
    lastId: 0,
  };
}

/** Time went on, or the status changed. */
export function look(timeline: Timeline, status: SocketStatus, moment: Moment): Timeline {
  return prune(follow(pass(timeline, moment), status));
}

/** A fact came in. */
export function take(timeline: Timeline, fact: TraceEvent, status: SocketStatus, moment: Moment): Timeline {
  const event = scrub(fact);
  let next = pass(timeline, moment);
  const { frozenAt } = next.story;
  next = { ...next, events: [...next.events, event], story: remember(next.story, event, status) };
  if (frozenAt !== null && next.story.frozenAt === null) next = withGap(next, frozenAt, 'frozen');
  next = pinged(next, event);
  next = withMark(next, markOf(event, next.story));
  next = withLine(next, sentenceOf(event, next.story, status));
  if (event.type === 'link.opened') next = { ...next, story: settled(next.story) };
  return prune(follow(next, status));
}

/** The clock moved on: with the timers, without them (a gap), or back. */
function pass(timeline: Timeline, { wallMs, elapsedMs, isVisible, withinMs }: Moment): Timeline {
  const wallStep = wallMs - timeline.now;
  const elapsedStep = elapsedMs - timeline.elapsedMs;
  const next = { ...timeline, now: wallMs, elapsedMs, isVisible };
  if (wallStep - elapsedStep < -SET_BACK_MS) {
    const backMs = elapsedStep - wallStep;
    return withLine(
      { ...moved(next, -backMs) },
      { tone: 'quiet', text: `The clock was set back by ${duration(backMs)}` },
    );
  }
  const gapMs = wallStep - Math.min(elapsedStep, withinMs);
  const leastMs = isVisible && timeline.isVisible ? VISIBLE_GAP_MS : HIDDEN_GAP_MS;
  if (gapMs <= leastMs) return next;
  // The page tells of its own freezing.
  if (timeline.story.frozenAt !== null) return next;
  const gapped = withGap(next, wallMs - gapMs, 'asleep');
  const words = `slept ${duration(gapMs)}`;
  const marked = withMark(gapped, { lane: 'link', kind: 'sleep', tone: 'quiet', text: capital(words) });
  return withLine(
    { ...marked, story: { ...marked.story, gap: { words, at: wallMs, isFreeze: false } } },
    { tone: 'quiet', text: `${capital(words)}: making sure of link and token` },
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Lanes and token bar as the status has them now. */
function follow(timeline: Timeline, status: SocketStatus): Timeline {
  if (status === timeline.status) return timeline;
  const { now, story } = timeline;
  const { tokenExpiresAt } = status;
  const last = timeline.tokens.at(-1);
  const held = last?.to === null ? last : null;
  const isAnother =
    tokenExpiresAt !== null && Math.abs(tokenExpiresAt - (held?.expiresAt ?? 0)) > SAME_TOKEN_MS;
  const next = {
    ...timeline,
    status,
    session: extended(timeline.session, status.session, now),
    link: extended(timeline.link, status.link, now),
    tokens: followed(timeline.tokens, tokenExpiresAt, now),
  };
  if (!isAnother || story.sibling === null) return next;
  return withLine(
    { ...next, story: { ...story, sibling: null } },
    { tone: 'good', text: capital(story.sibling) },
  );
}

function extended<W extends string>(spans: readonly Span<W>[], word: W, now: number): readonly Span<W>[] {
  const last = spans.at(-1);
  if (last?.word === word) return spans;
  // What held for no time at all was never to be seen.
  const rest = last && last.from === now ? spans.slice(0, -1) : spans;
  const before = rest.at(-1);
  const isAgain = before?.word === word && (before.to === null || before.to === now);
  if (before && isAgain) return [...rest.slice(0, -1), { ...before, to: null }];
  const closed = before?.to === null ? [...rest.slice(0, -1), { ...before, to: now }] : rest;
  return [...closed, { word, from: now, to: null }];
}

function followed(tokens: readonly TokenLife[], expiresAt: number | null, now: number): readonly TokenLife[] {
  const last = tokens.at(-1);
  const held = last && last.to === null ? last : null;
  if (expiresAt === null && !held) return tokens;
  if (held && expiresAt !== null && Math.abs(held.expiresAt - expiresAt) <= SAME_TOKEN_MS) {
    return held.expiresAt === expiresAt ? tokens : [...tokens.slice(0, -1), { ...held, expiresAt }];
  }
  const closed = held ? [...tokens.slice(0, -1), { ...held, to: Math.min(now, held.expiresAt) }] : tokens;
  return expiresAt === null ? closed : [...closed, { from: now, to: null, expiresAt }];
}

/** Pings get their round trips, and the link's end tells of the one that got none. */
function pinged(timeline: Timeline, event: TraceEvent): Timeline {
  const { story, elapsedMs, now } = timeline;
  const { ping, gap } = story;
  if (event.type === 'ping.sent') {
    const isProbe = event.cause !== 'time.passed' || (gap !== null && now - gap.at < 1_000);
    const before =
      ping && !ping.isAnswered ? rename(timeline, ping, 'good', 'answered by other traffic') : timeline;
    const text = `${pingWord(isProbe)}: on its way`;
    const next = withMark(before, {
      lane: 'link',
      kind: isProbe ? 'probe' : 'heartbeat',
      tone: 'busy',
      text,
    });
    return {
      ...next,
      story: { ...story, ping: { mark: next.lastId, sentMs: elapsedMs, isProbe, isAnswered: false } },
    };
  }
  if (!ping || ping.isAnswered) return timeline;
  if (event.type === 'pong.received') {
    const next = rename(timeline, ping, 'good', `answered after ${duration(elapsedMs - ping.sentMs)}`);
    return { ...next, story: { ...story, ping: { ...ping, isAnswered: true } } };
  }
  if (event.type !== 'link.changed' || event.from !== 'open') return timeline;
  const isOverdue = event.cause === 'time.passed';
  return rename(timeline, ping, isOverdue ? 'bad' : 'quiet', isOverdue ? 'unanswered' : 'no answer seen');
}

const pingWord = (isProbe: boolean) => (isProbe ? 'Probe' : 'Heartbeat');

function rename(timeline: Timeline, { mark: id, isProbe }: Ping, tone: Mark['tone'], what: string): Timeline {
  const text = `${pingWord(isProbe)}: ${what}`;
  return {
    ...timeline,
    marks: timeline.marks.map(mark => (mark.id === id ? { ...mark, tone, text } : mark)),
  };
}

function withGap(timeline: Timeline, from: number, word: Gap['word']): Timeline {
  return { ...timeline, gaps: [...timeline.gaps, { from, to: timeline.now, word }] };
}

function withMark(timeline: Timeline, draft: MarkDraft | null): Timeline {
  if (!draft) return timeline;
  const id = timeline.lastId + 1;
  return { ...timeline, lastId: id, marks: [...timeline.marks, { ...draft, id, at: timeline.now }] };
}

function withLine(timeline: Timeline, sentence: Sentence | null): Timeline {
  if (!sentence) return timeline;
  const { key = null, ...words } = sentence;
  const { now: at, lines } = timeline;
  const id = timeline.lastId + 1;
  const last = lines.at(-1);
  const isSame = key !== null && last?.key === key;
  const line = { ...words, id: isSame ? last.id : id, at, key, count: isSame ? last.count + 1 : 1 };
  return { ...timeline, lastId: id, lines: [...(isSame ? lines.slice(0, -1) : lines), line] };
}

/** The wall clock was set back: what is known moves along. */
function moved(timeline: Timeline, byMs: number): Timeline {
  const at = <T extends { readonly at: number }>(item: T): T => ({ ...item, at: item.at + byMs });
  const span = <T extends { readonly from: number; readonly to: number | null }>(item: T): T => ({
    ...item,
    from: item.from + byMs,
    to: item.to === null ? null : item.to + byMs,
  });
  return {
    ...timeline,
    since: timeline.since + byMs,
    session: timeline.session.map(span),
    link: timeline.link.map(span),
    tokens: timeline.tokens.map(token => ({ ...span(token), expiresAt: token.expiresAt + byMs })),
    gaps: timeline.gaps.map(span),
    marks: timeline.marks.map(at),
    lines: timeline.lines.map(at),
  };
}

/** However long it runs, it stays small. */
function prune(timeline: Timeline): Timeline {
  const { session, link, tokens, gaps, marks, lines, events } = timeline;
  const isOver =
    events.length > most.events ||
    marks.length > most.marks ||
    lines.length > most.lines ||
    Math.max(session.length, link.length, tokens.length, gaps.length) > most.spans;
  return isOver
    ? {
        ...timeline,
        session: session.slice(-most.spans),
        link: link.slice(-most.spans),
        tokens: tokens.slice(-most.spans),
        gaps: gaps.slice(-most.spans),
        marks: marks.slice(-most.marks),
        lines: lines.slice(-most.lines),
        events: events.slice(-most.events),
      }
    : timeline;
}
