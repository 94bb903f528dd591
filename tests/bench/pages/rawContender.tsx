import * as React from 'react';
import type { Contender, CrowdProps } from './contender';
import type { Tick } from '../tick';

type Handler = (tick: Tick) => void;

const Handlers = React.createContext<Set<Handler>>(new Set());

interface MemberProps extends Pick<CrowdProps, 'onRender' | 'onTick'> {
  index: number;
}

function Member({ index, onRender, onTick }: MemberProps) {
  onRender(index);
  const handlers = React.useContext(Handlers);
  React.useEffect(() => {
    // A function of its own: the same one twice would be one entry of the set.
    const handle: Handler = tick => onTick(tick);
    handlers.add(handle);
    return () => void handlers.delete(handle);
  }, [handlers, onTick]);
  return null;
}

/** What one writes by hand: a socket in an effect, one handler, the last message as state. The floor of every ratio. */
export const rawContender: Contender = {
  Listener({ url, onOpen, onTick }) {
    React.useEffect(() => {
      const socket = new WebSocket(url);
      socket.onopen = onOpen;
      socket.onmessage = ({ data }) => onTick(JSON.parse(data as string) as Tick);
      return () => socket.close();
    }, [url, onOpen, onTick]);
    return null;
  },
  Viewer({ url, onOpen, onCommit }) {
    const [tick, setTick] = React.useState<Tick | null>(null);
    React.useEffect(() => {
      const socket = new WebSocket(url);
      socket.onopen = onOpen;
      socket.onmessage = ({ data }) => setTick(JSON.parse(data as string) as Tick);
      return () => socket.close();
    }, [url, onOpen]);
    React.useLayoutEffect(() => onCommit(tick === null ? [] : [tick]));
    return <p>{tick?.price}</p>;
  },
  Crowd({ url, size, onOpen, ...props }) {
    const [handlers] = React.useState(() => new Set<Handler>());
    React.useEffect(() => {
      const socket = new WebSocket(url);
      socket.onopen = onOpen;
      socket.onmessage = ({ data }) => {
        const tick = JSON.parse(data as string) as Tick;
        for (const handler of handlers) handler(tick);
      };
      return () => socket.close();
    }, [url, onOpen, handlers]);
    const members = Array.from({ length: size }, (_, index) => (
      <Member key={index} index={index} {...props} />
    ));
    return <Handlers.Provider value={handlers}>{members}</Handlers.Provider>;
  },
};
