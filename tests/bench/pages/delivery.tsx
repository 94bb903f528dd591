import * as React from 'react';
import { frames } from '../tick';
import { contenders, type ContenderName } from './contenders';
import { mount } from './mount';
import { StubSocket } from './stubSocket';

/** What happened between the first event of so many messages and the return of the last handler. */
export interface DeliveryReport {
  /** Calls of the components' handlers. */
  readonly handled: number;
  readonly parses: number;
  /** Callbacks put off with a promise or as a microtask. */
  readonly deferrals: number;
  /** Copies of the events. */
  readonly copies: number;
}

export interface DeliverySetup {
  contender: ContenderName;
  components: number;
  messages: number;
}

export async function delivery({ contender, components, messages }: DeliverySetup): Promise<DeliveryReport> {
  const { Crowd } = contenders[contender];
  const ignore = () => {};
  let handled = 0;
  const { opened, unmount } = mount(onOpen => (
    <Crowd
      url="ws://127.0.0.1/"
      size={components}
      onOpen={onOpen}
      onRender={ignore}
      onTick={() => handled++}
      onTokenCall={ignore}
    />
  ));
  await opened;
  const socket = StubSocket.made.at(-1)!;
  let made = 0;
  class CountedEvent extends MessageEvent<string> {
    constructor(type: string, init: MessageEventInit<string>) {
      super(type, init);
      made++;
    }
  }
  const events = frames(messages).map(frame => new CountedEvent('message', frame));
  const parses = countCalls(JSON, 'parse');
  const thens = countCalls(Promise.prototype, 'then');
  const microtasks = countCalls(window, 'queueMicrotask');
  for (const event of events) socket.onmessage?.(event);
  const report: DeliveryReport = {
    handled,
    parses: parses.stop(),
    deferrals: thens.stop() + microtasks.stop(),
    copies: made - messages,
  };
  unmount();
  return report;
}

/** Counts the calls of a method until stopped. */
function countCalls<K extends string>(owner: Record<K, unknown>, name: K): { stop(): number } {
  const original = owner[name];
  let count = 0;
  owner[name] = new Proxy(original as () => unknown, {
    apply(target, self, args) {
      count++;
      return Reflect.apply(target, self, args);
    },
  });
  return {
    stop() {
      owner[name] = original;
      return count;
    },
  };
}
