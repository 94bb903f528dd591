import { act, cleanup, render, screen, within, type RenderResult } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import * as React from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAuthSocket, useSocketStatus, AuthSocketProvider, type AuthSocket } from '../../src/index';
import { AuthSocketTimeline, type AuthSocketTimelineProps } from '../../src/devtools';
import { createTestWorld, type TestWorld } from '../../src/testing';
import { canaries, leaksIn } from './canaries';
import { secretJourney } from './secretJourney';

let world: TestWorld;
let socket: AuthSocket;

const pass = (ms: number) => act(() => world.clock.advance(ms));
const minutes = (count: number) => count * 60_000;
const user = userEvent.setup();

beforeEach(() => {
  world = createTestWorld();
  socket = createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
});

afterEach(async () => {
  cleanup();
  socket.destroy();
  await world.clock.advance(61_000);
  world.dispose();
});

async function openPanel(props: Partial<AuthSocketTimelineProps> = {}): Promise<RenderResult> {
  const view = render(<AuthSocketTimeline socket={socket} {...props} />);
  socket.connect();
  await pass(1_000);
  return view;
}

const lines = () =>
  within(screen.getByRole('log'))
    .getAllByRole('listitem')
    .map(item => item.textContent?.replace(/^\d\d:\d\d:\d\d./, ''));
const marks = () => screen.getAllByRole('option').map(mark => mark.getAttribute('aria-label'));
const press = (name: string) => user.click(screen.getByRole('button', { name }));

describe('the panel', () => {
  it('shows session, link, the life of the token, and why each change happened', async () => {
    await openPanel();
    const facts = screen.getByRole('region', { name: 'Auth socket timeline' }).querySelectorAll('dd');
    expect([...facts].map(fact => fact.textContent)).toEqual(['valid', 'open', '14 min 59 s left']);
    expect(lines()).toEqual([
      'Connected: the first link',
      'First token, good for 15 min',
      'Watching from here on: session unknown, link idle',
    ]);
    await pass(minutes(3));
    const meter = screen.getByRole('meter', { name: 'Life left of the token' });
    expect(meter.getAttribute('aria-valuetext')).toBe('11 min 59 s left');
    expect(meter.getAttribute('aria-valuenow')).toBe('719');
    expect(meter.getAttribute('aria-valuemax')).toBe('900');
  });

  it('draws a mark for everything that happened, and a heartbeat with its round trip', async () => {
    await openPanel();
    await pass(minutes(1));
    await act(() => world.clock.sleep(minutes(3)));
    await pass(10_000);
    expect(marks()).toEqual([
      expect.stringMatching(/^First token, \d\d:\d\d:\d\d$/),
      expect.stringMatching(/^Heartbeat: answered after 0 ms, /),
      expect.stringMatching(/^Heartbeat: answered after 0 ms, /),
      expect.stringMatching(/^Slept 3 min, /),
      expect.stringMatching(/^Probe: answered after 0 ms, /),
    ]);
  });

  it('draws every state as a span with its word', async () => {
    const { container } = await openPanel();
    world.server.refuse();
    world.server.last.drop();
    await pass(minutes(1));
    const words = [...container.querySelectorAll('svg text')].map(text => text.textContent);
    expect(words).toEqual(
      expect.arrayContaining(['Session', 'Link', 'Token, life left', 'valid', 'waiting']),
    );
  });

  it('says aloud the newest change that matters, and nothing that led to it', async () => {
    await openPanel();
    const spoken = () => screen.getAllByRole('status').map(status => status.textContent);
    expect(spoken()).toEqual(['', 'Connected: the first link']);
    expect(screen.getByRole('log').getAttribute('aria-live')).toBe('off');
    await act(() => world.clock.sleep(minutes(3)));
    await pass(10_000);
    expect(spoken()).toEqual(['', 'Connected: the first link']);
    void socket.signOut();
    await pass(1_000);
    expect(spoken()).toEqual(['', 'Signed out by the user']);
  });

  it('has nothing that axe complains of', async () => {
    const { container } = await openPanel();
    await pass(minutes(1));
    const { violations } = await axe.run(container, { rules: { 'color-contrast': { enabled: false } } });
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });

  it('wears light or dark as asked, and follows the system by itself', async () => {
    const listeners = new Set<() => void>();
    const query = {
      matches: true,
      addEventListener: (_: string, listener: () => void) => listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
    };
    vi.stubGlobal('matchMedia', () => query);
    const { rerender, unmount } = await openPanel();
    const scheme = () => screen.getByRole('region').style.colorScheme;
    expect(scheme()).toBe('dark');
    query.matches = false;
    act(() => listeners.forEach(listener => listener()));
    expect(scheme()).toBe('light');
    rerender(<AuthSocketTimeline socket={socket} theme="dark" />);
    expect(scheme()).toBe('dark');
    expect(listeners.size).toBe(0);
    rerender(<AuthSocketTimeline socket={socket} />);
    expect(listeners.size).toBe(1);
    unmount();
    expect(listeners.size).toBe(0);
  });
});

describe('the buttons', () => {
  it('Pause: the picture stands still, and shows what came meanwhile when it goes on', async () => {
    const { container } = await openPanel();
    await press('Pause');
    expect(screen.getByRole('button', { name: 'Pause' }).getAttribute('aria-pressed')).toBe('true');
    const before = container.innerHTML;
    world.server.last.drop();
    await pass(minutes(2));
    expect(container.innerHTML).toBe(before);
    await press('Pause');
    await pass(0);
    expect(lines()[0]).toMatch(/^Reconnected .+: the connection broke \(1006\)$/);
  });

  it('Clear: begins anew', async () => {
    await openPanel();
    await press('Clear');
    expect(lines()).toEqual(['Watching from here on: session valid, link open']);
    expect(screen.queryAllByRole('option')).toEqual([]);
    expect(screen.getByText('Cleared')).toBeTruthy();
  });

  it('Copy as JSON: into the clipboard', async () => {
    const writeText = vi.spyOn(navigator.clipboard, 'writeText');
    await openPanel();
    await press('Copy as JSON');
    expect(screen.getByText(/^Copied \d+ events as JSON$/)).toBeTruthy();
    const report = JSON.parse(writeText.mock.calls[0]?.[0] ?? '') as { events: unknown[] };
    expect(report).toMatchObject({ package: 'react-auth-socket', status: { link: 'open' } });
    expect(report.events.length).toBeGreaterThan(5);
    expect(screen.queryByRole('textbox')).toBeNull();
  });

  it('Copy as JSON: where the clipboard is refused, into a text that is selected already', async () => {
    vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new DOMException('', 'NotAllowedError'));
    await openPanel();
    await press('Copy as JSON');
    const box = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'The report as JSON' });
    expect(document.activeElement).toBe(box);
    expect(box.value.slice(box.selectionStart, box.selectionEnd)).toBe(box.value);
    expect(JSON.parse(box.value)).toMatchObject({ package: 'react-auth-socket' });
    expect(screen.getByText(/did not allow copying/)).toBeTruthy();
    await press('Clear');
    expect(screen.queryByRole('textbox')).toBeNull();
  });
});

describe('by keyboard', () => {
  it('everything is reached, in order', async () => {
    await openPanel();
    const names: (string | null | undefined)[] = [];
    for (let i = 0; i < 5; i += 1) {
      await user.tab();
      names.push(document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent);
    }
    expect(names).toEqual([
      'Pause',
      'Clear',
      'Copy as JSON',
      'What happened, as marks on the timeline',
      'What happened, and why',
    ]);
  });

  it('arrow keys step through the marks, and what each says is read and shown', async () => {
    await openPanel();
    await pass(minutes(2));
    const box = screen.getByRole('listbox');
    const all = marks();
    act(() => box.focus());
    const chosen = () => {
      const id = box.getAttribute('aria-activedescendant');
      const mark = id === null ? null : document.getElementById(id);
      expect(mark?.getAttribute('aria-selected') ?? 'true').toBe('true');
      return mark?.getAttribute('aria-label') ?? null;
    };
    expect(chosen()).toBeNull();
    await user.keyboard('{ArrowLeft}');
    expect(chosen()).toBe(all.at(-1));
    expect(screen.getByText(all.at(-1) ?? '', { selector: 'p' })).toBeTruthy();
    await user.keyboard('{ArrowLeft}');
    expect(chosen()).toBe(all.at(-2));
    await user.keyboard('{Home}{ArrowLeft}');
    expect(chosen()).toBe(all[0]);
    await user.keyboard('{ArrowRight}');
    expect(chosen()).toBe(all[1]);
    await user.keyboard('{End}{ArrowRight}');
    expect(chosen()).toBe(all.at(-1));
    await user.keyboard('{Escape}');
    expect(chosen()).toBeNull();
    expect(document.activeElement).toBe(box);
  });

  it('a chosen mark that leaves the picture is chosen no longer, and the focus stays', async () => {
    await openPanel({ windowMs: minutes(1) });
    const box = screen.getByRole('listbox');
    act(() => box.focus());
    await user.keyboard('{Home}');
    expect(box.getAttribute('aria-activedescendant')).not.toBeNull();
    await pass(minutes(2));
    expect(box.getAttribute('aria-activedescendant')).toBeNull();
    expect(document.activeElement).toBe(box);
  });

  it('a mark can be clicked, too', async () => {
    await openPanel();
    const [mark] = screen.getAllByRole('option');
    await user.click(mark as Element);
    expect(mark?.getAttribute('aria-selected')).toBe('true');
  });
});

describe('in an application', () => {
  it('renders itself and nothing else', async () => {
    const renders = { parent: 0, sibling: 0, reader: 0 };
    function Sibling() {
      renders.sibling += 1;
      return <p>beside</p>;
    }
    function Reader() {
      useSocketStatus(({ session }) => session);
      renders.reader += 1;
      return null;
    }
    function Application() {
      renders.parent += 1;
      return (
        <AuthSocketProvider socket={socket}>
          <Sibling />
          <AuthSocketTimeline socket={socket} />
          <Reader />
        </AuthSocketProvider>
      );
    }
    const { container } = render(<Application />);
    await pass(1_000);
    const { reader } = renders;
    const before = container.innerHTML;
    for (let i = 0; i < 20; i += 1) await pass(1_000);
    expect(container.innerHTML).not.toBe(before);
    expect(renders).toEqual({ parent: 1, sibling: 1, reader });
  });

  it('starts over with another client, and lets go of the first', async () => {
    const view = await openPanel();
    const other = createAuthSocket({ url: '/ws', getToken: world.tokens.source, platform: world.platform });
    view.rerender(<AuthSocketTimeline socket={other} />);
    expect(lines()).toEqual(['Watching from here on: session unknown, link idle']);
    socket.destroy();
    await pass(1_000);
    expect(lines()).toEqual(['Watching from here on: session unknown, link idle']);
    view.unmount();
    expect(world.clock.pendingTimers).toBe(0);
    other.destroy();
  });

  it('survives StrictMode, with one timer', async () => {
    const before = world.clock.pendingTimers;
    const view = render(
      <React.StrictMode>
        <AuthSocketTimeline socket={socket} />
      </React.StrictMode>,
    );
    expect(world.clock.pendingTimers).toBe(before + 1);
    socket.connect();
    await pass(1_000);
    expect(lines()).toHaveLength(3);
    view.unmount();
    socket.destroy();
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('two panels have marks of their own', async () => {
    render(<AuthSocketTimeline socket={socket} />);
    await openPanel();
    const ids = screen.getAllByRole('option').map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('R05 R06 is empty on a server, and is hydrated without a word', async () => {
    const tree = <AuthSocketTimeline socket={socket} className="tools" />;
    const html = renderToString(tree);
    expect(html).toBe('<section aria-label="Auth socket timeline" class="tools"></section>');
    socket.connect();
    await world.clock.advance(1_000);
    const container = document.createElement('div');
    container.innerHTML = html;
    document.body.append(container);
    const problems: unknown[] = [];
    const root = await act(async () =>
      hydrateRoot(container, tree, { onRecoverableError: error => problems.push(error) }),
    );
    expect(problems).toEqual([]);
    expect(lines()).toEqual(['Watching from here on: session valid, link open']);
    await act(async () => root.unmount());
    container.remove();
  });

  it('needs no style that a content security policy could forbid', async () => {
    const { container } = await openPanel();
    expect(container.querySelectorAll('style, link')).toHaveLength(0);
    expect(renderToString(<AuthSocketTimeline socket={socket} />)).not.toContain('style');
  });

  it.each(['ticket', 'first message'] as const)(
    'X02 a life full of secrets, with a %s, leaves none of them in the document or the copy',
    async carrier => {
      vi.spyOn(navigator.clipboard, 'writeText').mockRejectedValue(new Error('no'));
      document.cookie = `session=${canaries.cookie}`;
      const journey = secretJourney(carrier);
      const { container } = render(<AuthSocketTimeline socket={journey.socket} />);
      const seen = new Set<string>();
      const watcher = new MutationObserver(() =>
        leaksIn(container.innerHTML).forEach(name => seen.add(name)),
      );
      watcher.observe(container, { subtree: true, childList: true, characterData: true, attributes: true });
      await journey.play(ms => act(() => journey.world.clock.advance(ms)));
      await press('Copy as JSON');
      const box = screen.getByRole<HTMLTextAreaElement>('textbox');
      expect(box.value).toContain('"token.denied"');
      expect(leaksIn(box.value)).toEqual([]);
      expect(leaksIn(container.outerHTML)).toEqual([]);
      expect([...seen]).toEqual([]);
      watcher.disconnect();
      await act(() => journey.end());
    },
  );
});
