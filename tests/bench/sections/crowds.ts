import type { BenchStage } from '../benchStage';
import type { ContenderName } from '../pages/contenders';
import type { CrowdReport } from '../pages/crowd';
import { median, pairedRatio } from '../quartiles';
import { figure, type Section } from '../section';

const rounds = 20;
const size = 1_000;
const names: readonly ContenderName[] = ['raw', 'ours', 'react-use-websocket'];

export async function crowds(stage: BenchStage): Promise<Section> {
  const page = await stage.open('stubPage');
  const reports: Record<ContenderName, CrowdReport[]> = { raw: [], ours: [], 'react-use-websocket': [] };
  for (let round = 0; round < rounds; round++) {
    for (const name of names)
      reports[name].push(
        await page.evaluate(([contender, count]) => window.stubBench.crowd(contender, count), [
          name,
          size,
        ] as const),
      );
  }
  await page.close();
  const mountMs = (name: ContenderName) => reports[name].map(report => report.mountMs);
  const most = (name: ContenderName, what: (report: CrowdReport) => number) =>
    Math.max(...reports[name].map(what));
  return {
    title: `${figure(size)} components on one connection; stubbed socket, ${rounds} rounds`,
    columns: ['', 'sockets', 'token calls', 'renders each', 'mount ms', 'x raw', 'unmount ms'],
    rows: names.map(name => [
      name,
      figure(most(name, ({ sockets }) => sockets)),
      figure(most(name, ({ tokenCalls }) => tokenCalls)),
      figure(most(name, ({ renders }) => renders[1])),
      median(mountMs(name)).toFixed(2),
      pairedRatio(mountMs(name), mountMs('raw')).toFixed(2),
      median(reports[name].map(({ unmountMs }) => unmountMs)).toFixed(2),
    ]),
    promises: [
      { text: 'sockets', value: most('ours', ({ sockets }) => sockets), limit: 1 },
      { text: 'token calls', value: most('ours', ({ tokenCalls }) => tokenCalls), limit: 1 },
      { text: 'renders of a component', value: most('ours', ({ renders }) => renders[1]), limit: 1 },
    ],
  };
}
