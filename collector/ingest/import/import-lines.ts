import { PgherdError, toPgherdError } from '../../../common/errors.ts'
import type { Intake } from '../intake.ts'
import { tellRefusals } from '../refusals.ts'
import type { LineReader } from './line-reader.ts'
import { splitLines } from './split-lines.ts'

/** What is wrong with the lines of a body. */
interface BadLines {
  count: number
  first: string | undefined
}

/** A line of JSON may be as long as VictoriaMetrics allows it to be. */
const maxLineBytes = 10 * 1024 * 1024
const mostShown = 200

/**
 * Reads a body of any size line by line. A bad line costs itself: the others are stored, and then the request is
 * refused with the number and fault of the first one.
 * @throws PgherdError BAD_DATA, and what the body or append throws; the message says what was stored
 */
export async function importLines(
  body: AsyncIterable<Uint8Array>,
  readLine: LineReader,
  intake: Intake,
  onBadLine: () => void,
): Promise<void> {
  const bad: BadLines = { count: 0, first: undefined }
  let lines = 0
  try {
    for await (const some of splitLines(body, maxLineBytes)) {
      for (const line of some) {
        lines++
        const complaint = line === undefined ? 'it is not UTF-8' : readLine(line)
        if (complaint === undefined) continue
        onBadLine()
        bad.count++
        bad.first ??= `line ${lines}: ${complaint.slice(0, mostShown)}`
      }
      await intake.flush()
    }
  } catch (thrown) {
    // What was on its way when it happened is stored too, or is why it happened.
    await intake.finish().catch(() => undefined)
    const error = toPgherdError(thrown)
    const where = lines === 0 ? '' : `; it happened after line ${lines}`
    throw new PgherdError(error.code, `${error.message}${where}; ${tellStored(intake)}`, { cause: thrown })
  }
  await intake.finish()
  if (bad.count === 0) return
  throw new PgherdError(
    'BAD_DATA',
    `${bad.first ?? ''}; ${bad.count} of ${lines} lines could not be read; ${tellStored(intake)}`,
  )
}

/** What became of the samples of a body, for its answer. */
export function tellStored(intake: Intake): string {
  const { stored, duplicate, outOfBounds, rejectedSeries } = intake.result()
  const refused = tellRefusals(rejectedSeries)
  return [
    `${stored + duplicate} samples were stored`,
    ...(outOfBounds === 0 ? [] : [`${outOfBounds} were outside the retention`]),
    ...(refused === '' ? [] : [`series refused: ${refused}`]),
  ].join(', ')
}
