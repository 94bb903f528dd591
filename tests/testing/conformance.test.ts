import { expect, it } from 'vitest';
import { openFakeStage } from '../conformance/fakeStage';
import { rows, slowRows } from '../conformance/rows';
import { perform } from '../conformance/stage';

for (const { title, script, client, peer } of [...rows, ...slowRows]) {
  it(`the fake WebSocket behaves as Chromium's: ${title}`, async () => {
    expect(await perform(openFakeStage(), script)).toEqual({ client, peer });
  });
}
