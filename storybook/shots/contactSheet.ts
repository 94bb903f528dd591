import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Shot } from './shoot';

/** All pictures on one sheet, small, with their names. */
export async function contactSheet(page: Page, shots: readonly Shot[], path: string): Promise<void> {
  const narrow = shots.some(({ width }) => width < 600);
  const figures = shots.map(shot => {
    const data = readFileSync(shot.path).toString('base64');
    return `<figure><figcaption>${shot.id}</figcaption><img src="data:image/png;base64,${data}"></figure>`;
  });
  await page.setViewportSize({ width: 1_800, height: 1_000 });
  await page.setContent(
    `<style>body{margin:8px;font:11px sans-serif;display:grid;gap:10px;background:#ccc;align-items:start;
      grid-template-columns:repeat(${narrow ? 8 : 4},1fr)}figure{margin:0}img{width:100%;display:block}</style>${figures.join('')}`,
  );
  await page.screenshot({ path, fullPage: true });
}
