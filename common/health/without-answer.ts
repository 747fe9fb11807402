import type { InstanceHealth } from './instance-health.ts'

/** What only an answer of the server itself tells. */
const unanswered = {
  role: null,
  isWritable: null,
  postmasterStartMs: null,
  timeline: null,
  currentPosition: null,
  receivedPosition: null,
  replayedPosition: null,
  replayLagBytes: null,
  replayLagSeconds: null,
  isReplayPaused: null,
  upstream: null,
  standbys: [],
  synchronousStandbyNames: null,
  waitingForSync: null,
  slots: [],
  archiver: null,
  settings: {},
  settingsDigest: null,
} as const satisfies Partial<InstanceHealth>

/** Half a sentence, as the reason of a state. */
export const tooOld = 'the last look at it is too old'

/**
 * What is left of a state that nobody has renewed until its deadline, which is what the health cycle itself would say then.
 * @param sinceMs - when the deadline was, milliseconds since the epoch
 */
export function withoutAnswer(health: InstanceHealth, sinceMs: number): InstanceHealth {
  return { ...health, ...unanswered, standbys: [], slots: [], state: 'unknown', reason: tooOld, sinceMs }
}
