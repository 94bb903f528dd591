import * as React from 'react';
import type { Problem, Surroundings } from './problem';
import type { Side } from './side';

interface FigureTableProps {
  problem: Problem<Surroundings>;
  reported: Side<Surroundings>;
  ours: Side<Surroundings>;
  /** The figures are those of this moment. */
  nowMs: number;
}

/** What the trouble cost on each side. */
export function FigureTable({ problem, reported, ours, nowMs }: FigureTableProps): React.ReactElement {
  return (
    <table className="figures" data-now={nowMs}>
      <thead>
        <tr>
          <th scope="col">Up to now</th>
          <th scope="col">reported</th>
          <th scope="col">ours</th>
        </tr>
      </thead>
      <tbody>
        {problem.figures.map(({ label, most, of }) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            {[of(reported), of(ours)].map((value, n) => (
              <td key={n} className={value > most ? 'too-many' : ''}>
                {value}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
