import { parseDurationMs } from '../../../../collector/promql/syntax/numbers.ts'
import { unquote } from '../../../../collector/promql/syntax/quoting.ts'

/** The test language of Prometheus' promqltest, as statements in order. */
export type Statement =
  | { readonly kind: 'clear' }
  | {
      readonly kind: 'load'
      readonly stepMs: number
      readonly buckets: boolean
      readonly lines: readonly string[]
    }
  | EvalStatement

export interface EvalStatement {
  readonly kind: 'eval'
  readonly line: number
  readonly expression: string
  /** Instant queries have startMs = endMs and step 0. */
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
  readonly ordered: boolean
  readonly expectations: readonly Expectation[]
  readonly rangeVector: { readonly startMs: number; readonly stepMs: number } | undefined
  readonly text: string | undefined
  readonly results: readonly string[]
}

export interface Expectation {
  readonly what: 'fail' | 'warn' | 'no_warn' | 'info' | 'no_info'
  readonly matches: (message: string) => boolean
}

const instantPattern = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+at\s+(\S+)\s+(.+)$/
const rangePattern = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/
const expectPattern = /^expect\s+(fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/
const rangeVectorPattern = /^expect\s+range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/

export function parseTestFile(text: string): Statement[] {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .map((line) => (line.startsWith('#') ? '' : line))
  const statements: Statement[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    if (line === '') continue
    if (line === 'clear') {
      statements.push({ kind: 'clear' })
      continue
    }
    const block: string[] = []
    const first = i
    while (i + 1 < lines.length && lines[i + 1] !== '') block.push(lines[++i]!)
    const load = /^load(_with_nhcb)?\s+(\S+)$/.exec(line)
    if (load !== null) {
      statements.push({
        kind: 'load',
        stepMs: durationMs(load[2]!),
        buckets: load[1] !== undefined,
        lines: block,
      })
    } else statements.push(parseEval(line, block, first + 1))
  }
  return statements
}

function parseEval(line: string, block: readonly string[], number: number): EvalStatement {
  const instant = instantPattern.exec(line)
  const range = rangePattern.exec(line)
  const match = instant ?? range
  if (match === null) throw new Error(`line ${number} is no statement: ${line}`)
  const expectations: Expectation[] = []
  const legacy = match[1]
  if (legacy === 'fail' || legacy === 'warn' || legacy === 'info') {
    expectations.push({ what: legacy, matches: () => true })
  }
  const results: string[] = []
  let ordered = legacy === 'ordered'
  let rangeVector: EvalStatement['rangeVector']
  let endMs = durationMs(instant === null ? range![3]! : instant[2]!)
  let text: string | undefined
  for (const entry of block) {
    const expect = expectPattern.exec(entry)
    const vector = rangeVectorPattern.exec(entry)
    const legacyMessage = /^expected_fail_(message|regexp)\s+(.+)$/.exec(entry)
    if (entry === 'expect ordered') ordered = true
    else if (expect !== null) expectations.push(parseExpectation(expect))
    else if (vector !== null) {
      rangeVector = { startMs: durationMs(vector[1]!), stepMs: durationMs(vector[3]!) }
      endMs = durationMs(vector[2]!)
    } else if (entry.startsWith('expect string '))
      text = parseText(entry.slice('expect string '.length).trim())
    else if (legacyMessage !== null) {
      const [, kind, wanted = ''] = legacyMessage
      expectations.push({
        what: 'fail',
        matches: kind === 'message' ? (got) => got === wanted : (got) => new RegExp(wanted).test(got),
      })
    } else results.push(entry)
  }
  const startMs = instant === null ? durationMs(range![2]!) : endMs
  const stepMs = instant === null ? durationMs(range![4]!) : 0
  const expression = instant === null ? range![5]! : instant[3]!
  return {
    kind: 'eval',
    line: number,
    expression,
    startMs,
    endMs,
    stepMs,
    ordered,
    expectations,
    rangeVector,
    text,
    results,
  }
}

function parseExpectation(match: RegExpExecArray): Expectation {
  const what = match[1] as Expectation['what']
  const wanted = match[3]
  if (wanted === undefined) return { what, matches: () => true }
  if (match[2] === 'regex') return { what, matches: (message) => new RegExp(wanted.trim()).test(message) }
  return { what, matches: (message) => message === wanted.trim() }
}

function parseText(literal: string): string {
  const result = unquote(literal)
  if ('problem' in result) throw new Error(result.problem)
  return result.value
}

function durationMs(text: string): number {
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : parseDurationMs(text)
  if (ms === undefined) throw new Error(`not a duration: ${text}`)
  return ms
}
