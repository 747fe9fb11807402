import type { CommandView } from '../../../common/command/command-view.ts'
import type { Level } from '../fleet/level.ts'

const underWay: ReadonlySet<CommandView['state']> = new Set(['held', 'queued', 'delivered', 'running'])

/** Whether it may still change. */
export function isUnderWay({ state }: Pick<CommandView, 'state'>): boolean {
  return underWay.has(state)
}

const levels: Readonly<Partial<Record<CommandView['state'], Level>>> = {
  done: 'ok',
  failed: 'critical',
  timed_out: 'critical',
  unknown: 'unknown',
  refused: 'warning',
  unsupported: 'warning',
  expired: 'warning',
  cancelled: 'warning',
}

/** How it ended; of what is under way nobody can tell. */
export function commandLevel({ state }: Pick<CommandView, 'state'>): Level | null {
  return levels[state] ?? null
}

/** A command as its operator would have written it: `vacuum table=public.a`, its longest values cut. */
export function commandText({ kind, mode, args }: Pick<CommandView, 'kind' | 'mode' | 'args'>): string {
  const parts = Object.entries(args).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `${name}=${text.length > 60 ? `${text.slice(0, 57)}...` : text}`
  })
  return [kind, ...(mode === 'plan' ? ['(plan only)'] : []), ...parts].join(' ')
}

/** The commands in which every word is found: in the node, server, kind, who sent it, why, or its id. */
export function filterCommands(commands: readonly CommandView[], text: string): readonly CommandView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return commands.filter((one) => {
    const known =
      `${one.node} ${one.server ?? ''} ${one.kind} ${one.operator} ${one.requestedBy} ${one.reason} ${one.id} ${one.state}`.toLowerCase()
    return words.every((word) => known.includes(word))
  })
}
