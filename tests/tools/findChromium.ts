import { findProgram } from './findProgram';

/** Path of a Chromium to drive: `$CHROMIUM`, one in the usual places, or Debian's. Throws one sentence without any. */
export function findChromium(): string {
  return findProgram({
    title: 'Chromium',
    variable: 'CHROMIUM',
    commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    paths: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    debianPackage: 'chromium',
  });
}
