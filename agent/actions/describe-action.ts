import { z } from 'zod'
import type { ActionDescription } from '../../common/command/action-description.ts'
import type { Action } from './action.ts'

/** An action as it is told to the collector. */
export function describeAction({
  kind,
  what,
  risk,
  target,
  args,
  deadlineMs,
  examples,
}: Action): ActionDescription {
  const schema = z.toJSONSchema(args, { io: 'input', unrepresentable: 'any' })
  return { kind, what, risk, target, args: { ...schema }, deadlineMs, examples: [...examples] }
}
