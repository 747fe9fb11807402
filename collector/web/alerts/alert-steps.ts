import { describedAlert } from '../../../common/alerts/first-steps.ts'

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

/** What an alert's description says, with what of its steps can be copied. Commands stand in backticks. */
export function adviceOf(description: string): Advice {
  const { meaning, where, steps } = describedAlert(description)
  return {
    meaning,
    where,
    steps: steps.map((step) => ({ text: step.replaceAll('`', ''), commands: commandsOf(step) })),
  }
}

/** What stands in backticks; of what does not nobody can tell where a command ends and a sentence goes on. */
function commandsOf(step: string): readonly string[] {
  return [...step.matchAll(/`([^`]+)`/g)].map(([, command]) => command!)
}
