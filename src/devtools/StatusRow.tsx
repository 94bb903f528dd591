import * as React from 'react';
import { laneTones, type Palette } from './palette';
import type { Timeline } from './timeline';
import { countdown } from './timeWords';

interface StatusRowProps {
  timeline: Timeline;
  palette: Palette;
}

/** How it stands at the moment of the picture: session, link, and the token's bar that runs down. */
export function StatusRow({ timeline, palette }: StatusRowProps): React.ReactElement {
  const { status, tokens, now } = timeline;
  const held = tokens.at(-1);
  const life = held && held.to === null && held.expiresAt > now ? held : null;
  const leftMs = life ? life.expiresAt - now : 0;
  const token = life ? `${countdown(leftMs)} left` : tokenWord(status.session);
  return (
    <dl style={{ display: 'flex', flexWrap: 'wrap', gap: '4px 18px', margin: 0, alignItems: 'center' }}>
      <Pair name="Session" palette={palette}>
        <Word word={status.session} palette={palette} />
      </Pair>
      <Pair name="Link" palette={palette}>
        <Word word={status.link} palette={palette} />
        {status.stopReason !== null && ` ${status.stopReason}`}
      </Pair>
      <Pair name="Token" palette={palette}>
        {life && (
          <span
            role="meter"
            aria-label="Life left of the token"
            aria-valuemin={0}
            aria-valuemax={Math.round((life.expiresAt - life.from) / 1_000)}
            aria-valuenow={Math.round(leftMs / 1_000)}
            aria-valuetext={token}
            style={{
              width: 84,
              height: 8,
              background: palette.lanes.quiet.fill,
              borderRadius: 4,
              overflow: 'hidden',
            }}
          >
            <span
              style={{
                display: 'block',
                height: '100%',
                width: `${((100 * leftMs) / (life.expiresAt - life.from)).toFixed(1)}%`,
                background: palette.token.edge,
              }}
            />
          </span>
        )}
        <span style={{ fontVariantNumeric: 'tabular-nums' }}>{token}</span>
      </Pair>
    </dl>
  );
}

function tokenWord(session: Timeline['status']['session']): string {
  return session === 'valid' || session === 'refreshing' ? 'its end is not known' : 'none in hand';
}

function Pair(props: { name: string; palette: Palette; children: React.ReactNode }) {
  return (
    <div style={{ display: 'flex', alignItems: 'center', gap: 6 }}>
      <dt style={{ color: props.palette.muted }}>{props.name}</dt>
      <dd style={{ margin: 0, display: 'flex', alignItems: 'center', gap: 6 }}>{props.children}</dd>
    </div>
  );
}

function Word({ word, palette }: { word: keyof typeof laneTones; palette: Palette }) {
  const { fill, ink } = palette.lanes[laneTones[word]];
  return (
    <strong style={{ background: fill, color: ink, borderRadius: 4, padding: '1px 7px' }}>{word}</strong>
  );
}
