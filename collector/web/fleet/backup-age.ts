import { formatSeconds } from '../format/units.ts'

/** `backup 5 h 12 min old`; of a cluster of which no backup is known nobody claims that there is none. */
export function backupAge(finishedSeconds: number | undefined, nowMs: number): string {
  if (finishedSeconds === undefined) return 'no backup known'
  const age = Math.max(0, Math.round(nowMs / 1000 - finishedSeconds))
  return age < 60 ? 'backup just now' : `backup ${formatSeconds(age - (age % 60))} old`
}
