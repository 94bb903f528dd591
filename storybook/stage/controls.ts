import type { ArgTypes } from '@storybook/react-vite';
import type { StageProps } from './Stage';
import type { Timings } from './journey';

const range = (description: string, min: number, max: number, step: number) => ({
  control: { type: 'range' as const, min, max, step },
  description: `${description}, ms`,
});

/** Everything that can be turned; a story shows what matters in it. */
export const argTypes: Partial<ArgTypes<StageProps>> = {
  journey: { table: { disable: true } },
  troubleMs: range('How long the trouble lasts', 0, 120_000, 500),
  tokenLifetimeMs: range('How long a token lives', 30_000, 3_600_000, 30_000),
  refreshLeadMs: range('How long before its end it is refreshed', 5_000, 600_000, 5_000),
  lostAfterMs: range('How long a missing link is nobody’s business', 500, 30_000, 500),
  heartbeatMs: range('How often an idle link is pinged', 2_000, 60_000, 1_000),
  backoffMaxMs: range('The longest wait between two tries', 1_000, 60_000, 1_000),
};

/** Shows the controls that matter in a story. */
export const turning = (...names: (keyof Timings)[]) => ({ controls: { include: names } });
