import * as React from 'react';
import { Lane } from './Lane';
import { MarkShape } from './MarkShape';
import type { Palette } from './palette';
import type { Mark, Timeline } from './timeline';
import { ticksOf, type TimeScale } from './timeScale';
import { duration, hourAndMinute, timeOfDay } from './timeWords';
import { TokenLane } from './TokenLane';

interface PictureProps {
  timeline: Timeline;
  /** Those in sight. */
  marks: readonly Mark[];
  scale: TimeScale;
  palette: Palette;
  /** Of the mark that the reader is at. */
  chosen: number | null;
  /** In front of the ids of the marks. */
  name: string;
  onChoose(id: number): void;
}

/** Places from top to bottom, in px. From left to right all is in percent of the window, so that nothing is measured. */
const rows = { token: 20, session: 78, link: 150, axis: 206 } as const;
const HEIGHT = 226;
/** From the top of a lane to the middle of its first row of marks; marks that would touch get a second row. */
const MARKS = 31;
const MARK_ROW = 13;

/** Token, session and link over the last minutes, with a mark for everything that happened. */
export function Picture(props: PictureProps): React.ReactElement {
  const { timeline, marks, scale, palette, chosen, name, onChoose } = props;
  const { since, now, gaps } = timeline;
  const strip = `${scale.shift}%`;
  const unknownUntil = Math.min(100, scale.place(since));
  return (
    <svg
      width="100%"
      height={HEIGHT}
      fontSize={11}
      fill={palette.text}
      role="presentation"
      focusable="false"
      style={{ display: 'block', fontFamily: 'inherit' }}
    >
      <g aria-hidden="true">
        {ticksOf(scale, now).map(({ at, place }) => (
          <g key={at}>
            <line x1={`${place}%`} x2={`${place}%`} y1={4} y2={rows.axis} stroke={palette.line} />
            <text x={`${place}%`} y={rows.axis + 14} textAnchor="middle" fill={palette.muted}>
              {scale.windowMs < 120_000 ? timeOfDay(at) : hourAndMinute(at)}
            </text>
          </g>
        ))}
        <TokenLane timeline={timeline} scale={scale} palette={palette} y={rows.token} />
        <Lane spans={timeline.session} now={now} scale={scale} palette={palette} y={rows.session} />
        <Lane spans={timeline.link} now={now} scale={scale} palette={palette} y={rows.link} />
        <svg x={strip} width="100%" overflow="visible">
          {gaps.map(gap =>
            scale.place(gap.to) <= 0 ? null : (
              <GapBand
                key={gap.to}
                left={scale.along(gap.from)}
                width={scale.along(gap.to) - scale.along(gap.from)}
                words={`${gap.word} ${duration(gap.to - gap.from)}`}
                palette={palette}
              />
            ),
          )}
        </svg>
        {unknownUntil > 0.2 && (
          <rect
            width={`${unknownUntil}%`}
            y={rows.token}
            height={rows.axis - rows.token}
            fill={palette.sunken}
            fillOpacity={0.7}
          />
        )}
        <RowName y={rows.token - 4} palette={palette}>
          Token, life left
        </RowName>
        <RowName y={rows.session - 4} palette={palette}>
          Session
        </RowName>
        <RowName y={rows.link - 4} palette={palette}>
          Link
        </RowName>
      </g>
      <svg x={strip} width="100%" overflow="visible">
        {placed(marks, scale).map(({ mark, along, row }) => (
          <MarkShape
            key={mark.id}
            id={`${name}${mark.id}`}
            mark={mark}
            along={along}
            y={rows[mark.lane] + MARKS + row * MARK_ROW}
            palette={palette}
            isChosen={mark.id === chosen}
            onChoose={onChoose}
          />
        ))}
      </svg>
    </svg>
  );
}

interface PlacedMark {
  readonly mark: Mark;
  readonly along: number;
  readonly row: 0 | 1;
}

/** Closer than this, in percent, two marks would touch. */
const TOUCHING = 2.6;

/** A mark that would touch the one before it in its lane goes below it. Heartbeats are thin and stay in line. */
function placed(marks: readonly Mark[], scale: TimeScale): readonly PlacedMark[] {
  const last: { [K in Mark['lane']]?: PlacedMark } = {};
  return marks.map(mark => {
    const along = scale.along(mark.at);
    const before = last[mark.lane];
    const isTouching = before !== undefined && before.row === 0 && along - before.along < TOUCHING;
    const next: PlacedMark = { mark, along, row: isTouching ? 1 : 0 };
    if (mark.kind !== 'heartbeat') last[mark.lane] = next;
    return next;
  });
}

function RowName({ y, palette, children }: { y: number; palette: Palette; children: string }) {
  return (
    <text y={y} fill={palette.muted}>
      {children}
    </text>
  );
}

interface GapBandProps {
  left: number;
  width: number;
  words: string;
  palette: Palette;
}

/** Nothing ran: both lanes are interrupted. */
const GapBand = React.memo(function GapBand(props: GapBandProps) {
  const { left, width, words, palette } = props;
  return (
    <svg x={`${left}%`} width={`${width}%`} y={rows.token} height={rows.axis - rows.token}>
      <rect width="100%" height="100%" fill={palette.ground} fillOpacity={0.82} />
      <rect width="100%" height="100%" fill="none" stroke={palette.control} strokeDasharray="3 3" />
      <svg x="50%" y={(rows.axis - rows.token) / 2} overflow="visible">
        <text y={4} textAnchor="middle" transform="rotate(-90)" fill={palette.muted}>
          {words}
        </text>
      </svg>
    </svg>
  );
});
