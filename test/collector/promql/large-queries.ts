import { PgherdError } from '../../../common/errors.ts'
import { parseExpression } from '../../../collector/promql/parse-expression.ts'

/** Queries of about `size` characters, each of one kind of repetition, and what comes of them. */
export function largeQueries(
  size: number,
): readonly (readonly [what: string, text: string, message: string])[] {
  return [
    ['a string', `"${'x'.repeat(size)}"`, 'accepted'],
    ['an unfinished string', `"${'x'.repeat(size)}`, 'unterminated quoted string'],
    ['escapes', `"${'\\x41'.repeat(size / 4)}"`, 'accepted'],
    ['a name', 'x'.repeat(size), 'accepted'],
    ['a function name', `${'x'.repeat(size)}()`, 'unknown function'],
    ['a number', `1${'0'.repeat(size)}`, 'accepted'],
    ['digits and points', '1.'.repeat(size / 2), 'unexpected number'],
    ['a duration', '1d'.repeat(size / 2), 'bad number or duration syntax'],
    ['a duration after a point', `1.${'5m'.repeat(size / 2)}`, 'bad number or duration syntax'],
    ['spaces', `${' '.repeat(size)}up`, 'accepted'],
    ['comments', `${'# x\n'.repeat(size / 4)}up up`, ':4: parse error: unexpected identifier'],
    ['matchers', `up{${'a="b",'.repeat(size / 6)}}`, 'accepted'],
    [
      'lists of matchers',
      `up{${'a="b" or '.repeat(size / 9)} a="b"}`,
      'label filters combine to more than 1000',
    ],
    ['labels', `sum by (${'a,'.repeat(size / 2)}) (up)`, 'accepted'],
    ['arguments', `union(${'up,'.repeat(size / 3)})`, 'accepted'],
    ['a union', `(${'up,'.repeat(size / 3)})`, 'accepted'],
    ['parentheses', '('.repeat(size), 'nested deeper than'],
    ['closing parentheses', `(up${')'.repeat(size)}`, 'unexpected right parenthesis'],
    ['signs', '-'.repeat(size), 'nested deeper than'],
    ['powers', `1${'^1'.repeat(size / 2)}`, 'nested deeper than'],
    ['sums', `1${'+1'.repeat(size / 2)}`, 'nested deeper than'],
    ['joined strings', `"a"${'+"b"'.repeat(size / 4)}`, 'accepted'],
    ['calls', 'abs('.repeat(size / 4), 'nested deeper than'],
    ['brackets', `up${'[1m:]'.repeat(size / 5)}`, 'nested deeper than'],
    ['offsets', `up${' offset 1m'.repeat(size / 10)}`, 'offset may not be set multiple times'],
    ['shifted parentheses', `up${'@(up'.repeat(size / 4)}`, 'nested deeper than'],
    ['braces', '{'.repeat(size), 'native histograms'],
    ['templates', `WITH (${'a=1,'.repeat(size / 4)}) a`, 'is defined twice'],
    ['templates in templates', 'WITH (x = 1) '.repeat(size / 13), 'nested deeper than'],
    ['keep_metric_names', `abs(up)${' keep_metric_names'.repeat(size / 18)}`, 'accepted'],
  ]
}

/** Why a query is refused, or `accepted`; anything but an error of the parser is thrown on. */
export function problemOf(text: string): string {
  try {
    parseExpression(text)
    return 'accepted'
  } catch (error) {
    if (error instanceof PgherdError && error.code === 'QUERY_INVALID') return error.message
    throw error
  }
}

/** The processor time that a call takes, in milliseconds. */
export async function cpuMs(run: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
