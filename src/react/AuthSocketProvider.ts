import * as React from 'react';
import { createAuthSocket, type AuthSocket } from '../runtime/authSocket';
import { internalsOf } from '../runtime/internals';
import type { AuthSocketOptions } from '../runtime/options';
import { AuthSocketContext, type RegisteredIn, type RegisteredOut, type SocketContext } from './context';
import { hold } from './hold';
import { useLayoutEffectInBrowser } from './useLayoutEffectInBrowser';

interface CommonProps {
  /** false closes the link after `lingerMs` and keeps the session. @default true */
  enabled?: boolean;
  children?: React.ReactNode;
}

type NoOptions = { [K in keyof AuthSocketOptions]?: never };

/** Either the options of a client that the provider owns, or a client that was made outside React. */
export type AuthSocketProviderProps<In = RegisteredIn, Out = RegisteredOut> = CommonProps &
  ((AuthSocketOptions<In, Out> & { socket?: never }) | (NoOptions & { socket: AuthSocket<In, Out> }));

/**
 * Keeps one client connected for the components below it.
 *
 * The first render throws on bad options. Inline functions and objects may change on every render and cause nothing;
 * another `url` (by value) or `sessionKey` starts over; callbacks, times and `protocol` are read afresh when used.
 */
export function AuthSocketProvider(props: AuthSocketProviderProps): React.ReactElement {
  return useProvider(AuthSocketContext, props);
}

/** The provider's work, for any context. */
export function useProvider<In, Out>(
  context: SocketContext<In, Out>,
  { children, enabled = true, socket: given, ...rest }: AuthSocketProviderProps<In, Out>,
): React.ReactElement {
  const options = rest as AuthSocketOptions<In, Out>;
  const [owned] = React.useState(() => (given ? null : createAuthSocket<In, Out>(options)));
  const socket = given ?? (owned as AuthSocket<In, Out>);

  // Before any effect of a child: what it sends belongs to the session of this render.
  const isFirst = React.useRef(true);
  useLayoutEffectInBrowser(() => {
    if (owned && !isFirst.current) internalsOf(owned).configure(options);
    isFirst.current = false;
  });

  React.useEffect(() => (enabled ? hold(socket, socket === owned) : undefined), [socket, owned, enabled]);

  return React.createElement(context.Provider, { value: socket }, children);
}
