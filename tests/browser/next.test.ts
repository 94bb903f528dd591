import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReferenceServer, type ReferenceServer } from '../server/referenceServer';
import { consoleSpy } from './harness/consoleSpy';
import { launchChromium } from './harness/launchChromium';
import { installNextApp, type Bundler, type NextApp } from './harness/nextApp';

let server: ReferenceServer;
let chromium: Browser;

beforeAll(async () => {
  server = await startReferenceServer({ streamIntervalMs: 0 });
  chromium = await launchChromium();
});

afterAll(async () => {
  await chromium?.close();
  await server?.close();
});

describe.each<{ bundler: Bundler }>([{ bundler: 'Turbopack' }, { bundler: 'webpack' }])(
  'the example for Next.js, built with $bundler',
  ({ bundler }) => {
    let app: NextApp;
    let printed: string;
    let url: string;

    beforeAll(async () => {
      app = installNextApp(bundler, server.url);
      printed = await app.build();
      url = await app.start();
    });

    afterAll(() => app?.close());

    const htmlOf = async (path: string, cookie = '') => {
      const answer = await fetch(url + path, { headers: { cookie } });
      expect(answer.status).toBe(200);
      // React separates neighbouring texts with comments.
      return (await answer.text()).replaceAll('<!-- -->', '');
    };

    it('compiles and passes the type check without a warning', () => {
      expect(printed).toContain(bundler);
      expect(printed).toContain('Compiled successfully');
      expect(printed).toContain('Finished TypeScript');
      expect(printed).not.toMatch(/warn|deprecat|react-auth-socket/i);
    });

    it('R05 renders the status on the server: idle for a user, signed out for nobody', async () => {
      const before = server.stats().connections.length;
      expect(await htmlOf('/', 'user=ada')).toMatch(/Hello ada.*<output>idle<\/output>/);
      expect(await htmlOf('/')).toMatch(/Nobody is signed in.*<output>idle<\/output>/);
      expect(await htmlOf('/guest')).toContain('<p>signed-out, idle</p>');
      expect(server.stats().connections.length).toBe(before);
    });

    it('imports ./core in a route handler, where it is no client reference', async () => {
      expect(JSON.parse(await htmlOf('/api/status'))).toMatchObject({ link: 'idle', session: 'unknown' });
    });

    it('R06 hydrates without a word on the console, connects, shows a message, and navigates with its socket', async () => {
      const context = await chromium.newContext();
      const page = await context.newPage();
      const spy = consoleSpy(page);
      const strangers: string[] = [];
      page.on('request', request => {
        if (!request.url().startsWith(url) && !request.url().startsWith('data:'))
          strangers.push(request.url());
      });
      const before = server.stats().connections.length;
      await context.request.post(`${url}/auth/login`, { data: { user: 'ada' } });
      await context.addCookies([{ name: 'user', value: 'ada', url, httpOnly: true }]);
      await page.goto(url);
      await page.getByText('open', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Say hi' }).click();
      await page.getByRole('listitem').filter({ hasText: 'Hi' }).waitFor();

      await page.getByRole('link', { name: 'Guest page' }).click();
      await page.getByText('signed-out').waitFor();
      await page.getByRole('link', { name: 'Back' }).click();
      await page.getByText('open', { exact: true }).waitFor();

      expect(server.stats().connections.length - before).toBe(1);
      expect(strangers).toEqual([]);
      spy.assertQuiet();
      expect(app.serverOutput).not.toMatch(/warn|error/i);
      await context.close();
    });
  },
);
