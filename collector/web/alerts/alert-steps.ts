/** One thing to do about an alert. */
export interface Step {
  readonly text: string
  /** What of it goes into a terminal. */
  readonly commands: readonly string[]
}

export interface Advice {
  /** What it means. */
  readonly meaning: string
  /** Where the steps are to be done, such as `on 10.0.0.1`; empty where it does not matter. */
  readonly where: string
  readonly steps: readonly Step[]
}

const beginning = /\bFirst((?:, [^:]*?)?): (?=1\. )/
/**
 * Parts a description as rules/ writes them: what it means, then `First: 1. ... 2. ...`. Commands stand in
 * backticks.
 */
export function adviceOf(description: string): Advice {
  const found = beginning.exec(description)
  if (found === null) return { meaning: description.trim(), where: '', steps: [] }
  const meaning = description.slice(0, found.index).trim()
  const rest = description.slice(found.index + found[0].length)
  return { meaning, where: (found[1] ?? '').replace(/^, /, ''), steps: stepsOf(rest) }
}

/** Numbers count only in their order: `since 2. of May` is no step. */
function stepsOf(text: string): readonly Step[] {
  const steps: Step[] = []
  let rest = text.replace(/^1\. /, '')
  for (let next = 2; ; next++) {
    const at = new RegExp(`(?:^|[\\s;])${next}\\. `).exec(rest)
    const step = (at === null ? rest : rest.slice(0, at.index)).replace(/[;\s]+$/, '').trim()
    if (step !== '') steps.push({ text: step.replaceAll('`', ''), commands: commandsOf(step) })
    if (at === null) return steps
    rest = rest.slice(at.index + at[0].length)
  }
}

/** What stands in backticks; of what does not nobody can tell where a command ends and a sentence goes on. */
function commandsOf(step: string): readonly string[] {
  return [...step.matchAll(/`([^`]+)`/g)].map(([, command]) => command!)
}
