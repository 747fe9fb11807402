import type { ActionDescription } from '../../common/command/action-description.ts'
import type { CollectorClient } from '../client.ts'
import { PgherdError } from '../../common/errors.ts'
import { showViews } from '../commands/run.ts'
import { confirmByName } from '../confirm.ts'
import type { CliContext } from '../context.ts'
import { printable } from '../terminal.ts'
import { sentenceOf, throwUnlessDone } from './outcome.ts'
import { sendAndWait } from './run-action.ts'
import type { ActionRun } from './run-action.ts'

/**
 * One action on one node: its plan, a confirmation by name for what changes something, the run, and how it ended.
 * @throws PgherdError whose exit status says how it ended; REFUSED where the plan says that it would not be safe
 */
export async function carryOut(
  context: CliContext,
  client: CollectorClient,
  run: ActionRun,
  about: {
    /** To be typed as the confirmation. */
    readonly name: string
    readonly operation: string
    readonly risk: ActionDescription['risk']
    readonly what: string
    readonly dryRun: boolean
    readonly yes: boolean
    /** Whether `--force` overrides a refusal; true unless told. */
    readonly hasForce?: boolean
  },
): Promise<void> {
  const waitMs = run.lifetimeMs + run.action.deadlineMs + 5_000
  if (about.dryRun || about.risk !== 'read') {
    const plans = await sendAndWait(context, client, run, 'plan', waitMs)
    const steps = plans.flatMap(({ result }) => result?.steps ?? [])
    if (about.dryRun) showViews(context, plans)
    else {
      for (const plan of plans.filter(({ state }) => state !== 'done')) {
        context.warn(printable(`${plan.node}: ${sentenceOf(plan)}`))
      }
      for (const step of steps) context.warn(printable(`  ${step}`))
    }
    throwUnlessDone(plans, 1)
    if (steps.some((step) => step.startsWith('REFUSED'))) {
      throw new PgherdError(
        'REFUSED',
        `${about.operation} would not be safe; nothing was done${about.hasForce === false ? '' : ' (--force overrides)'}`,
      )
    }
    if (about.dryRun) return
    // What cannot be had back is named in the question itself.
    const deleted = steps.filter((step) => step.startsWith('DELETES')).map(printable)
    const what = [about.what, ...deleted].join('\n')
    await confirmByName(context, { name: about.name, what, yes: about.yes })
  }
  const views = await sendAndWait(context, client, run, 'run', waitMs)
  showViews(context, views)
  throwUnlessDone(views, 1)
}
