import * as React from 'react';
import type { Palette } from './palette';
import type { Line, Tone } from './timeline';
import { machineTime, timeOfDay } from './timeWords';

interface LineListProps {
  lines: readonly Line[];
  palette: Palette;
}

const signs: Readonly<Record<Tone, string>> = { good: '✓', busy: '…', bad: '!', quiet: '·' };

/** Every change and why it happened, newest first. Silent for readers; the panel says aloud what matters. */
export const LineList = React.memo(function LineList({ lines, palette }: LineListProps): React.ReactElement {
  return (
    <div
      role="log"
      aria-live="off"
      aria-label="What happened, and why"
      tabIndex={0}
      style={{
        maxHeight: 300,
        overflowY: 'auto',
        overscrollBehavior: 'contain',
        background: palette.sunken,
        borderRadius: 6,
        padding: '4px 10px',
      }}
    >
      <ol style={{ listStyle: 'none', margin: 0, padding: 0 }}>
        {[...lines].reverse().map(line => (
          <Row key={line.id} line={line} palette={palette} />
        ))}
      </ol>
    </div>
  );
});

const Row = React.memo(function Row({ line, palette }: { line: Line; palette: Palette }) {
  const { at, tone, text, count } = line;
  return (
    <li style={{ display: 'flex', gap: 8, padding: '3px 0' }}>
      <time
        dateTime={machineTime(at)}
        style={{ color: palette.muted, fontVariantNumeric: 'tabular-nums', flex: 'none' }}
      >
        {timeOfDay(at)}
      </time>
      <span
        aria-hidden="true"
        style={{ color: palette.tones[tone], fontWeight: 700, flex: 'none', width: 10 }}
      >
        {signs[tone]}
      </span>
      <span style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        {text}
        {count > 1 && <span style={{ color: palette.muted }}>{` (${count} times)`}</span>}
      </span>
    </li>
  );
});
