import type { InstanceHealth } from '../../common/health/instance-health.ts'
import { withoutAnswer } from '../../common/health/without-answer.ts'
import type { StatesMessage, ToldState } from './thread-messages.ts'

export interface ToldStates {
  take(message: StatesMessage): void
  /** The newest state of a server, or that nothing is known once its deadline has passed; without a name, of the first. */
  current(server: string | undefined): InstanceHealth | undefined
  servers(): readonly string[]
}

/** The newest states that the health cycle has told. They age here, so that a cycle that stands still is believed no longer. */
export function createToldStates(now: () => number): ToldStates {
  const states = new Map<string, ToldState>()
  let first: string | undefined
  return {
    take(message) {
      for (const text of message) {
        const state = JSON.parse(text) as ToldState
        first ??= state.health.server
        states.set(state.health.server, state)
      }
    },
    current(server = first) {
      const state = server === undefined ? undefined : states.get(server)
      if (state === undefined) return undefined
      const { health, untilMs } = state
      return untilMs === null || now() <= untilMs ? health : withoutAnswer(health, untilMs)
    },
    servers: () => [...states.keys()],
  }
}
