import * as React from 'react';
import { journeyTime } from './journeyTime';
import type { Cast, Take, TakeView } from './take';

interface StepListProps<C extends Cast> {
  take: Take<C>;
  view: TakeView<C>;
}

/** What happens in the journey, and how far it has come. Each step is a button that leads there. */
export function StepList<C extends Cast>({ take, view }: StepListProps<C>): React.ReactElement {
  const { steps } = take.script;
  const last = steps.findLastIndex(({ at }) => at <= view.nowMs);
  return (
    <ol className="steps" aria-label="What happens">
      {steps.map(({ at, label }, n) => (
        <li key={`${at} ${label}`} className={n <= last ? 'past' : ''}>
          <button
            type="button"
            aria-current={n === last ? 'step' : undefined}
            onClick={() => {
              take.pause();
              void take.goTo(at);
            }}
          >
            <span className="steps-time">{journeyTime(at)}</span> <span>{label}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}
