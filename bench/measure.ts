/** One line of the table, and one entry of `results/latest.json`. */
export interface Measure {
  readonly id: string;
  readonly measure: string;
  readonly value: number;
  /** What the value has to be; `printed` where no target is set yet. */
  readonly target: string;
  readonly met: boolean;
}

/** A measure and what stands beside it in the table: the figures behind it, and where it misses its target, why. */
export interface Row extends Measure {
  readonly note: string;
}

/** Digits that say something: three behind the point up to 10, fewer above. */
export function figure(value: number): string {
  if (Number.isInteger(value) && value !== 1) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 3 : Math.abs(value) < 1_000 ? 1 : 0);
}

/** The measures as a table in plain text, missed ones marked. */
export function tableOf(rows: readonly Row[]): string {
  const head = ['', 'measure', 'value', 'target', 'what it is made of'];
  const cells = rows.map(({ met, measure, value, target, note }) => [met ? ' ' : '!', measure, figure(value), target, note]);
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0)));
  return [head, ...cells]
    .map((row) =>
      row
        .map((cell, column) => (column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
