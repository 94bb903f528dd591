interface Chosen {
  readonly id: string;
  /** In `storybook/pictures`. */
  readonly file: string;
  readonly width: number;
  /** Cut off below. @default as high as the story */
  readonly height?: number;
  /** @default 'light' */
  readonly colorScheme?: 'light' | 'dark';
}

/** The pictures of the README. */
export const chosen: readonly Chosen[] = [
  { id: 'problems--wake-before-the-network', file: 'before-and-after.png', width: 1_000, height: 912 },
  { id: 'journeys-sleep-and-wake--sleep-with-expired-token', file: 'sleep.png', width: 1_000 },
  { id: 'journeys-tabs--six-tabs', file: 'six-tabs.png', width: 1_000 },
  {
    id: 'journeys-network--long-outage',
    file: 'long-outage.png',
    width: 960,
    height: 850,
    colorScheme: 'dark',
  },
];
