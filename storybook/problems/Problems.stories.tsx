import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect, within } from 'storybook/test';
import { turning } from '../stage/controls';
import { argTypes } from '../stage/controls';
import { takeIn } from '../stage/onStage';
import { automaker } from './automaker';
import { convexTemplate } from './convexTemplate';
import { guide } from './guide';
import { openScanner } from './openScanner';
import { PairStage } from './PairStage';
import type { ProblemOf, Surroundings } from './problem';
import { DRAFT, type OurSide, type ReportedSide, type Side } from './side';

/**
 * Four systems that lost their users’ sessions or sockets. On the left a client that behaves as theirs was reported to, on
 * the right this package; the same faults on one clock.
 */
const meta: Meta<typeof PairStage> = {
  title: 'Problems',
  component: PairStage,
  argTypes: { ...argTypes, problem: { table: { disable: true } } },
};

export default meta;

type Story = StoryObj<typeof PairStage>;

/** Both sides at the end of the story; what it said at the first showing and at this one has to be the same. */
async function watch(canvas: HTMLElement) {
  const take = await takeIn<Side<Surroundings>>(canvas);
  const figures = () =>
    within(canvas)
      .getAllByRole('row')
      .slice(1)
      .map(row => [...row.children].map(({ textContent }) => textContent));
  const first = figures();
  await take.goTo(0);
  await take.goTo(take.script.endMs);
  await expect(figures()).toEqual(first);
  const [reported, ours] = take.get().cast as [ReportedSide<Surroundings>, OurSide<Surroundings>];
  return { reported, ours, figures: first };
}

/** This package: connected, signed in, everything there. */
async function expectOursUnharmed(canvas: HTMLElement, { scene, missed }: OurSide<Surroundings>) {
  const side = within(within(canvas).getByRole('region', { name: 'With this package' }));
  await expect(side.getByLabelText('Note to the kitchen')).toHaveValue(DRAFT);
  await expect(scene.tab.socket.getStatus()).toMatchObject({ link: 'open' });
  await expect(scene.tab.diary.ends).toEqual([]);
  await expect(scene.tab.diary.mounts).toBe(1);
  await expect(missed).toBe(0);
}

async function expectLoginPage(canvas: HTMLElement) {
  const side = within(within(canvas).getByRole('region', { name: 'Reported' }));
  await expect(side.getByText('Sign in to continue')).toBeVisible();
  await expect(side.queryByLabelText('Note to the kitchen')).toBeNull();
}

const numbers = (figures: (string | null)[][], label: string) =>
  figures
    .find(([name]) => name === label)
    ?.slice(1)
    .map(Number);

export const TicketRefused: Story = {
  args: { problem: automaker as ProblemOf<Surroundings>, troubleMs: 7_000 },
  parameters: turning('troubleMs'),
  async play({ canvasElement, step }) {
    const { reported, ours, figures } = await watch(canvasElement);
    await step('the reported client ends the login itself and never comes back', async () => {
      await expect(reported.signOuts).toBe(1);
      await expect(numbers(figures, 'Logout calls by the client itself')?.[0]).toBeGreaterThanOrEqual(1);
      await expect(reported.isLive).toBe(false);
      await expectLoginPage(canvasElement);
    });
    await step(
      'this package calls no logout, dials with a ticket or not at all, and is connected',
      async () => {
        await expect(numbers(figures, 'Logout calls by the client itself')?.[1]).toBe(0);
        await expect(numbers(figures, 'Handshakes without a ticket')?.[1]).toBe(0);
        await expectOursUnharmed(canvasElement, ours);
      },
    );
  },
};

export const RefreshStorm: Story = {
  args: { problem: openScanner as ProblemOf<Surroundings>, troubleMs: 2_500 },
  argTypes: { troubleMs: { control: { type: 'range', min: 100, max: 8_000, step: 100 } } },
  parameters: turning('troubleMs'),
  async play({ canvasElement, step }) {
    const { ours, figures } = await watch(canvasElement);
    await step(
      'the reported client refreshes again and again, and shows the refused token once more',
      async () => {
        await expect(numbers(figures, 'Refreshes')?.[0]).toBeGreaterThanOrEqual(2);
        await expect(numbers(figures, 'New sockets')?.[0]).toBeGreaterThanOrEqual(3);
        await expect(numbers(figures, 'Refused token shown again')?.[0]).toBeGreaterThanOrEqual(1);
      },
    );
    await step('this package: one refresh, one socket', async () => {
      await expect(figures.map(([, , count]) => count)).toEqual(['1', '1', '0', '0', '0']);
      await expectOursUnharmed(canvasElement, ours);
    });
  },
};

export const RefreshOnce: Story = {
  args: { problem: guide, tokenLifetimeMs: 300_000 },
  parameters: turning('tokenLifetimeMs'),
  async play({ canvasElement, step }) {
    const { reported, ours, figures } = await watch(canvasElement);
    await step('the client of the guide is at /login, with a login that was good', async () => {
      await expect(reported.signOuts).toBe(1);
      await expectLoginPage(canvasElement);
    });
    await step('this package has refreshed twice over one socket', async () => {
      await expect(ours.world.tokens.calls).toHaveLength(3);
      await expect(figures.map(([, , count]) => count)).toEqual(['0', '0', '1', '0']);
      await expectOursUnharmed(canvasElement, ours);
    });
  },
};

export const WakeBeforeTheNetwork: Story = {
  args: { problem: convexTemplate, tokenLifetimeMs: 60_000, troubleMs: 15_000 },
  parameters: turning('troubleMs'),
  async play({ canvasElement, step }) {
    const { reported, ours } = await watch(canvasElement);
    await step(
      'the template takes a failed call for a sign-out: the tree is gone, and nobody asks again',
      async () => {
        await expect(reported.signOuts).toBe(1);
        await expect(reported.isLive).toBe(false);
        await expectLoginPage(canvasElement);
      },
    );
    await step('this package waits for the network and goes on', async () => {
      await expect(ours.scene.tab.socket.getStatus().session).toBe('valid');
      await expectOursUnharmed(canvasElement, ours);
    });
  },
};
