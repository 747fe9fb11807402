import { inScope } from './panel.ts'
import type { Panel } from './panel.ts'

export const roles: Panel = {
  id: 'roles',
  title: 'Role and availability',
  description:
    'What each server was: primary, standby or down. Two primaries in one cluster at the same time is a split brain; a blank stretch means that the agent measured nothing.',
  unit: 'count',
  kind: 'timeline',
  states: new Map([
    [0, { text: 'down', tone: 'bad' }],
    [1, { text: 'primary', tone: 'good' }],
    [2, { text: 'standby', tone: 'calm' }],
  ]),
  queries: [
    {
      expr: `max by (ins) (pg_is_in_recovery{${inScope}} + 1) or min by (ins) (pg_up{${inScope}} == 0)`,
      legend: '{{ins}}',
    },
  ],
  whenEmpty: 'No server of this selection has been measured in this time.',
}
