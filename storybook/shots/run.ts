import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { launchChromium } from '../../tests/browser/harness/launchChromium';
import { chosen } from './chosen';
import { contactSheet } from './contactSheet';
import { shoot, widths, type Shot } from './shoot';
import { serveFolder } from './serveFolder';

/**
 * `npm run screenshots [-- word]`: builds the Storybook, takes every story (or those with the word in their id) at the
 * width of a desktop and of a phone, and lays them out on contact sheets in `storybook-shots/`. Without a word it also
 * renews the pictures of the README. A story that fails, is blank or is wider than its window fails the run.
 */

const root = join(import.meta.dirname, '../..');
const built = join(root, 'storybook-static');
const shots = join(root, 'storybook-shots');
const pictures = join(root, 'storybook/pictures');
const MOST_BYTES = 150_000;

const [word = ''] = process.argv.slice(2);

const storybook = join(root, 'node_modules/storybook/dist/bin/dispatcher.js');
const build = spawnSync(process.execPath, [storybook, 'build', '-o', built, '--quiet'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
});
if (build.status !== 0) throw new Error('The Storybook could not be built.');

interface Entry {
  readonly id: string;
  readonly type: 'story' | 'docs';
}

const index = JSON.parse(readFileSync(join(built, 'index.json'), 'utf8')) as {
  entries: Record<string, Entry>;
};
const ids = Object.values(index.entries)
  .filter(({ id, type }) => type === 'story' && id.includes(word))
  .map(({ id }) => id);

if (word === '') rmSync(shots, { recursive: true, force: true });
mkdirSync(shots, { recursive: true });
mkdirSync(pictures, { recursive: true });

const site = await serveFolder(built);
const browser = await launchChromium();
const taken: Shot[] = [];
try {
  for (const width of widths) {
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      reducedMotion: 'reduce',
      timezoneId: 'UTC',
    });
    const page = await context.newPage();
    for (const id of ids)
      taken.push(await shoot(page, site.url, id, width, join(shots, `${id}-${width}.png`)));
    await contactSheet(
      page,
      taken.filter(shot => shot.width === width),
      join(shots, `all-${width}.png`),
    );
    await context.close();
  }
  if (word === '') {
    for (const { id, file, width, height, colorScheme } of chosen) {
      const context = await browser.newContext({
        viewport: { width, height: height ?? 600 },
        reducedMotion: 'reduce',
        timezoneId: 'UTC',
        colorScheme: colorScheme ?? 'light',
      });
      const path = join(pictures, file);
      taken.push(await shoot(await context.newPage(), site.url, id, width, path, height === undefined));
      await context.close();
      const { size } = statSync(path);
      if (size > MOST_BYTES) throw new Error(`${file} has ${size} bytes, more than ${MOST_BYTES}.`);
    }
  }
} finally {
  await browser.close();
  await site.close();
}

const bad = taken.filter(({ complaint }) => complaint !== null);
for (const { id, width, complaint } of bad) console.error(`${id} at ${width}: ${complaint}`);
console.log(`${taken.length} pictures of ${ids.length} stories, ${bad.length} with a complaint, in ${shots}`);
process.exitCode = bad.length === 0 && ids.length > 0 ? 0 : 1;
