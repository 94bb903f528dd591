/** One deliberate break of one line, and the fault ids that must notice it. */
export interface Mutant {
  /** What the broken client does, in a few words. */
  name: string;
  /** Path below the repository. */
  file: string;
  /** Text that occurs in the file exactly once. */
  find: string;
  replace: string;
  /** Ids of `tests/faults.ts`: at least one test of each must turn red. */
  expects: readonly [string, ...string[]];
  /** Test files (or parts of their paths) to run. Default: everything that needs neither a server nor a browser. */
  tests?: readonly string[];
}

export const mutantList: readonly Mutant[] = [];
