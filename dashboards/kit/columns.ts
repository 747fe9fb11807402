import { toCluster, toInstance } from './links.ts'
import type { Column, State, Step } from './panel.ts'

export const clusterColumn: Column = { title: 'Cluster', link: toCluster }
export const serverColumn: Column = { title: 'Server', link: toInstance }

export const roleStates: readonly State[] = [
  { value: 0, text: 'down', tone: 'bad' },
  { value: 1, text: 'primary', tone: 'good' },
  { value: 2, text: 'standby', tone: 'calm' },
]

export const yesNo: readonly State[] = [
  { value: 0, text: 'no', tone: 'unknown' },
  { value: 1, text: 'yes', tone: 'good' },
]

/** Parts of something that should not be full. */
export const fillSteps: readonly Step[] = [
  { from: 0.8, tone: 'warn' },
  { from: 0.95, tone: 'bad' },
]

/** Things of which there should be none. */
export const noneSteps: readonly Step[] = [{ from: 1, tone: 'bad' }]

/** Whether each server was primary, standby or down. */
export function roleOf(selector: string): string {
  return `max by (cls, ins) (pg_is_in_recovery{${selector}} + 1) or min by (cls, ins) (pg_up{${selector}} == 0)`
}
