import * as React from 'react';
import type { Palette } from './palette';
import type { Timeline, TokenLife } from './timeline';
import type { TimeScale } from './timeScale';

interface TokenLaneProps {
  timeline: Timeline;
  scale: TimeScale;
  palette: Palette;
  y: number;
}

const HEIGHT = 34;

/** Every token as a bar that runs down: full when it came, empty when it ends. */
export function TokenLane({ timeline, scale, palette, y }: TokenLaneProps): React.ReactElement {
  const { tokens, status } = timeline;
  const isTimeless = tokens.length === 0 && status.session === 'valid';
  return (
    <>
      <rect y={y} width="100%" height={HEIGHT} fill={palette.sunken} rx={4} />
      <svg y={y} width="100%" height={HEIGHT} viewBox="0 0 100 100" preserveAspectRatio="none">
        {tokens.map(token => {
          const top = topOf(token, timeline, scale);
          const left = top[0];
          const right = top.at(-1);
          if (!left || !right || right[0] <= 0) return null;
          const line = top.map(([x, height]) => `${x},${height}`).join(' ');
          return (
            <g key={token.from}>
              <polygon points={`${left[0]},100 ${line} ${right[0]},100`} fill={palette.token.fill} />
              <polyline
                points={line}
                fill="none"
                stroke={palette.token.edge}
                strokeWidth={1.5}
                vectorEffect="non-scaling-stroke"
              />
            </g>
          );
        })}
      </svg>
      {isTimeless && (
        <text x="100%" dx={-6} y={y + 21} textAnchor="end" fill={palette.muted}>
          its end is not known
        </text>
      )}
    </>
  );
}

/** Points along the upper edge: place from the left, distance from the top, both 0 to 100. */
function topOf(
  token: TokenLife,
  { now, gaps }: Timeline,
  scale: TimeScale,
): readonly (readonly [number, number])[] {
  const { from, expiresAt } = token;
  const to = Math.min(token.to ?? now, expiresAt);
  const bends = gaps.flatMap(gap => [gap.from, gap.to]).filter(at => at > from && at < to);
  return [from, ...bends, to].map(at => [
    round(scale.place(at)),
    round((100 * (at - from)) / Math.max(1, expiresAt - from)),
  ]);
}

const round = (value: number) => Math.round(value * 100) / 100;
