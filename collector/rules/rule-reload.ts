import { Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Clock } from '../../common/clock.ts'
import { toPgherdError } from '../../common/errors.ts'
import type { PgherdError } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { oneAtATime } from '../../common/one-at-a-time.ts'
import type { RuleGroup } from './rule-types.ts'

export interface RuleReload {
  /**
   * Reads the rule files again and puts what is in them in force, one at a time. It never rejects.
   * @returns why everything stayed as it was (RULE_INVALID names every problem), or undefined when it is done
   */
  readonly reload: () => Promise<PgherdError | undefined>
  /** The start counts as a reload that succeeded. */
  readonly last: () => { readonly succeeded: boolean; readonly succeededMs: number }
}

export function createRuleReload(options: {
  /** @throws PgherdError RULE_INVALID */
  readonly load: () => Promise<readonly RuleGroup[]>
  readonly replace: (groups: readonly RuleGroup[]) => Promise<void>
  readonly clock: Clock
  readonly log: Log
  readonly registry: Registry
}): RuleReload {
  const { clock, log } = options
  let succeeded = true
  let succeededMs = clock.now()
  const registers = [options.registry]
  new Gauge({
    name: 'pgherd_collector_config_last_reload_successful',
    help: 'Whether the rule files could be read when they were read last; if not, those read before are in force.',
    registers,
    collect() {
      this.set(succeeded ? 1 : 0)
    },
  })
  new Gauge({
    name: 'pgherd_collector_config_last_reload_success_timestamp_seconds',
    help: 'When the rule files that are in force were read.',
    registers,
    collect() {
      this.set(succeededMs / 1000)
    },
  })

  const reload = async (): Promise<PgherdError | undefined> => {
    try {
      const groups = await options.load()
      await options.replace(groups)
      succeeded = true
      succeededMs = clock.now()
      log.info({ groups: groups.length }, 'the rule files were read again')
      return undefined
    } catch (thrown) {
      succeeded = false
      const error = toPgherdError(thrown)
      log.error(
        {
          problems: error.message.split('\n'),
          ...(error.code === 'INTERNAL' ? { err: thrown } : {}),
        },
        'the rule files could not be read again; those read before stay in force',
      )
      return error
    }
  }

  return { reload: oneAtATime(reload), last: () => ({ succeeded, succeededMs }) }
}
