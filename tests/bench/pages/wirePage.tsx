import * as React from 'react';
import { contenders, type ContenderName } from './contenders';
import { mount, type Mounted } from './mount';
import { reconnects } from './reconnects';

/** A page whose sockets are real ones. */
const wireBench = { open, burst, close, reconnects };

declare global {
  interface Window {
    wireBench: typeof wireBench;
  }
}

export interface WireReport {
  /** From asking the server to the last message handled or shown. */
  readonly ms: number;
  /** Messages that were handled, or that a commit showed. */
  readonly seen: number;
}

const url = `${location.origin.replace(/^http/, 'ws')}/ws`;
let mounted: Mounted | null = null;
let see: (id: number) => void = () => {};

/** Connects a component that handles messages, or one that shows them. */
async function open(contender: ContenderName, does: 'handle' | 'show'): Promise<void> {
  const { Listener, Viewer } = contenders[contender];
  mounted = mount(onOpen =>
    does === 'handle' ? (
      <Listener url={url} onOpen={onOpen} onTick={({ id }) => see(id)} />
    ) : (
      <Viewer
        url={url}
        onOpen={onOpen}
        onCommit={ticks => {
          for (const { id } of ticks) see(id);
        }}
      />
    ),
  );
  await mounted.opened;
}

async function burst(size: number): Promise<WireReport> {
  let seen = 0;
  const done = new Promise<void>(resolve => {
    see = id => {
      seen++;
      if (id === size - 1) resolve();
    };
  });
  const from = performance.now();
  await fetch(`/burst?count=${size}`, { method: 'POST' });
  await done;
  return { ms: performance.now() - from, seen };
}

function close(): void {
  mounted?.unmount();
  mounted = null;
}

window.wireBench = wireBench;
