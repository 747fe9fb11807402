import { PgherdError, toPgherdError } from '../../../common/errors.ts'
import { isStaleAt } from '../../../common/series/stale.ts'
import { decodeNative } from '../../../common/wire/native/stream.ts'
import type { NativePart } from '../../../common/wire/native/stream.ts'
import type { Intake } from '../intake.ts'
import { tellStored } from './import-lines.ts'

/**
 * Reads a body of any size in VictoriaMetrics' native format, block by block.
 * @throws PgherdError BAD_DATA, and what the body or append throws; the message says what was stored
 */
export async function importNative(body: AsyncIterable<Uint8Array>, intake: Intake): Promise<void> {
  let blocks = 0
  try {
    for await (const part of decodeNative(body)) {
      blocks++
      addPart(part, intake)
      await intake.flush()
    }
  } catch (thrown) {
    // What was on its way when it happened is stored too, or is why it happened.
    await intake.finish().catch(() => undefined)
    const error = toPgherdError(thrown)
    throw new PgherdError(
      error.code,
      `${error.message}; it happened after block ${blocks}; ${tellStored(intake)}`,
      { cause: thrown },
    )
  }
  await intake.finish()
}

function addPart({ labels, timestamps, values }: NativePart, intake: Intake): void {
  const key = labels.join('\u0000')
  const ref = intake.known(key) ?? intake.series(key, labels)
  for (let i = 0; i < values.length; i++) {
    if (isStaleAt(values, i)) intake.stale(ref, timestamps[i]!)
    else intake.sample(ref, timestamps[i]!, values[i]!)
  }
}
