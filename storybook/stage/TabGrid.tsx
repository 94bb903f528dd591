import * as React from 'react';
import { AuthSocketProvider, useSocketState, useSocketStatus } from 'react-auth-socket';
import { linkWord, sessionWord } from '../demo/app/statusWords';
import { noOrders, reduceOrders } from './orders';
import type { Scene, Tab } from './scene';

/** The tabs of one browser, side by side, and what they cost together. */
export function TabGrid({ scene }: { scene: Scene }): React.ReactElement {
  return (
    <>
      <ul className="tabs" aria-label="Tabs of one browser">
        {scene.tabs.map((tab, n) => (
          <li key={n}>
            {n === 0 ? (
              <TabCard tab={tab} name={`Tab ${n + 1}`} />
            ) : (
              <AuthSocketProvider socket={tab.socket}>
                <TabCard tab={tab} name={`Tab ${n + 1}`} />
              </AuthSocketProvider>
            )}
          </li>
        ))}
      </ul>
      <Total scene={scene} />
    </>
  );
}

function TabCard({ tab, name }: { tab: Tab; name: string }) {
  const status = useSocketStatus();
  const orders = useSocketState(reduceOrders, noOrders, { flush: 'sync' });
  React.useEffect(() => tab.diary.ordersShown(orders), [tab, orders]);
  React.useEffect(() => {
    // Each tab asks its server for what it shows.
    const stop = tab.socket.onOpen(({ send }) => send({ type: 'resume', from: tab.diary.orders.last + 1 }));
    tab.diary.treeMounted();
    return stop;
  }, [tab]);
  const session = sessionWord(status);
  const link = linkWord(status, tab.world.clock.now());
  return (
    <div className="tab">
      <h3>{name}</h3>
      <p>
        <strong className={`word ${session.tone}`}>{session.word}</strong>
      </p>
      <p className="detail">link {link.word}</p>
      <p className="detail">{calls(tab.world.tokens.calls.length)}</p>
    </div>
  );
}

function Total({ scene }: { scene: Scene }) {
  useSocketStatus();
  const { refreshes, tabs } = scene;
  return (
    <p className="tabs-total">
      <strong>{refreshes}</strong> token {refreshes === 1 ? 'call' : 'calls'} for {tabs.length} tabs
    </p>
  );
}

function calls(count: number): string {
  return count === 1 ? '1 token call' : `${count} token calls`;
}
