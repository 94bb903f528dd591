import type { TestReport } from './testReport';

/** The catalogue a report is compared with. */
export interface FaultCatalogue {
  faults: Readonly<Record<string, string>>;
  realWorldIds: readonly string[];
}

/** What a run of the suite showed. */
export interface FaultCoverage {
  /** Id -> project -> number of passed tests, in the order of the catalogue. */
  covered: ReadonlyMap<string, ReadonlyMap<string, number>>;
  missing: readonly string[];
  missingInRealWorld: readonly string[];
  /** Looks like an id, stands in a title, and is not in the catalogue. */
  unknown: readonly string[];
}

const realWorldProjects = ['browser', 'wire'];
const idPattern = /(?<![\w-])(?:S[1-4]-[A-F]|P1[a-f]|[TKSALMRIXZ]\d\d)(?![\w-])/g;

/** Ids that a title names, each once. */
export const idsIn = (title: string): string[] => [...new Set(title.match(idPattern) ?? [])];

/** Counts the passed tests behind each id. A skipped or failed test covers nothing. */
export function faultCoverage(report: TestReport, catalogue: FaultCatalogue): FaultCoverage {
  const { faults, realWorldIds } = catalogue;
  const counts = new Map<string, Map<string, number>>();
  for (const test of report.tests) {
    if (test.state !== 'passed') continue;
    for (const id of idsIn(test.title)) {
      const byProject = counts.get(id) ?? new Map<string, number>();
      byProject.set(test.project, (byProject.get(test.project) ?? 0) + 1);
      counts.set(id, byProject);
    }
  }
  const ids = Object.keys(faults);
  return {
    covered: new Map(
      ids.flatMap(id => {
        const byProject = counts.get(id);
        return byProject === undefined ? [] : [[id, byProject]];
      }),
    ),
    missing: ids.filter(id => !counts.has(id)),
    missingInRealWorld: realWorldIds.filter(id => !realWorldProjects.some(name => counts.get(id)?.has(name))),
    unknown: [...counts.keys()].filter(id => !Object.hasOwn(faults, id)),
  };
}
