import type { Contender } from './contender';
import { ourContender } from './ourContender';
import { peerContender } from './peerContender';
import { rawContender } from './rawContender';

export const contenders = {
  raw: rawContender,
  ours: ourContender,
  'react-use-websocket': peerContender,
} satisfies Record<string, Contender>;

export type ContenderName = keyof typeof contenders;
