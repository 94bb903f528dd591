export { AuthWebSocket, authWebSocket } from './authWebSocket';
export type { AuthWebSocketConstructor } from './authWebSocket';
export type { AuthWebSocketOptions } from './options';
