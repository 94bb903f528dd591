export { createTestWorld } from './testWorld';
export type { TestWorld, TestWorldOptions } from './testWorld';
export type { ConnectionEnd, TestConnection } from './fakeConnection';
export type { TestDial } from './fakeServer';
export type { ConsoleLine } from './fakeWebSocket';
