import { PgherdError } from '../../../common/errors.ts'
import type { HttpStream } from '../../../common/http-client.ts'

/**
 * An answer that may take long as a whole, from a server that must not be silent for long. Only the time in which it is
 * waited for counts, for a slow reader holds it up.
 * @throws PgherdError TIMED_OUT when it says nothing for `maxSilenceMs`, also while the body is read
 */
export async function withPatience(
  maxSilenceMs: number,
  signal: AbortSignal | undefined,
  open: (signal: AbortSignal) => Promise<HttpStream>,
): Promise<HttpStream> {
  const silence = new AbortController()
  const waited = async <T>(something: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => silence.abort(), maxSilenceMs)
    try {
      return await something
    } catch (error) {
      if (!silence.signal.aborted || signal?.aborted === true) throw error
      const message = `VictoriaMetrics has sent nothing for ${maxSilenceMs} ms`
      throw new PgherdError('TIMED_OUT', message, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }
  const answer = await waited(
    open(signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal])),
  )
  return { ...answer, body: read(answer.body[Symbol.asyncIterator](), waited) }
}

async function* read(
  body: AsyncIterator<Uint8Array>,
  waited: <T>(something: Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const part = await waited(body.next())
      if (part.done === true) return
      yield part.value
    }
  } finally {
    await body.return?.()
  }
}
