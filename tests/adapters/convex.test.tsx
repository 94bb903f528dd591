import * as React from 'react';
import { describe, expect, it, vi } from 'vitest';
import { unsignedJwt } from '../../src/testing/unsignedJwt';
import { openConvexPage, type ConvexPage, type ConvexPageOptions } from './convexPage';
import type { TokenScript, TokenStep } from './tokenScript';

// Each test waits most of its time.
vi.setConfig({ maxConcurrency: 8 });

type OnTestFinished = (cleanup: () => Promise<void>) => void;

async function openPage(onTestFinished: OnTestFinished, options?: ConvexPageOptions): Promise<ConvexPage> {
  const page = await openConvexPage(options);
  onTestFinished(() => page.close());
  return page;
}

/** Opens the page and waits for a user whose first two tokens, as Convex wants them, are confirmed. */
async function openInbox(onTestFinished: OnTestFinished, options?: ConvexPageOptions): Promise<ConvexPage> {
  const page = await openPage(onTestFinished, options);
  await seen(page, 'inbox');
  await presented(page, 2);
  return page;
}

/** `expect.poll` knows no test that runs beside others. */
const until = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 20 });

const seen = (page: ConvexPage, screen: string) => until(() => expect(page.screens.at(-1)).toBe(screen));

/** Waits until so many tokens have reached the server. */
const presented = (page: ConvexPage, count: number) =>
  until(() => expect(page.server.presented.length).toBeGreaterThanOrEqual(count));

/** Says something and waits until the query shows it: the socket is open, and whoever asks is signed in. */
async function talk(page: ConvexPage, text: string): Promise<void> {
  await page.say(text);
  await until(() => expect(page.result()?.said.at(-1)).toBe(text));
  expect(page.result()?.viewer).toBe(page.tokens.user);
}

/** The user was there from the first screen on, in one tree, for one `setAuth`. */
function expectKept(page: ConvexPage): void {
  expect(page.screens).toEqual(['loading', 'inbox']);
  expect(page.mounts).toBe(1);
  expect(page.setAuthCalls()).toBe(1);
}

describe('the real Convex client with useAuthForConvex', () => {
  it.concurrent('is signed in with the token of the session', async ({ onTestFinished }) => {
    const page = await openInbox(onTestFinished);
    await talk(page, 'hello');
    expect(page.tokens.calls).toEqual([
      { reason: 'initial', forceRefresh: false },
      // Convex replaces what may come from a cache. No server has refused it.
      { reason: 'manual', forceRefresh: false },
    ]);
    expect(page.server.presented).toEqual(page.tokens.issued);
    expectKept(page);
  });

  it.concurrent(
    'rotates its tokens over one socket and without another setAuth',
    async ({ onTestFinished }) => {
      const page = await openInbox(onTestFinished);
      await presented(page, 5);
      await talk(page, 'hello');
      expect(new Set(page.server.presented).size).toBe(page.server.presented.length);
      expect(page.server.connections).toHaveLength(1);
      expectKept(page);
    },
  );

  it.concurrent('gets another token when its server refuses the one in use', async ({ onTestFinished }) => {
    const page = await openInbox(onTestFinished);
    const refused = page.tokens.last;
    page.server.refuse(refused);
    await presented(page, 3);
    await talk(page, 'hello');
    expect(page.server.connections[0]?.authError).toMatch(/No auth provider/);
    expect(page.server.connections.at(-1)?.presented).not.toContain(refused);
    expectKept(page);
  });

  it.concurrent(
    'gets the newer token that the session has by now, and nobody is asked for a third one',
    async ({ onTestFinished }) => {
      const page = await openInbox(onTestFinished);
      const [, former] = page.tokens.issued;
      const newer = await page.socket().getToken({ forceRefresh: true });
      const calls = page.tokens.calls.length;
      page.server.refuse(former!);
      await presented(page, 3);
      expect(page.server.presented.at(-1)).toBe(newer);
      expect(page.tokens.calls).toHaveLength(calls);
      expectKept(page);
    },
  );

  it.concurrent('survives the second mount of StrictMode', async ({ onTestFinished }) => {
    const now = Date.now() / 1_000;
    const token = unsignedJwt({ sub: 'ada', iat: now, exp: now + 60 });
    const page = await openPage(onTestFinished, { isStrict: true, provider: { initialToken: { token } } });
    await presented(page, 4);
    await talk(page, 'hello');
    expect(page.server.presented[0]).toBe(token);
    expect(page.signOuts()).toBe(0);
    // Every effect runs twice there.
    expect(page.setAuthCalls()).toBe(2);
    expect(page.mounts).toBe(2);
  });
});

describe('a token source in trouble', () => {
  const failures: TokenStep[] = ['throw', 'late-throw', 'null', 'hang'];

  it.concurrent.for(failures)(
    'S4 A %s before the first token shows a loading page, then the user',
    async (step, { onTestFinished }) => {
      const page = await openPage(onTestFinished, { steps: [step, step] });
      await seen(page, 'inbox');
      await talk(page, 'hello');
      expectKept(page);
    },
  );

  it.concurrent.for(failures)(
    'S4 B C %s at the scheduled refetch is waited out',
    async (step, { onTestFinished }) => {
      const page = await openInbox(onTestFinished, { steps: ['fresh', 'fresh', step, step] });
      await presented(page, 4);
      await talk(page, 'hello');
      expectKept(page);
    },
  );

  it.concurrent.for(failures)(
    'S4 D E %s after a refusal of the server is waited out',
    async (step, { onTestFinished }) => {
      const page = await openInbox(onTestFinished);
      page.tokens.steps.push(step, step);
      page.server.refuse(page.tokens.last);
      await presented(page, 3);
      await talk(page, 'hello');
      expect(page.server.connections).toHaveLength(2);
      expectKept(page);
    },
  );

  it.concurrent(
    'S4 F the same token at the scheduled refetch does not end the refetching',
    async ({ onTestFinished }) => {
      const page = await openInbox(onTestFinished, { steps: ['fresh', 'fresh', 'same'] });
      await presented(page, 5);
      expect(new Set(page.server.presented).size).toBe(page.server.presented.length);
      expectKept(page);
    },
  );

  it.concurrent(
    'S4 G the same token until it has expired and is refused keeps the user',
    async ({ onTestFinished }) => {
      const page = await openInbox(onTestFinished, { lifeMs: 2_100, leewayMs: 1_800 });
      page.tokens.otherwise = 'same';
      await until(() => {
        page.server.say('something new');
        expect(page.server.connections.at(-1)?.authError).toBe('Token expired');
      });
      const calls = page.tokens.calls.length;
      await until(() => expect(page.tokens.calls.length).toBeGreaterThan(calls));
      expect(page.server.presented.at(-1)).toBe(page.tokens.last);
      expect(page.screens.at(-1)).toBe('inbox');
      page.tokens.otherwise = 'fresh';
      await presented(page, page.server.presented.length + 1);
      await talk(page, 'hello');
      expectKept(page);
    },
  );

  it.concurrent(
    'S4 a refused token that the source hands out again keeps the user too',
    async ({ onTestFinished }) => {
      const page = await openInbox(onTestFinished, { lifeMs: 60_000, leewayMs: 10_000 });
      page.tokens.steps.push('same', 'same', 'same', 'same');
      page.server.refuse(page.tokens.last);
      await until(() => expect(page.tokens.steps.length).toBe(0));
      expect(page.server.presented).toHaveLength(2);
      await presented(page, 3);
      await talk(page, 'hello');
      expectKept(page);
    },
  );

  it.concurrent('a server that is away for a second signs nobody out', async ({ onTestFinished }) => {
    const page = await openInbox(onTestFinished);
    page.server.restart(1_000);
    await until(() => expect(page.server.connections.length).toBeGreaterThan(1));
    await talk(page, 'hello');
    expectKept(page);
  });
});

describe('the end of a session', () => {
  it.concurrent(
    'is seen when the source says so, and the next one begins without a reload',
    async ({ onTestFinished }) => {
      const page = await openInbox(onTestFinished);
      page.tokens.steps.push('signed-out');
      await seen(page, 'sign-in');
      await until(() => expect(page.server.connections.at(-1)?.subject).toBeNull());
      page.socket().retrySession();
      await seen(page, 'inbox');
      await talk(page, 'hello');
      expect(page.signOuts()).toBe(1);
    },
  );

  it.concurrent('is seen when the user signs out while a call is pending', async ({ onTestFinished }) => {
    const page = await openInbox(onTestFinished, { steps: ['fresh', 'fresh', 'hang'] });
    await until(() => expect(page.tokens.calls.length).toBe(3));
    await page.socket().signOut();
    await seen(page, 'sign-in');
    expect(page.screens).toEqual(['loading', 'inbox', 'sign-in']);
  });

  it.concurrent('by another user shows that user, in a tree of its own', async ({ onTestFinished }) => {
    const page = await openInbox(onTestFinished);
    page.tokens.user = 'eve';
    await page.socket().getToken({ forceRefresh: true });
    await until(() => expect(page.mounts).toBe(2));
    await talk(page, 'I am new here');
    expect(page.server.connections.at(-1)?.subject).toBe('eve');
    expect(page.setAuthCalls()).toBe(2);
  });

  it.concurrent(
    'by unmounting answers what is pending, and nothing is asked any more',
    async ({ onTestFinished }) => {
      const page = await openInbox(onTestFinished, { steps: ['fresh', 'fresh', 'hang', 'hang'] });
      await until(() => expect(page.tokens.calls.length).toBe(3));
      page.unmount();
      await new Promise(resolve => setTimeout(resolve, 1_000));
      expect(page.tokens.calls).toHaveLength(3);
    },
  );

  it.concurrent(
    'a session whose credential is a cookie has no token, so that Convex stays unauthenticated',
    async ({ onTestFinished }) => {
      const page = await openPage(onTestFinished, { steps: ['cookie'] });
      await seen(page, 'sign-in');
      expect(page.socket().getStatus().session).toBe('valid');
    },
  );
});

describe('the same client without us', () => {
  /** What the templates do: whatever goes wrong with a token is a missing user. */
  const naive = (tokens: TokenScript) => () => {
    const fetchAccessToken = React.useCallback(async () => {
      try {
        const token = await tokens.ask();
        return typeof token === 'string' ? token : null;
      } catch {
        return null;
      }
    }, []);
    return { isLoading: false, isAuthenticated: true, fetchAccessToken };
  };

  it.concurrent(
    'S4 B takes one failed call for a sign-out and never asks again',
    async ({ onTestFinished }) => {
      const page = await openInbox(onTestFinished, { authOf: naive, steps: ['fresh', 'fresh', 'throw'] });
      await seen(page, 'sign-in');
      await new Promise(resolve => setTimeout(resolve, 1_500));
      expect(page.screens).toEqual(['loading', 'inbox', 'sign-in']);
      expect(page.tokens.issued).toHaveLength(2);
    },
  );

  it.concurrent('S4 F G takes the same token twice for a sign-out', async ({ onTestFinished }) => {
    const page = await openInbox(onTestFinished, {
      authOf: naive,
      steps: ['fresh', 'fresh', 'same', 'same'],
    });
    await until(() => expect(page.tokens.steps.length).toBe(1));
    page.server.refuse(page.tokens.last);
    await seen(page, 'sign-in');
  });
});
