import * as React from 'react';
import { AuthSocketProvider, useSocketMessage, useSocketOpen } from '../../../src/index';
import { frames, type Tick } from '../tick';
import { contenders } from './contenders';
import { race, type Lane, type Times } from './lane';
import { mount } from './mount';
import { StubSocket } from './stubSocket';

interface SubscribersProps {
  topics: readonly string[];
  onOpen(): void;
}

const getToken = () => 'a token that nobody looks into';
const ignore = (_message: unknown) => {};
const { Listener: RawListener } = contenders.raw;

function Subscriber({ topic }: { topic: string }) {
  useSocketMessage(ignore, { topic });
  return null;
}

function Opened({ onOpen }: Pick<SubscribersProps, 'onOpen'>) {
  useSocketOpen(onOpen);
  return null;
}

function Subscribers({ topics, onOpen }: SubscribersProps) {
  return (
    <AuthSocketProvider url="ws://127.0.0.1/" getToken={getToken}>
      <Opened onOpen={onOpen} />
      {topics.map(topic => (
        <Subscriber key={topic} topic={topic} />
      ))}
    </AuthSocketProvider>
  );
}

/** The least that routing by topic takes: an index of handlers, made by hand. */
function indexedSocket(topics: readonly string[]): StubSocket {
  const handlers = new Map(topics.map(topic => [topic, (tick: Tick) => ignore(tick)]));
  const socket = new StubSocket('ws://127.0.0.1/');
  socket.onmessage = ({ data }) => {
    const tick = JSON.parse(data) as Tick;
    handlers.get(tick.type)?.(tick);
  };
  return socket;
}

/**
 * What a message takes with so many topics registered, one handler each. Lanes per count: `one of N` gets messages of
 * one topic; `each of N` gets those of all topics in turn, as do `index of N`, routed by hand, and `raw of N`, which
 * knows no topics.
 */
export async function topicCost(counts: readonly number[], rounds: number): Promise<Times> {
  const raw = mount(onOpen => <RawListener url="ws://127.0.0.1/" onOpen={onOpen} onTick={ignore} />);
  await raw.opened;
  const unmounts = [raw.unmount];
  const rawSocket = StubSocket.made.at(-1)!;
  const lanes: Lane[] = [];
  for (const count of counts) {
    const topics = Array.from({ length: count }, (_, index) => `market/prices/${index}`);
    const { opened, unmount } = mount(onOpen => <Subscribers topics={topics} onOpen={onOpen} />);
    await opened;
    unmounts.push(unmount);
    const socket = StubSocket.made.at(-1)!;
    const ofEach = frames(1_000, topics);
    lanes.push(
      { name: `one of ${count}`, socket, frames: frames(1_000, topics.slice(0, 1)) },
      { name: `each of ${count}`, socket, frames: ofEach },
      { name: `index of ${count}`, socket: indexedSocket(topics), frames: ofEach },
      { name: `raw of ${count}`, socket: rawSocket, frames: ofEach },
    );
  }
  const times = race(lanes, rounds);
  for (const unmount of unmounts) unmount();
  return times;
}
