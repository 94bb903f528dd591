import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect, fireEvent, userEvent, waitFor, within } from 'storybook/test';
import { argTypes, turning } from './controls';
import type { JourneyOf } from './journey';
import { takeIn } from './onStage';
import type { Scene } from './scene';
import { Stage } from './Stage';

/** The stage itself: to and fro in time, by mouse and by keyboard. */
const meta: Meta<typeof Stage> = { title: 'The stage', component: Stage, argTypes };

export default meta;

const threeSteps: JourneyOf = ({ troubleMs }) => ({
  title: 'To and fro',
  text: 'Forward, the clock of this world goes on. Backward, the world is made anew and played up to that moment; it is the same each time. The half-written note stays yours.',
  steps: [
    { at: 0, label: 'The page opens' },
    { at: 4_000, label: 'The lid is closed', sleepsMs: troubleMs },
    { at: 4_000 + troubleMs, label: 'The lid is opened', run: ({ world }) => world.page.focus() },
  ],
  endMs: 8_000 + troubleMs,
});

export const Scrubbing: StoryObj<typeof Stage> = {
  args: { journey: threeSteps, troubleMs: 60_000 },
  parameters: turning('troubleMs'),
  async play({ canvasElement, canvas, step }) {
    const take = await takeIn<Scene>(canvasElement);
    const slider = canvas.getByRole<HTMLInputElement>('slider', { name: 'Moment of the journey' });
    const bar = within(canvas.getByRole('group', { name: 'Time of the journey' }));
    const time = bar.getByRole('status');
    const seen = () => structuredClone(take.get().cast.map(({ tab }) => tab.diary.statuses));
    const atEnd = seen();

    await step('a step of the list leads there: the laptop sleeps', async () => {
      await userEvent.click(canvas.getByRole('button', { name: /The lid is closed/ }));
      await waitFor(() => expect(time).toHaveTextContent('4 s'));
      await expect(canvas.getByText('The laptop sleeps')).toBeVisible();
      await expect(take.get().number).toBe(2);
    });
    await step('the slider goes on within the sleep, and the world does not', async () => {
      const before = seen();
      await fireEvent.change(slider, { target: { value: 400 } });
      await waitFor(() => expect(take.get().nowMs).toBeGreaterThan(4_000));
      await expect(take.get()).toMatchObject({ number: 2, isAsleep: true });
      await expect(seen()).toEqual(before);
      await expect(slider.getAttribute('aria-valuetext')).toContain('The lid is closed');
    });
    await step('by keyboard to the next step, and to the end', async () => {
      bar.getByRole('button', { name: 'Next step' }).focus();
      await userEvent.keyboard('{Enter}');
      await waitFor(() => expect(time).toHaveTextContent('1 min 4 s'));
      await expect(canvas.queryByText('The laptop sleeps')).toBeNull();
      await userEvent.keyboard('{Enter}');
      await waitFor(() => expect(time).toHaveTextContent('1 min 8 s'));
      await expect(bar.getByRole('button', { name: 'Next step' })).toBeDisabled();
    });
    await step('in portions or in one go: the same', async () => {
      await expect(seen()).toEqual(atEnd);
    });
    await step('it plays by itself, from the beginning, until it is paused', async () => {
      await userEvent.click(bar.getByRole('button', { name: 'Play' }));
      await waitFor(() => expect(take.get().nowMs).toBeLessThan(4_000));
      await waitFor(() => expect(take.get().nowMs).toBeGreaterThan(200));
      await userEvent.click(bar.getByRole('button', { name: 'Pause' }));
      await expect(take.get().isPlaying).toBe(false);
    });
    await take.goTo(take.script.endMs);
  },
};
