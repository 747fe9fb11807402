import { LineCounter, isMap, isNode, isScalar, parseDocument } from 'yaml'
import type { YAMLMap } from 'yaml'
import { messageOf } from '../errors.ts'

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
  /** An alias may lack its anchor, or multiply itself; the line says where. */
  const valueOf = (node: unknown, line: number): unknown => {
    try {
      return isNode(node) ? (node.toJS(document) as unknown) : node
    } catch (error) {
      problems.push(`${fileName}:${line}: ${messageOf(error)}`)
      return undefined
    }
  }
  const flatten = (map: YAMLMap, prefix: string): void => {
    for (const pair of map.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '?'
      const path = prefix === '' ? key : `${prefix}.${key}`
      const position = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
      const { line } = lines.linePos(position)
      if (isMap(pair.value) && !isKnown(path)) flatten(pair.value, path)
      else entries.set(path, { value: valueOf(pair.value, line), line })
    }
  }
  if (problems.length > 0) return { entries, problems }
  if (isMap(document.contents)) flatten(document.contents, '')
  else if (document.contents !== null && !(isScalar(document.contents) && document.contents.value === null)) {
    problems.push(`${fileName}:1: was ${JSON.stringify(document.toJS())}; allowed: keys with values`)
  }
  return { entries, problems }
}
