import * as React from 'react';
import { expect, it } from 'vitest';
import { createAuthSocketContext, useAuthFetch, type AuthFetch } from '../../src/index';
import { createTestWorld } from '../../src/testing';
import { renderInWorld } from './pageInWorld';

it('useAuthFetch gives the same function from render to render, with the latest fetch, and renders nothing', async () => {
  const seen: AuthFetch[] = [];
  const sent: string[] = [];
  function Caller({ name }: { name: string }) {
    seen.push(
      useAuthFetch({
        origins: ['https://api.test'],
        fetch: async (_input, init) => {
          sent.push(`${name} ${new Headers(init?.headers).get('authorization')?.slice(0, 9)}`);
          return new Response('ok');
        },
      }),
    );
    return null;
  }
  const world = createTestWorld();
  const page = renderInWorld(<Caller name="one" />, { world });
  await page.pass(1_000);
  page.rerender({}, <Caller name="two" />);
  await page.pass(900_000);
  expect(seen).toHaveLength(2);
  expect(seen[1]).toBe(seen[0]);
  expect(await (await seen[0]!('https://api.test/x')).text()).toBe('ok');
  expect(sent).toEqual(['two Bearer ey']);
});

it('another list of origins is another function; a context of its own has the hook, too', async () => {
  const own = createAuthSocketContext();
  const seen: AuthFetch[] = [];
  function Caller({ origins }: { origins: string[] }) {
    seen.push(own.useAuthFetch({ origins }));
    return null;
  }
  const world = createTestWorld();
  const tree = (origins: string[]) => (
    <own.AuthSocketProvider url="/ws" getToken={world.tokens.source} platform={world.platform}>
      <Caller origins={origins} />
    </own.AuthSocketProvider>
  );
  const page = renderInWorld(tree(['https://a.test']), { world });
  page.rerender({}, tree(['https://a.test']));
  page.rerender({}, tree(['https://b.test']));
  expect(new Set(seen).size).toBe(2);
  await page.pass(0);
});
