import { PgherdError } from '../../common/errors.ts'
import { unit } from './host/service.ts'
import type { SetupPlan } from './plan.ts'
import type { Step } from './step.ts'

/** What is left to do to have the agent run, in lines, or the step that does it. */
export async function startStep(
  { service, options, collectorUrl, config }: SetupPlan,
  hasChanged: boolean,
): Promise<Step | { readonly told: string }> {
  const byHand = `${options.user} runs: pgherd-agent --config ${config.path}`
  if (!options.start) return { told: `not started (--no-start): systemctl enable --now ${unit}` }
  if (collectorUrl === undefined) {
    return { told: 'not started: no collector is known yet; agentctl enroll prints the line with it' }
  }
  if (service.systemd === undefined) return { told: `systemd does not run this host: ${byHand}` }
  if ((await service.systemctl('cat', unit)).status !== 0) {
    return { told: `${unit} is not installed: ${byHand}` }
  }
  const isActive = (await service.systemctl('is-active', '--quiet', unit)).status === 0
  const isEnabled = (await service.systemctl('is-enabled', '--quiet', unit)).status === 0
  if (isActive && isEnabled && !hasChanged) return { told: `${unit} runs` }
  const commands = [
    ...(isEnabled ? [] : [['enable', unit]]),
    // A unit that runs has read the configuration before this one.
    ...(isActive && !hasChanged ? [] : [[isActive ? 'restart' : 'start', unit]]),
  ]
  return {
    title: 'Start the agent',
    shows: commands.map((words) => `systemctl ${words.join(' ')}`),
    changes: true,
    async run() {
      for (const words of commands) {
        const { status, output } = await service.systemctl(...words)
        if (status !== 0) {
          throw new PgherdError(
            'COMMAND_FAILED',
            `systemctl ${words.join(' ')} ended with ${status}: ${output}\nits log: journalctl -u ${unit} -n 30`,
          )
        }
      }
      return [`${unit} runs: each source was measured once, or found to be down`]
    },
  }
}
