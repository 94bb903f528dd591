import * as React from 'react';
import { describe, expect, it } from 'vitest';
import { useAuthToken, useSocketStatus } from '../../src/index';
import { renderInWorld } from './pageInWorld';

const minute = 60_000;

describe('a tree above which a laptop wakes before its network', () => {
  it.each(['sleep', 'stall'] as const)(
    'S4-A the authenticated subtree is mounted once and never seen signed out (%s)',
    async clock => {
      let mounts = 0;
      const seen: string[] = [];
      function Inbox() {
        const { session } = useAuthToken();
        const { lost } = useSocketStatus();
        React.useEffect(() => {
          mounts += 1;
        }, []);
        seen.push(session);
        return <p>{lost ? 'Reconnecting…' : 'Inbox'}</p>;
      }
      const page = renderInWorld(<Inbox />, { tokenLifetimeMs: minute });
      await page.pass(40_000);
      expect(page.view.getByText('Inbox')).toBeTruthy();
      const { world } = page;
      world.server.last.halfOpen();
      world.server.refuse();
      world.tokens.fail(1_000);
      await React.act(() => world.clock[clock](3 * minute));
      await React.act(async () => {
        world.page.show();
        world.page.focus();
        world.page.online();
        await world.clock.advance(40);
      });
      await page.pass(30_000);
      // Half a minute without a network, and the user is told so in place.
      expect(page.view.getByText('Reconnecting…')).toBeTruthy();
      world.server.accept();
      world.tokens.issue();
      await React.act(async () => {
        world.page.online();
        await world.clock.advance(2_000);
      });
      expect(page.view.getByText('Inbox')).toBeTruthy();
      expect(mounts).toBe(1);
      expect(seen).not.toContain('signed-out');
      expect(seen.slice(seen.indexOf('valid'))).not.toContain('unknown');
      page.view.unmount();
    },
  );
});
