import type { FastifyReply } from 'fastify'
import { PgherdError } from '../../common/errors.ts'

/**
 * Bounds what answers hold in memory while their readers take them: one answer by a size, and all that are being sent
 * together, so that readers who take their time cannot fill the memory.
 */
export interface AnswerBudget {
  /**
   * Counts an answer of that many samples until its connection is done with it.
   * @throws PgherdError QUERY_LIMIT for one that is too large, OVERLOADED while others have to be taken first
   */
  take(reply: FastifyReply, samples: number): void
  /**
   * Asked before an answer is computed, which would be for nothing.
   * @throws PgherdError OVERLOADED while there is no room for any
   */
  requireRoom(): void
  readonly taken: number
}

/** From here on an answer is sent in pieces: its text is longer than one. */
const leastStreamed = 1_024

/**
 * What sending in pieces takes beside the samples, as samples of 16 bytes: pieces on their way and a compressor, 0.7 to
 * 1 MB for a reader that has stopped (measured).
 */
const streamOverhead = 65_536

export function createAnswerBudget(limits: {
  readonly answerSamples: number
  readonly sendingSamples: number
}): AnswerBudget {
  let taken = 0
  return {
    take(reply, samples) {
      if (samples > limits.answerSamples) {
        throw new PgherdError(
          'QUERY_LIMIT',
          `the answer has ${samples} samples, and at most ${limits.answerSamples} are sent; ` +
            'ask for fewer series, a shorter range or a larger step',
        )
      }
      const weight = samples < leastStreamed ? samples : samples + streamOverhead
      if (taken > 0 && taken + weight > limits.sendingSamples) throw full()
      // Its close has been told already: nothing would ever give this back.
      if (reply.raw.destroyed) return
      taken += weight
      reply.raw.once('close', () => (taken -= weight))
    },
    requireRoom() {
      if (taken >= limits.sendingSamples) throw full()
    },
    get taken() {
      return taken
    },
  }
}

function full(): PgherdError {
  return new PgherdError(
    'OVERLOADED',
    'answers that other clients have not taken yet fill the memory for answers; try again later',
  )
}
