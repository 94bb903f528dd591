import { launchPlain } from '../browser/harness/launchPlain';
import { playTabLifetimes, refreshEveryMs, type TabLifetimesReport } from '../browser/tabLifetimes';

/**
 * `tsx tests/tools/problem2Tabs.ts separate|shared`: six tabs of one user in a headless Chromium, on a server that
 * lets a user hold five tokens, and the figures after twenty seconds. Page, server and times are the same; only
 * whether the tabs share their session is not.
 */

const tokenMs = 3_000;
const watchMs = 20_000;
const [word = 'shared'] = process.argv.slice(2);
if (word !== 'separate' && word !== 'shared') {
  console.error('Usage: tsx tests/tools/problem2Tabs.ts separate|shared');
  process.exit(2);
}
const mode = word === 'shared' ? 'share' : 'separate';
const lifetimes = Math.round(watchMs / refreshEveryMs(tokenMs));
console.log(
  `Six tabs of one user, tabs: '${mode}'. A token lives ${tokenMs / 1000} s and the server lets a user hold five; ` +
    `each tab keeps a socket and makes a request or two a second. This takes ${Math.round(watchMs / 1000)} seconds.`,
);
const chromium = await launchPlain();
try {
  console.log(tableOf(await playTabLifetimes(chromium, { mode, tabs: 6, lifetimes, tokenMs })));
} finally {
  await chromium.close();
}

function tableOf(report: TabLifetimesReport): string {
  const rows: [string, number | string][] = [
    ['token lifetimes watched', lifetimes],
    ['refreshes', report.refreshes],
    ['tokens evicted', report.evictions],
    ['HTTP requests', report.requests],
    ['  answered with 401', report.unauthorized],
    ['sockets closed over their token', report.authCloses],
    ['reconnects', report.reconnects],
    ['most tokens alive at once', report.liveTokens],
    ['tabs signed out', report.signOuts],
  ];
  const isQuiet = report.evictions + report.unauthorized + report.authCloses + report.signOuts === 0;
  return `
${rows.map(([name, value]) => `  ${name.padEnd(34)} ${value}`).join('\n')}

  ${
    isQuiet
      ? 'One refresh per lifetime serves all tabs; nothing was taken from anybody.'
      : 'THE TABS TAKE THE TOKENS FROM ONE ANOTHER: each new one evicts one that is in use, and each 401 asks for a new one.'
  }`;
}
