import { expect, it } from 'vitest';
import { rows, slowRows } from '../conformance/rows';
import { perform } from '../conformance/stage';
import { expectedOf, openLentStage, silent } from './lentStage';

/** A handshake that is never answered ends long before the browser's four minutes: see `timeouts.dialMs`. */
const slow = slowRows.filter(({ title }) => !title.includes('handshake'));

for (const row of [...rows, ...slow]) {
  it(`AuthWebSocket behaves as a WebSocket: ${row.title}`, async () => {
    expect(silent(await perform(openLentStage(), row.script))).toEqual(expectedOf(row));
  });
}
