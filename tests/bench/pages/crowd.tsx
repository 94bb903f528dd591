import * as React from 'react';
import { frames } from '../tick';
import { contenders, type ContenderName } from './contenders';
import { mount } from './mount';
import { StubSocket } from './stubSocket';

/** What so many components on one connection cost. */
export interface CrowdReport {
  readonly sockets: number;
  readonly tokenCalls: number;
  /** The least and the most renders of one component, after mounting, opening and a message. */
  readonly renders: readonly [least: number, most: number];
  /** Components that handled the message. */
  readonly handled: number;
  readonly mountMs: number;
  readonly unmountMs: number;
}

/** Mounts them, waits for the open link, delivers one message, unmounts. */
export async function crowd(contender: ContenderName, size: number): Promise<CrowdReport> {
  const { Crowd } = contenders[contender];
  const before = StubSocket.made.length;
  const renders = Array.from({ length: size }, () => 0);
  let tokenCalls = 0;
  let handled = 0;
  const {
    ms: mountMs,
    opened,
    unmount,
  } = mount(onOpen => (
    <Crowd
      url="ws://127.0.0.1/"
      size={size}
      onOpen={onOpen}
      onRender={index => renders[index]!++}
      onTick={() => handled++}
      onTokenCall={() => tokenCalls++}
    />
  ));
  await opened;
  StubSocket.made.at(-1)!.onmessage?.(frames(1)[0]!);
  await new Promise(resolve => setTimeout(resolve, 50));
  return {
    sockets: StubSocket.made.length - before,
    tokenCalls,
    renders: [Math.min(...renders), Math.max(...renders)],
    handled,
    mountMs,
    unmountMs: unmount(),
  };
}
