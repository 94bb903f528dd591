export { tokenRejected } from '../machine/tokenAnswer';
export type { SignedOut, TokenRejected, Unavailable } from '../machine/tokenAnswer';
export type { Verdict } from '../machine/verdict';
export { closeTable } from './closeTable';
export { firstMessage } from './firstMessage';
export { jsonProtocol } from './jsonProtocol';
export type { JsonProtocolOptions } from './jsonProtocol';
export type {
  Carrier,
  CloseFacts,
  DialAnswer,
  Frame,
  Inbound,
  Judgement,
  Outbound,
  SocketProtocol,
} from './protocol';
