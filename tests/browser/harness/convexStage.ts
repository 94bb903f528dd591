import type { Page } from 'playwright-core';
import { startChaosProxy } from '../../server/chaosProxy';
import { startConvexServer, type ConvexServer } from '../../server/convexServer';
import { startWorkosServer, type WorkosServer } from '../../server/workosServer';
import type { ConvexSettings } from '../pages/convexSettings';
import { pageHost, type PageHostOptions } from './pageHost';
import { recordPage, type PageRecorder } from './recordPage';

export interface ConvexStageOptions extends PageHostOptions {
  /** Life of an access token. Habits of the SDKs that can be set are scaled by its ratio to 60 s. */
  tokenMs: number;
}

/** WorkOS, a Convex deployment and the page, each behind a network of its own that can be cut with the others. */
export interface ConvexStage {
  readonly workos: WorkosServer;
  readonly convex: ConvexServer;
  /** Moves the clock by which both servers issue and judge tokens. */
  jumpClock(ms: number): void;
  /** Cuts every connection; nothing can be dialled until it is mended. */
  cutNetwork(): Promise<void>;
  mendNetwork(): Promise<void>;
  /** Opens the application as a user who has signed in before. */
  open(page: Page): Promise<PageRecorder>;
  close(): Promise<void>;
}

export async function startConvexStage({ tokenMs, ...options }: ConvexStageOptions): Promise<ConvexStage> {
  let jumpedMs = 0;
  const now = () => Date.now() + jumpedMs;
  const workos = await startWorkosServer({ accessTtlMs: tokenMs, now });
  const convex = await startConvexServer({ now, speakEveryMs: 500 });
  const host = await pageHost(options);
  const networks = await Promise.all(
    [host.port, workos.port, convex.port].map(port => startChaosProxy(port)),
  );
  const [toHost, toWorkos, toConvex] = networks;

  return {
    workos,
    convex,
    jumpClock: ms => void (jumpedMs += ms),
    async cutNetwork() {
      await Promise.all(networks.map(network => network.stop()));
    },
    async mendNetwork() {
      await Promise.all(networks.map(network => network.restart()));
    },
    async open(page) {
      const recorder = await recordPage(page);
      await page.goto(`${toHost!.url}/blank`);
      // Where the SDK keeps it on a developer's machine; elsewhere it is a cookie of WorkOS.
      await page.evaluate(
        ([key, token]) => localStorage.setItem(key!, token!),
        [`workos:refresh-token:${workos.clientId}`, workos.signIn()],
      );
      const settings: ConvexSettings = {
        clientId: workos.clientId,
        workosPort: toWorkos!.port,
        convexUrl: toConvex!.url,
        scale: tokenMs / 60_000,
      };
      await page.goto(`${toHost!.url}/?settings=${encodeURIComponent(JSON.stringify(settings))}`);
      await recorder.waitFor('document.loaded');
      return recorder;
    },
    async close() {
      await Promise.all(networks.map(network => network.close()));
      await host.close();
      await convex.close();
      await workos.close();
    },
  };
}
