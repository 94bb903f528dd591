import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Page, Platform } from '../../src/core';
import { cookie } from '../../src/protocols/cookie';
import { authWebSocket } from '../../src/websocket';
import { openNodeStage } from '../conformance/nodeStage';
import { rows } from '../conformance/rows';
import { FAILED } from '../conformance/rows/row';
import { perform, type Performance } from '../conformance/stage';
import { expectedOf } from '../websocket/lentStage';

const refusedCode: Partial<Performance> = { client: ['s open readyState=1', ...FAILED] };

/** What the sockets of ws, on which an AuthWebSocket stands in Node, do otherwise than Chromium's. */
const ofWs: Readonly<Record<string, Partial<Performance>>> = {
  'close codes of the peer are not filtered: 999 arrives, clean': refusedCode,
  'close codes of the peer are not filtered: 1004 arrives, clean': refusedCode,
  'close codes of the peer are not filtered: 2000 arrives, clean': refusedCode,
  'close codes of the peer are not filtered: 5000 arrives, clean': refusedCode,
  'text that is not UTF-8 fails the link: error, then 1006, and nothing behind it is delivered': {
    peer: ['dialled []', 'link; close 1007 ""'],
  },
};

/** A content security policy is the browser's. */
const inNode = rows.filter(({ title }) => !title.includes('content security policy'));

for (const row of inNode) {
  it.concurrent(`AuthWebSocket over ws behaves as a WebSocket of Chromium: ${row.title}`, async () => {
    const stage = await openNodeStage(href => {
      const page: Page = {
        href,
        isVisible: () => true,
        isOnline: () => true,
        subscribe: () => () => {},
        requestFrame: () => () => {},
      };
      const platform = { page, WebSocket: WebSocket as unknown as Platform['WebSocket'] };
      return authWebSocket({ platform, getToken: async () => 'token', carrier: cookie() });
    });
    expect(await perform(stage, row.script)).toEqual({ ...expectedOf(row), ...ofWs[row.title] });
  });
}
