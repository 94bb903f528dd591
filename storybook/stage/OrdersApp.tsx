import * as React from 'react';
import { useSocketMessage, useSocketOpen, useSocketState, useSocketStatus } from 'react-auth-socket';
import { Banner } from './Banner';
import type { FromKitchen, ToKitchen } from './kitchen';
import { noOrders, reduceOrders } from './orders';
import { OrdersScreen } from './OrdersScreen';
import type { Tab } from './scene';

/** The mock application as it is written with this package. */
export function OrdersApp({ tab }: { tab: Tab }): React.ReactElement {
  const { diary, notes } = tab;
  const isLive = useSocketStatus(({ link }) => link === 'open');
  const orders = useSocketState(reduceOrders, noOrders, { flush: 'sync' });
  const [draft, setDraft] = React.useState(tab.draft);
  const said = React.useSyncExternalStore(notes.subscribe, notes.get);

  const last = React.useRef(0);
  useSocketMessage(message => {
    const { type, seq } = message as Extract<FromKitchen, { type: 'order' }>;
    if (type === 'order') last.current = Math.max(last.current, seq);
  });
  useSocketOpen(({ send }) => send({ type: 'resume', from: last.current + 1 } satisfies ToKitchen));

  React.useEffect(() => diary.treeMounted(), [diary]);
  React.useEffect(() => diary.ordersShown(orders), [diary, orders]);

  return (
    <OrdersScreen
      orders={orders}
      isLive={isLive}
      banner={<Banner diary={diary} />}
      draft={draft}
      onDraft={setDraft}
      notes={said}
      onSay={notes.say}
    />
  );
}
