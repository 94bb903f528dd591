import { setTimeout as delay } from 'node:timers/promises';
import type { PlainChromium } from './harness/launchPlain';
import type { PageRecorder } from './harness/recordPage';
import type { WallclockShim } from './harness/wallclockShim';
import type { LaptopLog } from './laptopLog';

/** One closing and opening of a laptop lid. */
export interface LaptopSleep {
  /** Life of an access token. A client's own habits are scaled by its ratio to 60 s. */
  tokenMs: number;
  sleepMs: number;
  /** How long after the wake nothing can be reached. */
  networkDeadMs: number;
  /** How long is watched after the network is back. */
  watchMs: number;
  /**
   * 'silent': the tab stays in front and hears nothing. 'events': it hears visibilitychange, focus, pageshow and
   * online at once. 'offline': it hears the first three, and is told that it is offline until the network is back.
   */
  wake: 'silent' | 'events' | 'offline';
  /** 'suspended': the monotonic clock stands still meanwhile, as in a real suspend; the sleep is then not waited for. */
  clock?: 'running' | 'suspended';
}

/** The browser with its page, and the world around it. */
export interface Laptop {
  chromium: PlainChromium;
  tab: PageRecorder;
  /** Of the browser; undefined: its clocks run on. */
  shim: WallclockShim | undefined;
  /** Moves the clock of the servers. */
  jumpClock(ms: number): unknown;
  cutNetwork(): Promise<void>;
  mendNetwork(): Promise<void>;
}

/** Closes the lid now, opens it, and watches. Answers when the laptop stopped and when the network was back, epoch ms. */
export async function closeLid(
  { chromium, tab, shim, jumpClock, cutNetwork, mendNetwork }: Laptop,
  { sleepMs, networkDeadMs, watchMs, wake }: LaptopSleep,
  log: LaptopLog,
): Promise<{ stoppedAt: number; backAt: number }> {
  if (wake !== 'silent') await chromium.hideOthers();
  const stoppedAt = log.note('laptop', `sleeps for ${sleepMs / 1000} s`);
  const wakeUp = chromium.stop();
  if (shim) {
    const shortStopMs = 2_000;
    await delay(shortStopMs);
    shim.setOffset((sleepMs - shortStopMs) / 1000);
    await jumpClock(sleepMs - shortStopMs);
  } else await delay(sleepMs);

  await cutNetwork();
  log.note('network', 'nothing can be reached');
  log.note('laptop', 'wakes up');
  wakeUp();
  if (wake === 'offline') await setOnline(tab, false);
  if (wake !== 'silent') await comeBack(chromium, wake);
  await delay(networkDeadMs);
  await mendNetwork();
  const backAt = log.note('network', 'is back');
  if (wake === 'offline') await setOnline(tab, true);
  await delay(watchMs);
  log.note('laptop', 'end of the run');
  return { stoppedAt, backAt };
}

async function setOnline({ session }: PageRecorder, isOnline: boolean): Promise<void> {
  await session.send('Network.overrideNetworkState', {
    offline: !isOnline,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
}

/** All that a tab hears when its user is back. */
async function comeBack({ page }: PlainChromium, wake: LaptopSleep['wake']): Promise<void> {
  await page.bringToFront();
  await page
    .evaluate(told => {
      window.dispatchEvent(new PageTransitionEvent('pageshow'));
      if (told === 'events') window.dispatchEvent(new Event('online'));
    }, wake)
    .catch(() => {
      // The page may be on its way elsewhere already.
    });
}
