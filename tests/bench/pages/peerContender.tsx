import * as React from 'react';
import { useWebSocket } from 'react-use-websocket/dist/lib/use-websocket';
import type { Contender, CrowdProps } from './contender';
import type { Tick } from '../tick';

/** Otherwise every message is a render as well. */
const renderNothing = () => false;

function Member({ index, url, onOpen, onRender, onTick }: CrowdProps & { index: number }) {
  onRender(index);
  useWebSocket(url, {
    share: true,
    onOpen,
    onMessage: ({ data }) => onTick(JSON.parse(data as string) as Tick),
    filter: renderNothing,
  });
  return null;
}

/** react-use-websocket: its callback without a render, its last message as state, its shared socket. */
export const peerContender: Contender = {
  Listener({ url, onOpen, onTick }) {
    useWebSocket(url, {
      onOpen,
      onMessage: ({ data }) => onTick(JSON.parse(data as string) as Tick),
      filter: renderNothing,
    });
    return null;
  },
  Viewer({ url, onOpen, onCommit }) {
    const { lastJsonMessage: tick } = useWebSocket<Tick | null>(url, { onOpen });
    React.useLayoutEffect(() => onCommit(tick === null ? [] : [tick]));
    return <p>{tick?.price}</p>;
  },
  Crowd: props => (
    <>
      {Array.from({ length: props.size }, (_, index) => (
        <Member key={index} index={index} {...props} />
      ))}
    </>
  ),
};
