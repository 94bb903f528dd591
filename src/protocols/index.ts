export { tokenRejected } from '../machine/tokenAnswer';
export type { SignedOut, TokenRejected, Unavailable } from '../machine/tokenAnswer';
export type { Verdict } from '../machine/verdict';
export { closeTable } from './closeTable';
export { cookie } from './cookie';
export { firstMessage } from './firstMessage';
export { jsonProtocol } from './jsonProtocol';
export type { JsonProtocolOptions } from './jsonProtocol';
export type { SchemaIssue, SchemaResult, StandardSchema } from './standardSchema';
export { subprotocol } from './subprotocol';
export type { SubprotocolOptions } from './subprotocol';
export { ticket } from './ticket';
export type { TicketAnswer, TicketOptions } from './ticket';
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
