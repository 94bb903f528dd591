import {
  createAuthSocket,
  signedOut,
  unavailable,
  type AuthSocketOptions,
  type GetToken,
} from '../../../src/core';
import { createCookieFetch } from '../cookieFetch';
import { startReferenceServer, type ReferenceServer } from '../referenceServer';
import type { ReferenceServerOptions } from '../serverOptions';
import { openDiary, type DiaryLine } from '../socketDiary';
import { GuideReportedClient } from './guideReportedClient';

/** What happens to a page that is open for a while, and otherwise left alone. */
export interface GuideStory {
  client: 'reported' | 'ours';
  /** Life of an access token. */
  lifeMs: number;
  /** The reported client refreshes so long before the end. @default a sixth of `lifeMs` */
  leadMs?: number;
  /** A user at the login page is watched for a moment only: there the story ends. */
  watchMs: number;
  /** Ours is watched for a moment only after its second link is open. @default false */
  isOverWhenBack?: boolean;
  /** What goes wrong; called when the link is open. */
  trouble?(server: ReferenceServer, note: (text: string) => void): unknown;
  server?: ReferenceServerOptions;
  /** Of ours. */
  options?: AuthSocketOptions<unknown, unknown>;
  /** Wait of the reported client before a reconnect. @default 1_000 */
  reconnectMs?: number;
}

export interface GuideStoryReport {
  readonly timeline: readonly DiaryLine[];
  readonly sockets: number;
  /** Refreshes that were tried. */
  readonly refreshes: number;
  /** Tokens that the server took over an open socket. */
  readonly acks: number;
  /** Times the user was thrown out to the login page. */
  readonly logins: number;
  readonly uncaught: number;
  readonly isOpen: boolean;
}

interface TokenAnswer {
  access_token: string;
  expires_in: number;
}

/** Opens a page with one client or the other, lets things happen, and tells what became of it. */
export async function playGuideStory(story: GuideStory): Promise<GuideStoryReport> {
  const { lifeMs, leadMs = lifeMs / 6 } = story;
  const server = await startReferenceServer({
    ...{ accessTtlMs: lifeMs, reasonStyle: 'text', streamIntervalMs: 0, ...story.server },
  });
  const browser = createCookieFetch();
  const login = await browser(`${server.url}/auth/login`, { method: 'POST', body: '{"user":"ada"}' });
  const first = (await login.json()) as TokenAnswer;
  const diary = openDiary({
    sent: text =>
      text.includes('"auth_refresh"')
        ? 'presents the new token in band'
        : text.includes('"auth"')
          ? 'presents a token'
          : null,
    received: text =>
      text.includes('"auth_expiring_soon"')
        ? 'the server warns that the token ends soon'
        : text.includes('"auth_ok"')
          ? 'the server takes it'
          : null,
  });
  let refreshes = 0;
  let logins = 0;
  const refresh = async () => {
    const name = `refresh ${++refreshes}`;
    try {
      const answer = await browser(`${server.url}/auth/refresh`, { method: 'POST' });
      diary.note(`${name} is answered with ${answer.status}`);
      return answer;
    } catch (error) {
      diary.note(`${name} fails: the endpoint cannot be reached`);
      throw error;
    }
  };
  const toLogin = () => {
    logins += 1;
    diary.note('THE USER IS AT /login');
  };
  const { WebSocket } = diary;
  const client = story.client === 'reported' ? startReported() : startOurs();
  try {
    await server.waitFor(stats => stats.authOk > 0);
    await story.trouble?.(server, diary.note);
    const isBack = () => client.endsWhenBack && server.stats().authOk > 1;
    await watch(story.watchMs, () => logins > 0 || isBack());
    return {
      timeline: [...diary.lines],
      sockets: diary.sockets,
      refreshes,
      acks: server.stats().refreshFrames.acked,
      logins,
      uncaught: client.uncaught(),
      isOpen: client.isOpen(),
    };
  } finally {
    client.end();
    await server.close();
  }

  function startReported() {
    const reported = new GuideReportedClient({
      ...{ url: server.wsUrl, WebSocket, leadMs, reconnectMs: story.reconnectMs ?? 1_000 },
      token: first.access_token,
      expiresAt: Date.now() + first.expires_in * 1_000,
      refresh: async () => {
        const answer = await refresh();
        if (!answer.ok) throw new Error('The refresh was refused.');
        return ((await answer.json()) as TokenAnswer).access_token;
      },
      navigate: toLogin,
    });
    reported.start();
    return {
      endsWhenBack: false,
      uncaught: () => reported.uncaught,
      isOpen: () => reported.isOpen,
      end: () => reported.stop(),
    };
  }

  function startOurs() {
    const getToken: GetToken = async ({ reason }) => {
      if (reason === 'initial') return first.access_token;
      const answer = await refresh();
      if (answer.status === 401) return signedOut();
      return answer.ok ? ((await answer.json()) as TokenAnswer).access_token : unavailable();
    };
    const socket = createAuthSocket<unknown, unknown>({
      url: server.wsUrl,
      getToken,
      platform: { WebSocket },
      onSessionExpired: toLogin,
      ...story.options,
    });
    socket.connect();
    return {
      endsWhenBack: story.isOverWhenBack === true,
      // An error of ours would be an unhandled one of the test run.
      uncaught: () => 0,
      isOpen: () => socket.getStatus().link === 'open',
      end: () => socket.destroy(),
    };
  }
}

const AFTERMATH_MS = 100;

async function watch(ms: number, isOver: () => boolean): Promise<void> {
  const endsAt = performance.now() + ms;
  while (performance.now() < endsAt) {
    await new Promise(resolve => setTimeout(resolve, 10));
    if (!isOver()) continue;
    await new Promise(resolve => setTimeout(resolve, AFTERMATH_MS));
    return;
  }
}
