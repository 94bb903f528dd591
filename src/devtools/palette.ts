import type { CSSProperties } from 'react';
import type { SocketStatus } from '../machine/snapshot';
import type { Tone } from './timeline';

/** The colours of one appearance. Text on `ground` and ink on the lanes have a contrast of at least 4.5. */
export interface Palette {
  readonly scheme: 'light' | 'dark';
  readonly ground: string;
  readonly sunken: string;
  readonly line: string;
  readonly control: string;
  readonly text: string;
  readonly muted: string;
  readonly tones: Readonly<Record<Tone, string>>;
  /** Fills of the lanes, with the ink of what is written on them. */
  readonly lanes: Readonly<Record<Tone | 'way', { readonly fill: string; readonly ink: string }>>;
  readonly token: { readonly fill: string; readonly edge: string };
}

const light: Palette = {
  scheme: 'light',
  ground: '#ffffff',
  sunken: '#f3f4f6',
  line: '#e0e2e7',
  control: '#8a8f99',
  text: '#1c1e22',
  muted: '#5c616b',
  tones: { good: '#157347', busy: '#8f5b00', bad: '#b3261e', quiet: '#5c616b' },
  lanes: {
    good: { fill: '#bfe6cf', ink: '#0d4a2c' },
    way: { fill: '#c5d6fb', ink: '#1d3a80' },
    busy: { fill: '#fbdfa4', ink: '#5f3c00' },
    bad: { fill: '#f7c3be', ink: '#7d150f' },
    quiet: { fill: '#dcdfe5', ink: '#3c4048' },
  },
  token: { fill: '#d9e3fc', edge: '#4668d1' },
};

const dark: Palette = {
  scheme: 'dark',
  ground: '#17191c',
  sunken: '#202327',
  line: '#31353b',
  control: '#7b818c',
  text: '#ececec',
  muted: '#a6abb5',
  tones: { good: '#63d197', busy: '#e9b95a', bad: '#ff8f85', quiet: '#a6abb5' },
  lanes: {
    good: { fill: '#1d5136', ink: '#c9f2da' },
    way: { fill: '#29437f', ink: '#dbe5ff' },
    busy: { fill: '#6a4a10', ink: '#ffe6b3' },
    bad: { fill: '#752a24', ink: '#ffd9d5' },
    quiet: { fill: '#3a3f46', ink: '#dfe2e7' },
  },
  token: { fill: '#27355f', edge: '#8fa6f5' },
};

export const palettes = { light, dark } as const;

/** Which fill a word of the status has. */
export const laneTones: Readonly<Record<SocketStatus['session'] | SocketStatus['link'], Tone | 'way'>> = {
  unknown: 'quiet',
  valid: 'good',
  refreshing: 'way',
  stale: 'busy',
  rejected: 'bad',
  'signed-out': 'quiet',
  idle: 'quiet',
  preparing: 'way',
  connecting: 'way',
  authenticating: 'way',
  open: 'good',
  waiting: 'busy',
  stopped: 'bad',
};

/** There for readers, not for the eye. */
export const unseen: CSSProperties = {
  position: 'absolute',
  width: 1,
  height: 1,
  margin: -1,
  overflow: 'hidden',
  clipPath: 'inset(50%)',
  whiteSpace: 'nowrap',
};
