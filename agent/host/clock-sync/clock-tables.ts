import type { SampleTable } from '../../../common/series/sample-table.ts'
import { plainTable } from '../table.ts'
import type { ClockState } from './clock-state.ts'

/**
 * node_timex_* as node_exporter has it from adjtimex(2), and node_ntp_* as its ntp collector names what a daemon
 * says, as far as it is known. The ratio is 1 where the daemon changes nothing. A daemon that follows nobody tells
 * offsets and errors all the same, as zeros: they are left out, because nobody knows them.
 */
export function clockTables(state: ClockState): readonly SampleTable[] {
  const { isSynchronized, frequencyAdjustment } = state
  const values = new Map<string, number>()
  const add = (name: string, value: number | undefined): void => {
    if (value !== undefined) values.set(name, value)
  }
  add('node_timex_sync_status', isSynchronized ? 1 : 0)
  add(
    'node_timex_frequency_adjustment_ratio',
    frequencyAdjustment === undefined ? undefined : 1 + frequencyAdjustment,
  )
  add('node_ntp_stratum', state.stratum)
  add('node_ntp_leap', state.leap)
  if (isSynchronized) {
    add('node_timex_offset_seconds', state.offset)
    add('node_timex_estimated_error_seconds', state.estimatedError)
    add('node_timex_maxerror_seconds', state.maxError)
    add('node_ntp_offset_seconds', state.offset)
    add('node_ntp_root_delay_seconds', state.rootDelay)
    add('node_ntp_root_dispersion_seconds', state.rootDispersion)
  }
  return [
    plainTable(values),
    {
      metrics: ['pgherd_clock_source_info'],
      labelNames: ['daemon', 'reference'],
      rows: [{ labels: [state.daemon, state.reference ?? ''], values: [1] }],
    },
  ]
}
