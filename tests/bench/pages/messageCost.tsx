import * as React from 'react';
import { frames } from '../tick';
import { contenders, type ContenderName } from './contenders';
import { race, type Lane } from './lane';
import { mount } from './mount';
import { StubSocket } from './stubSocket';

/** What each contender takes from an event to one handler of the parsed message. */
export async function messageCost(rounds: number): Promise<Record<ContenderName, number[]>> {
  const lanes: Lane[] = [];
  const sums = new Map<string, number>();
  const unmounts: (() => number)[] = [];
  for (const name of Object.keys(contenders) as ContenderName[]) {
    const { Listener } = contenders[name];
    sums.set(name, 0);
    const onTick = ({ id }: { id: number }) => void sums.set(name, (sums.get(name) ?? 0) + id);
    const { opened, unmount } = mount(onOpen => (
      <Listener url="ws://127.0.0.1/" onOpen={onOpen} onTick={onTick} />
    ));
    await opened;
    unmounts.push(unmount);
    lanes.push({ name, socket: StubSocket.made.at(-1)!, frames: frames(1_000) });
  }
  const times = race(lanes, rounds) as Record<ContenderName, number[]>;
  // Now, not later: what was put off was not measured.
  if (new Set(sums.values()).size !== 1) throw new Error('The contenders did not handle the same messages.');
  for (const unmount of unmounts) unmount();
  return times;
}
