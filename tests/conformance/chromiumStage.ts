import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { BrowserContext } from 'playwright-core';
import { startRawPeer } from './rawPeer';
import { createScriptClient, type Command, type ScriptClient } from './scriptClient';
import { consoleLine, type Stage } from './stage';

declare global {
  interface Window {
    script: ScriptClient;
  }
}

/** An empty page of an address whose handshakes nobody answers. */
export async function hostEmptyPage(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><link rel="icon" href="data:,">');
  });
  const hung = new Set<Duplex>();
  server.on('upgrade', (_request, socket) => hung.add(socket.on('error', () => {})));
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      for (const socket of hung) socket.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * A stage made of a real page, its real `WebSocket`, and a peer that speaks the protocol by hand.
 *
 * `bundle`: a script that leaves another class as `window.SocketOnStage`.
 */
export async function openChromiumStage(
  context: BrowserContext,
  pageUrl: string,
  limitMs = 20_000,
  bundle = 'window.SocketOnStage = WebSocket',
): Promise<Stage> {
  const peer = await startRawPeer();
  const page = await context.newPage();
  const printed: string[] = [];
  page.on('console', message => printed.push(...consoleLine(message.text())));
  await page.goto(pageUrl);
  await page.evaluate(bundle);
  await page.evaluate(`window.script = (${createScriptClient.toString()})(window.SocketOnStage)`);
  const log = () => page.evaluate(() => window.script.log);
  return {
    peer,
    client: {
      run: (...commands) =>
        page.evaluate(list => window.script.run(list as readonly Command[]), commands as unknown[]),
      async until(start) {
        try {
          await page.waitForFunction(text => window.script.log.some(line => line.startsWith(text)), start, {
            polling: 10,
            timeout: limitMs,
          });
        } catch (cause) {
          throw new Error(`"${start}" never came. ${(await log()).join(' | ')}`, { cause });
        }
      },
      pause: ms => delay(ms),
      async forbidDials() {
        await page.evaluate(() => {
          const policy = document.createElement('meta');
          policy.httpEquiv = 'content-security-policy';
          policy.content = "connect-src 'none'";
          document.head.append(policy);
        });
      },
      log: async () => [...(await log()), ...printed],
    },
    async close() {
      await page.close();
      await peer.stop();
    },
  };
}
