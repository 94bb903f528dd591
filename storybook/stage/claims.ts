import type { SocketStatus } from 'react-auth-socket';
import { expect, userEvent, within } from 'storybook/test';
import { takeIn } from './onStage';
import type { Scene, Tab } from './scene';
import type { Take } from './take';

/** What a user has half written when the trouble comes. */
const DRAFT = 'Table 4 waits';

/** A journey from its beginning to its end, in front of the play function. */
export interface Rehearsal {
  take: Take<Scene>;
  /** The worlds of the last take. */
  readonly scene: Scene;
  readonly tab: Tab;
  /** What the user sees. */
  readonly screen: ReturnType<typeof within>;
  /** Plays on until then. */
  goTo(ms: number): Promise<void>;
  /** Plays the rest. */
  finish(): Promise<void>;
  /** Back to the picture that the story shows. */
  leave(): Promise<void>;
}

const fieldIn = (canvas: HTMLElement) =>
  within(canvas).getByLabelText<HTMLInputElement>('Note to the kitchen');

/** What is compared of two takes: everything that an application sees. */
const seen = (scene: Scene) => scene.tabs.map(({ diary }) => diary.statuses);

/**
 * Starts the story over, with half a note in the field of its application. A world that is played twice has to be the
 * same twice: what the first take saw is compared.
 */
export async function rehearse(canvas: HTMLElement): Promise<Rehearsal> {
  const take = await takeIn<Scene>(canvas);
  const [first] = take.get().cast;
  const before = first ? structuredClone(seen(first)) : [];
  await take.goTo(0);
  const scene = take.get().cast[0] as Scene;
  if (scene.tabs.length === 1) await userEvent.type(fieldIn(canvas), DRAFT, { delay: null });
  return {
    take,
    scene,
    tab: scene.tab,
    get screen() {
      return within(within(canvas).getByRole('region', { name: 'What the user sees' }));
    },
    goTo: take.goTo,
    async finish() {
      await take.goTo(take.script.endMs);
      for (const [n, statuses] of before.entries())
        await expect(seen(scene)[n]?.slice(0, statuses.length)).toEqual(statuses);
    },
    leave: () => take.goTo(take.script.showMs ?? take.script.endMs),
  };
}

/** The tree was mounted once and kept what was written; every order came once; nothing was dropped, nobody signed out. */
export async function expectUnharmed(canvas: HTMLElement, { tab }: Rehearsal): Promise<void> {
  await expect(fieldIn(canvas)).toHaveValue(DRAFT);
  await expect(tab.diary.mounts).toBe(1);
  await expect(tab.diary.ends).toEqual([]);
  await expect(tab.diary.drops).toEqual([]);
  await expect(tab.diary.orders.received).toBeGreaterThan(0);
  await expect(tab.diary.orders).toMatchObject({ missing: 0, twice: 0 });
}

/** The words of one half of the status, in order, repetitions left out. */
export function wordsOf<K extends 'link' | 'session'>({ diary }: Tab, half: K): SocketStatus[K][] {
  const words = diary.statuses.map(status => status[half]);
  return words.filter((word, n) => word !== words[n - 1]);
}

/** Frames of one type that the server got, over all links. */
export function framesOf(scene: Scene, type: string): Readonly<Record<string, unknown>>[] {
  const frames = scene.world.server.connections.flatMap(({ received }) => received);
  return (frames as Record<string, unknown>[]).filter(frame => frame.type === type);
}
