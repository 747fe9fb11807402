/** A series as it stands at the beginning of a line. */
export interface SeriesText {
  readonly metric: string
  /** Sorted. */
  readonly labelNames: readonly string[]
  readonly labels: readonly string[]
  /** Where the value begins. */
  readonly end: number
}

/**
 * Reads `name{label="value",...}` and the blanks around it, as Prometheus does: blanks may stand between all
 * tokens, a comma may follow the last label, an escape that has no meaning stays as it is.
 * @param line without its line feed
 * @param options.quotedNames whether names may be any text in quotes, the metric's in the braces, as in
 * `{"http.requests","status code"="200"}` of Prometheus 3; then `{__name__="m"}` names the metric too
 * @returns what is wrong instead of a series
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
 */
export function parseSeries(
  line: string,
  { quotedNames = false }: { readonly quotedNames?: boolean } = {},
): SeriesText | string {
  const start = skipBlanks(line, 0)
  let metric = match(metricPattern, line, start)
  if (metric === undefined && !(quotedNames && line[start] === '{')) {
    return 'it does not begin with a metric name'
  }
  const nameEnd = start + (metric?.length ?? 0)
  let at = skipBlanks(line, nameEnd)
  const labels = new Map<string, string>()
  if (line[at] === '{') {
    at = skipBlanks(line, at + 1)
    while (line[at] !== '}') {
      const isQuoted = quotedNames && line[at] === '"'
      const nameClose = isQuoted ? closingQuote(line, at + 1) : -1
      const name = isQuoted
        ? nameClose < 0
          ? undefined
          : unescape(line.slice(at + 1, nameClose))
        : match(labelPattern, line, at)
      if (name === undefined) return at >= line.length ? 'the labels do not end' : 'a label has no valid name'
      const namesMetric = quotedNames && name === '__name__' && metric === undefined
      if (name === '__name__' && !namesMetric) return 'the label __name__ is reserved'
      if (labels.has(name)) return `the label ${shown(name)} occurs twice`
      at = skipBlanks(line, isQuoted ? nameClose + 1 : at + name.length)
      if (isQuoted && metric === undefined && (line[at] === ',' || line[at] === '}')) {
        metric = name
      } else {
        if (line[at] !== '=') return `no = follows the label ${shown(name)}`
        at = skipBlanks(line, at + 1)
        if (line[at] !== '"') return `the value of the label ${shown(name)} is not quoted`
        const close = closingQuote(line, at + 1)
        if (close < 0) return `the value of the label ${shown(name)} does not end`
        const value = unescape(line.slice(at + 1, close))
        if (namesMetric) metric = value
        else labels.set(name, value)
        at = skipBlanks(line, close + 1)
      }
      if (line[at] === ',') at = skipBlanks(line, at + 1)
      else if (line[at] !== '}') return `neither a comma nor } follows the label ${shown(name)}`
    }
    at = skipBlanks(line, at + 1)
  } else if (at === nameEnd) {
    return at === line.length ? 'there is no value' : 'the metric name has a character that it may not have'
  }
  if (metric === undefined) return 'it does not begin with a metric name'
  const labelNames = [...labels.keys()].sort()
  return { metric, labelNames, labels: labelNames.map((name) => labels.get(name)!), end: at }
}

const metricPattern = /[a-zA-Z_:][a-zA-Z0-9_:]*/y
const labelPattern = /[a-zA-Z_][a-zA-Z0-9_]*/y

function match(pattern: RegExp, line: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(line)?.[0]
}

function skipBlanks(line: string, at: number): number {
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

function closingQuote(line: string, at: number): number {
  for (; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === '"') return at
  }
  return -1
}

/** A NUL, which sets label values apart in the keys of further stages, becomes what stands for a bad character. */
function unescape(text: string): string {
  const own = text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text
  if (!own.includes('\\')) return own
  return own.replaceAll(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
}

/** For a log: names have no limit. */
function shown(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}...` : name
}
