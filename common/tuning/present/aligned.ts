/** Cells of rows below each other. @param lastPadded - the last column whose cells are made equally wide, counted from 0 */
export function aligned(rows: readonly (readonly string[])[], lastPadded: number): readonly string[] {
  const widths = rows.reduce<number[]>(
    (widest, row) => row.map((cell, index) => Math.max(widest[index] ?? 0, cell.length)),
    [],
  )
  return rows.map((row) =>
    row.map((cell, index) => (index > lastPadded ? cell : cell.padEnd(widths[index] ?? 0))).join('  '),
  )
}
