import { PgherdError } from '../../common/errors.ts'
import { suggestions } from '../../common/suggestions.ts'
import type { Advice } from '../../common/tuning/advice.ts'
import type { Proposal } from '../../common/tuning/proposal.ts'

/** Which of what is advised somebody wants, or what he wants in place of it. */
export interface Choice {
  readonly set?: readonly string[]
  readonly only?: readonly string[]
  readonly except?: readonly string[]
  /** `--no-restart`: false. */
  readonly restart?: boolean
}

export interface ChosenSettings {
  /** By name; values as they are written into a configuration file. */
  readonly settings: ReadonlyMap<string, string>
  /** Why each was chosen, by name; empty for what somebody has said himself. */
  readonly reasons: ReadonlyMap<string, string>
  /** What is advised and was not chosen, a sentence each. */
  readonly left: readonly string[]
}

/** Values that somebody has said, in place of an advice. @throws PgherdError USAGE */
export function saidSettings({ set = [], only, except }: Choice): ChosenSettings | undefined {
  if (set.length === 0) return undefined
  if (only !== undefined || except !== undefined) {
    throw new PgherdError('USAGE', '--set says what is wanted; allowed: --set, or --only and --except')
  }
  const settings = new Map<string, string>()
  for (const word of set) {
    const [, name, value] = /^([A-Za-z_][\w.$]*)=(.*)$/s.exec(word) ?? []
    if (name === undefined || value === undefined) {
      throw new PgherdError('USAGE', `--set was ${word}; allowed: <name>=<value>, such as work_mem=16MB`)
    }
    if (settings.has(name.toLowerCase())) throw new PgherdError('USAGE', `--set: ${name} was given twice`)
    settings.set(name.toLowerCase(), value)
  }
  return { settings, reasons: new Map(), left: [] }
}

/** The proposals for the server that are meant. @throws PgherdError NOT_FOUND for a name about which nothing is advised */
export function chosenOf(advice: Advice, choice: Choice): readonly Proposal[] {
  const { settings } = chooseSettings(advice, choice)
  return advice.proposals.filter((one) => isOfServer(one) && settings.has(one.parameter))
}

/** @throws PgherdError NOT_FOUND for a name of `only` or `except` about which nothing is advised */
export function chooseSettings(advice: Advice, choice: Choice): ChosenSettings {
  const { only, except = [], restart = true } = choice
  const forServer = advice.proposals.filter(isOfServer)
  const names = forServer.map(({ parameter }) => parameter)
  checkAdvised([...(only ?? []), ...except], names, advice)
  const chosen: Proposal[] = []
  const left: string[] = []
  for (const one of advice.proposals) {
    const { parameter, needs } = one
    if (!isOfServer(one)) left.push(notOfServer(one))
    else if ((only !== undefined && !only.includes(parameter)) || except.includes(parameter)) continue
    else if (needs === 'restart' && !restart)
      left.push(`${parameter} = ${one.proposed} needs a restart (--no-restart)`)
    else chosen.push(one)
  }
  return {
    settings: new Map(chosen.map(({ parameter, proposed }) => [parameter, proposed])),
    reasons: new Map(chosen.map(({ parameter, reason }) => [parameter, reason])),
    left,
  }
}

/** Whether it is a line of the server's configuration. */
function isOfServer({ target, needs }: Proposal): boolean {
  return target === undefined && (needs === 'reload' || needs === 'restart')
}

function notOfServer({ parameter, proposed, target, statement, database }: Proposal): string {
  const by = statement === undefined ? '' : `: ${statement}`
  const where = database === undefined ? '' : ` (in database ${database})`
  return `${parameter} = ${proposed} is for ${target ?? 'a database or a role'}, which is yours to do${by}${where}`
}

function checkAdvised(
  given: readonly string[],
  names: readonly string[],
  { unchanged, notes }: Advice,
): void {
  const unknown = given.find((name) => !names.includes(name))
  if (unknown === undefined) return
  const asItIs = unchanged.find(({ parameter }) => parameter === unknown)
  const why = notes.find((note) => note.split(/\W+/).includes(unknown))
  const there = names.length === 0 ? 'nothing is' : suggestions(unknown, names)
  throw new PgherdError(
    'NOT_FOUND',
    asItIs === undefined
      ? `no change of ${unknown} is advised${why === undefined ? '' : ` (${why})`}; there are: ${there} (--set sets what you want)`
      : `${unknown} is as it should be (${asItIs.proposed}); there are: ${there}`,
  )
}
