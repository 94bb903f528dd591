import type { BrowserContext, Page } from 'playwright-core';
import { startChaosProxy, type ChaosProxy } from '../../server/chaosProxy';
import { startReferenceServer, type ReferenceServer } from '../../server/referenceServer';
import type { ReferenceServerOptions } from '../../server/serverOptions';
import type { ConnectionRecord } from '../../server/serverStats';
import { consoleSpy, networkNoise, type ConsoleSpy } from './consoleSpy';
import { pageHost, type PageHost, type PageHostOptions } from './pageHost';
import { recordPage, type PageRecorder } from './recordPage';

export interface StageOptions extends Omit<PageHostOptions, 'backendPort'> {
  server?: ReferenceServerOptions;
}

/** A reference server, the page in front of it, and a network between them and the browser that can be cut. */
export interface Stage {
  readonly server: ReferenceServer;
  readonly network: ChaosProxy;
  readonly host: PageHost;
  /** The page's address; everything behind it is one origin. */
  readonly url: string;
  /** The server's records of its sockets, oldest first. */
  connections(): readonly ConnectionRecord[];
  /**
   * Opens the page in a new tab of this context, or in the given one, as a signed-in user with a session of its own;
   * `user` null: with whatever session the context has.
   */
  open(where: BrowserContext | Page, options?: { user?: string | null; search?: string }): Promise<StagePage>;
  close(): Promise<void>;
}

export interface StagePage extends PageRecorder {
  readonly page: Page;
  readonly console: ConsoleSpy;
  /** Throws if the page printed anything, left a rejection, reloaded, or went somewhere by itself. */
  assertUndisturbed(): void;
}

export async function startStage({ server: serverOptions, ...pageOptions }: StageOptions): Promise<Stage> {
  const server = await startReferenceServer(serverOptions);
  const host = await pageHost({ ...pageOptions, backendPort: server.port });
  const network = await startChaosProxy(host.port);
  const url = `${network.url}/`;
  return {
    server,
    network,
    host,
    url,
    connections: () => server.stats().connections,
    async open(where, { user = 'ada', search = '' } = {}) {
      const page = 'newPage' in where ? await where.newPage() : where;
      const recorder = await recordPage(page);
      const spy = consoleSpy(page);
      if (user !== null) {
        // The cookie is set before the application starts, from a page of the same origin that does nothing.
        await page.goto(`${url}blank`);
        await page.evaluate(logIn, user);
      }
      await page.goto(url + search);
      await recorder.waitFor('document.loaded');
      return {
        ...recorder,
        page,
        console: spy,
        assertUndisturbed() {
          spy.assertQuiet();
          const moves = recorder.find('navigation').map(({ detail }) => detail);
          if (moves.length > 0) throw new Error(`The page went elsewhere: ${JSON.stringify(moves)}`);
          const rejections = recorder.find('rejection').map(({ detail }) => detail);
          if (rejections.length > 0)
            throw new Error(`Rejections without a handler: ${rejections.join(', ')}`);
        },
      };
    },
    async close() {
      await network.close();
      await host.close();
      await server.close();
    },
  };
}

/** Runs in a page. */
async function logIn(user: string): Promise<void> {
  const answer = await fetch('/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user }),
  });
  if (!answer.ok) throw new Error(`The login was answered with ${answer.status}.`);
}

/** Says that the network faults of a test make the browser print its usual lines. */
export function allowNetworkNoise({ console: spy }: StagePage): void {
  for (const pattern of networkNoise) spy.allow(pattern);
}
