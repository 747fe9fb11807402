import { kindsBeside } from '../../../agent/actions/kinds.ts'
import type { Action, ActionDone } from '../../../agent/actions/action.ts'
import type { PatroniAccess } from '../../../agent/actions/patroni/access.ts'
import type { Member } from '../../../testbed/ha/member.ts'
import { contextOver } from '../../agent/actions/action-context.ts'

export interface Operations {
  /** Progress, in the order in which it was told. */
  readonly told: readonly { readonly text: string }[]
  plan(kind: string, args?: object): Promise<readonly string[]>
  /** Runs it, and looks afterwards whether it worked. */
  run(kind: string, args?: object): Promise<ActionDone & { readonly steps: readonly string[] }>
}

/**
 * Operations by a member's agent.
 * @param access address and password from Patroni's own file unless told
 */
export function operationsOf(
  member: Member,
  access: PatroniAccess = { configFile: member.patroniFile },
): Operations {
  const kinds = kindsBeside([access])
  const context = contextOver(() => Promise.reject(new Error('Patroni is asked, no server')))
  const find = (kind: string): Action => {
    const found = kinds.find((action) => action.kind === kind)
    if (found === undefined) throw new Error(`there is no action ${kind}`)
    return found
  }
  return {
    told: context.told,
    plan: (kind, args = {}) => find(kind).plan(context, find(kind).args.parse(args)),
    async run(kind, args = {}) {
      const parsed = find(kind).args.parse(args)
      const done = await find(kind).run(context, parsed)
      return { ...done, steps: (await find(kind).verify?.(context, parsed, done)) ?? [] }
    },
  }
}
