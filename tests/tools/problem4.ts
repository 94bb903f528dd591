import { playLaptopSleep } from '../browser/laptopSleep';
import { afterMs, laptopArguments, tellLaptopStories } from './laptopStory';

/**
 * `npm run problem4:plain` or `problem4:ours [-- silent|events|offline]`: closes the lid of a laptop over a page with a
 * short-lived token and prints what happens, with a plain client or with this package. Page and script are the same.
 * Without a word two laptops sleep side by side: one tab hears nothing of the sleep, one hears every wake event.
 */

const [client, wakes] = laptopArguments('tsx tests/tools/problem4.ts', ['plain', 'ours']);
await tellLaptopStories(
  `A page with ${client === 'plain' ? 'a plain client' : 'react-auth-socket'}`,
  wakes,
  sleep => playLaptopSleep({ ...sleep, client }),
  ({ openAfterMs }) => ({ 'open after the network': afterMs(openAfterMs) }),
);
