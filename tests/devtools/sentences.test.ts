import { afterEach, describe, expect, it } from 'vitest';
import { unavailable } from '../../src/core';
import { hours, minutes, seconds, watchedClient, type WatchedClient } from './watchedClient';

let client: WatchedClient;

async function openClient(...args: Parameters<typeof watchedClient>): Promise<void> {
  client = watchedClient(...args);
  await client.open();
}

afterEach(() => client.end());

describe('the list says in words', () => {
  it('how a link came to be', async () => {
    await openClient();
    expect(client.lines()).toEqual([
      'Watching from here on: session unknown, link idle',
      'First token, good for 15 min',
      'Connected: the first link',
    ]);
  });

  it('from where somebody looks, when that is late', async () => {
    await openClient();
    client.recorder.clear();
    expect(client.lines()).toEqual(['Watching from here on: session valid, link open']);
  });

  it('that a token was refreshed without a word to the user', async () => {
    await openClient();
    expect(await client.linesOf(() => client.pass(minutes(14)))).toEqual([
      'Token refreshed: the old one was about to end, good for 15 min',
      'The server took the new token; the link stayed open',
    ]);
  });

  it('a blip', async () => {
    await openClient();
    await client.pass(minutes(1));
    expect(
      await client.linesOf(async () => {
        client.world.server.last.drop();
        await client.pass(seconds(5));
      }),
    ).toEqual([
      expect.stringMatching(/^Link lost: the connection broke \(1006\) → reconnecting (at once|in 0\.\d s)$/),
      expect.stringMatching(/^Reconnected (at once|after 0\.\d s): the connection broke \(1006\)$/),
    ]);
  });

  it('an outage in one line for its tries, and what came of it', async () => {
    await openClient();
    await client.pass(minutes(1));
    const lines = await client.linesOf(async () => {
      client.world.server.refuse();
      client.world.server.last.drop();
      await client.pass(minutes(1));
      client.world.server.accept();
      await client.pass(minutes(1));
    });
    expect(lines.filter(line => line.startsWith('No connection'))).toEqual([
      expect.stringMatching(/^No connection: out of reach → reconnecting in .+ \(2 times\)$/),
      expect.stringMatching(/^No connection: out of reach → reconnecting in .+ \(\d times\)$/),
    ]);
    expect(lines.at(-1)).toMatch(
      /^Reconnected after \d+ s: the connection broke \(1006\), new token, \d tries failed$/,
    );
  });

  it('the browser’s word on the network', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.page.offline();
      await client.pass(seconds(20));
      client.world.page.online();
      await client.pass(seconds(10));
    });
    expect(lines).toEqual([
      'The browser says offline: probing the link',
      expect.stringMatching(/^Link lost: offline, probe unanswered → reconnecting/),
      'No connection: out of reach → waiting for the network',
      'The browser says online: making sure of the link',
      expect.stringMatching(/^Reconnected after 17 s: offline, probe unanswered, 1 try failed$/),
    ]);
  });

  it('a sleep after which all was well', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      await client.world.clock.sleep(minutes(3));
      await client.pass(seconds(20));
    });
    expect(lines).toEqual(['Slept 3 min: making sure of link and token']);
    expect(client.marks('probe')).toEqual(['Probe: answered after 0 ms']);
  });

  it('a sleep after which the link was dead: slept, probe unanswered, reconnected', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.server.last.halfOpen();
      await client.world.clock.sleep(minutes(3));
      await client.pass(seconds(20));
    });
    expect(lines).toEqual([
      'Slept 3 min: making sure of link and token',
      expect.stringMatching(/^Link lost: slept 3 min, probe unanswered → reconnecting/),
      expect.stringMatching(/^Reconnected (at once|after 0\.\d s): slept 3 min, probe unanswered$/),
    ]);
  });

  it('a sleep that the token did not outlive', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      await client.world.clock.sleep(hours(8));
      await client.pass(seconds(20));
    });
    expect(lines).toEqual([
      'Slept 8 h: making sure of link and token',
      'The token ran out before there was a new one: still trying, user kept',
      'Link lost: slept 8 h, closed 1008 "token_expired": token expired → a new token first',
      'Token refreshed: the old one had run out, good for 15 min',
      'Reconnected at once: slept 8 h, closed 1008 "token_expired": token expired, new token',
    ]);
  });

  it('a browser that was stopped, as a sleep', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      await client.world.clock.stall(minutes(3));
      await client.pass(seconds(20));
    });
    expect(lines[0]).toMatch(/^Slept 2 min 5\d s: making sure of link and token$/);
  });

  it('a half-open link without any sleep', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.server.last.halfOpen();
      await client.pass(minutes(1));
    });
    expect(lines).toEqual([
      expect.stringMatching(/^Link lost: heartbeat unanswered → reconnecting/),
      expect.stringMatching(/^Reconnected .+: heartbeat unanswered$/),
    ]);
    expect(client.marks('heartbeat')).toContain('Heartbeat: unanswered');
  });

  it('a page that was frozen', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.page.hide();
      client.world.page.freeze();
      await client.pass(minutes(10));
      client.world.page.resume();
      client.world.page.show();
      await client.pass(seconds(5));
    });
    expect(lines).toEqual([
      'Link closed: the page was frozen or left',
      'Reconnected after 10 min: frozen 10 min',
    ]);
    expect(client.seen().gaps).toMatchObject([{ word: 'frozen' }]);
  });

  it('a hidden page whose timers are throttled, as nothing at all', async () => {
    await openClient({}, { throttleHiddenTimers: true });
    const lines = await client.linesOf(async () => {
      client.world.page.hide();
      await client.pass(minutes(12));
      client.world.page.show();
      await client.pass(seconds(5));
    });
    expect(lines).toEqual([]);
    expect(client.seen().gaps).toEqual([]);
  });

  it('a clock that was set back; the picture moves along', async () => {
    await openClient();
    await client.pass(minutes(2));
    const before = client.seen();
    client.world.clock.skew(-hours(1));
    await client.pass(seconds(2));
    const after = client.seen();
    expect(client.lines().at(-1)).toBe('The clock was set back by 1 h');
    expect(after.now - after.since).toBe(before.now - before.since + seconds(2));
    expect(after.tokens[0]?.from).toBe((before.tokens[0]?.from ?? 0) - hours(1));
  });
});

describe('the list says of the token', () => {
  it('that it was kept while its endpoint failed, and for how long it is good', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.tokens.fail(3);
      await client.pass(minutes(14));
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^Kept the token, good for 2 min \d s more: its endpoint had none for now \(3 times\)$/,
      ),
      'Token refreshed: the old one was about to end, good for 15 min',
      'The server took the new token; the link stayed open',
    ]);
  });

  it('what its endpoint asked for', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.tokens.answer(() => unavailable({ retryAfterMs: seconds(30) }));
      await client.pass(minutes(13));
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^Kept the token, good for 2 min \d s more: its endpoint had none for now, which asked for 30 s$/,
      ),
    ]);
  });

  it('that its endpoint hung, with the link open and later without one, and nobody was signed out', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.tokens.hang();
      await client.pass(minutes(16));
      client.world.tokens.issue();
      await client.pass(minutes(1));
    });
    expect(lines[0]).toMatch(
      /^Kept the token, good for \d+ s more: its endpoint did not answer in time \(\d times\)$/,
    );
    expect(lines).toContain('The token ran out before there was a new one: still trying, user kept');
    expect(lines).toContain('Link lost: closed 1008 "token_expired": token expired → a new token first');
    expect(
      lines.some(line => line.startsWith('No token yet, user kept: its endpoint did not answer in time')),
    ).toBe(true);
    expect(lines.at(-1)).toMatch(
      /^Reconnected after .+: closed 1008 "token_expired": token expired, new token$/,
    );
    expect(lines.join()).not.toContain('Signed out');
  });

  it('that calls which were given up are answered after all', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.tokens.hang();
      await client.pass(minutes(13) + seconds(30));
      client.world.tokens.issue();
      await client.pass(seconds(1));
    });
    const granted = lines.filter(line => /^(?:Token|First)/.test(line));
    expect(granted.length).toBeGreaterThan(1);
    expect(granted.filter(line => line.startsWith('Token refreshed'))).toHaveLength(1);
    for (const line of granted)
      expect(line).toMatch(/^Token (?:refreshed|of an earlier call) in \d+ s|^Token refreshed/);
  });

  it('that the source never answered at all', async () => {
    client = watchedClient();
    client.world.tokens.hang();
    client.socket.connect();
    await client.pass(seconds(12));
    expect(client.lines().at(-1)).toBe('No token yet, user kept: its endpoint did not answer in time');
  });

  it('that the session was revoked', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.tokens.revoke();
      await client.pass(minutes(14));
    });
    expect(lines).toEqual(['Signed out by the token source (revoked)']);
  });
});

describe('the list says of a close with 1008', () => {
  it.each([
    ['token_expired', 'closed 1008 "token_expired": token expired → a new token first', true],
    ['revoked', 'closed 1008 "revoked": token withdrawn → a new token first', true],
    ['', 'closed 1008: no reason given → reconnecting', true],
    ['forbidden', 'closed 1008 "forbidden": not allowed → stopped: the server does not allow it', false],
    ['rate_limited', 'closed 1008 "rate_limited": too much at once → reconnecting in', false],
  ])('%j what it was taken for', async (reason, told, isBack) => {
    await openClient();
    await client.pass(minutes(1));
    const lines = await client.linesOf(async () => {
      client.world.server.last.close(1008, reason);
      await client.pass(seconds(3));
    });
    expect(lines[0]).toContain(`Link lost: ${told}`);
    expect(lines.some(line => line.startsWith('Reconnected'))).toBe(isBack);
    expect(client.marks('verdict')).toEqual([`Socket ${told.split(' →')[0]}`]);
  });
});

describe('the list says of a link that was replaced before it ended', () => {
  it('that the application asked for it', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.socket.reconnect('new region');
      await client.pass(seconds(5));
    });
    expect(lines).toEqual(['Link replaced without a gap: asked for (new region)']);
    expect(client.marks('user')).toEqual(['The application asked for a new link']);
  });

  it('that the server is leaving', async () => {
    await openClient();
    const lines = await client.linesOf(async () => {
      client.world.server.last.send({ type: 'going_away', retry_after: 2 });
      await client.pass(seconds(10));
    });
    expect(lines).toEqual([
      'The server said: the server is leaving, back in 2 s',
      'Link replaced without a gap: the server is leaving',
    ]);
  });

  it('that the server would not have the new token', async () => {
    await openClient();
    await client.pass(minutes(1));
    client.world.server.auto = false;
    const lines = await client.linesOf(async () => {
      void client.socket.getToken({ forceRefresh: true });
      await client.pass(100);
      client.world.server.last.send({ type: 'auth_error', id: 1, code: 'token_revoked' });
      client.world.server.auto = true;
      await client.pass(seconds(10));
    });
    expect(lines.slice(0, 2)).toEqual([
      'Token refreshed: the application asked, good for 15 min',
      'The server refused the new token: token withdrawn',
    ]);
    expect(lines.at(-1)).toBe('The server took the new token; the link stayed open');
  });
});

describe('the list says of other tabs', () => {
  it('that one refreshed and handed its token over', async () => {
    await openClient({ sessionKey: 'user-1' });
    const tab = client.world.openTab();
    const other = watchedClient({ sessionKey: 'user-1' }, tab);
    other.socket.connect();
    await client.pass(seconds(5));
    const lines = await client.linesOf(async () => {
      void other.socket.getToken({ forceRefresh: true });
      await client.pass(seconds(10));
    });
    expect(lines).toContain('Another tab refreshed and handed its token over');
    expect(client.marks('sibling')).toContain('Another tab handed over its token');
    other.lookAway();
    other.socket.destroy();
    tab.dispose();
  });

  it('that one refreshed and keeps its token for itself', async () => {
    const options = { sessionKey: 'user-1', tabs: 'signal' } as const;
    await openClient(options);
    const tab = client.world.openTab();
    const other = watchedClient(options, tab);
    other.socket.connect();
    await client.pass(seconds(5));
    const lines = await client.linesOf(async () => {
      void other.socket.getToken({ forceRefresh: true });
      await client.pass(seconds(10));
    });
    expect(lines).toEqual([
      'Another tab has a new token: asking the token source',
      'Token refreshed: its source had a newer one, good for 15 min',
      'The server took the new token; the link stayed open',
    ]);
    other.lookAway();
    other.socket.destroy();
    tab.dispose();
  });

  it('that the user signed out there', async () => {
    await openClient({ sessionKey: 'user-1' });
    const tab = client.world.openTab();
    const other = watchedClient({ sessionKey: 'user-1' }, tab);
    other.socket.connect();
    await client.pass(seconds(5));
    const lines = await client.linesOf(async () => {
      void other.socket.signOut();
      await client.pass(seconds(5));
    });
    expect(lines).toEqual(['Signed out in another tab']);
    other.lookAway();
    other.socket.destroy();
    tab.dispose();
  });

  it('that the user signed out here', async () => {
    await openClient();
    expect(
      await client.linesOf(async () => {
        void client.socket.signOut();
        await client.pass(seconds(1));
      }),
    ).toEqual(['Signed out by the user']);
  });
});
