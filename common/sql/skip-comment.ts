/** Where the line ends that holds a comment which begins at `from`, with two dashes. */
export function skipLineComment(sql: string, from: number): number {
  const end = /[\n\r]/g
  end.lastIndex = from
  return end.exec(sql)?.index ?? sql.length
}

/** Behind a comment that begins at `from`; they nest ("Comments" of the manual). The end of the text where it does not close. */
export function skipBlockComment(sql: string, from: number): number {
  const ends = /\/\*|\*\//g
  ends.lastIndex = from
  let depth = 0
  for (let found = ends.exec(sql); found !== null; found = ends.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return ends.lastIndex
  }
  return sql.length
}
