import { appendFileSync, writeFileSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { makeReportFolder, reportLine, reportPath } from './testReport';

const textOf = (error: SerializedError) => error.stack ?? error.message;

/** Vitest reporter behind `testReport`: one line per test as it ends, then whatever went wrong outside a test. */
export default class ReportWriter implements Reporter {
  #path = reportPath(process.cwd());

  onTestRunStart(): void {
    makeReportFolder(this.#path);
    writeFileSync(this.#path, '');
  }

  onTestCaseResult(test: TestCase): void {
    const result = test.result();
    if (result.state === 'pending') return;
    this.#write({
      test: {
        project: test.project.name,
        file: test.module.relativeModuleId,
        title: test.fullName.replaceAll(' > ', ' '),
        state: result.state,
        durationMs: Math.round(test.diagnostic()?.duration ?? 0),
        errors: (result.errors ?? []).map(textOf),
      },
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[], reason: string): void {
    for (const module of modules) {
      const suites = [...module.children.allSuites()];
      for (const error of [module, ...suites].flatMap(part => part.errors()))
        this.#write({ problem: `${module.relativeModuleId}: ${textOf(error)}` });
    }
    for (const error of unhandled) this.#write({ problem: `Unhandled: ${textOf(error)}` });
    if (reason !== 'interrupted') this.#write({ hasEnded: true });
  }

  #write(line: Parameters<typeof reportLine>[0]): void {
    appendFileSync(this.#path, reportLine(line));
  }
}
