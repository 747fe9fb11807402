import type { Clock } from '../../common/clock.ts'
import { allowedSkewMs } from '../../common/command/payload.ts'
import type { Log } from '../../common/log.ts'
import type { HelloMessage } from '../../common/wire/channel.ts'

/** Says once of each node that its clock is wrong, and once that it is right again. */
export function createSkewWatch(clock: Clock, log: Log): { check(hello: HelloMessage): void } {
  const skewed = new Set<string>()
  return {
    check({ node, nowMs }) {
      const skewMs = Math.round(nowMs - clock.now())
      const isSkewed = Math.abs(skewMs) > allowedSkewMs
      if (isSkewed === skewed.has(node)) return
      if (isSkewed) {
        skewed.add(node)
        log.warn(
          { node, skewMs, allowedSkewMs },
          'channel: the clock of this node or the one of the collector is wrong; commands may be refused',
        )
      } else {
        skewed.delete(node)
        log.info({ node, skewMs }, 'channel: the clock of this node is right again')
      }
    },
  }
}
