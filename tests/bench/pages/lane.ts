import type { StubSocket } from './stubSocket';
import type { Frame } from '../tick';

/** An open socket and the frames that are delivered to it, over and over. */
export interface Lane {
  readonly name: string;
  readonly socket: StubSocket;
  readonly frames: readonly Frame[];
}

/** Nanoseconds per message of each lane, one number a round. */
export type Times = Record<string, number[]>;

const warmUpLaps = 40;
const laps = 20;

/** Lanes take turns, each round another one first, so that whatever disturbs the machine disturbs all of them alike. */
export function race(lanes: readonly Lane[], rounds: number): Times {
  for (const lane of lanes) nsPerMessage(lane, warmUpLaps);
  const times: Times = Object.fromEntries(lanes.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < lanes.length; turn++) {
      const lane = lanes[(round + turn) % lanes.length]!;
      times[lane.name]!.push(nsPerMessage(lane, laps));
    }
  }
  return times;
}

function nsPerMessage({ socket, frames }: Lane, laps: number): number {
  const from = performance.now();
  for (let lap = 0; lap < laps; lap++) for (const frame of frames) socket.onmessage?.(frame);
  return ((performance.now() - from) * 1e6) / (frames.length * laps);
}
