export interface InfluxLine {
  /** The measurement and its tags, as they stand. */
  readonly series: string
  readonly fields: readonly { readonly key: string; readonly value: string }[]
  /** '' where there is none. */
  readonly time: string
}

/** A backslash hides a comma, an equals sign and a blank; a text in quotes hides all three, and may have hidden quotes. */
export function splitInfluxLine(line: string): InfluxLine | string {
  const seriesEnd = findBare(line, 0, ' ')
  if (seriesEnd < 0) return 'there are no fields'
  const fields: { key: string; value: string }[] = []
  let at = skipBlanks(line, seriesEnd)
  for (;;) {
    const equals = findBare(line, at, '=')
    if (equals < 0) return 'a field has no value'
    const key = line.slice(at, equals)
    if (key === '' || findBare(key, 0, ' ') >= 0 || findBare(key, 0, ',') >= 0) return 'a field has no name'
    const valueEnd =
      line[equals + 1] === '"' ? closingQuote(line, equals + 2) + 1 : endOfValue(line, equals + 1)
    if (valueEnd <= equals + 1) return valueEnd === 0 ? 'a text does not end' : 'a field has no value'
    fields.push({ key, value: line.slice(equals + 1, valueEnd) })
    if (line[valueEnd] !== ',') {
      const rest = line.slice(valueEnd)
      if (rest !== '' && !rest.startsWith(' ')) return 'something follows a text'
      return { series: line.slice(0, seriesEnd), fields, time: rest.trim() }
    }
    at = valueEnd + 1
  }
}

export function unescapeInflux(text: string): string {
  return text.includes('\\') ? text.replaceAll(/\\([,= \\])/g, '$1') : text
}

function findBare(line: string, from: number, wanted: string): number {
  for (let at = from; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === wanted) return at
  }
  return -1
}

function endOfValue(line: string, from: number): number {
  for (let at = from; at < line.length; at++) if (line[at] === ',' || line[at] === ' ') return at
  return line.length
}

function closingQuote(line: string, from: number): number {
  return findBare(line, from, '"')
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (line[at] === ' ') at++
  return at
}
