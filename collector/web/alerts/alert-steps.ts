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
const programs =
  /^(?:agentctl|journalctl|systemctl|pg_lsclusters|patronictl|psql|df|ps|ls|top|iostat|etcdctl|haproxy|pgbackrest|curl|dmesg|cat|ss|free|vmstat|pgherd-\w+)\b/
/** Where a command without quotes gives way to what is said of it. */
const prose =
  /,|; | (?:tells?|shows|names|makes|reads|sets|lists|says|has|have|is|are|then|and|or|with the|to see|for what)\b/

/**
 * Parts a description as rules/ writes them: what it means, then `First: 1. ... 2. ...`. Commands stand in backticks, or a
 * step begins with one.
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

function commandsOf(step: string): readonly string[] {
  const quoted = [...step.matchAll(/`([^`]+)`/g)].map(([, command]) => command!)
  if (quoted.length > 0) return quoted
  return step
    .replace(/^on [^\s:]+: /, '')
    .split(/ and (?=agentctl )/)
    .flatMap((part) => {
      if (!programs.test(part)) return []
      const end = prose.exec(part)?.index ?? part.length
      return [part.slice(0, end).replace(/\.$/, '').trim()]
    })
}
