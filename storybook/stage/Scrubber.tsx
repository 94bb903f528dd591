import * as React from 'react';
import { journeyTime } from './journeyTime';
import type { Cast, Take, TakeView } from './take';

interface ScrubberProps<C extends Cast> {
  take: Take<C>;
  view: TakeView<C>;
}

const PLACES = 1_000;

/** To and fro through the journey: a slider, play and pause, and a button to the step before and after. */
export function Scrubber<C extends Cast>({ take, view }: ScrubberProps<C>): React.ReactElement {
  const { scale, script } = take;
  const { nowMs, isPlaying } = view;
  const stops = [...new Set([0, ...script.steps.map(({ at }) => at), script.endMs])];
  const before = stops.findLast(at => at < nowMs);
  const after = stops.find(at => at > nowMs);
  const last = script.steps.findLast(({ at }) => at <= nowMs);
  const go = (ms: number) => {
    take.pause();
    void take.goTo(ms);
  };
  return (
    <div className="scrubber" role="group" aria-label="Time of the journey">
      <button
        type="button"
        className="primary"
        onClick={isPlaying ? take.pause : take.play}
        aria-label={isPlaying ? 'Pause' : 'Play'}
      >
        <span aria-hidden="true">{isPlaying ? '❚❚' : '▶'}</span>
      </button>
      <button
        type="button"
        disabled={before === undefined}
        onClick={() => go(before ?? 0)}
        aria-label="Step before"
      >
        <span aria-hidden="true">‹</span>
      </button>
      <button
        type="button"
        disabled={after === undefined}
        onClick={() => go(after ?? script.endMs)}
        aria-label="Next step"
      >
        <span aria-hidden="true">›</span>
      </button>
      <div className="scrubber-track">
        <input
          type="range"
          min={0}
          max={PLACES}
          value={Math.round(scale.placeOf(nowMs) * PLACES)}
          aria-label="Moment of the journey"
          aria-valuetext={`${journeyTime(nowMs)}${last ? `, ${last.label}` : ''}`}
          onChange={event => go(scale.momentAt(Number(event.target.value) / PLACES))}
        />
        <div className="scrubber-stops" aria-hidden="true">
          {script.steps.map(({ at, label }) => (
            <i key={`${at} ${label}`} style={{ left: `${scale.placeOf(at) * 100}%` }} />
          ))}
        </div>
      </div>
      <output className="scrubber-time">{journeyTime(nowMs)}</output>
    </div>
  );
}
