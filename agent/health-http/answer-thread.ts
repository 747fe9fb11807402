/** Answers load balancers: the entry of a thread of its own (docs/decisions/0020), started by start-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../common/clock.ts'
import { messageOf, toPgherdError } from '../../common/errors.ts'
import { serveHealth } from './serve-health.ts'
import { countAnswer } from './thread-messages.ts'
import type { ListeningMessage, StatesMessage, ThreadSetup } from './thread-messages.ts'
import { createToldStates } from './told-states.ts'

const { counts, states, ...options } = workerData as ThreadSetup
const told = createToldStates(() => systemClock.now())
told.take(states)
parentPort?.on('message', (message: StatesMessage) => told.take(message))

const shared = new BigUint64Array(counts)
let outcome: ListeningMessage
try {
  const { url } = await serveHealth({
    ...options,
    current: (server) => told.current(server),
    servers: () => told.servers(),
    now: () => systemClock.now(),
    onAnswer: (status) => countAnswer(shared, status),
  })
  outcome = { kind: 'listening', url }
} catch (error) {
  const { code, message, cause } = toPgherdError(error)
  outcome = { kind: 'failed', code, message, cause: cause === undefined ? undefined : messageOf(cause) }
}
parentPort?.postMessage(outcome)
if (outcome.kind === 'failed') parentPort?.close()
