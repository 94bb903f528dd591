import * as React from 'react';
import type { SocketStatus } from '../machine/snapshot';
import { laneTones, type Palette } from './palette';
import type { Span } from './timeline';
import type { TimeScale } from './timeScale';

interface LaneProps {
  spans: readonly Span<SocketStatus['session'] | SocketStatus['link']>[];
  now: number;
  scale: TimeScale;
  palette: Palette;
  y: number;
}

const HEIGHT = 20;
/** How wide a span has to be for its word, in percent of a picture of ordinary width. */
const widthOf = (word: string) => 2 + 1.5 * word.length;

/** One word of the status over time. Only the spans at the two ends of the picture change as time goes on. */
export function Lane({ spans, now, scale, palette, y }: LaneProps): React.ReactElement {
  return (
    <>
      <rect y={y} width="100%" height={HEIGHT} fill={palette.sunken} rx={4} />
      <svg x={`${scale.shift}%`} y={y} width="100%" height={HEIGHT} overflow="visible">
        {spans.map(({ word, from, to }) => {
          const end = to ?? now;
          if (scale.place(end) <= 0) return null;
          const left = Math.max(scale.along(from), -scale.shift);
          const width = Math.max(0, scale.along(end) - left);
          return <Stretch key={from} word={word} left={left} width={width} palette={palette} />;
        })}
      </svg>
    </>
  );
}

interface StretchProps {
  word: keyof typeof laneTones;
  left: number;
  width: number;
  palette: Palette;
}

const Stretch = React.memo(function Stretch({ word, left, width, palette }: StretchProps) {
  const { fill, ink } = palette.lanes[laneTones[word]];
  return (
    <svg x={`${left}%`} width={`${width}%`} height={HEIGHT}>
      <rect width="100%" height={HEIGHT} fill={fill} />
      <rect width={1} height={HEIGHT} fill={palette.ground} />
      {width > widthOf(word) && (
        <text x={6} y={14} fill={ink}>
          {word}
        </text>
      )}
    </svg>
  );
});
