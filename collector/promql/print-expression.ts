import { metricNameLabel } from '../../common/series/label-set.ts'
import type { Matcher } from '../../common/series/matcher.ts'
import type {
  AtTime,
  Binary,
  Call,
  Duration,
  Edges,
  Expression,
  Matching,
  TimeShift,
  VectorSelector,
} from './syntax/ast.ts'
import { keywords } from './syntax/keywords.ts'
import { formatDigits, formatDurationMs, formatNumber } from './syntax/numbers.ts'
import { quote } from './syntax/quoting.ts'

/** PromQL text that parses to the same expression; two equal expressions print alike. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return formatDigits(expression.value) + (expression.inSteps === true ? 'i' : '')
    case 'string':
      return quote(expression.value)
    case 'selector':
      return printSelector(expression) + printEdges(expression.edges) + printShift(expression)
    case 'range': {
      const { selector, range } = expression
      const window = range.kind === 'implicit' ? '' : `[${printDuration(range)}]`
      return printSelector(selector) + window + printEdges(selector.edges) + printShift(selector)
    }
    case 'subquery': {
      if (expression.range.kind === 'implicit') return printExpression(expression.expression)
      const step = expression.step === undefined ? '' : printDuration(expression.step)
      const inner = printExpression(expression.expression)
      const window = printDuration(expression.range)
      if (expression.step?.kind === 'implicit') return `${inner}[${window}]${printShift(expression)}`
      return `${inner}[${window}:${step}]${printShift(expression)}`
    }
    case 'call':
      return `${expression.name}(${expression.args.map(printExpression).join(', ')})${keptNames(expression)}`
    case 'aggregation': {
      const { operator, parameter, rest, grouping, without, limit } = expression
      const clause =
        without || grouping.length > 0 ? ` ${without ? 'without' : 'by'} ${labels(grouping)} ` : ''
      const first = parameter === undefined ? '' : `${printExpression(parameter)}, `
      const last = rest === undefined ? '' : `, ${printExpression(rest)}`
      const inner = `${first}${printExpression(expression.expression)}${last}`
      return `${operator}${clause}(${inner})${limit === undefined ? '' : ` limit ${limit}`}`
    }
    case 'binary':
      return printBinary(expression)
    case 'unary':
      return `${expression.operator}${printExpression(expression.operand)}`
    case 'paren':
      return `(${printExpression(expression.expression)})${expression.expression.kind === 'binary' ? keptNames(expression.expression) : ''}`
    case 'shifted': {
      const { atExpression } = expression
      const at = atExpression === undefined ? '' : ` @ ${printExpression(atExpression)}`
      return printExpression(expression.expression) + at + printShift(expression)
    }
  }
}

const plainName = /^[A-Za-z_:][A-Za-z0-9_:]*$/
const plainLabel = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Words that the parser would not take for the name of a metric. */
const isReserved = (name: string): boolean => /^(?:inf|nan)$/i.test(name) || keywords.has(name.toLowerCase())

const keptNames = ({ keepNames }: Call | Binary): string => (keepNames ? ' keep_metric_names' : '')

/** The name stands in front where it is the same in all lists of matchers. */
function printSelector({ matchers, orMatchers }: VectorSelector): string {
  const first = matchers[0]
  const lists = [matchers, ...orMatchers]
  const named =
    first !== undefined &&
    isPlainName(first) &&
    lists.every(([other]) => other !== undefined && isPlainName(other) && other.value === first.value)
  const printed = lists.map((list) => printMatchers(named ? list.slice(1) : list))
  const braces = printed.length === 1 && printed[0] === '' ? '' : `{${printed.join(' or ')}}`
  return named ? first.value + braces : braces
}

const isPlainName = ({ name, operator, value }: Matcher): boolean =>
  name === metricNameLabel && operator === '=' && plainName.test(value) && !isReserved(value)

const printMatchers = (matchers: readonly Matcher[]): string =>
  matchers.map((matcher) => `${printLabel(matcher.name)}${matcher.operator}${quote(matcher.value)}`).join(',')

function printShift(shift: TimeShift): string {
  const at = shift.at === undefined ? '' : ` @ ${printAt(shift.at)}`
  return at + (shift.offset === undefined ? '' : ` offset ${printOffset(shift.offset)}`)
}

const printEdges = (edges: Edges): string => (edges === undefined ? '' : ` ${edges}`)

function printAt(at: AtTime): string {
  return typeof at === 'number' ? (at / 1000).toFixed(3) : `${at}()`
}

/** Operators after `offset` would belong to the surrounding expression. */
function printOffset(duration: Duration): string {
  const text = printDuration(duration)
  return duration.kind === 'operation' ? `(${text})` : text
}

function printDuration(duration: Duration): string {
  switch (duration.kind) {
    case 'seconds': {
      const ms = duration.value * 1000
      return Number.isSafeInteger(ms) ? formatDurationMs(ms) : formatNumber(duration.value)
    }
    case 'steps':
      return `${duration.value}i`
    case 'implicit':
      return ''
    case 'step':
    case 'range':
      return `${duration.kind}()`
    case 'negate':
      return `-${printDurationOperand(duration.operand)}`
    case 'operation': {
      const { left, operator, right } = duration
      return `${printDurationOperand(left)} ${operator} ${printDurationOperand(right)}`
    }
    case 'min_of':
    case 'max_of':
      return `${duration.kind}(${printDuration(duration.left)}, ${printDuration(duration.right)})`
  }
}

function printDurationOperand(duration: Duration): string {
  const text = printDuration(duration)
  return duration.kind === 'operation' || duration.kind === 'negate' ? `(${text})` : text
}

function printBinary({ left, operator, right, bool, matching, explicitMatching }: Binary): string {
  const modifiers = `${bool ? ' bool' : ''}${explicitMatching ? printMatching(matching) : ''}`
  // Prometheus writes infinity with a sign, which would then apply to the whole power.
  const base = operator === '^' && left.kind === 'number' && left.value === Infinity
  return `${base ? 'Inf' : printExpression(left)} ${operator}${modifiers} ${printExpression(right)}`
}

function printMatching(matching: Matching): string {
  let out = ''
  const grouped = matching.cardinality === 'many-to-one' || matching.cardinality === 'one-to-many'
  if (matching.on || matching.labels.length > 0 || grouped) {
    out += ` ${matching.on ? 'on' : 'ignoring'} ${labels(matching.labels)}`
  }
  if (grouped) {
    out += ` ${matching.cardinality === 'many-to-one' ? 'group_left' : 'group_right'} ${labels(matching.include)}`
  }
  const { fillLeft, fillRight } = matching
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight))
    return `${out} fill (${formatNumber(fillLeft)})`
  if (fillLeft !== undefined) out += ` fill_left (${formatNumber(fillLeft)})`
  if (fillRight !== undefined) out += ` fill_right (${formatNumber(fillRight)})`
  return out
}

const printLabel = (name: string): string => (plainLabel.test(name) ? name : quote(name))
const labels = (names: readonly string[]): string => `(${names.map(printLabel).join(', ')})`
