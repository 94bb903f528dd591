import * as React from 'react';
import { render, screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import * as states from '../../storybook/states/LinkStates.stories';

const { default: meta, ...stories } = states;
const Stage = meta.component as React.ComponentType<(typeof stories)['Open']['args']>;

/** What each story shows, as a reader hears it. */
const shown: Record<keyof typeof stories, { link: string; session: string }> = {
  Open: { link: 'open', session: 'valid' },
  NeedsAToken: { link: 'preparing', session: 'unknown' },
  Reconnecting: { link: 'waiting', session: 'valid' },
  Lost: { link: 'waiting', session: 'valid' },
  Offline: { link: 'waiting', session: 'valid' },
  Stale: { link: 'waiting', session: 'stale' },
  AfterEightHoursOfSleep: { link: 'open', session: 'valid' },
  Rejected: { link: 'waiting', session: 'rejected' },
  Stopped: { link: 'stopped', session: 'valid' },
  SignedOut: { link: 'stopped', session: 'signed-out' },
};

it.each(Object.entries(shown))('the story %s shows what it is named for', async (name, { link, session }) => {
  render(<Stage {...stories[name as keyof typeof stories].args} />);
  const status = await screen.findByRole('region', { name: 'Status' });
  const [linkWord, sessionWord] = [...status.querySelectorAll('.word')].map(({ textContent }) => textContent);
  expect([linkWord, sessionWord]).toEqual([link, session]);
});
