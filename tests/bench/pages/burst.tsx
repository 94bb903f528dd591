import * as React from 'react';
import { frames } from '../tick';
import { contenders, type ContenderName } from './contenders';
import { mount } from './mount';
import { StubSocket } from './stubSocket';

export interface BurstSetup {
  contender: ContenderName;
  size: number;
  /** So many messages arrive in one task, then the browser may paint. */
  messagesPerTask: number;
}

/** What a component that shows messages made of a burst. */
export interface BurstReport {
  /** Messages that no commit showed. */
  readonly lost: number;
  /** Each message that was shown came after all shown ones with a lower number, and once. */
  readonly isInOrder: boolean;
  readonly commits: number;
  /** Commits while the socket still waited for its handler to return. */
  readonly commitsInHandler: number;
  /** Frames that the browser began from the first message to the last commit. */
  readonly frames: number;
  /** The most commits in one of them. */
  readonly commitsPerFrame: number;
  /** From the first message to the last commit. */
  readonly ms: number;
}

export async function burst({ contender, size, messagesPerTask }: BurstSetup): Promise<BurstReport> {
  const { Viewer } = contenders[contender];
  const shown: number[] = [];
  /** How many commits each frame had, by the frame's own time. */
  const commits = new Map<unknown, number>();
  let lastCommitAt = 0;
  let isDelivering = false;
  let commitsInHandler = 0;
  const { opened, unmount } = mount(onOpen => (
    <Viewer
      url="ws://127.0.0.1/"
      onOpen={onOpen}
      onCommit={ticks => {
        if (ticks.length === 0) return;
        const frame = document.timeline.currentTime;
        commits.set(frame, (commits.get(frame) ?? 0) + 1);
        if (isDelivering) commitsInHandler++;
        for (const { id } of ticks) shown.push(id);
        lastCommitAt = performance.now();
      }}
    />
  ));
  await opened;
  const socket = StubSocket.made.at(-1)!;
  const all = frames(size);
  await nextFrame();

  const counter = countFrames();
  const from = performance.now();
  for (let at = 0; at < size; at += messagesPerTask) {
    isDelivering = true;
    for (const frame of all.slice(at, at + messagesPerTask)) socket.onmessage?.(frame);
    isDelivering = false;
    await nextTask();
  }
  // Whatever is still to be shown is due within two frames.
  await nextFrame();
  await nextFrame();
  const report: BurstReport = {
    lost: size - new Set(shown).size,
    isInOrder: shown.every((id, index) => index === 0 || id > shown[index - 1]!),
    commitsInHandler,
    commits: [...commits.values()].reduce((sum, count) => sum + count, 0),
    frames: counter.stop(),
    commitsPerFrame: Math.max(...commits.values()),
    ms: lastCommitAt - from,
  };
  unmount();
  return report;
}

function countFrames(): { stop(): number } {
  let count = 0;
  let request = requestAnimationFrame(function next() {
    count++;
    request = requestAnimationFrame(next);
  });
  return {
    stop() {
      cancelAnimationFrame(request);
      return count;
    },
  };
}

function nextFrame(): Promise<void> {
  return new Promise(resolve => requestAnimationFrame(() => resolve()));
}

/** A task of its own, without the 4 ms that nested timers wait. */
function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise(resolve => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
