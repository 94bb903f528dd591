import * as React from 'react';
import type { Palette } from './palette';
import type { Mark, MarkKind } from './timeline';
import { timeOfDay } from './timeWords';

interface MarkShapeProps {
  id: string;
  mark: Mark;
  /** Its place on the strip, in percent. */
  along: number;
  y: number;
  palette: Palette;
  isChosen: boolean;
  onChoose(id: number): void;
}

/** What a mark is called: `Probe: answered after 32 ms, 12:03:04`. */
export function markName({ text, at }: Mark): string {
  return `${text}, ${timeOfDay(at)}`;
}

/** One moment under its lane. The shape says what it is, so that nobody has to tell colours apart. */
export const MarkShape = React.memo(function MarkShape(props: MarkShapeProps): React.ReactElement {
  const { id, mark, along, y, palette, isChosen, onChoose } = props;
  const colour = palette.tones[mark.tone];
  return (
    <svg x={`${along}%`} y={y} overflow="visible">
      <g
        id={id}
        role="option"
        aria-selected={isChosen}
        aria-label={markName(mark)}
        fill={colour}
        stroke={colour}
        onClick={() => onChoose(mark.id)}
        style={{ cursor: 'pointer' }}
      >
        <title>{markName(mark)}</title>
        <circle r={9} fill={isChosen ? palette.ground : 'transparent'} stroke="none" />
        {isChosen && <circle r={8.5} fill="none" stroke={palette.text} strokeWidth={1.5} />}
        {shapes[mark.kind]}
      </g>
    </svg>
  );
});

const hollow = { fill: 'none', strokeWidth: 1.8, strokeLinecap: 'round', strokeLinejoin: 'round' } as const;

/** Around (0, 0), within 5 px of it. */
const shapes: Readonly<Record<MarkKind, React.ReactElement>> = {
  refresh: <path d="M4.5 -1.5A4.6 4.6 0 1 0 4.2 2M4.8 -5V-1.3H1.2" {...hollow} />,
  heartbeat: <rect x={-1} y={-3.5} width={2} height={7} stroke="none" />,
  probe: <path d="M0 -5L4.5 0L0 5L-4.5 0Z" {...hollow} />,
  verdict: <path d="M-4 -4L4 4M4 -4L-4 4" {...hollow} strokeWidth={2.2} />,
  sleep: <path d="M1.5 -4.8A5 5 0 1 0 4.8 2.2A4.2 4.2 0 0 1 1.5 -4.8Z" stroke="none" />,
  sibling: <path d="M-4.5 -4.5H2.5V2.5H-4.5ZM-1 5H5V-1" {...hollow} />,
  page: <circle r={3} {...hollow} />,
  user: <path d="M0 -4.5L4.5 4H-4.5Z" stroke="none" />,
};

/** What the shapes mean. */
const words: Readonly<Record<MarkKind, string>> = {
  refresh: 'token',
  heartbeat: 'heartbeat',
  probe: 'probe',
  verdict: 'server’s word',
  sleep: 'sleep',
  sibling: 'other tab',
  page: 'page',
  user: 'user',
};

export const MarkLegend = React.memo(function MarkLegend({ palette }: { palette: Palette }) {
  const { muted } = palette;
  return (
    <ul
      aria-label="Legend"
      style={{
        display: 'flex',
        flexWrap: 'wrap',
        gap: '2px 14px',
        margin: '4px 0 0',
        padding: 0,
        color: muted,
      }}
    >
      {(Object.keys(words) as MarkKind[]).map(kind => (
        <li key={kind} style={{ display: 'flex', alignItems: 'center', gap: 4 }}>
          <svg width={14} height={14} viewBox="-7 -7 14 14" fill={muted} stroke={muted} aria-hidden="true">
            {shapes[kind]}
          </svg>
          {words[kind]}
        </li>
      ))}
    </ul>
  );
});
