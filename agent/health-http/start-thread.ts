import { Worker } from 'node:worker_threads'
import { PgherdError, toPgherdError } from '../../common/errors.ts'
import type { ListeningMessage, StatesMessage, ThreadSetup } from './thread-messages.ts'

export interface AnswerThread extends AsyncDisposable {
  post(message: StatesMessage): void
  /**
   * The URL at which it answers.
   * @throws PgherdError PORT_TAKEN or CONFIG_INVALID as serveHealth does, INTERNAL for a thread that ended before
   */
  readonly listening: Promise<string>
  /** Why it ended; never rejects. */
  readonly ended: Promise<PgherdError>
}

/** It keeps a few kilobytes per server; what it allocates are requests, which die young. */
const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 }

/** Starts the thread that answers. */
export function startAnswerThread(setup: ThreadSetup): AnswerThread {
  const worker = new Worker(new URL('./answer-thread.ts', import.meta.url), {
    name: 'health answers',
    workerData: setup,
    env: {},
    resourceLimits,
  })
  const listening = Promise.withResolvers<string>()
  const ended = Promise.withResolvers<PgherdError>()
  let reason: PgherdError | undefined
  worker.once('message', (message: ListeningMessage) => {
    if (message.kind === 'listening') {
      listening.resolve(message.url)
      return
    }
    const cause = message.cause === undefined ? undefined : new Error(message.cause)
    reason = new PgherdError(message.code, message.message, { cause })
  })
  worker.once('error', (error) => (reason = toPgherdError(error)))
  worker.once('exit', (status) => {
    reason ??= new PgherdError('INTERNAL', `the thread that answers load balancers ended with ${status}`)
    listening.reject(reason)
    ended.resolve(reason)
  })
  // Who waits for its end learns as well that it never listened.
  listening.promise.catch(() => undefined)
  return {
    post: (message) => worker.postMessage(message),
    listening: listening.promise,
    ended: ended.promise,
    async [Symbol.asyncDispose]() {
      await worker.terminate()
      await ended.promise
    },
  }
}
