import { chromium, type Browser } from 'playwright-core';
import { findChromium } from '../../tools/findChromium';
import { chromiumFlags, unrealFlags } from './chromiumFlags';

/**
 * Chromium with playwright's usual comforts: isolated contexts, a page that always counts as visible. For hidden
 * tabs, freezing and the back/forward cache use `launchPlain`.
 */
export function launchChromium(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    args: [...chromiumFlags, ...args],
    ignoreDefaultArgs: [...unrealFlags],
  });
}
