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
  readonly taken: number
}

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
      if (taken > 0 && taken + samples > limits.sendingSamples) {
        throw new PgherdError(
          'OVERLOADED',
          'answers that other clients have not taken yet fill the memory for answers; try again later',
        )
      }
      // Its close has been told already: nothing would ever give this back.
      if (reply.raw.destroyed) return
      taken += samples
      reply.raw.once('close', () => (taken -= samples))
    },
    get taken() {
      return taken
    },
  }
}
