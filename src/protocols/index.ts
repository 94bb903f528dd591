export { tokenRejected } from '../machine/tokenAnswer';
export type { SignedOut, TokenRejected, Unavailable } from '../machine/tokenAnswer';
export type { Verdict } from '../machine/verdict';
export { actionCable } from './actionCable';
export type { ActionCableOptions, CableIncoming, CableOutgoing } from './actionCable';
export { automaker } from './automaker';
export type { AutomakerOptions } from './automaker';
export { centrifugo } from './centrifugo';
export type {
  CentrifugoCommand,
  CentrifugoError,
  CentrifugoOptions,
  CentrifugoPublication,
  CentrifugoPush,
  CentrifugoReply,
} from './centrifugo';
export { closeTable } from './closeTable';
export { cookie } from './cookie';
export { firstMessage } from './firstMessage';
export { graphqlTransportWs } from './graphqlTransportWs';
export type {
  GraphqlError,
  GraphqlIncoming,
  GraphqlOutgoing,
  GraphqlTransportWsOptions,
} from './graphqlTransportWs';
export { homeAssistant } from './homeAssistant';
export type {
  HomeAssistantCommand,
  HomeAssistantEvent,
  HomeAssistantMessage,
  HomeAssistantOptions,
  HomeAssistantProtocol,
  HomeAssistantResult,
} from './homeAssistant';
export { jsonProtocol } from './jsonProtocol';
export type { JsonProtocolOptions } from './jsonProtocol';
export { openScanner } from './openScanner';
export type { OpenScannerOptions } from './openScanner';
export { phoenix } from './phoenix';
export type { PhoenixMessage, PhoenixOptions, PhoenixPush } from './phoenix';
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
