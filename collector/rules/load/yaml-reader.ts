import { LineCounter, isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml'

/** A place in a YAML file that has a line and a path, and collects what is wrong with it. */
export interface YamlPlace {
  /** Reports `file:line: path: problem`. */
  problem(text: string): void
  /** The value of a key, or undefined where it is absent or null. */
  get(key: string): YamlPlace | undefined
  /** The keys of a map; reports anything else. */
  keys(allowed?: readonly string[]): readonly string[]
  /** The items of a list; reports anything else. */
  items(): readonly YamlPlace[]
  /** Text, or a number or boolean as it was written; reports anything else. */
  text(): string | undefined
}

export interface YamlFile {
  /** undefined when the file is empty or no YAML. */
  readonly root: YamlPlace | undefined
  readonly problems: readonly string[]
}

/** A few lines of aliases can stand for more than any memory has; a file without them is far below. */
const maxPlaces = 500_000

/** Opens a YAML text for strict reading: every problem is one line that says where it is. */
export function readYaml(text: string, fileName: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const problems = document.errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0])
    return `${fileName}:${line}:${col}: ${error.message.split('\n')[0] ?? 'syntax error'}`
  })

  const lineOf = (node: unknown, fallback: number): number => {
    const offset = (node as { readonly range?: readonly number[] | null } | null)?.range?.[0]
    return offset === undefined ? fallback : lines.linePos(offset).line
  }
  let places = 0
  const place = (given: unknown, path: string, outerLine: number): YamlPlace => {
    if (++places === maxPlaces)
      problems.push(`${fileName}: it has more than ${maxPlaces} values, what aliases stand for included`)
    const isTooMuch = places >= maxPlaces
    const node: unknown = isAlias(given) ? given.resolve(document) : given
    const line = lineOf(given, outerLine)
    const problem = (what: string): void =>
      void problems.push(`${fileName}:${line}: ${path === '' ? '' : `${path}: `}${what}`)
    const below = (key: string): string => (path === '' ? key : `${path}.${key}`)
    return {
      problem,
      get(key) {
        const pair =
          isMap(node) && !isTooMuch
            ? node.items.find((item) => isScalar(item.key) && item.key.value === key)
            : undefined
        if (pair === undefined || pair.value === null) return undefined
        if (isScalar(pair.value) && pair.value.value === null) return undefined
        return place(pair.value, below(key), lineOf(pair.key, line))
      },
      keys(allowed) {
        if (!isMap(node)) {
          problem('allowed: a map of keys and values')
          return []
        }
        if (isTooMuch) return []
        return node.items.map((item) => {
          const key = isScalar(item.key) ? String(item.key.value) : '?'
          if (allowed !== undefined && !allowed.includes(key)) {
            place(item.key, below(key), line).problem(`unknown key; allowed: ${allowed.join(', ')}`)
          }
          return key
        })
      },
      items() {
        if (isTooMuch) return []
        if (isSeq(node)) return node.items.map((item, i) => place(item, `${path}[${i}]`, line))
        problem('allowed: a list')
        return []
      },
      text() {
        if (isScalar(node) && node.value !== null && typeof node.value !== 'object') {
          return typeof node.value === 'string' ? node.value : (node.source ?? JSON.stringify(node.value))
        }
        problem('allowed: text')
        return undefined
      },
    }
  }
  const isEmpty =
    document.contents === null || (isScalar(document.contents) && document.contents.value === null)
  return {
    root: problems.length > 0 || isEmpty ? undefined : place(document.contents, '', 1),
    problems,
  }
}
