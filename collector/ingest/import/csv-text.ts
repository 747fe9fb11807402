/** The cells of a line of CSV (RFC 4180, or in single quotes); undefined when a quote does not end. */
export function splitCsvLine(line: string): readonly string[] | undefined {
  if (!line.includes('"') && !line.includes("'")) return line.split(',')
  const cells: string[] = []
  let at = 0
  for (;;) {
    const quote = line[at]
    if (quote === '"' || quote === "'") {
      const end = closingQuote(line, at + 1, quote)
      if (end < 0) return undefined
      cells.push(line.slice(at + 1, end).replaceAll(quote + quote, quote))
      at = end + 1
      if (at < line.length && line[at] !== ',') return undefined
    } else {
      const comma = line.indexOf(',', at)
      const end = comma < 0 ? line.length : comma
      cells.push(line.slice(at, end))
      at = end
    }
    if (at >= line.length) return cells
    at++
  }
}

/** A quote that is doubled is a part of the cell. */
function closingQuote(line: string, from: number, quote: string): number {
  for (let at = line.indexOf(quote, from); at >= 0; at = line.indexOf(quote, at + 2)) {
    if (line[at + 1] !== quote) return at
  }
  return -1
}
