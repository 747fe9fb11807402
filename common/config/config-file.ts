import { LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml'
import type { YAMLMap } from 'yaml'

/** A value found in the file and the line it stands on. */
export interface FileEntry {
  readonly value: unknown
  readonly line: number
}

export interface ParsedFile {
  /** By dotted path, as in the option table. */
  readonly entries: ReadonlyMap<string, FileEntry>
  /** Syntax errors and duplicate keys, each one line. */
  readonly problems: readonly string[]
}

/**
 * Reads a YAML configuration into dotted paths. Maps are flattened as far as `isKnown` does not claim the
 * path as an option, so that an unknown key is reported where it stands. Within a value, anchors and merge keys (`<<`)
 * may be used.
 */
export function parseConfigFile(
  text: string,
  fileName: string,
  isKnown: (path: string) => boolean,
): ParsedFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0])
    return `${fileName}:${line}:${col}: ${error.message.split('\n')[0] ?? 'syntax error'}`
  })
  const entries = new Map<string, FileEntry>()
  const flatten = (map: YAMLMap, prefix: string): void => {
    for (const pair of map.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '?'
      const path = prefix === '' ? key : `${prefix}.${key}`
      const position = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
      if (isMap(pair.value) && !isKnown(path)) flatten(pair.value, path)
      else
        entries.set(path, {
          value: isNode(pair.value) ? (pair.value.toJS(document) as unknown) : pair.value,
          line: lines.linePos(position).line,
        })
    }
  }
  if (problems.length > 0) return { entries, problems }
  if (isMap(document.contents)) flatten(document.contents, '')
  else if (document.contents !== null && !(isScalar(document.contents) && document.contents.value === null)) {
    problems.push(`${fileName}:1: was ${JSON.stringify(document.toJS())}; allowed: keys with values`)
  }
  return { entries, problems }
}
