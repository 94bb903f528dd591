import { playConvexLaptop } from '../browser/convexLaptop';
import { afterMs, laptopArguments, tellLaptopStories } from './laptopStory';

/**
 * `npm run problem4:convex:template` or `problem4:convex:ours [-- silent|events|offline]`: closes the lid of a laptop over
 * a page of the real AuthKit and Convex SDKs and prints what happens, joined as their template does or with this package.
 * Page, servers and script are the same. Without a word two laptops sleep side by side.
 */

const [wiring, wakes] = laptopArguments('tsx tests/tools/problem4Convex.ts', ['template', 'ours']);
await tellLaptopStories(
  `AuthKit and Convex, ${wiring === 'template' ? 'joined as in the template' : 'with react-auth-socket between them'}`,
  wakes,
  sleep => playConvexLaptop({ ...sleep, wiring }),
  ({ tokenAfterMs, openAfterMs }) => ({
    'new token after the network': afterMs(tokenAfterMs),
    'new data after the network': afterMs(openAfterMs),
  }),
);
