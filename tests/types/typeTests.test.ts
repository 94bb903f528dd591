import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const files = readdirSync(import.meta.dirname).filter(
  name => name.endsWith('.test-d.ts') || name.endsWith('.test-d.tsx'),
);

it('what must compile does, and each line marked as an error is one', () => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), path => ts.sys.readFile(path)) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  // The package as it is built, as its users see it. Apart from the rest: `Register` counts for a whole program.
  delete options.paths;
  const program = ts.createProgram(
    files.map(name => join(import.meta.dirname, name)),
    options,
  );
  const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    return `${file?.fileName ?? ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
  expect(files.length).toBeGreaterThan(0);
  expect(complaints).toEqual([]);
});
