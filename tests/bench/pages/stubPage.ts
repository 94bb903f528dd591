import { burst } from './burst';
import { crowd } from './crowd';
import { delivery } from './delivery';
import { messageCost } from './messageCost';
import { stubWebSocket } from './stubSocket';
import { topicCost } from './topicCost';

/** A page whose sockets are stubs: what is measured here is the clients alone. */
const stubBench = { messageCost, topicCost, delivery, burst, crowd };

declare global {
  interface Window {
    stubBench: typeof stubBench;
  }
}

stubWebSocket();
window.stubBench = stubBench;
