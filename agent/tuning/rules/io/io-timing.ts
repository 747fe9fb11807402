import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'

/** Nothing tells a slow disk from a small cache without it; where the clock is slow it costs more than it tells. */
export const ioTiming: Rule = {
  id: 'O1',
  what: 'reads whose time nobody measures, or a clock that is too slow for it',
  advise({ situation, host }) {
    const now = situation.server.settings.get('track_io_timing')?.value
    const clock = host.clockSource
    const isSlow = clock !== null && constants.slowClocks.some((slow) => slow === clock)
    const wanted = isSlow ? 'off' : 'on'
    if (now === undefined || now === wanted) return nothing
    const draft = isSlow
      ? {
          reason: `the clock is ${clock}, which takes a microsecond or more each time it is read, twice for each read`,
          risk: 'how long reads take is no longer known',
          effect: 'reads that the page cache answers are quicker',
          confidence: 'medium' as const,
        }
      : {
          reason: `how long reads take tells a slow disk from a small cache${clock === null ? '' : `, and the clock ${clock} is quick`}`,
          risk: 'the clock is read twice for each read; pg_test_timing says what that takes',
          effect: 'the server says how long it waits for its disk',
          confidence: clock === null ? ('low' as const) : ('high' as const),
        }
    return {
      drafts: [
        {
          ...draft,
          parameter: 'track_io_timing',
          proposed: wanted,
          evidence: '/sys/devices/system/clocksource/clocksource0/current_clocksource',
        },
      ],
      notes: [],
    }
  },
}
