import * as React from 'react';
import { record } from '../harness/pageLog';
import type { ClientSettings, ClientStatus, ClientSurface } from './clientSurface';
import { PlainLink, type FetchToken } from './plainLink';
import { PlainTokenStore } from './plainTokenStore';

/**
 * What an application gets that joins a Convex client and AuthKit in the way their common template does: each half
 * is sensible, and between them a failed request turns into a signed-out user.
 */

interface ClientContext {
  status: ClientStatus;
  listeners: Set<(message: unknown) => void>;
}

const Context = React.createContext<ClientContext | null>(null);

export const ClientProvider: ClientSurface['ClientProvider'] = ({ settings, children }) => {
  const [listeners] = React.useState(() => new Set<(message: unknown) => void>());
  const [isOpen, setOpen] = React.useState(false);
  const [isAuthenticated, setAuthenticated] = React.useState<boolean | null>(null);

  React.useEffect(() => connect(settings, listeners, setOpen, setAuthenticated), [settings, listeners]);

  const context = React.useMemo<ClientContext>(
    () => ({
      status: { isLoading: isAuthenticated === null, isAuthenticated: isAuthenticated === true, isOpen },
      listeners,
    }),
    [isAuthenticated, isOpen, listeners],
  );
  return <Context.Provider value={context}>{children}</Context.Provider>;
};

export const useClientStatus: ClientSurface['useClientStatus'] = () => useClient().status;

export const useClientMessages: ClientSurface['useClientMessages'] = handler => {
  const { listeners } = useClient();
  const latest = React.useRef(handler);
  React.useEffect(() => {
    latest.current = handler;
  });
  React.useEffect(() => {
    const listener = (message: unknown) => latest.current(message);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, [listeners]);
};

function connect(
  { scale }: ClientSettings,
  listeners: ReadonlySet<(message: unknown) => void>,
  onOpenChange: (isOpen: boolean) => void,
  onAuthChange: (isAuthenticated: boolean) => void,
): () => void {
  const store = new PlainTokenStore(scale);
  const link = new PlainLink({
    url: '/ws',
    scale,
    onMessage: message => {
      for (const listener of listeners) listener(message);
    },
    onOpenChange,
  });

  const fetchAccessToken: FetchToken = async ({ forceRefreshToken }) => {
    try {
      return await (forceRefreshToken ? store.refresh() : store.getAccessToken());
    } catch (error) {
      record('note', `token call failed: ${(error as Error).message}`);
      return null;
    }
  };

  const unwatch = store.watchPage();
  void link.setAuth(fetchAccessToken, onAuthChange);
  return () => {
    unwatch();
    link.close();
  };
}

function useClient(): ClientContext {
  const context = React.useContext(Context);
  if (context === null) throw new Error('There is no ClientProvider above.');
  return context;
}
