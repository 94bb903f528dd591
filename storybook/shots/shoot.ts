import type { Page } from 'playwright-core';

/** A desktop and a phone. */
export const widths: readonly number[] = [1_200, 390];

export interface Shot {
  readonly id: string;
  readonly width: number;
  readonly path: string;
  /** What is wrong with it, or null. */
  readonly complaint: string | null;
}

/** What Storybook's preview tells of itself. */
interface Preview {
  readonly currentRender?: { readonly phase?: string };
}

/** Fewer bytes than this are one colour. */
const LEAST_BYTES = 4_000;
const LEAST_TEXT = 20;

/** Takes a story after its play function has run, as high as it is or as the window is. */
export async function shoot(
  page: Page,
  url: string,
  id: string,
  width: number,
  path: string,
  fullPage = true,
): Promise<Shot> {
  const shot = (complaint: string | null): Shot => ({ id, width, path, complaint });
  const errors: string[] = [];
  page.removeAllListeners();
  page.on('pageerror', error => errors.push(error.message));
  page.on('console', line => line.type() === 'error' && errors.push(line.text()));
  await page.goto(`${url}/iframe.html?id=${id}&viewMode=story`);
  const phase = await page.waitForFunction(() => {
    const preview = (window as unknown as { __STORYBOOK_PREVIEW__?: Preview }).__STORYBOOK_PREVIEW__;
    const phase = preview?.currentRender?.phase ?? '';
    return ['finished', 'errored', 'aborted'].includes(phase) && phase;
  });
  await page.evaluate(() => {
    (document.activeElement as HTMLElement | null)?.blur();
    scrollTo(0, 0);
  });
  const png = await page.screenshot({ path, fullPage, animations: 'disabled' });
  const seen = await page.evaluate(() => ({
    text: document.querySelector<HTMLElement>('#storybook-root')?.innerText.length ?? 0,
    isError: document.body.classList.contains('sb-show-errordisplay'),
    excess: document.documentElement.scrollWidth - innerWidth,
  }));
  const end = await phase.jsonValue();
  if (end !== 'finished' || seen.isError) return shot(`its play function ended as ${end}`);
  if (errors.length > 0) return shot(errors.join('\n'));
  if (seen.text < LEAST_TEXT || png.byteLength < LEAST_BYTES) return shot('it is blank');
  return shot(seen.excess > 0 ? `it is ${seen.excess} px wider than its window` : null);
}
