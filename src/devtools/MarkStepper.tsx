import * as React from 'react';
import { MarkLegend, markName } from './MarkShape';
import type { Palette } from './palette';
import { Picture } from './Picture';
import type { Mark, Timeline } from './timeline';
import { fittingScale } from './timeScale';

interface MarkStepperProps {
  timeline: Timeline;
  windowMs: number;
  palette: Palette;
}

/** Names for ids of marks; React 17 has no `useId`. */
let lastPicture = 0;

/** The picture, whose marks the arrow keys step through. */
export function MarkStepper({ timeline, windowMs, palette }: MarkStepperProps): React.ReactElement {
  const [chosenId, setChosen] = React.useState<number | null>(null);
  const [name] = React.useState(() => `auth-socket-mark-${++lastPicture}-`);
  const scale = fittingScale(timeline, windowMs);
  const seen = timeline.marks.filter(mark => scale.place(mark.at) >= 0.5);
  const chosen = seen.find(mark => mark.id === chosenId) ?? null;

  function onKeyDown(event: React.KeyboardEvent): void {
    const target = stepTo(event.key, seen, chosen);
    if (event.key === 'Escape') setChosen(null);
    if (target === undefined) return;
    event.preventDefault();
    setChosen(target.id);
  }

  return (
    <div style={{ minWidth: 0 }}>
      <div
        role="listbox"
        aria-orientation="horizontal"
        aria-label="What happened, as marks on the timeline"
        aria-activedescendant={chosen ? `${name}${chosen.id}` : undefined}
        tabIndex={0}
        onKeyDown={onKeyDown}
        style={{ borderRadius: 6, padding: '0 4px' }}
      >
        <Picture
          timeline={timeline}
          marks={seen}
          scale={scale}
          palette={palette}
          chosen={chosen?.id ?? null}
          name={name}
          onChoose={setChosen}
        />
      </div>
      <p style={{ margin: '6px 0 0', minHeight: '1.5em', color: chosen ? palette.text : palette.muted }}>
        {chosen ? markName(chosen) : 'The arrow keys step through the marks.'}
      </p>
      <MarkLegend palette={palette} />
    </div>
  );
}

/** The mark that a key leads to; undefined: none of our keys, or nothing there. */
function stepTo(key: string, marks: readonly Mark[], chosen: Mark | null): Mark | undefined {
  const at = chosen ? marks.indexOf(chosen) : marks.length;
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowUp':
      return marks[Math.max(0, at - 1)];
    case 'ArrowRight':
    case 'ArrowDown':
      return marks[Math.min(marks.length - 1, at + 1)];
    case 'Home':
      return marks[0];
    case 'End':
      return marks.at(-1);
    default:
      return undefined;
  }
}
