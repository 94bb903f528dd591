import * as React from 'react';
import { createAuthSocketContext } from '../../../src/index';
import type { Contender, CrowdProps, ListenerProps, ViewerProps } from './contender';
import type { Tick } from '../tick';

const { AuthSocketProvider, useSocketMessage, useSocketOpen, useSocketState } =
  createAuthSocketContext<Tick>();

const getToken = () => 'a token that nobody looks into';
const none: readonly Tick[] = [];
const latest = (_: readonly Tick[], batch: readonly Tick[]) => batch;

function Handler({ onOpen, onTick }: Omit<ListenerProps, 'url'>) {
  useSocketOpen(onOpen);
  useSocketMessage(onTick);
  return null;
}

function View({ onOpen, onCommit }: Omit<ViewerProps, 'url'>) {
  useSocketOpen(onOpen);
  const shown = useSocketState(latest, none);
  React.useLayoutEffect(() => onCommit(shown));
  return <p>{shown.at(-1)?.price}</p>;
}

function Opened({ onOpen }: Pick<CrowdProps, 'onOpen'>) {
  useSocketOpen(onOpen);
  return null;
}

interface MemberProps extends Pick<CrowdProps, 'onRender' | 'onTick'> {
  index: number;
}

function Member({ index, onRender, onTick }: MemberProps) {
  onRender(index);
  useSocketMessage(onTick);
  return null;
}

/** This package: provider and hooks. */
export const ourContender: Contender = {
  Listener: ({ url, ...props }) => (
    <AuthSocketProvider url={url} getToken={getToken}>
      <Handler {...props} />
    </AuthSocketProvider>
  ),
  Viewer: ({ url, ...props }) => (
    <AuthSocketProvider url={url} getToken={getToken}>
      <View {...props} />
    </AuthSocketProvider>
  ),
  Crowd({ url, size, onOpen, onTokenCall, ...props }) {
    const countedToken = () => {
      onTokenCall();
      return getToken();
    };
    return (
      <AuthSocketProvider url={url} getToken={countedToken}>
        <Opened onOpen={onOpen} />
        {Array.from({ length: size }, (_, index) => (
          <Member key={index} index={index} {...props} />
        ))}
      </AuthSocketProvider>
    );
  },
};
