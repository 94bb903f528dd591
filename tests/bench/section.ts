/** One part of the bench: a table, and what the package promises about it. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly promises: readonly SpeedPromise[];
}

/** Kept while the value is at most the limit. */
export interface SpeedPromise {
  readonly text: string;
  readonly value: number;
  readonly limit: number;
}

export function isKept({ value, limit }: SpeedPromise): boolean {
  return value <= limit;
}

/** The section as plain text, columns aligned, a line per promise. */
export function sectionText({ title, columns, rows, promises }: Section): string {
  const lines = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...lines.map(line => line[column]?.length ?? 0)));
  const table = lines.map(line =>
    line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))),
  );
  return [
    title,
    ...table.map(cells => `  ${cells.join('   ')}`),
    ...promises.map(promise => `  ${isKept(promise) ? 'kept' : 'BROKEN'}: ${promiseText(promise)}`),
  ].join('\n');
}

function promiseText({ text, value, limit }: SpeedPromise): string {
  return `${text}: ${figure(value)}, at most ${figure(limit)}`;
}

/** Whole numbers as they are, others with two digits. */
export function figure(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toFixed(2);
}
