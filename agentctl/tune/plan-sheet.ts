import type { TunePlan } from '../../common/tuning/tune-plan.ts'
import { wrapText } from '../../common/wrap-text.ts'
import { displayWidth } from '../display-width.ts'
import { renderTable } from '../table.ts'
import type { Column } from '../table.ts'
import { printable } from '../terminal.ts'
import type { Terminal } from '../terminal.ts'
import type { GuardOptions } from './guard-options.ts'
import type { NodePlan } from './plan-of-node.ts'

const words = { staged: 'is staged', 'as-wanted': 'is so' } as const

const columns: readonly Column[] = [
  { title: 'SETTING' },
  { title: 'NOW' },
  { title: 'WANTED' },
  { title: 'BY', tone: (cell) => (cell === 'restart' ? 'warning' : undefined) },
  { title: 'SET IN', spare: 1, onlyIfFilled: true },
]

/** What a change would do to one server, for a person: the difference, why, what was tried, and what speaks against it. */
export function showPlan(
  terminal: Terminal,
  { node, advice, chosen, plan }: NodePlan,
  guard: GuardOptions,
): void {
  const say = (text: string, indent = 0): void => sayWrapped(terminal, text, indent)
  const { settings, refusals, notes } = plan
  const changes = settings.filter(({ state }) => state === 'change')
  if (advice !== undefined) {
    const history = advice.hours === 0 ? 'no history yet' : `${Number(advice.hours.toFixed(1))} h of history`
    say(`${node.node}: PostgreSQL ${advice.major}, profile ${advice.profile}, ${history}`)
  } else say(`${node.node}:`)
  if (settings.length > 0) {
    terminal.print('')
    for (const line of fittedTable(settings, terminal)) terminal.print(line)
    terminal.print('')
  }
  if (changes.length === 0) say('nothing would be changed')
  else if (refusals.length === 0) {
    const restarts = changes.filter(({ needs }) => needs === 'restart').length
    say(countOf(changes.length, restarts))
    say(placeOf(plan))
    say(guardText(guard))
  }
  const list = (title: string, lines: readonly string[]): void => {
    if (lines.length === 0) return
    terminal.print('')
    say(title)
    for (const line of lines) say(line, 2)
  }
  const why = changes.flatMap(({ name }) => {
    const reason = chosen.reasons.get(name)
    return reason === undefined ? [] : [`${name}: ${reason}`]
  })
  list('Why:', why)
  list('To be known:', notes)
  list('Not part of it:', chosen.left)
  list(
    'Against it:',
    refusals.map((one) => `REFUSED: ${one}`),
  )
}

/** Places in full where they fit, else only the name of the file with its line. */
function fittedTable(settings: TunePlan['settings'], { width, colour }: Terminal): readonly string[] {
  const rowsWith = (place: (where: string) => string): readonly (readonly string[])[] =>
    settings.map(({ name, current, wanted, needs, where, state }) => [
      name,
      current ?? '-',
      wanted,
      state === 'change' ? needs : words[state],
      place(where),
    ])
  const full = rowsWith((where) => where)
  const uncut = renderTable(columns, full, Infinity)
  const fits = uncut.every((line) => displayWidth(line) <= width)
  return renderTable(columns, fits ? full : rowsWith(lastPart), width, colour)
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function countOf(changes: number, restarts: number): string {
  const what = changes === 1 ? 'one setting changes' : `${changes} settings change`
  if (restarts === 0) return `${what} by a reload`
  if (restarts === changes) return `${what}, from a restart on`
  return `${what}: ${changes - restarts} by a reload, ${restarts} from a restart on`
}

function placeOf({ by }: TunePlan): string {
  return by === 'keeper'
    ? 'written into the configuration of Patroni, for every member; each reloads, none is restarted'
    : 'written by ALTER SYSTEM on this server alone; a reload follows, and the server is never restarted'
}

/** A change without a guard says so loudly. */
export function guardText({ guard, bound }: GuardOptions): string {
  return guard === '0'
    ? 'NO GUARD: nothing watches whether the server does worse, and nothing takes the change back by itself'
    : `watched for ${guard}, and taken back by itself where the server does worse by more than ${Math.round(bound * 100)} %`
}

const proseWidth = 100

/** Prose, broken between words on a terminal. */
export function sayWrapped(terminal: Terminal, text: string, indent = 0): void {
  const safe = printable(text)
  if (!Number.isFinite(terminal.width)) {
    terminal.print(' '.repeat(indent) + safe)
    return
  }
  const width = Math.max(20, Math.min(proseWidth, terminal.width) - indent - 2)
  for (const [index, line] of wrapText(safe, width).entries()) {
    terminal.print(' '.repeat(index === 0 ? indent : indent + 2) + line)
  }
}
